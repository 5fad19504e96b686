"""Steps of training that the user wrote: ``train_step``, ``test_step``, ``compute_loss``."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import metrics
from autograd_nn.data import Data
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.structures import flatten
from autograd_nn.losses import Loss
from autograd_nn.several import Several, as_called
from autograd_nn.training.configuration import Training


@final
class OwnLoss(Loss):
    """What the ``compute_loss`` of a model says, in the place of a loss of (y_true, y_pred)."""

    def __init__(self, model: Any) -> None:
        super().__init__(name="compute_loss")
        self._model = model

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.computed(None, y_true, y_pred, None)

    def fitted(self, y_true: Any, y_pred: Any, names: Any = ()) -> tuple[Any, Any]:
        """Both as they are: what they may be is its own affair."""
        return y_true, y_pred

    def computed(self, x: Any, y: Any, output: Any, weight: Any) -> Any:
        """The loss of a batch."""
        parts = {"x": x, "y": y, "y_pred": output, "sample_weight": weight}
        value = self._model.compute_loss(**{name: as_called(part) for name, part in parts.items()})
        if getattr(value, "shape", None) != ():
            raise ArgumentTypeError(
                f"compute_loss of {self._model.name!r} must return one number, a Tensor of shape "
                f"(), got {value!r}."
            )
        return value

    def grouped(self, output: Any, y: Any) -> Any:
        """What the model gave by the names of y, where there are several."""
        return Several(y.names, flatten(output)[0]) if type(y) is Several else output


@final
class CompiledMetrics(metrics.Metric):
    """All that ``compile`` was given as metrics, as one."""

    def __init__(self, training: Training) -> None:
        super().__init__("compile_metrics")
        self._training = training

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch."""
        self._training.resolve_metrics(y_true, y_pred)
        for _, metric, weighted in self._training.metrics or ():
            metric.update_state(y_true, y_pred, sample_weight if weighted else None)

    def result(self) -> Any:
        """Every value by its name."""
        return {name: float(metric.result()) for name, metric, _ in self._training.metrics or ()}

    def reset_state(self) -> None:
        """Forget everything taken in."""
        for _, metric, _ in self._training.metrics or ():
            metric.reset_state()


class ToldValues:
    """What steps of the user's own told last, as the loop shows it."""

    def __init__(self, model: Any) -> None:
        self._told: dict[str, float] = {}
        model.reset_metrics()

    def add(self, told: Any, step: str) -> None:
        """What a step returned: a dict of numbers, some of them dicts themselves."""
        if not isinstance(told, dict):
            raise ArgumentTypeError(
                f"{step} must return a dict of numbers such as {{'loss': loss}}, got {told!r}."
            )
        self._told = {}
        for name, value in told.items():
            values = value if isinstance(value, dict) else {name: value}
            self._told |= {key: float(as_number(part)) for key, part in values.items()}

    def logs(self) -> dict[str, float]:
        """The values by name."""
        return dict(self._told)


def as_number(value: Any) -> Any:
    """A Tensor of one element as a plain number: nothing more is computed from it."""
    return value.item() if hasattr(value, "item") else value


def as_step_data(data: Data) -> Any:
    """A batch as ``train_step`` takes it: x, (x, y) or (x, y, sample_weight)."""
    x, y, weight = (as_called(part) for part in data)
    if y is None:
        return x
    return (x, y) if weight is None else (x, y, weight)


def unpacked(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of what a step is given, None for what is not there."""
    if not isinstance(data, tuple):
        return data, None, None
    x, y, weight, *_ = (*data, None, None)
    return x, y, weight
