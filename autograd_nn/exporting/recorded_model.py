"""What a model computes, as steps that hold for every number of samples.

The model is run on inputs of several sizes. What is the same in all runs is part of the steps; a
whole number that grows with an axis of an input is a multiple of its length; anything else that
differs cannot be written down.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, ExportError, StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.exporting.recorded_steps import RecordedStep, Stepwise, named
from autograd_nn.layers.ends import NotConnectedError
from autograd_nn.layers.shapes import Shape, flatten_shapes
from autograd_nn.models.network import Network
from autograd_nn.program import Observer
from autograd_nn.saving.named_weights import tensors_of
from autograd_nn.settings import floatx


class Size(NamedTuple):
    """So many times the length of an axis of an input."""

    place: int
    axis: int
    factor: int


class Repeated(NamedTuple):
    """An array that is the same all along an axis, on which it has one element here."""

    array: Any
    axis: int
    size: Size


class ModelInput(NamedTuple):
    """What goes in: a length that is not fixed is None."""

    name: str
    shape: Shape
    dtype: Any


class RecordedModel(NamedTuple):
    """The steps of a model.

    ``outputs`` and the values in ``assignments``, a weight and what it gets each, refer to steps,
    and weights to their place in ``weights``, where they are by name.
    """

    weights: dict[str, Tensor]
    inputs: list[ModelInput]
    inputs_outline: Any
    steps: list[RecordedStep]
    outputs: list[Any]
    outputs_outline: Any
    assignments: list[tuple[Any, Any]]


def recorded_model(
    model: Any,
    knows: Callable[[Operation, tuple[Any, ...]], bool],
    opens_own: bool = True,
    training: bool = False,
    input_shape: Any = None,
) -> RecordedModel:
    """What a model computes in training or otherwise.

    Parameters   knows, opens_own: see `Stepwise`
                 input_shape: in place of that which the model was built for, such as
                 (None, 10, 3), or the same structure of several
    Raises       ExportError, which says what cannot be written down
    """
    inputs, outline = inputs_of(model, input_shape)
    axes = [(0, 0), *((p, a) for p, x in enumerate(inputs) for a in range(1, len(x.shape)))]
    axes = [(p, a) for p, a in axes if a == 0 or inputs[p].shape[a] is None]
    runs, sizes = [], []
    for lengths in _sizes(len(axes)):
        now = dict(zip(axes, lengths, strict=True))
        try:
            runs.append(_run(model, inputs, outline, now, training))
        except Exception:  # a model may ask for longer inputs, and anything may say so
            if lengths != _short(len(axes)) or len(axes) == 1:
                raise
        else:
            sizes.append(lengths)
    weights = tensors_of(model)
    _refuse_states(model, weights, runs[0])
    found = []
    for run in runs:
        steps = Stepwise(run.fed, list(weights.values()), run.assignments, knows, opens_own)
        outputs = [steps.of(x) for x in run.outputs]
        last = {weight: value for weight, value, _ in run.assignments}
        assigned = [(steps.of(weight), steps.of(value)) for weight, value in last.items()]
        found.append((steps.steps, outputs, assigned))
    merged = Merger(axes, sizes).steps([steps for steps, *_ in found])
    _, outputs, assigned = found[0]
    return RecordedModel(weights, inputs, outline, merged, outputs, runs[0].outline, assigned)


def inputs_of(model: Any, input_shape: Any = None) -> tuple[list[ModelInput], Any]:
    """What goes into a model, and the structure of it."""
    refuse_unbuilt(model)
    graph = model.layer_graph
    if graph is not None:
        shapes, dtypes = [x.shape for x in graph.inputs], [x.dtype for x in graph.inputs]
        names, outline = graph.input_names, graph.inputs_outline
    elif (placeholders := _placeholders(model)) is not None:
        shapes, dtypes = [x.shape for x in placeholders], [x.dtype for x in placeholders]
        names, outline = [x.name for x in placeholders], 0
    else:
        shapes, outline = flatten_shapes(model._input_shape)
        whole = model._whole if len(model._whole) == len(shapes) else [None] * len(shapes)
        dtypes = [dtype or model.dtype or floatx() for dtype in whole]
        names = ["x"] if len(shapes) == 1 else [f"x_{place}" for place in range(len(shapes))]
    if input_shape is not None:
        shapes = _fitting(input_shape, shapes, outline)
    found = zip(names, shapes, dtypes, strict=True)
    return [ModelInput(n, (None, *shape[1:]), np.dtype(d)) for n, shape, d in found], outline


def _fitting(given: Any, shapes: list[Shape], outline: Any) -> list[Shape]:
    """The shapes that are given, in the structure of those that there are."""
    form = rebuild(outline, [(None, *shape[1:]) for shape in shapes])
    found = flatten(given)[0]
    if flatten(given)[1] == flatten(form)[1] and all(
        length is None or (type(length) is int and length > 0) for length in found
    ):
        fitting: list[Shape] = flatten_shapes(given)[0]
        if all(shape[0] is None for shape in fitting):
            return fitting
    raise ArgumentTypeError(
        f"`input_shape` must be of the form {form}, with None for the number of samples, and None "
        f"or a length from 1 on for each other axis, got {given!r}."
    )


def refuse_unbuilt(model: Any) -> None:
    """Refuse what is no model, or has no weights yet."""
    if not isinstance(model, Network):
        raise ArgumentTypeError(
            f"A model is exported, got {type(model).__name__}. Put a layer into one: "
            "Sequential([Input((3,)), layer])."
        )
    if not model.built:
        raise StateError(
            f"The model {model.name!r} is not built: its weights are not there yet. Call it on "
            "data, fit it, or begin it with Input((features,))."
        )


def _placeholders(model: Any) -> list[Any] | None:
    """That of a chain of layers; a model of one's own has none."""
    try:
        found: list[Any] = model.inputs
    except NotConnectedError:
        return None
    return found


