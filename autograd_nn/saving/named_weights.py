"""Weights, and what an optimizer keeps of them, as arrays by name; and put back, all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.engine.mutation import assign_all
from autograd_nn.engine.tensor import Tensor

OF_OPTIMIZER, KEPT = "optimizer/", "kept/"
ITERATIONS = f"{OF_OPTIMIZER}iterations"

# ---------------------------------------------------------------------- names


def tensors_of(model: Any) -> dict[str, Tensor]:
    """Every weight once, in the order of ``model.weights``, by the names of the layers around it.

    These are Keras's paths without the name of the model: "dense/kernel", and of a model in a model
    "inner/dense/kernel".
    """
    found: dict[str, Tensor] = {}
    known: set[Tensor] = set()
    for path, layer in layers_of(model).items():
        for name, tensor in _own_tensors(layer):
            if tensor not in known:
                known.add(tensor)
                found[_free(f"{path}/{name}" if path else name, found)] = tensor
    return found


def kept_of(model: Any) -> dict[str, Tensor]:
    """The Tensors that layers hold beside their weights, such as the states of stateful ones.

    The names are those of attributes, and none is that of a weight.
    """
    found = tensors_of(model)
    weights = set(found.values())
    known = set(weights)
    for path, layer in layers_of(model).items():
        for key, value in vars(layer).items():
            for tensor in _leaves(value):
                if tensor not in known:
                    known.add(tensor)
                    found[_free(f"{path}/{as_part(key)}" if path else as_part(key), found)] = tensor
    return {name: tensor for name, tensor in found.items() if tensor not in weights}


def layers_of(model: Any) -> dict[str, Any]:
    """Every layer once by its path, the model itself under ""; neighbours have names of their own.

    A layer that is called in several places has the path of the first.
    """
    found: dict[str, Any] = {}
    known: set[int] = set()
    waiting = [("", model)]
    while waiting:
        path, layer = waiting.pop()
        if id(layer) not in known:
            known.add(id(layer))
            path = _free(path, found) if found else path
            found[path] = layer
            inner = list(layer._sublayers())
            start = f"{path}/" if path else ""
            waiting += [(start + as_part(one.name), one) for one in reversed(inner)]
    return found


def as_part(name: str) -> str:
    """A name as one part of a path, in which nothing could lead out of a folder."""
    name = re.sub(r"[^\w. -]", lambda found: f"%{ord(found[0]):02X}", name)
    return name if name.strip(". ") else name.replace(".", "%2E")


def _own_tensors(layer: Any) -> Iterator[tuple[str, Tensor]]:
    """The weights that ``add_weight`` made, then the Tensors that are attributes themselves."""
    own = [weight.tensor for weight in layer._own_weights]
    for tensor in own:
        name = tensor.name or "weight"
        yield as_part(name.removeprefix(f"{layer.name}/")), tensor
    for key, value in vars(layer).items():
        for tensor in _leaves(value):
            if tensor.requires_grad:
                yield as_part(key), tensor


def _leaves(value: Any) -> Iterator[Tensor]:
    if type(value) is Tensor:
        if value.operation is None:
            yield value
    elif type(value) in (list, tuple, dict):
        for part in value.values() if type(value) is dict else value:
            yield from _leaves(part)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or with a number where it is taken, and not one that is for something else."""
    if name.startswith((OF_OPTIMIZER, KEPT)):
        name = f"layer {name}"
    free, number = name, 0
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


# ---------------------------------------------------------------------- taken out


def weights_of(model: Any) -> dict[str, Any]:
    """The values of all weights by name; not copies."""
    return {name: np.asarray(tensor._data) for name, tensor in tensors_of(model).items()}


def optimizer_of(model: Any) -> dict[str, Any]:
    """What the optimizer keeps: how many steps were made, and for each parameter its state.

    The state has the name of the parameter and of what it is: "optimizer/dense/kernel/velocity".

    Raises       ArgumentTypeError for a state, of an optimizer of one's own, that is no numbers
    """
    optimizer = model.optimizer
    if optimizer is None:
        return {}
    found: dict[str, Any] = {ITERATIONS: np.asarray(optimizer._iterations)}
    for name, tensor in tensors_of(model).items():
        for key, value in optimizer._state.get(tensor, {}).items():
            found[f"{OF_OPTIMIZER}{name}/{_key_of(key, value)}"] = np.asarray(value)
    return found


# A number of Python leaves the dtype of what it is computed with alone, and one of NumPy does not.
_NUMBERS: dict[str, Callable[[Any], Any]] = {"bool": bool, "int": int, "float": float}


