"""One step of training or of evaluation, and the running values over the steps of an epoch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from itertools import chain, count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn import losses, metrics
from autograd_nn.arrays import as_array
from autograd_nn.data import Data
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentError, ShapeError, StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import used
from autograd_nn.layers.weights import bound, inside
from autograd_nn.metrics.metric import as_plain
from autograd_nn.ops import add
from autograd_nn.several import (
    Several,
    as_called,
    as_tensors,
    by_name,
    for_metric,
    numbered_outputs,
    parts_of_output,
    with_its_mask,
)
from autograd_nn.training.configuration import Training

if TYPE_CHECKING:
    from autograd_nn.program import Recording

OUTPUT = "the output of the model"


class Batch(NamedTuple):
    """One batch, with its program and what that is called with where both are known already."""

    data: Data
    program: Any = None
    arguments: tuple[Any, ...] = ()


def recorded_loss(
    model: Any, loss: losses.Loss, x: Any, y: Any, weight: Any = None, training: bool = True
) -> tuple[Tensor, Any]:
    """The loss of one batch as a recorded Tensor, and the output.

    It is fused with the head, and has what regularizers and ``add_loss`` add to it.
    """
    output = output_of(model, x, y, training)
    return loss_of(model, loss, Data(x, y, weight), output)


def output_of(model: Any, x: Any, y: Any, training: bool) -> Any:
    """What a model gives for x; of a list of one output, beside one y, that output."""
    output = model(as_called(x), training=training)
    if type(output) is not Tensor and type(y) is not Several:
        outputs, _ = flatten(output)
        output = outputs[0] if len(outputs) == 1 else output
    return output


def loss_of(model: Any, loss: Any, data: Data, output: Any) -> tuple[Tensor, Any]:
    """The loss of what a model gave, and the output; of several, outputs and losses by name."""
    x, y, weight = data
    if (computed := getattr(loss, "computed", None)) is not None:
        return computed(
            model, x, y, output, weight
        )  # of the model's own, which adds `losses` itself
    if type(y) is Several:
        value, output = loss.of_outputs(y, output, weight)
        output.arrays = [with_its_mask(one) for one in output.arrays]
    else:
        value = loss.of_output(y, output, weight)
        output = with_its_mask(output)
    if bound or used.now:
        from autograd_nn.layers.extras import with_losses  # most models need nothing of it

        value = with_losses(model, value)
    return value, output


def compiled_loss(model: Any, training: Training, y: Any, output: Any, weight: Any) -> Tensor:
    """What ``compile`` was given, of what a model gave: for steps of the user's own.

    Without a loss what layers add is made small.
    """
    if (loss := training.compiled_loss) is None:
        from autograd_nn.layers.extras import forget_added, losses_of

        if not (added := losses_of(model)):
            raise ArgumentError(
                "The model was compiled without a `loss`, and no layer adds one by add_loss, so "
                "there is nothing to make small. Write model.compile(loss='mse'), or "
                "loss=BinaryCrossentropy()."
            )
        forget_added(model)
        return reduce(add, added)
    if isinstance(y, (list, tuple, dict)):
        names = getattr(loss, "names", None) or numbered_outputs(len(y))
        y = Several(names, by_name(y, names, "y", "outputs"))
        training.fit_outputs(y)
        loss = training.compiled_loss
        if weight is not None:
            weight = Several(names, by_name(weight, names, "sample_weight", "outputs"))
    if type(y) is not Several:
        y = as_array(y, "y") if type(y) is not Tensor else y
        loss = training.weighted_loss()
    return loss_of(model, loss, Data(None, targets(loss, y, output), weight), output)[0]


def observed_loss(model: Any, training: Training, data: Data) -> Recording:
    """The loss as usual, with all data as Tensors, so that what becomes of them is seen."""
    from autograd_nn.program import Observer, Recording  # what it imports takes time

    with Observer() as observer, recorded():
        fed = {name: Tensor(array) for name, array in data.named().items()}
        loss, output = recorded_loss(model, training.loss, *data.like(fed))
    return Recording(loss, fed, observer, parts_of_output(output))


def loss_as_written(model: Any, training: Training, data: Data) -> Any:
    """The loss as a number, which leaves nothing behind."""
    with undone(), recorded():
        return recorded_loss(model, training.loss, *data)[0]._data


def unlike_written(written: Any, seen: Recording) -> str | None:
    """Why what was recorded of own code does not have the loss that it has as it is written."""
    from autograd_nn.program import OF_NUMBERS

    found = seen.root._data
    # Wider numbers may have been narrower ones on the way.
    if np.isclose(found, written, rtol=1e-3, atol=1e-4, equal_nan=True):
        return None
    return (
        f"The loss is {found:.6g} where it is recorded, and {written:.6g} as it is written. "
        f"{OF_NUMBERS}"
    )


def repeatable_loss(model: Any, training: Training, data: Data) -> Recording:
    """The loss of a batch, recorded, of a step that a program can repeat.

    Raises       StateError naming what the model does that no program can repeat
    """
    from autograd_nn.program import difference  # what it imports takes time

    written = loss_as_written(model, training, data)
    with undone():
        first = observed_loss(model, training, data)
        # Other data of the same shape, by which constants and branches show.
        second = observed_loss(model, training, data.rows(slice(None, None, -1)))
        reason = difference(first, second) or unlike_written(written, first)
    if reason is not None:
        raise StateError(f"The step of {model.name!r} cannot become a program. {reason}")
    return first


def step(
    model: Any,
    training: Training,
    parameters: list[Tensor],
    data: Data,
    is_checked: bool = True,
    name: str = "",
) -> tuple[Any, Data, Any]:
    """Forward, loss, gradients, update: the loss as a number, the data as used, the output.

    Parameters   is_checked: whether the data are in the form of the loss; where they are not, they
                 are brought into it and checked before the update
                 name: how errors begin, "batch 3 "
    """
    loss = training.loss
    # A Tensor where nothing else would be recorded, and so no loss be fused.
    x = data.x if parameters else as_tensors(data.x)
    if is_checked:
        value, output = recorded_loss(model, loss, x, data.y, data.weight)
    else:
        try:
            output = output_of(model, x, data.y, True)
        except ShapeError as error:
            raise ShapeError(f"`{name}x` of shape {data.x.shape}: {error}") from error
        data = Data(data.x, targets(loss, data.y, output, name), data.weight)
        value, output = loss_of(model, loss, data, output)
    descend(training, parameters, value)
    return value._data, data, output._data


def targets(loss: losses.Loss, y: Any, like: Any, name: str = "", alone: bool = False) -> Any:
    """y in the form that the loss takes beside an output like this one.

    Parameters   alone: ``like`` is a stand-in for the output, of which the values say nothing
    """
    if hasattr(loss, "computed"):  # of the model's own, which says itself what fits
        return y
    if type(y) is Several:
        from autograd_nn.training.outputs import targets_of_outputs

        several: Any = loss
        return targets_of_outputs(
            several, y, several.outputs(like),
            lambda one, values, output, of: _fitted(
                one, values, output, (f"{name}y[{of!r}]", f"the output {of!r} of the model"), alone
            ),
        )  # fmt: skip
    return _fitted(loss, y, like, (f"{name}y", OUTPUT), alone)


def _fitted(loss: losses.Loss, y: Any, like: Any, names: tuple[str, str], alone: bool) -> Any:
    if like.ndim == 1 and y.shape == (*like.shape, 1):
        y = y[:, 0]
    # A loss of one's own may prepare them in a way of its own.
    is_own = type(loss).prepared is not losses.Loss.prepared
    prepared = loss.fitted if alone and not is_own else loss.prepared
    return prepared(y, like, names)[0]


def descend(training: Training, parameters: list[Tensor], loss: Tensor) -> None:
    """The gradients, and the step of the optimizer."""
    if parameters:
        found = gradients(loss, parameters)
        if training.exchange is not None:
            found = training.exchange(found, parameters, loss._data)
        training.optimizer.apply_unscaled(zip(found, parameters, strict=True))
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter._grad = gradient


def held_metrics(model: Any) -> list[metrics.Metric]:
    """The metrics that a model and the layers in it have as attributes, and update themselves."""
    found: list[metrics.Metric] = []
    for layer, _ in inside(model):
        for value in vars(layer).values():
            kind = type(value)
            if kind is list or kind is tuple or kind is dict:
                parts = value.values() if kind is dict else value
                found += [part for part in parts if isinstance(part, metrics.Metric)]
            elif metrics.Metric in kind.__mro__:  # faster than isinstance, and asked per step
                found.append(value)
    return list(dict.fromkeys(found))


class RunningValues:
    """The loss and the metrics over the batches so far.

    Parameters   held: metrics that count by themselves, in the ``call`` of a layer or a callback
    """

    def __init__(self, training: Training, held: Iterable[metrics.Metric] = ()) -> None:
        self.metrics = training.metrics or []
        self._may_be_kept = training.has_own_metrics
        for _, metric, _ in self.metrics:
            metric.reset_state()
        self.told = [(name, metric) for name, metric, _ in self.metrics]
        for metric in held:
            # The mean of the loss is told already: an attribute is one for a step of one's own.
            if metric.name != "loss" and all(metric is not one for _, one in self.told):
                names = {name for name, _ in self.told}
                later = (f"{metric.name}_{number}" for number in count(1))
                name = next(name for name in chain([metric.name], later) if name not in names)
                self.told.append((name, metric))
        self.total = 0.0
        self.samples = 0

    def add(self, loss: Any, y: Any, output: Any, weight: Any) -> None:
        """One more batch."""
        samples = len(y)
        self.total += float(loss) * samples
        self.samples += samples
        if self._may_be_kept:  # and the next batch is put into the same memory
            y, output = y.copy(), output.copy()
            weight = None if weight is None else weight.copy()
        for _, metric, weighted in self.metrics:
            if weighted and weight is not None:
                metric.update_state(y, for_metric(output, metric), weight)
            else:  # a metric of one's own needs no `sample_weight`
                metric.update_state(y, for_metric(output, metric))

    def add_losses(self, losses: list[float], sizes: list[int]) -> None:
        """Several batches of so many samples each, of which nothing but the loss is told."""
        for loss, samples in zip(losses, sizes, strict=True):
            self.total += loss * samples
        self.samples += sum(sizes)

    def logs(self) -> dict[str, Any]:
        """The values by name, the loss first; of a metric with several numbers an array."""
        logs = {"loss": self.total / self.samples}
        for name, metric in self.told:
            result = metric.result()
            if isinstance(result, dict):
                logs.update({key: as_plain(value) for key, value in result.items()})
            else:
                logs[name] = as_plain(result)
        return logs