# ---------------------------------------------------------------------- one run


class Run(NamedTuple):
    """What was fed and came out, as Tensors."""

    fed: list[Tensor]
    outputs: list[Any]
    outline: Any
    assignments: list[tuple[Tensor, Tensor, int]]


def _run(
    model: Any, inputs: list[ModelInput], outline: Any, lengths: dict[Any, int], training: bool
) -> Run:
    shapes = [
        [lengths[0, 0], *(n or lengths[place, a] for a, n in enumerate(x.shape[1:], 1))]
        for place, x in enumerate(inputs)
    ]
    random = np.random.default_rng(lengths[0, 0])
    # Rows of tables are whole numbers: every table has the first.
    for draw in (random.normal, lambda size: np.zeros(size)):
        fed = [
            Tensor((draw(size=now) if x.dtype.kind == "f" else np.zeros(now)).astype(x.dtype))
            for x, now in zip(inputs, shapes, strict=True)
        ]
        try:
            with undone(), recorded(), Observer() as observer, np.errstate(all="ignore"):
                outputs, form = flatten(model(rebuild(outline, fed), training=training))
            break
        except AutogradError as error:
            failure = error
    else:
        way_out = " Give lengths that it takes, input_shape=(None, 10, 3)."
        raise ExportError(
            f"The model {model.name!r} was tried on inputs of shape "
            f"{rebuild(outline, [tuple(shape) for shape in shapes])}: {failure}"
            + (way_out if len(lengths) > 1 else "")
        ) from failure
    for output in outputs:
        if not isinstance(output, (Tensor, np.ndarray)):
            raise ExportError(
                f"The model {model.name!r} gives {output!r:.80} of type {type(output).__name__}, "
                "and only Tensors can come out elsewhere."
            )
    if observer.notes:
        raise ExportError(
            f"The model {model.name!r} looks at numbers while it computes, and might go another "
            f"way for others: {observer.notes[0]}."
        )
    return Run(fed, outputs, form, observer.assignments)


def _refuse_states(model: Any, weights: dict[str, Tensor], run: Run) -> None:
    own = set(weights.values())
    for state, _, _ in run.assignments:
        if state not in own:
            raise ExportError(
                f"{state.name or 'A Tensor'!r} of the model {model.name!r} goes on from call to "
                "call and is no weight, as with stateful=True. Make it without that."
            )


# ---------------------------------------------------------------------- several runs


def _sizes(count: int) -> list[list[int]]:
    """The number of samples and the free lengths of each run, which can be told apart by them.

    Those of the first two differ by one, so that each grows by a ratio of its own. A single sample,
    more samples, longer and shorter ones follow: halves of a length and limits show there.
    """
    first = [2, *range(24, 22 + 2 * count, 2)]
    longer = [1, *(length + 17 for length in first[1:])]
    return [first, [length + 1 for length in first], longer, _short(count)]


