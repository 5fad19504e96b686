"""What ``compile`` chose."""

from __future__ import annotations

import math
from typing import Any

from autograd_nn import losses, metrics, optimizers
from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.several import Several, by_name, numbered_outputs
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
        loss_weights: Any = None,
        names: list[str] | None = None,
        distribution: Any = None,
    ) -> None:
        self.run_eagerly = true_or_false("run_eagerly", run_eagerly)
        self.jit_compile = true_or_false("jit_compile", jit_compile)
        if self.run_eagerly and self.jit_compile:
            raise ArgumentError(
                "`run_eagerly=True` takes steps as they are written, so there is nothing to "
                "compile: leave out one of `run_eagerly` and `jit_compile`."
            )
        self.optimizer = optimizers.get(optimizer)
        # Where there is none, or the model computes it itself, its `OwnLoss` takes the place.
        self.loss = _loss(loss, loss_weights, names)
        self.given_loss = loss
        self.loss_weights = loss_weights
        # What `compile` was given.
        self.compiled_loss = self.loss
        if self.loss is not None and self.loss.reduction == "none":
            raise ArgumentError(
                "A loss with reduction 'none' is not one number, so it cannot be made small. "
                "Use the default reduction, 'sum_over_batch_size'."
            )
        self.plain = _as_metrics(plain, "metrics", names)
        self.weighted = _as_metrics(weighted, "weighted_metrics", names)
        # "accuracy" means what fits the shapes, which are known with the first data only.
        self.metrics: list[tuple[str, metrics.Metric, bool]] | None = None
        self.has_own_metrics = False
        self.named_by_user = not isinstance(optimizer, str)
        if self.jit_compile:
            from autograd_nn.jit import check_installed

            check_installed()
        # For steps of the user's own: the mean of the loss, and all metrics as one.
        self.tracker: Any = None
        self.all_metrics: Any = None
        # How steps are taken; made with the first one.
        self.stepper: Any = None
        # Of a copy, or of what was read from a file: which steps the other one had taken.
        self.taken_before: dict[str, int] = {}
        self.distribution = distribution
        # Whether this process does something by itself just now, which the others do not do.
        self.is_alone = False
        # What makes of the gradients of each process those of all, before the update.
        self.exchange: Any = None

    def __getstate__(self) -> dict[str, Any]:
        # Programs belong to the weights that they move: a copy makes its own.
        return {**vars(self), "stepper": None, "exchange": None, "taken_before": self.taken}

    @property
    def shared(self) -> Any:
        """The distribution, where several processes share the steps; else None."""
        found = self.distribution
        return None if found is None or self.is_alone or found.size == 1 else found

    @property
    def taken(self) -> dict[str, int]:
        """How steps are taken by now; see `Stepper.taken`."""
        return dict(getattr(self.stepper, "taken", self.taken_before))

    def fit_outputs(self, y: Any) -> None:
        """One loss for y as it is: several outputs may show with the first data only."""
        loss: Any = self.loss
        if hasattr(loss, "computed"):  # of the model's own
            return
        names = getattr(loss, "names", None)  # of one for several outputs
        if type(y) is Several:
            if names is None:
                from autograd_nn.training.outputs import losses_of_outputs

                self.loss = losses_of_outputs(loss, self.loss_weights, y.names)
                self.compiled_loss = self.loss
            elif set(names) != set(y.names):
                raise ArgumentError(
                    f"`y` is for the outputs {list(y.names)}, and compile(loss=…) was given losses "
                    f"for {list(names)}."
                )
        elif names is not None:
            raise ArgumentError(
                f"`y` is one array, and compile(loss=…) was given losses for {list(names)}: give a "
                "dict of arrays by these names, or one loss."
            )
        elif self.loss_weights is not None:
            self.loss = self.weighted_loss()

    def weighted_loss(self) -> Any:
        """What ``compile`` was given as the loss of the one output, times its weight."""
        loss = self.compiled_loss
        if self.loss_weights is not None and loss._factor == 1:
            self.compiled_loss = _weighted(loss, self.loss_weights, None)
        return self.compiled_loss

    def resolve_metrics(self, y: Any, output: Any) -> None:
        """Settle what "accuracy" means, once."""
        if self.metrics is None and type(y) is Several:
            from autograd_nn.training.outputs import metrics_of_outputs

            loss: Any = self.loss
            names = list(y.names)
            self.metrics = metrics_of_outputs(loss, names, self.plain, self.weighted, y, output)
            inner = (getattr(metric, "metric", metric) for _, metric, _ in self.metrics)
            self.has_own_metrics = any(map(has_own_code, inner))
        elif self.metrics is None:
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


def _loss(loss: Any, weights: Any, names: list[str] | None) -> Any:
    """A loss, or where there are several outputs one loss of all of them.

    Parameters   names: those of the outputs, None where they are not known yet
    """
    several = isinstance(loss, (list, tuple, dict))
    if several and names is None:
        if not isinstance(loss, dict) and len(loss) == 1:
            return _loss(loss[0], weights, None)
        names = list(loss) if isinstance(loss, dict) else numbered_outputs(len(loss))
    elif names is not None and len(names) == 1:
        loss = by_name(loss, names, "loss", "outputs")[0] if several else loss
        several = False
    if loss is None:
        return None
    if names is None:
        return losses.get(loss)  # of how many outputs shows with the first data
    if len(names) == 1 and not several:
        found = losses.get(loss)
        return found if weights is None else _weighted(found, weights, names)
    from autograd_nn.training.outputs import losses_of_outputs  # most models have one output

    return losses_of_outputs(loss, weights, names)


def _weighted(loss: losses.Loss, weights: Any, names: list[str] | None) -> losses.Loss:
    """The loss of the one output there is, times the weight that `compile` was given."""
    if isinstance(weights, (list, tuple, dict)):
        if names is None:
            names = [*weights] if isinstance(weights, dict) and len(weights) == 1 else ["output"]
        (weights,) = by_name(weights, names, "loss_weights", "outputs")
    return loss.times(number_within("loss_weights", weights, -math.inf, math.inf))


def _as_metrics(value: Any, argument: str, names: list[str] | None) -> Any:
    """Metrics, checked: a list, or for several outputs what ``compile`` was given."""
    if value is None:
        return []
    if names is not None and len(names) == 1:
        if isinstance(value, dict):
            value = by_name(value, names, argument, "outputs")[0]
        elif isinstance(value, (list, tuple)) and len(value) == 1:
            value = value[0]  # [["mae"]] is what several outputs would have
    groups = [value]
    if several := isinstance(value, dict) or (names is not None and len(names) > 1):
        from autograd_nn.training.outputs import of_each_output

        groups = of_each_output(value, names or list(value), argument)
    elif isinstance(value, (list, tuple)) and any(_is_group(part) for part in value):
        several, groups = True, [part for part in value if part is not None]
    for group in groups:
        _check_metrics(group, argument)
    return value if several or isinstance(value, list) else [*_listed(value)]


def _is_group(part: Any) -> bool:
    return part is None or isinstance(part, (list, tuple))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _check_metrics(group: Any, argument: str) -> None:
    names = [metrics.get(identifier).name for identifier in _listed(group)]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"`{argument}` has {name!r} twice: give one of them another name.")
        if name == "loss":
            raise ArgumentError(f"`{argument}` has the name 'loss', which is that of the loss.")


def refuse_uncompiled(training: Training | None, method: str) -> Training:
    """What ``compile`` chose, or the call of it to copy."""
    if training is None:
        raise StateError(
            f"Compile the model before {method}(…): "
            "model.compile(optimizer='sgd', loss=BinaryCrossentropy())."
        )
    return training
