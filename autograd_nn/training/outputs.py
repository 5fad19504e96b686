"""The loss and the metrics of a model of several outputs: one for each, by the outputs' names."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, final

from autograd_nn import losses, metrics
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.metrics.metric import take_in
from autograd_nn.ops import add, multiply
from autograd_nn.several import Several, by_name, for_metric


@final
class LossOfOutputs:
    """The sum of a loss for each output, times its weight.

    Parameters   names: those of the outputs
                 found: a loss for each, None for an output that is not trained
                 weights: a number for each
    """

    name = "loss"
    reduction = "sum_over_batch_size"

    def __init__(
        self, names: Sequence[str], found: list[losses.Loss | None], weights: list[float]
    ) -> None:
        self.names = tuple(names)
        self.losses = found
        self.weights = weights
        self.trained = [name for name, loss in zip(names, found, strict=True) if loss is not None]
        # Told beside the whole, where there are several.
        self.told = [f"{name}_loss" for name in self.trained] if len(self.trained) > 1 else []

    def parts(self) -> Iterator[tuple[str, losses.Loss, float]]:
        """Every output that is trained, with its loss and weight."""
        for name, loss, weight in zip(self.names, self.losses, self.weights, strict=True):
            if loss is not None:
                yield name, loss, weight

    def of_outputs(self, y: Several, output: Any, weight: Several | None) -> tuple[Tensor, Several]:
        """The whole loss, and by name the outputs and the losses of each."""
        outputs = self.outputs(output)
        values = []
        total: Any = None
        for name, loss, factor in self.parts():
            of_samples = None if weight is None else weight.of(name)
            value = loss.of_output(y.of(name), outputs.of(name), of_samples)
            values.append(value)
            weighted = value if factor == 1 else multiply(value, factor)
            total = weighted if total is None else add(total, weighted)
        told = values if self.told else []
        return total, Several((*self.names, *self.told), [*outputs.arrays, *told])

    def outputs(self, output: Any) -> Several:
        """What a model gave, by the names of the outputs."""
        if type(output) is Several:
            return output
        if isinstance(output, dict) and set(output) == set(self.names):
            return Several(self.names, [output[name] for name in self.names])
        values, _ = flatten(output)
        if len(values) != len(self.names):
            raise ArgumentError(
                f"The model gives {len(values)} outputs, and `y` or `loss` is for "
                f"{len(self.names)}: {', '.join(map(repr, self.names))}."
            )
        return Several(self.names, values)

    def grouped(self, arrays: Sequence[Any]) -> Several:
        """Outputs and losses in the order of `of_outputs`, by their names."""
        return Several((*self.names, *self.told), arrays)

    def check_true(self, y: Several, name: str) -> None:
        """Refuse values that true ones cannot have."""
        for output, loss, _ in self.parts():
            loss.check_true(y.of(output), f"{name}[{output!r}]")

    def accepts_all(self, y: Any) -> bool:
        """Several arrays are always looked at one by one."""
        return False


def losses_of_outputs(loss: Any, weights: Any, names: Sequence[str]) -> LossOfOutputs:
    """What ``compile`` was given as a loss: one for all outputs, or a list or dict of them.

    Parameters   weights: None, or a list or a dict of numbers
    """
    values = [loss] * len(names)
    if isinstance(loss, (list, tuple, dict)):
        values = by_name(loss, names, "loss", "outputs")
    found = [None if value is None else losses.get(value) for value in values]
    for name, one in zip(names, found, strict=True):
        if one is not None and one.reduction == "none":
            raise ArgumentError(
                f"`loss[{name!r}]` has reduction 'none' and is not one number, so it cannot be "
                "made small. Use the default reduction, 'sum_over_batch_size'."
            )
    if not any(one is not None for one in found):
        raise ArgumentError("`loss` has None for every output, so there is nothing to make small.")
    factors = [1.0] * len(names)
    if weights is not None:
        given = dict.fromkeys(names, 1.0) | weights if isinstance(weights, dict) else weights
        values = by_name(given, names, "loss_weights", "outputs")
        factors = [
            number_within(f"loss_weights[{name!r}]", value, -math.inf, math.inf)
            for name, value in zip(names, values, strict=True)
        ]
    return LossOfOutputs(names, found, factors)


# ---------------------------------------------------------------------- metrics


class OfOutput(metrics.Metric):
    """A metric of one of the outputs."""

    def __init__(self, metric: metrics.Metric, output: str) -> None:
        super().__init__(name=f"{output}_{metric.name}")
        self.metric = metric
        self.output = output

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        weight = None if sample_weight is None else sample_weight.of(self.output)
        seen = for_metric(y_pred.of(self.output), self.metric)
        take_in(self.metric, y_true.of(self.output), seen, weight)

    def result(self) -> Any:
        result = self.metric.result()
        if isinstance(result, dict):
            return {f"{self.output}_{key}": value for key, value in result.items()}
        return result

    def reset_state(self) -> None:
        self.metric.reset_state()


class MeanLoss(metrics.Metric):
    """The mean over the samples of the loss of one of the outputs, as steps gave it."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.reset_state()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        samples = len(y_true)
        self.total += float(y_pred.of(self.name)) * samples
        self.samples += samples

    def result(self) -> float:
        return self.total / self.samples if self.samples else 0.0

    def reset_state(self) -> None:
        self.total, self.samples = 0.0, 0


