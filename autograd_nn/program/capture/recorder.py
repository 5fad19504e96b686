"""Recorded twice, compared, made into a program, kept: or refused with a reason."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.composing import in_words
from autograd_nn.engine.mutation import source_of
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.capture.observer import Observer

_array = np.ndarray

COST = 50
"""To make a program takes as long as so many calls as they are written: 26 to 44 of them, of
networks of 1 to 10 layers."""

MANY = 1024
"""Of so many kinds it is known that there is no program."""

ROOM = 2**27
"""Bytes that programs may take together; beyond, the oldest is dropped."""

WAITING = 8 * ROOM
"""Bytes that recordings may hold together which wait for a second call; beyond, the oldest is
dropped."""

OF_NUMBERS = (
    "While it is recorded, positions and counts are Tensors too: not found in a dict or a set, no "
    "instances of int. Choose with np.where instead."
)
"""What is to be said where what is recorded is not what is written."""

_LEAST = 2**18  # what a program takes beside its memory


class Refused(Exception):
    """Why there is no program: raised by what makes one, and kept.

    Parameters   differs: whether two recordings were not one computation, and not the making of a
                 program failed
    """

    def __init__(self, reason: str, differs: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.differs = differs


class Recorder:
    """The programs of something that is called again and again, by the kind of call.

    A kind is what one program can take: the shapes and dtypes of what is given. The first call of a
    kind is recorded, and the second; where the two are one computation, a program is made of it.

    Where calls come in more than a few kinds, programs of some will not be used often enough to be
    worth their making. Then one is made when a tenth of the calls without a program, and half of
    those with one, which is what they saved, have earned its cost: never is all of it slower by
    more than a tenth than without any program.

    Parameters   difference: why two recordings are not one computation, None where they are
                 make: the program of the last recording; both have their ``nbytes``
                 few: of so many kinds programs are made at once
    """

    def __init__(
        self,
        difference: Callable[[Any, Any], str | None],
        make: Callable[[Any], Any],
        few: int = 16,
    ) -> None:
        self._difference = difference
        self._make = make
        self._few = few
        self.programs: dict[Any, Any] = {}
        self.refusals: dict[Any, Refused] = {}
        self.replays = 0  # calls by a program, as far as who makes them counts them
        self._first: dict[Any, Any] = {}
        self._kinds: set[Any] = set()
        self._calls = self._spent = 0

    @property
    def has_few(self) -> bool:
        """Whether calls came in a few kinds until now."""
        return len(self._kinds) <= self._few

    def wants(self, kind: Any) -> bool:
        """Whether a call of this kind, which has no program, is to be recorded."""
        if kind in self.refusals:
            return False
        if self.has_few:
            self._kinds.add(kind)
            if self.has_few:
                return True
            self._first.clear()
        self._calls += 1
        earned = self._calls // 10 + self.replays // 2 - self._spent
        if earned > 2 * COST:  # what was recorded did not come again
            self._first.clear()
            self._spent += COST
        return earned > COST and (kind in self._first or not self._first)

    @property
    def recorded_once(self) -> list[Any]:
        """The kinds of which a call was recorded once."""
        return list(self._first)

    def has_first(self, kind: Any) -> bool:
        """Whether a call of this kind was recorded once."""
        return kind in self._first

    def add(self, kind: Any, recording: Any) -> Refused | None:
        """One more recording: the first is kept, with the second there is a program."""
        first = self._first.pop(kind, None)
        try:
            reason = self._difference(recording if first is None else first, recording)
            if reason is not None:
                return self.refuse(kind, reason, differs=True)
            if first is None:
                self._first[kind] = recording
                while len(self._first) > 1 and self._waiting() > WAITING:
                    self._first.pop(next(iter(self._first)), None)
                return None
            self._keep(kind, self._make(recording))
        except Refused as error:
            return self.refuse(kind, error.reason, error.differs)
        except Exception as error:  # whatever it is, the call works without a program
            return self.refuse(kind, f"{type(error).__name__}: {error}")
        return None

    def _waiting(self) -> int:
        return sum(recording.nbytes for recording in list(self._first.values()))

    def start_again(self, kind: Any) -> None:
        """What was recorded of this kind says nothing of the next call."""
        self._first.pop(kind, None)
        self.programs.pop(kind, None)

    def refuse(self, kind: Any, reason: str, differs: bool = False) -> Refused:
        """There is no program for calls of this kind."""
        # Not the one that was raised, which keeps alive what was there where it was.
        refusal = self.refusals[kind] = Refused(reason, differs)
        if len(self.refusals) > MANY:
            self.refusals.pop(next(iter(self.refusals)), None)
        return refusal

    def _keep(self, kind: Any, program: Any) -> None:
        if not self.has_few:
            self._spent += COST
        self.programs[kind] = program
        while (
            len(self.programs) > 1
            and sum(_LEAST + program.nbytes for program in list(self.programs.values())) > ROOM
        ):
            self.programs.pop(next(iter(self.programs)), None)

    def forget(self) -> None:
        """Start anew: something that programs depend on was changed."""
        self.programs.clear()
        self.refusals.clear()
        self._first.clear()


# ---------------------------------------------------------------------- do two recordings agree?


class Recording:
    """One recorded computation, as it was when this was made.

    Parameters   root: the Tensor that was computed, such as the loss
                 given: by name what was fed, Tensors or arrays; the same objects that were fed
                 observer: what was noted meanwhile
                 outputs: what else of it is wanted

    Arrays and Tensors that are used directly are read by a program where they live: it does not
    matter when they are changed in place.
    """

    def __init__(
        self, root: Tensor, given: dict[str, Any], observer: Observer, outputs: Sequence[Any] = ()
    ) -> None:
        self.root = root
        self.given = dict(given)  # kept alive, so that the ids stay theirs
        self.notes, self.assignments = observer.notes, observer.assignments
        self.outputs = outputs
        # Recorded Tensors, operands before their users; not beyond what was given.
        self.steps: list[Tensor] = []
        self.variables = set(map(id, given.values()))
        stack = [(output, False) for output in reversed(outputs)]
        stack += [(value, False) for _, value, _ in reversed(self.assignments)]
        stack.append((root, False))
        while stack:
            step, is_done = stack.pop()
            if is_done:
                self.steps.append(step)
            elif type(step) is not Tensor or step.operation is None:
                continue
            elif id(step) not in self.variables:
                self.variables.add(id(step))
                stack.append((step, True))
                stack += zip(step.inputs[::-1], itertools.repeat(False))

        self.nbytes = sum(_nbytes(step._data) for step in self.steps)

    @property
    def held(self) -> list[Any]:
        """What was neither given nor computed: leaves and constants."""
        return [x for step in self.steps for x in step.inputs if id(x) not in self.variables]


def _nbytes(data: Any) -> int:
    return sum(map(_nbytes, data)) if type(data) is tuple else int(data.nbytes)


def difference(first: Recording, second: Recording) -> str | None:
    """Why two recordings are not one computation, in a sentence; None where they are.

    Everything must agree but what was given: operations and their order, scopes, shapes, dtypes,
    attributes, and every constant bit for bit. Every look at a value is a difference too.
    """
    for recording in (first, second):
        if recording.notes:
            return _seen(recording.notes)
    if [id(w) for w, _, _ in first.assignments] != [id(w) for w, _, _ in second.assignments]:
        return "Other weights are assigned to from batch to batch."
    # What in the second recording stands where this stands in the first.
    same = {id(x): second.given[name] for name, x in first.given.items()}
    for one, other in zip(first.steps, second.steps, strict=False):
        found = _difference_of_steps(one, other)
        if found is not None:
            return found
        left, right = one.inputs, other.inputs
        if len(left) != len(right):
            return f"{_where(one)} has {len(left)} inputs in one batch and {len(right)} in another."
        for slot, (a, b) in enumerate(zip(left, right, strict=True)):
            are_variables = id(a) in first.variables, id(b) in second.variables
            if all(are_variables):
                if same[id(a)] is not b:
                    return f"{_where(one)} takes another input {slot} from batch to batch."
            elif any(are_variables) or (type(a) is Tensor) != (type(b) is Tensor):
                return f"{_where(one)} takes input {slot} from another place from batch to batch."
            elif not (a is b or _same_constant(a, b)):
                return _varying(one, slot, a)
        same[id(one)] = other
    if len(first.steps) != len(second.steps):
        longer = max(first.steps, second.steps, key=len)
        return (
            f"{_where(longer[min(len(first.steps), len(second.steps))])} is computed for some "
            "batches and not for others."
        )
    return None


def _difference_of_steps(one: Tensor, other: Tensor) -> str | None:
    if one.operation is not other.operation:
        if _name(one) == _name(other):
            return (
                f"{_where(one)} is made anew for every batch: make the Operation once, outside of "
                "what is called."
            )
        return _replaced(one, other)
    if one.scope != other.scope:
        return f"{_where(one)} is in {_layer(other.scope)} in another batch."
    if one.attributes is not None or other.attributes is not None:
        before, after = one.attributes or {}, other.attributes or {}
        for name in sorted(before.keys() | after.keys()):
            if name not in before or name not in after or not _same(before[name], after[name]):
                shown = _shown(before.get(name), after.get(name))
                return f"{_where(one)} has another `{name}` from batch to batch{shown}."
    left, right = one._data, other._data
    for a, b in zip(left, right, strict=False) if type(left) is tuple else [(left, right)]:
        if a.shape != b.shape:
            return f"{_where(one)} gives shape {a.shape} in one batch and {b.shape} in another."
        if a.dtype != b.dtype:
            return f"{_where(one)} gives {a.dtype} in one batch and {b.dtype} in another."
    return None


def _same_constant(one: Any, other: Any) -> bool:
    """Whether two are one Tensor, or constants of one value or of one array."""
    if type(one) is not Tensor:
        return _same(one, other)
    if source_of(one) is not None and source_of(one) is source_of(other):
        return True
    return one._requires_grad == other._requires_grad and _same(one._data, other._data)


# ------------------------------------------------------------------ equal bit for bit


def _same(one: Any, other: Any) -> bool:
    """Equal in type and in every bit, but that NaN is NaN; what is no value, by identity."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, (_array, np.generic)):
        return _same_array(np.asarray(one), np.asarray(other))
    if isinstance(one, float):
        return _same_array(np.float64(one), np.float64(other))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, slice):
        return _same((one.start, one.stop, one.step), (other.start, other.stop, other.step))
    if isinstance(one, (int, str, bytes, np.dtype)):
        return bool(one == other)
    return False


