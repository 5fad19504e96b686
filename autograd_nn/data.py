"""What goes into training: x, y and weights as arrays, checked before anything is changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.arrays import alone, as_array, refuse_not_finite
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.structures import flatten
from autograd_nn.frames import columns_of, is_frame
from autograd_nn.settings import floatx
from autograd_nn.several import Several, by_name, numbered_outputs, rows_of
from autograd_nn.training.sample_weights import weights_of_classes, weights_of_samples
from autograd_nn.unread import Unread, from_elsewhere, is_unread, left_in_file, part_of

Array = np.ndarray


class Form(NamedTuple):
    """What a model says of the data that it takes.

    Parameters   axes: how many an array of samples has, None where that is not known yet
                 graph: of a functional model, which has the names of its inputs and outputs
                 is_own: whether its ``call`` is the user's, who may take lists and dicts, and look
                 something up with whole numbers
                 needs_y: whether there must be true values, as there need not be for a step or a
                 loss of the user's own, or where layers add what is made small
                 reads_later: whether what is large and not in memory may stay where it is, and is
                 read batch by batch
                 again: takes functions that copy once more what was copied from arrays, None where
                 nobody can change those before the data are used
    """

    axes: int | None = None
    graph: Any = None
    is_own: bool = False
    needs_y: bool = True
    reads_later: bool = False
    again: list[Callable[[], None]] | None = None

    def copied(self, array: Any, given: Any) -> Any:
        """The array; where it was copied from one that was given, that is known from now on."""
        are_arrays = type(array) is Array and isinstance(given, Array)
        if self.again is not None and are_arrays and not np.may_share_memory(array, given):
            self.again.append(partial(np.copyto, array, given, casting="unsafe"))
        return array


ANY_FORM = Form()


class Data(NamedTuple):
    """Samples, their true values, and a weight for each (or None): arrays, or several by name."""

    x: Any
    y: Any
    weight: Any

    def rows(self, chosen: Any) -> Data:
        """Some of the samples: those of a slice, those at these places, or those of a mask."""
        x, y, weight = self
        y = None if y is None else rows_of(y, chosen)
        weight = None if weight is None else rows_of(weight, chosen)
        return Data(rows_of(x, chosen), y, weight)

    def batches(
        self, size: int, order: Any = None, taken: int = 0, cut: Callable[..., slice] | None = None
    ) -> Iterator[Data]:
        """So many samples after the other, and of the last batch those that are left.

        Parameters   order: the places of the samples in their order, None for that given
                     taken: so many batches are left out, which were taken before
                     cut: which rows of those of a batch are wanted
        """
        count = len(self.x)
        for start in range(taken * size, count, size):
            rows = slice(start, min(start + size, count))
            if cut is not None:
                rows = cut(rows.start, rows.stop)
            yield self.rows(rows if order is None else order[rows])

    @property
    def kind(self) -> tuple[Any, ...]:
        """What batches have in common that one program can take."""
        x, y, weight = self
        if weight is None:
            return x.shape, x.dtype, y.shape, y.dtype
        return x.shape, x.dtype, y.shape, y.dtype, weight.shape, weight.dtype

    def named(self) -> dict[str, Any]:
        """The arrays by the names that a program knows them by.

        One input is x, several are x_ and their names; so it is with y and sample_weight.
        """
        x, y, weight = self
        if type(x) is not Several and type(y) is not Several:
            return {"x": x, "y": y} if weight is None else {"x": x, "y": y, "sample_weight": weight}
        found: dict[str, Any] = {}
        for stem, part in zip(_STEMS, self, strict=True):
            if type(part) is Several:
                found.update(zip(_names_of(part, stem), part.arrays, strict=True))
            elif part is not None:
                found[stem] = part
        return found

    def like(self, values: Mapping[str, Any]) -> Data:
        """The same with values, by these names, in place of its arrays; None where none is."""
        found: list[Any] = []
        for stem, part in zip(_STEMS, self, strict=True):
            if type(part) is Several:
                found.append(part.like([values.get(name) for name in _names_of(part, stem)]))
            else:
                found.append(values.get(stem))
        return Data(*found)

    @property
    def is_unread(self) -> bool:
        """Whether some of it is read batch by batch."""
        return any(map(is_unread, self))

    def part(self, chosen: Any) -> Data:
        """The same of which nothing is read yet."""
        return Data(*(None if array is None else part_of(array, chosen) for array in self))


_STEMS = ("x", "y", "sample_weight")


def _names_of(several: Several, stem: str) -> list[str]:
    return [re.sub(r"\W", "_", f"{stem}_{name}") for name in several.names]


def as_inputs(x: Any, name: str = "x", form: Form = ANY_FORM) -> Any:
    """x as an array in ``floatx``, with at least one sample; as several, by the names of inputs.

    Whole numbers stay so where the ``call`` of the user takes them.
    """
    if x is None:
        raise ArgumentTypeError(f"`{name}` is missing (None): give an array of samples.")
    if type(x) is Array:
        return _samples(x, name, form) if form.graph is None else _for_graph(x, name, form)
    if form.graph is not None and (isinstance(x, dict) or len(form.graph.inputs) > 1):
        return _for_graph(x, name, form)
    if form.is_own and (isinstance(x, dict) or _are_inputs(x)):
        values, outline = flatten(x)
        return _of_one_length(
            Several(_paths(x), _all_samples(values, _paths(x), name, form), outline), name
        )
    x = alone(x, form.axes)
    _refuse_several(x, name, form.axes)
    return _samples(x, name, form)


def _samples(x: Any, name: str, form: Form = ANY_FORM) -> Any:
    given = x
    if type(x) is not Array:
        x = from_elsewhere(x, name, form.reads_later)
    array = x if type(x) is Unread else as_array(x, name)
    if array.ndim == 0:
        raise ShapeError(
            f"`{name}` must be an array of samples, got a 0-d input, a scalar of shape ()."
        )
    if len(array) == 0:
        raise ArgumentError(f"`{name}` is empty: 0 samples, shape {array.shape}.")
    dtype = array.dtype if form.is_own and array.dtype.kind in "iu" else floatx()
    # Of rows that do not lie one after the other NumPy copies all to take some.
    if array.dtype != dtype or (type(array) is Array and not array.flags.c_contiguous):
        array = _arranged(array, dtype, name, form)
    return form.copied(array, given)


def _arranged(array: Any, dtype: Any, name: str, form: Form) -> Any:
    """The same in this dtype, row by row in memory; or read so, batch by batch."""
    if type(array) is Unread:
        return array.in_dtype(dtype)
    if form.reads_later:
        array = left_in_file(array, dtype)
        if type(array) is Unread:
            return array
    return np.ascontiguousarray(as_array(array, name, dtype))


def _for_graph(x: Any, name: str, form: Form) -> Any:
    """Arrays for the inputs of a functional model, in their order."""
    graph = form.graph
    if len(graph.inputs) > 1 and is_frame(x):
        x = columns_of(x)
    values = graph.in_order(x, name)
    if len(values) == 1:
        return _samples(values[0], name, form)
    names = graph.input_names
    return _of_one_length(Several(names, _all_samples(values, names, name, form)), name)


def _all_samples(
    values: list[Any], names: list[str], what: str, form: Form = ANY_FORM
) -> list[Array]:
    pairs = zip(values, names, strict=True)
    return [_samples(value, f"{what}[{name!r}]", form) for value, name in pairs]


def _of_one_length(several: Several, what: str) -> Several:
    first = several.arrays[0]
    for name, array in zip(several.names, several.arrays, strict=True):
        if len(array) != len(first):
            raise ArgumentError(
                f"`{what}[{several.names[0]!r}]` has {len(first)} samples and `{what}[{name!r}]` "
                f"has {len(array)} (shapes {first.shape} and {array.shape}): they must have the "
                "same number."
            )
    return several


def _are_inputs(x: Any) -> bool:
    """Whether a list is one of arrays, which a ``call`` of the user's takes apart itself."""
    return isinstance(x, (list, tuple)) and len(x) > 1 and all(getattr(p, "ndim", 0) for p in x)


