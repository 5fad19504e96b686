"""Do two recordings agree? Only what is the same computation on every batch can be a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.mutation import source_of
from autograd_nn.engine.observing import Looks
from autograd_nn.engine.tensor import Tensor

_array = np.ndarray


class Recording:
    """One recorded computation, as it was when this was made.

    Parameters   root: the Tensor that was computed, such as the loss
                 given: by name what was fed, Tensors or arrays; the same objects that were fed
                 looks: what ``observing()`` noted meanwhile
                 outputs: what else of it is wanted

    Arrays and Tensors that are used directly are read by a program where they live: it does not
    matter when they are changed in place.
    """

    def __init__(
        self, root: Tensor, given: dict[str, Any], looks: Looks, outputs: Sequence[Any] = ()
    ) -> None:
        self.root = root
        self.given = dict(given)  # kept alive, so that the ids stay theirs
        self.looks = looks
        self.outputs = outputs
        self._given = {id(x) for x in given.values()}
        # Recorded Tensors, operands before their users.
        self.steps = self._ordered([root, *(value for _, value, _ in looks.assignments)])

    @property
    def held(self) -> list[Any]:
        """What was neither given nor computed: leaves and constants."""
        return [x for step in self.steps for x in step.inputs if not self.is_variable(x)]

    def is_variable(self, operand: Any) -> bool:
        """Whether it was given or computed."""
        return id(operand) in self._given or self._is_computed(operand)

    def _ordered(self, roots: list[Tensor]) -> list[Tensor]:
        """Depth first, left to right, each once, with a stack of its own; not beyond the given."""
        order: list[Tensor] = []
        seen: set[Tensor] = set()
        stack = [(root, False) for root in reversed(roots) if self._is_computed(root)]
        while stack:
            step, is_done = stack.pop()
            if is_done:
                order.append(step)
            elif step not in seen:
                seen.add(step)
                stack.append((step, True))
                stack += [(x, False) for x in reversed(step.inputs) if self._is_computed(x)]
        return order

    def _is_computed(self, operand: Any) -> bool:
        if type(operand) is not Tensor or operand.operation is None:
            return False
        return id(operand) not in self._given


def difference(first: Recording, second: Recording) -> str | None:
    """Why two recordings are not one computation, in a sentence; None where they are.

    Everything must agree but what was given: operations and their order, scopes, shapes, dtypes,
    attributes, and every constant bit for bit. Every look at a value is a difference too.
    """
    for recording in (first, second):
        if recording.looks.notes:
            return _seen(recording.looks.notes)
    if [id(w) for w, _, _ in first.looks.assignments] != [
        id(w) for w, _, _ in second.looks.assignments
    ]:
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
            if first.is_variable(a) and second.is_variable(b):
                if same[id(a)] is not b:
                    return f"{_where(one)} takes another input {slot} from batch to batch."
                continue
            if (
                first.is_variable(a)
                or second.is_variable(b)
                or (type(a) is Tensor) != (type(b) is Tensor)
            ):
                return f"{_where(one)} takes input {slot} from another place from batch to batch."
            if not _same_constant(a, b):
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
    return _difference_of_results(one, one._data, other._data)


def _difference_of_results(step: Tensor, one: Any, other: Any) -> str | None:
    for a, b in zip(*((x if type(x) is tuple else (x,)) for x in (one, other)), strict=False):
        if a.shape != b.shape:
            return f"{_where(step)} gives shape {a.shape} in one batch and {b.shape} in another."
        if a.dtype != b.dtype:
            return f"{_where(step)} gives {a.dtype} in one batch and {b.dtype} in another."
    return None


def _same_constant(one: Any, other: Any) -> bool:
    """Whether two are one Tensor, or constants of one value or of one array."""
    if type(one) is not Tensor or one is other:
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
    return f"layer {scope!r}" if scope else "the part outside of every layer (such as the loss)"


def _shown(before: Any, after: Any) -> str:
    if isinstance(before, _array) or isinstance(after, _array):
        return ""
    return f" ({before!r}, then {after!r})"


def _seen(notes: list[str]) -> str:
    more = f", and {len(notes) - 1} more" if len(notes) > 1 else ""
    return f"The values are looked at, which may decide what is computed: {notes[0]}{more}."