def _key_of(key: str, value: Any) -> str:
    is_plain = type(value) in _NUMBERS.values()
    if not is_plain and not (
        isinstance(value, (np.ndarray, np.generic)) and np.asarray(value).dtype.kind in "fiub"
    ):
        raise ArgumentTypeError(
            f"The optimizer keeps {value!r:.80} of type {type(value).__name__} as {key!r}, and a "
            "file holds numbers and arrays of them alone. Save with include_optimizer=False."
        )
    return as_part(str(key)) + (f":{type(value).__name__}" if is_plain else "")


# ---------------------------------------------------------------------- put back


def put_back(
    model: Any, arrays: Mapping[str, Any], what: str = "The file", with_kept: bool = False
) -> None:
    """Put the values of all weights in, by name; all or, where one does not fit, none.

    Parameters   arrays: of what has a ``shape`` and a ``dtype`` and is an array for NumPy
                 what: how errors call where they come from
                 with_kept: those of `kept_of`, too
    Raises       ArgumentError with all that does not fit
    """
    own = tensors_of(model) | (kept_of(model) if with_kept else {})
    refuse_misfits(model, own, arrays, what)
    assign_all([(tensor, arrays[name]) for name, tensor in own.items()], [])


def refuse_misfits(
    model: Any, own: Mapping[str, Tensor], arrays: Mapping[str, Any], what: str
) -> None:
    """Compare the names, shapes and dtypes of what is there with those of a model.

    Parameters   own: what `tensors_of` gives
    """
    if not own and arrays and not model.built:
        raise StateError(
            f"{model.name!r} has not been built, so its weights do not exist yet. Call it on data, "
            "build it with build((None, n)), or begin it with Input((n,))."
        )
    faults = [
        f"missing: {name} of shape {tensor.shape}"
        for name, tensor in own.items()
        if name not in arrays
    ]
    faults += [
        f"extra: {name} of shape {array.shape}" for name, array in arrays.items() if name not in own
    ]
    for name, tensor in own.items():
        array = arrays.get(name)
        if array is not None and tuple(array.shape) != tensor.shape:
            faults.append(f"{name}: shape {tuple(array.shape)}, the model has {tensor.shape}")
        elif array is not None and not np.can_cast(array.dtype, tensor.dtype, "same_kind"):
            faults.append(f"{name}: {array.dtype}, the model has {tensor.dtype}")
    if faults:
        raise ArgumentError(
            f"{what} does not fit the model {model.name!r}, and nothing was changed:\n  "
            + "\n  ".join(faults)
        )


def put_back_optimizer(model: Any, arrays: Mapping[str, Any], what: str = "The file") -> None:
    """Have the optimizer go on where it was, of what `optimizer_of` gave.

    Raises       ArgumentError with all that belongs to no parameter, or cannot be of its rule
    """
    optimizer = model.optimizer
    parameters = tensors_of(model)
    state: dict[Tensor, dict[str, Any]] = {}
    faults = []
    for name, array in arrays.items():
        if name == ITERATIONS:
            continue
        path, _, key = name.removeprefix(OF_OPTIMIZER).rpartition("/")
        key, _, number = key.partition(":")
        if path not in parameters or not name.startswith(OF_OPTIMIZER):
            faults.append(f"{name} belongs to no weight of the model")
        elif number and (number not in _NUMBERS or array.shape):
            faults.append(f"{name} is no number of Python")
        else:
            value = _NUMBERS[number](array) if number else np.asarray(array)[()]
            state.setdefault(parameters[path], {})[key] = value
    count = arrays.get(ITERATIONS)
    if count is None or count.shape or count.dtype.kind not in "iu" or count < 0:
        faults.append(f"{ITERATIONS} is not a count")
    for parameter, kept in state.items():
        faults += _faults_of_state(optimizer, parameter, kept)
    if faults or count is None:
        raise ArgumentError(
            f"{what} does not fit the optimizer {optimizer!r}:\n  " + "\n  ".join(faults)
        )
    optimizer._iterations = int(count)
    optimizer._state = state
    if optimizer._schedule is not None:  # of which the rate now is that of another step
        optimizer.learning_rate = optimizer._schedule


def _faults_of_state(optimizer: Any, parameter: Tensor, kept: Mapping[str, Any]) -> list[str]:
    """What a rule of the library could not have kept of a parameter."""
    if type(optimizer)._is_own:
        return []
    expected = expected_state(optimizer, parameter)
    return [
        f"{key} of {parameter.name} has shape {np.shape(value)} and cannot be"
        for key, value in kept.items()
        if np.shape(value) != np.shape(expected.get(key, parameter._data))
        or np.asarray(value).dtype.kind != "f"
    ]


def expected_state(optimizer: Any, parameter: Tensor) -> dict[str, Any]:
    """What the rule of an optimizer keeps of a parameter after its first step."""
    import copy  # takes long to import

    ones = np.ones_like(parameter._data)[()]
    with np.errstate(all="ignore"):
        found: dict[str, Any] = copy.copy(optimizer).update(ones, ones, {}, 1)[1]
    return found
