"""What a model does with one batch, to be written anew by a subclass."""

from __future__ import annotations

from typing import Any

from autograd_nn import metrics
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.layers.layer import Layer
from autograd_nn.training.configuration import Training, refuse_uncompiled

_CALLING = ("train_step", "test_step")
_CALLED = ("compute_metrics", "get_metrics_result")


class TakesSteps(Layer):
    """The steps of a model. A subclass of Model may write each of them in a way of its own.

    Then ``fit``, ``evaluate`` and ``predict`` call what it wrote, batch by batch, as it is written;
    ``compute_loss`` alone is replayed by a program where the class says ``replayable = True``.
    """

    _takes_several = None
    _training: Training | None = None

    def has_own(self, step: str) -> bool:
        """Whether a subclass wrote this step, or what it calls after the loss."""
        kind = type(self)
        called = _CALLED if step in _CALLING else ()
        return any(getattr(kind, name) is not getattr(TakesSteps, name) for name in (step, *called))

    def refuse_makers(self) -> None:
        """Refuse what Keras would call for functions of steps, and nobody calls here."""
        for step in ("train", "test", "predict"):
            if hasattr(type(self), f"make_{step}_function"):
                raise ArgumentError(
                    f"{type(self).__name__} has a make_{step}_function, which is not called here: "
                    f"write {step}_step(self, data), which is called for every batch."
                )

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of training on (x, y) or (x, y, sample_weight); what it tells by name."""
        x, y, weight = _unpacked(data)
        y_pred = self(x, training=True)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weight)
        parameters = self.trainable_weights
        found = gradients(loss, parameters)
        training = refuse_uncompiled(self._training, "train_step")
        training.optimizer.apply_gradients(zip(found, parameters, strict=True))
        self._tracker.update_state(loss, sample_weight=_samples(x))
        return self.compute_metrics(x, y, y_pred, weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """The same without training."""
        x, y, weight = _unpacked(data)
        y_pred = self(x, training=False)
        loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=weight, training=False)
        self._tracker.update_state(loss, sample_weight=_samples(x))
        return self.compute_metrics(x, y, y_pred, weight)

    def predict_step(self, data: Any) -> Any:
        """The outputs for x."""
        return self(_unpacked(data)[0], training=False)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss that ``compile`` was given, and what layers add to it, as one number."""
        from autograd_nn.training.one_step import compiled_loss

        return compiled_loss(
            self, refuse_uncompiled(self._training, "compute_loss"), y, y_pred, sample_weight
        )

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Count a batch in the metrics that ``compile`` was given; every value by its name."""
        for metric in self.metrics:
            if metric.name == "compile_metrics":
                metric.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The value of every metric by its name."""
        found: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            found |= result if isinstance(result, dict) else {metric.name: result}
        return found

    @property
    def metrics(self) -> list[metrics.Metric]:
        """The mean of the loss, what ``compile`` was given, and metrics that layers have."""
        from autograd_nn.training.one_step import held_metrics

        held = held_metrics(self)
        if self._training is None:
            return held
        return [self._tracker, *self._compiled_metrics, *held]

    @property
    def metrics_names(self) -> list[str]:
        """The names of ``metrics``."""
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Forget everything that the metrics counted."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def _tracker(self) -> Any:
        training = refuse_uncompiled(self._training, "metrics")
        if training.tracker is None:
            training.tracker = metrics.Mean(name="loss")
        return training.tracker

    @property
    def _compiled_metrics(self) -> list[Any]:
        from autograd_nn.training.own_steps import CompiledMetrics

        training = refuse_uncompiled(self._training, "metrics")
        if not training.plain and not training.weighted:
            return []
        if training.all_metrics is None:
            training.all_metrics = CompiledMetrics(training)
        return [training.all_metrics]


def _unpacked(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of what a step is given, None for what is not there."""
    if not isinstance(data, tuple):
        return data, None, None
    x, y, weight, *_ = (*data, None, None)
    return x, y, weight


def _samples(x: Any) -> int:
    """How many samples there are in x, or in the first of several."""
    while isinstance(x, (list, tuple, dict)):
        x = next(iter(x.values() if isinstance(x, dict) else x))
    return len(x)