def _same_array(one: Any, other: Any) -> bool:
    if one.dtype != other.dtype or one.shape != other.shape or one.dtype.kind not in "fiub":
        return False
    if one.tobytes() == other.tobytes():
        return True
    if one.dtype.kind != "f":
        return False
    equal = (one == other) & (np.signbit(one) == np.signbit(other))
    return bool((equal | (np.isnan(one) & np.isnan(other))).all())


# ------------------------------------------------------------------ steps, and their words


_VERBS = {
    "add": "adds", "subtract": "subtracts", "multiply": "multiplies by", "divide": "divides by",
    "power": "takes a power with", "where": "chooses with", "matmul": "multiplies by the matrix in",
}  # fmt: skip


def _varying(step: Tensor, slot: int, value: Any) -> str:
    kind = "a Tensor" if type(value) is Tensor else _kind(value)
    name = _name(step)
    verb = _VERBS.get(name)
    who = _layer(step.scope)
    does = f"{verb} {kind}" if verb else f"gives {name} {kind} (input {slot})"
    return (
        f"{who} {does} that differs from batch to batch: random numbers, or data that were not "
        "given to the model."
    )


def _kind(value: Any) -> str:
    if isinstance(value, _array) and value.ndim:
        return f"an array of shape {value.shape}"
    return "a number"


def _where(step: Tensor) -> str:
    return f"{_name(step)} in {_layer(step.scope)}"


def _replaced(one: Tensor, other: Tensor) -> str:
    return f"In another batch {_where(other)} is computed in place of {_where(one)}."


def _name(step: Tensor) -> str:
    return step.operation.name if step.operation is not None else "a leaf"


def _layer(scope: str | None) -> str:
    return in_words(scope) if scope else "the part outside of every layer (such as the loss)"


def _shown(before: Any, after: Any) -> str:
    if isinstance(before, _array) or isinstance(after, _array):
        return ""
    return f" ({before!r}, then {after!r})"


def _seen(notes: list[str]) -> str:
    more = f", and {len(notes) - 1} more" if len(notes) > 1 else ""
    return (
        "The values are looked at, which may decide what is computed, or something is done that "
        f"a replay would leave out: {notes[0]}{more}."
    )
