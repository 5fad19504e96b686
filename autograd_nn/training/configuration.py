"""What ``compile`` chose."""

from __future__ import annotations

from typing import Any

from autograd_nn import losses, metrics, optimizers
from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.training.own_code import has_own_code


class Training:
    """What ``compile`` chose: the optimizer, the loss and the metrics."""

    def __init__(
        self,
        optimizer: Any,
        loss: Any,
        plain: Any,
        weighted: Any,
        run_eagerly: bool = False,
        jit_compile: bool = False,
    ) -> None:
        self.optimizer = optimizers.get(optimizer)
        self.loss = None if loss is None else losses.get(loss)
        if self.loss is not None and self.loss.reduction == "none":
            raise ArgumentError(
                "A loss with reduction 'none' is not one number, so it cannot be made small. "
                "Use the default reduction, 'sum_over_batch_size'."
            )
        self.plain = _as_metrics(plain, "metrics")
        self.weighted = _as_metrics(weighted, "weighted_metrics")
        # "accuracy" means what fits the shapes, which are known with the first data only.
        self.metrics: list[tuple[str, metrics.Metric, bool]] | None = None
        self.has_own_metrics = False
        self.named_by_user = not isinstance(optimizer, str)
        self.run_eagerly = run_eagerly
        self.jit_compile = jit_compile
        if jit_compile:
            from autograd_nn.jit import check_installed

            check_installed()
        # How steps are taken; made with the first one.
        self.stepper: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # Programs belong to the weights that they move: a copy makes its own.
        return {**vars(self), "stepper": None}

    def needed_loss(self) -> losses.Loss:
        """The loss, or the way to give one."""
        if self.loss is None:
            raise ArgumentError(
                "The model was compiled without a `loss`, so there is nothing to make small. "
                "Write model.compile(loss='mse'), or loss=BinaryCrossentropy()."
            )
        return self.loss

    def resolve_metrics(self, y: Any, output: Any) -> None:
        """Settle what "accuracy" means, once."""
        if self.metrics is None:
            found: list[tuple[str, metrics.Metric, bool]] = []
            for given, weighted in ((self.plain, False), (self.weighted, True)):
                for identifier in given:
                    metric = metrics.resolve(identifier, y.shape, output.shape)
                    name = metric.name
                    if any(name == taken for taken, _, _ in found):
                        name = f"weighted_{name}" if weighted else name
                    found.append((name, metric, weighted))
            self.metrics = found
            self.has_own_metrics = any(has_own_code(metric) for _, metric, _ in found)


def _as_metrics(value: Any, argument: str) -> list[Any]:
    if value is None:
        return []
    given = list(value) if isinstance(value, (list, tuple)) else [value]
    names = [metrics.get(identifier).name for identifier in given]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"`{argument}` has {name!r} twice: give one of them another name.")
        if name == "loss":
            raise ArgumentError(f"`{argument}` has the name 'loss', which is that of the loss.")
    return given


def refuse_uncompiled(training: Training | None, method: str) -> Training:
    """What ``compile`` chose, or the call of it to copy."""
    if training is None:
        raise StateError(
            f"Compile the model before {method}(…): "
            "model.compile(optimizer='sgd', loss=BinaryCrossentropy())."
        )
    return training