def of_each_output(given: Any, names: Sequence[str], argument: str) -> list[list[Any]]:
    """Metrics as ``compile`` takes them, a list for every output."""
    if given is None or given == []:
        return [[] for _ in names]
    if isinstance(given, dict):
        given = dict.fromkeys(names) | given
    elif not isinstance(given, (list, tuple)) or len(given) != len(names):
        first = repr(names[0])
        raise ArgumentError(
            f"The model has {len(names)} outputs, so `{argument}` is a dict such as "
            f"{{{first}: ['mae']}}, or a list with an entry for each output, which may be a list "
            f"or None; got {given!r}."
        )
    values = by_name(given, names, argument, "outputs")
    return [
        [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
        for value in values
    ]


def metrics_of_outputs(
    loss: Any, names: Sequence[str], plain: Any, weighted: Any, y: Several, outputs: Several
) -> list[tuple[str, metrics.Metric, bool]]:
    """The losses of the outputs, and every metric by its name, as `Training` keeps them."""
    found: list[tuple[str, metrics.Metric, bool]] = [
        (name, MeanLoss(name), False) for name in getattr(loss, "told", ())
    ]
    for given, argument in ((plain, "metrics"), (weighted, "weighted_metrics")):
        each = of_each_output(given, names, argument)
        for output, identifiers in zip(names, each, strict=True):
            shapes = y.of(output).shape, outputs.of(output).shape
            for identifier in identifiers:
                metric = OfOutput(metrics.resolve(identifier, *shapes), output)
                name = metric.name
                if any(name == taken for taken, _, _ in found):
                    if given is plain:
                        raise ArgumentError(
                            f"`metrics` has {name!r} twice: give one of them another name."
                        )
                    name = f"weighted_{name}"
                found.append((name, metric, given is weighted))
    return found


# ---------------------------------------------------------------------- true values


def targets_of_outputs(
    loss: LossOfOutputs, y: Several, outputs: Several, fitted: Callable[..., Any]
) -> Several:
    """y with every part in the form of its loss.

    Parameters   fitted: what gives it for a loss, true values, an output and its name
    """
    by_output = {name: one for name, one, _ in loss.parts()}
    arrays = [
        fitted(by_output[name], value, outputs.of(name), name) if name in by_output else value
        for name, value in zip(y.names, y.arrays, strict=True)
    ]
    is_same = all(one is other for one, other in zip(arrays, y.arrays, strict=True))
    return y if is_same else y.like(arrays)
