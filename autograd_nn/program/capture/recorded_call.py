"""A function run once under observation, on copies of what it was given."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import Leaf, undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.capture.bindings import Binding
from autograd_nn.program.capture.observer import Observer
from autograd_nn.program.capture.recorder import Recording, Refused, difference
from autograd_nn.program.capture.signatures import is_input, names_of, number_dtype, plain
from autograd_nn.program.reading import draws

_array = np.ndarray


class Results:
    """What a function returned: taken apart, with the places of what was computed."""

    def __init__(self, returned: Any) -> None:
        self.values, self.outline = flatten(returned)
        self.computed = [
            place for place, x in enumerate(self.values) if type(x) is Tensor or type(x) is _array
        ]
        # The Tensors and arrays among the values.
        self.outputs = [self.values[place] for place in self.computed]
        places = list(range(len(self.values)))
        self._is_tuple = type(self.outline) is tuple and list(self.outline) == places
        self._is_tuple = self._is_tuple and self.computed == places

    def assembled(self, outputs: Sequence[Any]) -> Any:
        """The structure with other ``outputs``."""
        if self._is_tuple:  # as is usual, in a tenth of the time
            return tuple(outputs)
        values = list(outputs)
        if len(values) < len(self.values):
            values = list(self.values)
            for place, output in zip(self.computed, outputs, strict=True):
                values[place] = output
        return rebuild(self.outline, values)


class RecordedCall(Recording):
    """One run of a function on copies of what it was given, with every look at values noted.

    What it draws and assigns is undone: where it does that it is run as it is written.

    Parameters   change: gives the copy of an array
    Raises       Refused where no program can be made of it, whatever its numbers are
    """

    bindings: list[Binding]

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        change: Callable[[Any], Any] = np.array,
    ) -> None:
        self.f, self.args, self.keywords = f, args, keywords
        values, outline = flatten([list(args), keywords])
        names = names_of(f, args, keywords)
        places = [place for place, value in enumerate(values) if is_input(value)]
        self.originals = [values[place] for place in places]
        self.inputs: dict[str, Any] = {}
        for place, x in zip(places, _apart(self.originals, change), strict=True):
            self.inputs[names[place]] = values[place] = x
        called, named = rebuild(outline, values)
        stand_ins = zip(self.inputs.values(), self.originals, strict=True)
        arrays = frozenset(x for x, given in stand_ins if type(given) is not Tensor)
        with undone(), recorded(), Observer(arrays) as observer:
            self.results = Results(f(*called, **named))
            if not self.results.computed:
                raise Refused("What it returns holds no Tensor and no array.")
            self.seeds = _seeds(self.results.outputs, self.inputs)
            with np.errstate(all="ignore"):
                root = weighted(zip(self.seeds.values(), self.results.outputs, strict=True))
        super().__init__(root, {**self.inputs, **self.seeds}, observer, self.results.outputs)
        if any(draws(step) for step in self.steps):
            # A gradient would be that of other numbers than those that the result came of.
            raise Refused("Numbers are drawn at random in it.")
        if self.assignments:
            raise Refused("It assigns to weights.")
        if (reason := self._number_among_others()) is not None:
            raise Refused(reason)

    def nearby(self) -> RecordedCall:
        """The same call on slightly other numbers."""
        with _quiet():
            return RecordedCall(self.f, self.args, self.keywords, nearby)

    @property
    def held_tensors(self) -> list[Tensor]:
        """The Tensors that were neither given nor computed."""
        return list(dict.fromkeys(x for x in self.held if type(x) is Tensor))

    def _number_among_others(self) -> str | None:
        """A Python float takes the dtype of what it meets, which an input of a program cannot."""
        if not any(type(x) is float for x in self.originals):
            return None
        given = [x for x in self.given.values() if type(x) is Tensor]
        seen = [*given, *self.steps, *self.held]
        found = {x.dtype for x in seen if hasattr(x, "dtype") and x.dtype.kind == "f"}
        if found <= {number_dtype(self.originals)}:
            return None
        others = ", ".join(sorted(str(dtype) for dtype in found))
        return (
            f"A Python float was given where {others} are computed with, and its dtype would "
            "depend on what it meets. Give np.float32(x), or an array."
        )


def _apart(inputs: list[Any], change: Callable[[Any], Any]) -> list[Any]:
    """Tensors that lead to nothing else."""
    number = number_dtype(inputs)
    found: list[Any] = []
    for x in inputs:
        data = number.type(x) if type(x) is float else plain(x)
        is_float = data.dtype.kind == "f"
        found.append(Tensor(change(data) if is_float else data, is_float))
        found[-1]._leaf = Leaf(source=x)  # in whose place it is
    return found


def nearby(data: Any) -> Any:
    """Slightly smaller numbers, each by its own factor: what was in a range stays in it."""
    factors = np.random.default_rng(0).uniform(0.0, 1.0, np.shape(data))
    moved = data * (1 - factors / 1000) + (np.asarray(data) == 0) * factors * 1e-6
    return moved.astype(data.dtype)


def _seeds(outputs: list[Any], taken: Mapping[str, Any]) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    for place, output in enumerate(outputs):
        dtype = output.dtype if output.dtype.kind == "f" else np.float64
        name = f"seed_{place}" if place else "seed"
        while name in taken:
            name += "_"
        found[name] = Tensor(np.ones(output.shape, dtype), True)
    return found


def weighted(pairs: Iterable[tuple[Any, Any]]) -> Any:
    """Σ seed · output: one Tensor that depends on all outputs, with their gradients."""
    root: Any = None
    for seed, output in pairs:
        term = seed * output
        term = term.sum() if term.ndim else term
        root = term if root is None else root + term
    return root


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of a computation that is only looked at."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def disagreement(first: RecordedCall, second: RecordedCall) -> str | None:
    """Why two runs are not one computation with other numbers; None where they are."""
    one, other = first.results, second.results
    if not first.notes:
        if one.outline != other.outline or one.computed != other.computed:
            return "What it returns has another structure from call to call."
        for place, (a, b) in enumerate(zip(one.values, other.values, strict=True)):
            if place not in one.computed and not (type(a) is type(b) and (a is b or a == b)):
                return f"It returns {b!r} where it returned {a!r} before."
    return difference(first, second)


def unlike_written(run: RecordedCall) -> str | None:
    """Whether the function, given arrays, does something else with them than with Tensors."""
    values, outline = flatten([list(run.args), run.keywords])
    copies = [x.copy() if isinstance(x, _array) else x for x in values]
    args, keywords = rebuild(outline, copies)
    try:
        with _quiet():
            values, outline = flatten(run.f(*args, **keywords))
    except Exception:  # it is written for Tensors
        return None
    return unlike_values(run, values, outline, "from arrays than from Tensors")


def unlike_values(run: RecordedCall, values: list[Any], outline: Any, how: str) -> str | None:
    """Whether the run has other results than these, of the function as it is written."""
    if outline != run.results.outline:
        return f"It returns another structure {how}."
    found = [values[place] for place in run.results.computed]
    if unlike([x._data if type(x) is Tensor else x for x in found], run):
        return f"It computes something else {how}."
    return None


def unlike(found: list[Any], run: RecordedCall) -> bool:
    """Whether these are other results than those of the run, beyond rounding."""
    arrays = [x._data for x in topological(run.root) if type(x._data) is not tuple]
    arrays = [x for x in arrays if x.dtype.kind == "f" and x.size]
    # What is float64 at the end may have been float32 on the way.
    eps = max((np.finfo(x.dtype).eps for x in arrays), default=0.0)
    # A sum that is 0, such as the gradient of what an average takes away, is what rounding leaves
    # of its terms.
    terms = max(
        (float(np.abs(x, where=np.isfinite(x), out=np.zeros_like(x)).max()) for x in arrays),
        default=0.0,
    )
    left = 64 * eps * terms
    for ours, output in zip(found, run.results.outputs, strict=True):
        theirs = np.asarray(output._data if type(output) is Tensor else output)
        ours = np.asarray(ours)
        close = ours.shape == theirs.shape and ours.dtype == theirs.dtype
        if close and theirs.dtype.kind == "f":
            finite = theirs[np.isfinite(theirs)]
            near = float(np.sqrt(eps))
            scale = near * float(np.abs(finite).max()) if finite.size else 0.0
            close = np.allclose(ours, theirs, rtol=near, atol=max(scale, left), equal_nan=True)
        elif close:
            close = np.array_equal(ours, theirs)
        if not close:
            return True
    return False
