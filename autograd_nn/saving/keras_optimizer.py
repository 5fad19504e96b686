"""What an optimizer keeps, in the order in which Keras lists its variables.

First the count of steps and the learning rate, then arrays for each parameter: "optimizer/vars/2"
and so on. What is which follows from the class of the optimizer and from its settings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers.options import AVERAGE, GRADIENTS
from autograd_nn.saving.hdf5 import OF_OPTIMIZER
from autograd_nn.saving.named_weights import (
    ITERATIONS,
    put_back_optimizer,
    tensors_of,
)


class Slot(NamedTuple):
    """One array in the file.

    Parameters   parameter: whose, None for what is the same for all
                 name: of what the optimizer keeps here, None for what has no use
    """

    parameter: Tensor | None
    name: str | None


def state_in_keras(model: Any) -> dict[str, Any]:
    """What the optimizer of a compiled model keeps, by the paths of Keras."""
    optimizer = model.optimizer
    if type(optimizer)._is_own:
        return {}
    found = [np.asarray(optimizer._iterations, np.int32)]
    if optimizer._schedule is None:
        found.append(np.asarray(optimizer._learning_rate, np.float32))
    if optimizer._state:
        for slot in _slots(model):
            found.append(_written(optimizer, slot))
    return {f"{OF_OPTIMIZER}{number}": array for number, array in enumerate(found)}


def is_same_in_keras(optimizer: Any) -> bool:
    """Whether it keeps bit for bit what `put_back_from_keras` gives of `state_in_keras`: not where
    numbers are added, or the rule is one's own."""
    return not optimizer._is_own and type(optimizer).__name__ not in _OTHERWISE


def put_back_from_keras(model: Any, arrays: Mapping[str, Any]) -> None:
    """Have the optimizer go on where Keras's was; one of one's own begins anew, with a warning.

    Parameters   arrays: by the paths of Keras; without any the optimizer begins anew
    Raises       ArgumentError with all that does not fit
    """
    optimizer = model.optimizer
    if not arrays:
        return
    if type(optimizer)._is_own:
        _warn_of_a_beginning(optimizer, arrays)
        return
    slots = list(_slots(model))
    first = 1 if optimizer._schedule is not None else 2
    paths = [f"{OF_OPTIMIZER}{number}" for number in range(len(arrays))]
    found: list[Any] = [arrays[path] for path in paths if path in arrays]
    if len(found) < len(arrays) or len(found) not in (first, first + len(slots)):
        raise ArgumentError(
            f"The file has {len(arrays)} arrays of an optimizer, and {optimizer!r} for this model "
            f"has {first + len(slots)} in Keras. load_model(…, compile=False) leaves it out."
        )
    names = {tensor: name for name, tensor in tensors_of(model).items()}
    state = {ITERATIONS: found[0]}
    for slot, array in zip(slots, found[first:], strict=False):
        if slot.parameter is not None and slot.name is not None and not _is_unused(slot):
            name = f"optimizer/{names[slot.parameter]}/{slot.name}"
            state[name] = _here(optimizer, slot.name, array)
    if len(found) > first and type(optimizer).__name__ == "Nadam":
        for parameter in model.trainable_weights:
            missing = np.full_like(parameter._data, 1 - found[-1])
            state[f"optimizer/{names[parameter]}/missing"] = missing
    put_back_optimizer(model, state)


def _warn_of_a_beginning(optimizer: Any, arrays: Mapping[str, Any]) -> None:
    """Say that what the file has of an optimizer of one's own is left out, if that is anything."""
    steps = arrays.get(f"{OF_OPTIMIZER}0")
    if steps is None or np.any(steps):
        kind = type(optimizer).__name__
        when = "" if steps is None else f" at step {np.ravel(steps)[0]}"
        warn_outside(
            f"The optimizer {kind} begins anew: the file has {len(arrays)} arrays of it{when} as "
            f"Keras wrote them, and which of them is what in the state of {kind}, a class of your "
            "own, is not known here. The weights are those of the file. Optimizers of the library "
            "go on where they were, and all do from .keras and .npz that were written here."
        )