def _paths(structure: Any, before: str = "") -> list[str]:
    """The names of the values in nested lists, tuples and dicts: keys, or numbers."""
    if not isinstance(structure, (list, tuple, dict)):
        return [before]
    pairs = structure.items() if isinstance(structure, dict) else enumerate(structure)
    start = f"{before}_" if before else ""
    return [path for key, part in pairs for path in _paths(part, f"{start}{key}")]


def _refuse_several(x: Any, name: str, axes: int | None) -> None:
    """Refuse a list of inputs where the model has one."""
    if axes is None or not isinstance(x, (list, tuple)):
        return
    if all(getattr(part, "ndim", 0) == axes for part in x) and x:
        raise ArgumentError(
            f"`{name}` is a {type(x).__name__} of {len(x)} arrays of samples, shapes "
            f"{', '.join(str(tuple(part.shape)) for part in x)}, and the model has one input. "
            "Give one array; np.concatenate puts the samples of several after one another."
        )


def as_data(
    x: Any,
    y: Any,
    sample_weight: Any = None,
    class_weight: Any = None,
    prefix: str = "",
    form: Form = ANY_FORM,
) -> Data:
    """All of it as arrays of one length without NaN; floating point in ``floatx``."""
    if y is None and form.needs_y:
        is_pair = isinstance(x, (list, tuple)) and len(x) in (2, 3) and hasattr(x[0], "shape")
        if is_pair and (form.graph is None or len(form.graph.inputs) == 1):
            raise ArgumentTypeError(
                f"`{prefix}x` is a {type(x).__name__} of {len(x)} arrays, and `{prefix}y` is "
                "missing: give x and y as arguments of their own, such as fit(x, y)."
            )
        as_inputs(x, f"{prefix}x", form)
        raise ArgumentError(
            f"`{prefix}y` is missing (None): give the true values, one for each sample of "
            f"`{prefix}x`."
        )
    inputs = as_inputs(x, f"{prefix}x", form)
    for name, array in _named(inputs, f"{prefix}x"):
        if type(array) is Unread:
            array.refuse_bad(name)
        else:
            refuse_not_finite(array, name, given=x)
    if y is None:
        if sample_weight is not None or class_weight is not None:
            raise ArgumentError("Weights of samples and of classes need `y`, which is missing.")
        return Data(inputs, no_targets(len(inputs)), None)
    targets = _as_targets(y, inputs, prefix, form)
    if class_weight is not None and sample_weight is not None:
        raise ArgumentError(
            "`class_weight` and `sample_weight` cannot be given both: multiply the weights of the "
            "classes into `sample_weight`."
        )
    weight = None
    if sample_weight is not None:
        weight = weights_of_samples(sample_weight, targets, form.copied)
    if class_weight is not None:
        if type(targets) is Several:
            raise ArgumentError(
                "`class_weight` is for models of one output. Give `sample_weight`, a dict with "
                f"weights of the samples for each output: {list(targets.names)}."
            )
        weight = weights_of_classes(class_weight, targets)
        if form.again is not None:  # labels may become others
            form.again.append(lambda: np.copyto(weight, weights_of_classes(class_weight, targets)))
    return Data(inputs, targets, weight)


