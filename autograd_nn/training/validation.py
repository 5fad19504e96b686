"""Trying data on a model before they are let in: everything is checked before anything changes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from autograd_nn.data import Data, lacks_targets
from autograd_nn.engine.errors import ArgumentError, AutogradError, ShapeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import no_grad, recorded
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.weights import inside
from autograd_nn.losses.crossentropy import Crossentropy
from autograd_nn.ops import sigmoid, softmax
from autograd_nn.settings import floatx, generator
from autograd_nn.several import Several, as_called, as_tensors
from autograd_nn.training.batches import Arrays, Batches
from autograd_nn.training.configuration import Training
from autograd_nn.training.one_step import (
    OUTPUT,
    RunningValues,
    held_metrics,
    loss_of,
    output_of,
    targets,
)
from autograd_nn.training.slices import Slices
from autograd_nn.unread import is_unread


@contextlib.contextmanager
def tried_on(model: Any) -> Iterator[Any]:
    """What data are tried on before they are let in: a copy where the model is not built yet.

    A look at the shapes must not build a model that then turns out not to fit; and what a layer or
    a loss draws and assigns meanwhile is undone.
    """
    if model.built:
        with undone():
            yield model
        return
    random = generator("weights")
    state = random.bit_generator.state
    try:
        import copy

        trial = copy.deepcopy(model)
    except Exception:  # what a user's layer holds may not be copyable; then it is built
        trial = None
    if trial is None:
        yield model
        return
    try:
        with undone():
            yield trial
    finally:
        random.bit_generator.state = state


def checked(
    trial: Any,
    training: Training,
    data: Data,
    batch_size: int,
    name: str = "",
    again: list[Callable[[], None]] | None = None,
) -> Data:
    """The data with y as the loss wants it, tried on the model; nothing is changed on an error.

    Parameters   again: see `Form`
    """
    has_larger = beyond(trial)
    if has_larger is not None and has_larger(data.x):
        nothing = ValueError()
        said = said_by_the_model(trial, data.x, batch_size, nothing, f"{name}x")
        if said is not nothing:
            raise said
    training.fit_outputs(data.y)
    loss: Any = training.loss
    rows = min(len(data.x), batch_size)
    try:
        with recorded():
            x = as_tensors(data.x[:rows])
            output = output_of(trial, x, data.y, False)
    except ShapeError as error:
        raise of_all(trial, data.x, f"{name}x", error) from error
    pairs: list[tuple[Any, Any, str]] = []
    like: Any = None
    if hasattr(loss, "computed"):  # of the model's own, which says itself what fits
        pass
    elif type(data.y) is Several:
        output = loss.outputs(output)
        pairs = [
            (one, output.of(of), f"the output {of!r} of the model") for of, one, _ in loss.parts()
        ]
        for one in output.arrays:
            _refuse_other_rows(one, rows)
        like = output.like([_stand_in(one, len(data.x)) for one in output.arrays])
    else:
        pairs = [(loss, output, OUTPUT)]
        _refuse_other_rows(output, rows)
        like = _stand_in(output, len(data.x))
    try:
        y = targets(loss, data.y, like, name, alone=True)
    except ShapeError as error:
        raise _misfit(error, data, output.shape, name) from error
    if again is not None and like is not None:
        again.append(partial(_fit_again, loss, data.y, y, like, name))
    for one, given, what in pairs:
        if isinstance(one, Crossentropy):
            one.check_predictions(given, what)
            _warn_of_logits(one, given)
    # The whole way once, so that a loss or a metric that cannot take these data says so now.
    tried = Data(x, *(None if part is None else part[:rows] for part in (y, data.weight)))
    value, output = loss_of(trial, loss, tried, output)
    if value.shape != ():
        raise ShapeError(f"The loss {loss.name} must give one number, got shape {value.shape}.")
    if lacks_targets(y) and (training.plain or training.weighted):
        raise ArgumentError(
            f"`metrics` compare with true values, and `{name}y` is missing: give it, or compile "
            "without metrics."
        )
    training.resolve_metrics(y, output)
    values = RunningValues(training)
    if training.has_own_metrics:  # what they keep may be more than reset_state sets back
        values.metrics = copied(values.metrics)
    values.add(value.item(), tried.y, output._data, tried.weight)
    return Data(data.x, y, data.weight)


def _fit_again(loss: Any, given: Any, fitted: Any, like: Any, name: str) -> None:
    """Bring true values, which may have been changed, into the same form once more."""
    now = targets(loss, given, like, name, alone=True)
    several = type(now) is Several
    pairs = zip(now.arrays, fitted.arrays, strict=True) if several else [(now, fitted)]
    for array, copy in pairs:
        if not np.may_share_memory(array, copy):
            np.copyto(copy, array)


def check(
    trial: Any,
    training: Training,
    data: Arrays | Batches,
    again: list[Callable[[], None]] | None = None,
) -> None:
    """Try the data of a run, and bring y into the form of the loss; of batches try the first.

    Parameters   again: see `Form`
    """
    if isinstance(data, Arrays):
        data.data = checked(trial, training, data.data, data.size, data.name, again)
        return
    name, source = data.name, data.source
    if type(source) is not Slices:
        name = f"{name}batch 1 "
    elif not is_unread(source.data.y):
        checked(trial, training, source.data, source.size, name)
    first = data.first()
    checked(trial, training, first, len(first.x), name)


def let_in(model: Any, training: Training, data: Data, name: str = "") -> Data:
    """Data checked as ``fit`` does, and the model built on them.

    Parameters   name: how errors begin, "batch 3 "
    """
    if model.has_own("test_step"):
        return data
    with tried_on(model) as trial:
        data = checked(trial, training, data, len(data.x), name)
    build_on(model, data, training)
    return data


def let_in_between(model: Any, training: Training, data: Data, name: str = "") -> Data:
    """`let_in` while metrics count: what they have counted so far stays."""
    counting = training.metrics
    if counting is None:
        return let_in(model, training, data, name)
    training.metrics = copied(counting)
    held = [(vars(metric), dict(vars(metric))) for metric in held_metrics(model)]
    for own, counted in held:
        own.update(copied(counted))
    try:
        return let_in(model, training, data, name)
    finally:
        training.metrics = counting
        for own, counted in held:
            own.clear()
            own.update(counted)


def copied(tried: Any) -> Any:
    """Metrics to try on a batch that must not be counted; as they are where no copy can be made."""
    import copy

    try:
        return copy.deepcopy(tried)
    except Exception:
        return tried


def _refuse_other_rows(output: Any, rows: int) -> None:
    if type(output) is not Tensor or output.shape[:1] != (rows,):
        way_out = ""
        if isinstance(output, (list, tuple, dict)):
            way_out = " Give `y` in this structure: an array for each output."
        raise ShapeError(
            f"The model must give one output for each of {rows} samples, got "
            f"{f'shape {output.shape}' if hasattr(output, 'shape') else repr(output)}.{way_out}"
        )


def _stand_in(output: Tensor, samples: int) -> Any:
    """An array of the shape that all outputs together have, of which the values say nothing."""
    return np.broadcast_to(output.dtype.type(0.5), (samples, *output.shape[1:]))


def of_all(model: Any, x: Any, name: str, error: ShapeError) -> ShapeError:
    """What was said of the shape of a batch, said of all samples: a shape that the user knows."""
    if not is_unread(x):
        try:
            with recorded():
                model(as_called(as_tensors(x)), training=False)
        except ShapeError as said:
            error = said
    return ShapeError(f"`{name}` of shape {x.shape}: {error}")


def beyond(model: Any) -> Callable[[Any], bool] | None:
    """Whether x has numbers that a layer may refuse which computes in a smaller dtype, if any."""
    own = [layer._dtype for layer, _ in inside(model) if not layer._takes_integers]
    smaller = [dtype for dtype in own if dtype is not None and dtype < floatx()]
    if not smaller:
        return None
    largest = min(np.finfo(dtype).max for dtype in smaller)

    def has_larger(x: Any) -> bool:
        arrays = x.arrays if type(x) is Several else [x]
        return any(isinstance(a, np.ndarray) and (abs(a) > largest).any() for a in arrays)

    return has_larger


def said_by_the_model(
    model: Any, x: Any, size: int, error: ValueError, name: str = "x"
) -> ValueError:
    """The error of the first so many rows that the model itself refuses, which names the layer.

    Parameters   error: that of the program, which knows no layers; the result where the model
                 takes all of x, or it is one that says all there is to say
    """
    if isinstance(error, AutogradError):
        return error
    with no_grad(), undone():
        for start in range(0, len(x), size):
            rows = x[start : start + size]
            try:
                model(as_called(rows), training=False)
            except ValueError as said:
                return type(said)(f"`{name}`, rows {start} to {start + len(rows) - 1}: {said}")
    return error


def _misfit(error: ShapeError, data: Data, output: Any, name: str) -> ShapeError:
    """What to say where y does not fit: of pictures that were not flattened, just that."""
    if type(data.x) is Several or type(data.y) is Several:
        return error
    kept = data.x.shape[1:-1]
    if not kept or tuple(output[1:-1]) != kept or data.y.ndim >= len(output):
        return error
    return ShapeError(
        f"`{name}x` of shape {data.x.shape} is not one row of numbers for each sample, and the "
        f"model keeps the axes {kept}: its output for {len(data.x)} samples has shape "
        f"{(len(data.x), *output[1:])}, beside `{name}y` of shape {data.y.shape}. "
        "Put Flatten() first."
    )


def build_on(model: Any, data: Data, training: Training | None) -> None:
    """Make the weights of a model that was so far tried on a copy; where it has a loss of its own,
    also those of layers that this alone calls."""
    if not model.built:
        first = data.rows(slice(1))
        with recorded():
            output = output_of(model, first.x, first.y, False)
            if training is not None and hasattr(training.loss, "computed"):
                with undone():
                    loss_of(model, training.loss, first, output)
        for layer, _ in inside(model):
            if hasattr(layer, "reset_state"):  # what goes on from call to call begins with the data
                layer.reset_state()


def _warn_of_logits(loss: Any, output: Any) -> None:
    operation = output.operation
    if loss.from_logits and operation in (sigmoid, softmax):
        warn_outside(
            f"from_logits=True, but the model ends in {operation.name}: the loss takes its "
            f"probabilities for logits and puts them through {operation.name} once more. Leave "
            f"out from_logits=True, or the activation of the last layer.",
        )
