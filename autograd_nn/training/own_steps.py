"""Steps of training that the user wrote: ``train_step``, ``test_step``, ``compute_loss``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, final

from autograd_nn import metrics
from autograd_nn.data import Data, lacks_targets
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses import Loss
from autograd_nn.metrics.metric import take_in
from autograd_nn.several import Several, as_called, numbered_outputs
from autograd_nn.training.configuration import Training
from autograd_nn.training.one_step import Batch


@final
class OwnLoss(Loss):
    """What the ``compute_loss`` of a model says, in the place of a loss of (y_true, y_pred).

    It may be the user's own; of a model without a loss it is what layers add.
    """

    def __init__(self, model: Any) -> None:
        super().__init__(name="compute_loss")
        self._model = model

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.computed(self._model, None, y_true, y_pred, None)[0]

    def prepared(self, y_true: Any, y_pred: Any, names: Any = ()) -> tuple[Any, Any]:
        """Both as they are: what they may be is its own affair."""
        return y_true, y_pred

    def computed(self, model: Any, x: Any, y: Any, output: Any, weight: Any) -> tuple[Any, Any]:
        """The loss of a batch, and the output; of several the outputs by the names of y.

        Parameters   model: the one whose loss it is, or the copy that data are tried on
        """
        given = None if _is_missing(y) else y
        parts = {"x": x, "y": given, "y_pred": output, "sample_weight": weight}
        value = model.compute_loss(**{name: as_called(part) for name, part in parts.items()})
        if getattr(value, "shape", None) != ():
            raise ArgumentTypeError(
                f"compute_loss of {model.name!r} must return one number, a Tensor of shape "
                f"(), got {value!r}."
            )
        if type(output) is Tensor:
            return value, output
        outputs = flatten(output)[0]
        names = y.names if type(y) is Several else numbered_outputs(len(outputs))
        return value, Several(names, outputs)


def _is_missing(y: Any) -> bool:
    return lacks_targets(y._data if type(y) is Tensor else y)


@final
class CompiledMetrics(metrics.Metric):
    """All that ``compile`` was given as metrics, as one."""

    def __init__(self, training: Training) -> None:
        super().__init__(name="compile_metrics")
        self._training = training

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch."""
        self._training.resolve_metrics(y_true, y_pred)
        for _, metric, weighted in self._training.metrics or ():
            take_in(metric, y_true, y_pred, sample_weight if weighted else None)

    def result(self) -> Any:
        """Every value by its name."""
        return {name: metric.result() for name, metric, _ in self._training.metrics or ()}

    def reset_state(self) -> None:
        """Forget everything taken in."""
        for _, metric, _ in self._training.metrics or ():
            metric.reset_state()


class OwnSteps:
    """Steps as the ``train_step`` of a model takes them, in the place of a `Stepper`."""

    held = ()

    def __init__(self, model: Any) -> None:
        self.model = model

    def values(self) -> ToldValues:
        """What the steps of an epoch tell, from the start."""
        self.model.reset_metrics()
        return ToldValues()

    def find_metrics(self) -> None:
        """They are the affair of the model's own steps."""

    def go_on_as(self, taken: dict[str, int]) -> None:
        """All steps are taken in one way."""

    def enter(self) -> None:
        """Nothing is held back between steps."""

    def leave(self) -> None:
        """Nothing is held back between steps."""

    def gathered(self, data: Data, batch_size: int, before: None) -> None:
        """Batches are made one by one."""

    def on_like_arrays(self, x: Any, y: Any) -> None:
        """Every batch is one like the first."""

    def step(self, batch: Batch) -> tuple[Any, Data, Any]:
        """One step: its loss, as far as it tells of one, the data, and all that it tells."""
        told = told_by(self.model.train_step(as_step_data(batch.data)), "train_step")
        return told.get("loss", 0.0), batch.data, told


def evaluated_by_steps(
    model: Any, batches: Iterable[Data], hooks: Any, bar: Any
) -> dict[str, float]:
    """What the ``test_step`` of a model tells after all of the data."""
    model.reset_metrics()
    watching = hooks.of_batches("test_batch") if hooks is not None else []
    told: dict[str, float] = {}
    with recorded():
        for batch, rows in enumerate(batches):
            for callback in watching:
                callback.on_test_batch_begin(batch, {})
            told = told_by(model.test_step(as_step_data(rows)), "test_step")
            for callback in watching:
                callback.on_test_batch_end(batch, told)
            if bar is not None:
                bar.step(told.copy)
    return told


class ToldValues:
    """What steps of the user's own told last: they count over the batches themselves."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def add(self, loss: Any, y: Any, told: dict[str, float], weight: Any) -> None:
        """One more step."""
        self._told = told

    def logs(self) -> dict[str, float]:
        """The values by name."""
        return dict(self._told)


def told_by(told: Any, step: str) -> dict[str, float]:
    """What a step returned as plain numbers: a dict of them, some of which may be dicts."""
    if not isinstance(told, dict):
        raise ArgumentTypeError(
            f"{step} must return a dict of numbers such as {{'loss': loss}}, got "
            f"{told!r} of type {type(told).__name__}."
        )
    found: dict[str, float] = {}
    for name, value in told.items():
        for key, part in value.items() if isinstance(value, dict) else [(name, value)]:
            found[key] = float(part.item() if hasattr(part, "item") else part)
    return found


def as_step_data(data: Data) -> Any:
    """A batch as ``train_step`` takes it: x, (x, y) or (x, y, sample_weight)."""
    x, y, weight = (as_called(part) for part in data)
    if lacks_targets(y):
        return x
    return (x, y) if weight is None else (x, y, weight)