def no_targets(samples: int) -> Array:
    """What stands for true values where there are none: rows of nothing, cut as others are."""
    return np.empty((samples, 0), floatx())


def lacks_targets(y: Any) -> bool:
    """Whether y stands for true values that there are none of."""
    return type(y) is Array and y.shape[1:] == (0,)


def _named(arrays: Any, name: str) -> list[tuple[str, Array]]:
    """Every array, with what an error calls it."""
    if type(arrays) is not Several:
        return [(name, arrays)]
    return [(f"{name}[{n!r}]", x) for n, x in zip(arrays.names, arrays.arrays, strict=True)]


def _as_targets(y: Any, inputs: Any, prefix: str, form: Form) -> Any:
    """True values as an array, or as several by the names of the outputs."""
    names = form.graph.output_names if form.graph is not None else None
    if names is None and form.is_own:
        if isinstance(y, dict):
            names = list(map(str, y))
        elif _are_inputs(y) and len(y[0]) == len(inputs) != len(y):
            names = numbered_outputs(len(y))
    if names is None or (len(names) == 1 and not isinstance(y, dict)):
        if isinstance(y, (list, tuple)) and len(y) == 1 and len(inputs) > 1:
            y = y[0]  # as x may be [x]
        return _true_values(y, f"{prefix}y", inputs, f"{prefix}x", form)
    if len(names) > 1 and is_frame(y):
        y = columns_of(y)
    values = by_name(y, names, f"{prefix}y", "outputs")
    if len(names) == 1:
        return _true_values(values[0], f"{prefix}y", inputs, f"{prefix}x", form)
    arrays = [
        _true_values(value, f"{prefix}y[{name!r}]", inputs, f"{prefix}x", form)
        for value, name in zip(values, names, strict=True)
    ]
    return Several(names, arrays)


def _true_values(y: Any, name: str, inputs: Any, of: str, form: Form) -> Any:
    given = y
    if type(y) is not Array:
        y = from_elsewhere(y, name, form.reads_later)
    targets: Any = y if type(y) is Unread else as_array(y, name)
    if targets.ndim == 0 or len(targets) != len(inputs):
        has = f"{len(targets)} samples" if targets.ndim else "a single number"
        raise ArgumentError(
            f"`{of}` has {len(inputs)} samples and `{name}` has {has} "
            f"(shapes {inputs.shape} and {targets.shape}): they must have the same number."
        )
    dtype = floatx() if targets.dtype.kind == "f" else targets.dtype
    if targets.dtype != dtype or (type(targets) is Array and not targets.flags.c_contiguous):
        targets = _arranged(targets, dtype, name, form)
    if type(targets) is Unread:
        targets.refuse_bad(name)
    else:
        refuse_not_finite(targets, name)
    return form.copied(targets, given)


def as_validation(value: Any, form: Form = ANY_FORM) -> Data:
    """``validation_data`` as arrays: (x, y) or (x, y, sample_weight)."""
    if isinstance(value, (tuple, list)) and len(value) == 1 and not form.needs_y:
        value = (value[0], None)
    if not isinstance(value, (tuple, list)) or len(value) not in (2, 3):
        raise ArgumentTypeError(
            "`validation_data` must be a tuple (x, y) or (x, y, sample_weight), "
            f"got {type(value).__name__}{f' of {len(value)}' if hasattr(value, '__len__') else ''}."
        )
    weight = value[2] if len(value) == 3 else None
    return as_data(value[0], value[1], weight, prefix="validation ", form=form)