def _slots(model: Any) -> Iterator[Slot]:
    """What stands in the file after the count of steps and the learning rate."""
    optimizer, parameters = model.optimizer, list(model.trainable_weights)
    groups = [[AVERAGE]] * optimizer.use_ema
    groups += [[GRADIENTS]] * (optimizer.gradient_accumulation_steps is not None)
    for group in [*groups, *_OF_CLASSES[type(optimizer).__name__](optimizer)]:
        for parameter in parameters:
            for name in group:
                yield Slot(parameter, name)
    if type(optimizer).__name__ == "Nadam":
        yield Slot(None, "u_product")


_Groups = Callable[[Any], list[list[str]]]
_OTHERWISE = {"Adadelta", "Adagrad", "Ftrl", "Nadam"}
_MOMENTS = ["momentum", "velocity"]
_OF_CLASSES: dict[str, _Groups] = {
    "SGD": lambda o: [["velocity"]] * bool(o.momentum),
    "Adam": lambda o: [_MOMENTS, *[["velocity_hat"]] * o.amsgrad],
    "AdamW": lambda o: [_MOMENTS, *[["velocity_hat"]] * o.amsgrad],
    "Adamax": lambda o: [["momentum", "norm"]],
    "Nadam": lambda o: [_MOMENTS],
    "Lamb": lambda o: [_MOMENTS],
    "Lion": lambda o: [["momentum"]],
    "RMSprop": lambda o: [
        ["velocity"], *[["momentum"]] * bool(o.momentum), *[["average_gradient"]] * o.centered
    ],
    "Adagrad": lambda o: [["squares"]],
    "Adadelta": lambda o: [["squares", "changes"]],
    "Ftrl": lambda o: [["squares", "linear"]],
    "Adafactor": lambda o: [["rows", "columns", "velocity"]],
}  # fmt: skip


def _written(optimizer: Any, slot: Slot) -> Any:
    """An array as Keras has it."""
    state, parameter = optimizer._state, slot.parameter
    if parameter is None:  # of Nadam: the product of all that was kept of the momentum
        kept = [np.ravel(one["missing"]) for one in state.values() if np.size(one["missing"])]
        return np.asarray(1 - kept[0][0] if kept else 1.0, np.float32)
    value = state.get(parameter, {}).get(slot.name)
    if value is None or slot.name is None:
        return _unused(parameter, slot.name)
    return np.asarray(_there(optimizer, slot.name, value), parameter.dtype)


def _there(optimizer: Any, name: str, value: Any) -> Any:
    """What Keras has for a value here: its sums begin with the initial value, and its momentum of
    RMSprop is taken away where ours is added."""
    if name == "squares" and hasattr(optimizer, "initial_accumulator_value"):
        return value + optimizer.initial_accumulator_value
    return -value if name == "momentum" and type(optimizer).__name__ == "RMSprop" else value


def _here(optimizer: Any, name: str, value: Any) -> Any:
    """The reverse."""
    if name == "squares" and hasattr(optimizer, "initial_accumulator_value"):
        return value - value.dtype.type(optimizer.initial_accumulator_value)
    return _there(optimizer, name, value)


# Adafactor keeps rows and columns of matrices and all of vectors, and Keras has a place for each.


def _is_unused(slot: Slot) -> bool:
    return slot.name in _OF_MATRICES and slot.parameter is not None and slot.parameter.ndim < 2


def _unused(parameter: Tensor, name: str | None) -> Any:
    """What Keras has where nothing is kept."""
    shape = parameter.shape
    if name in _OF_MATRICES and len(shape) < 2:
        return np.asarray(0, np.int32)
    if name == "rows":
        shape = shape[:-1]
    elif name == "columns":
        shape = (*shape[:-2], shape[-1])
    return np.zeros(shape, parameter.dtype)


_OF_MATRICES = ("rows", "columns")