def _short(count: int) -> list[int]:
    return [7, *range(5, 3 + 2 * count, 2)]


class Merger:
    """What several runs have in common.

    Parameters   axes: those of the inputs that are free, each the place of an input and its axis
                 sizes: how long each was, run by run
    """

    def __init__(self, axes: list[tuple[int, int]], sizes: list[list[int]]) -> None:
        self._lengths = dict(zip(axes, zip(*sizes, strict=True), strict=True))

    def steps(self, runs: list[list[RecordedStep]]) -> list[RecordedStep]:
        """Those of the first run, with sizes in place of what follows from them."""
        found = []
        way_out = " Give the lengths, input_shape=(None, 10, 3)." if len(self._lengths) > 1 else ""
        for same in itertools.zip_longest(*runs):
            one = same[0]
            if any(step is None or step.operation is not one.operation for step in same):
                step = one or next(filter(None, same))
                raise ExportError(
                    f"{named(step.operation, step.scope)} is applied to inputs of one size and "
                    f"not to others.{way_out}"
                )
            try:
                inputs = self._merged([step.inputs for step in same])
                attributes = self._merged([step.attributes for step in same])
            except _Differs as error:
                raise ExportError(
                    f"{named(one.operation, one.scope)} takes {error} for inputs of one size and "
                    f"of another, and this does not follow from the sizes.{way_out}"
                ) from None
            shape = one.shape
            if shape is not None:
                shape = tuple(map(self._length, zip(*(step.shape for step in same), strict=True)))
            found.append(one._replace(inputs=inputs, attributes=attributes, shape=shape))
        return found

    def _merged(self, values: Sequence[Any]) -> Any:
        """What stands for the values that one thing has in the runs."""
        a = values[0]
        if any(type(b) is not type(a) for b in values):
            raise _Differs(values)
        if type(a) in (tuple, list):
            if any(len(b) != len(a) for b in values):
                raise _Differs(values)
            return type(a)(map(self._merged, zip(*values, strict=True)))
        if type(a) is dict:
            if any(b.keys() != a.keys() for b in values):
                raise _Differs(values)
            return {name: self._merged([b[name] for b in values]) for name in a}
        if isinstance(a, slice):
            return slice(*self._merged([(b.start, b.stop, b.step) for b in values]))
        if isinstance(a, np.ndarray):
            return self._array(values)
        if isinstance(a, np.random.Generator) or all(b is a for b in values):
            return a
        if isinstance(a, (int, np.integer)) and not isinstance(a, bool):
            found = self._length([int(b) for b in values])
            if found is None:
                raise _Differs(values)
            return found
        if not all(b == a or (a != a and b != b) for b in values):
            raise _Differs(values)
        return a

    def _length(self, values: Sequence[int]) -> Any:
        """The number, or what it is a multiple of; None where that is not known."""
        if all(b == values[0] for b in values):
            return values[0]
        for (place, axis), lengths in self._lengths.items():
            factor = values[0] // lengths[0]
            if all(b == factor * n for b, n in zip(values, lengths, strict=True)):
                return Size(place, axis, factor)
        return None

    def _array(self, values: Sequence[Any]) -> Any:
        a = values[0]
        if all(
            b.shape == a.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
            for b in values
        ):
            return a
        if all(b.ndim == a.ndim and b.dtype == a.dtype for b in values):
            lengths = list(zip(*(b.shape for b in values), strict=True))
            grown = [axis for axis, now in enumerate(lengths) if len(set(now)) > 1]
            if len(grown) == 1:
                (axis,) = grown
                size = self._length(lengths[axis])
                one = np.take(a, [0], axis)
                if size is not None and all((b == one).all() for b in values):
                    return Repeated(one, axis, size)
        raise _Differs(values)


class _Differs(Exception):
    def __init__(self, values: Sequence[Any]) -> None:
        texts = [f"an array of shape {x.shape}" if hasattr(x, "shape") else repr(x) for x in values]
        other = next((text for text in texts if text != texts[0]), texts[0])
        super().__init__(f"{texts[0]} and {other}")
