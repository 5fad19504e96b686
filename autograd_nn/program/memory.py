"""Parameters and the state of their optimizer, each side by side in one array for every dtype.

One call then updates them all. The Tensors of the user are views of this memory: nothing is
copied in or out.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.mutation import assign, changed_in_place
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.refusals import untraceable_update


class Block:
    """The parameters of one dtype, one after the other."""

    def __init__(self, tensors: list[Tensor], optimizer: Any = None) -> None:
        self.tensors = tensors
        sizes = [tensor.size for tensor in tensors]
        self.starts = [sum(sizes[:place]) for place in range(len(sizes))]
        self.array = _common_memory(tensors)
        if self.array is None:
            self.array = np.concatenate([np.ravel(tensor._data) for tensor in tensors])
        self.views = [
            self.array[start : start + tensor.size].reshape(tensor.shape)
            for tensor, start in zip(tensors, self.starts, strict=True)
        ]
        self.states: dict[str, np.ndarray[Any, Any]] = {}
        if optimizer is not None:
            start = initial_state(optimizer, self.array[:1])
            self.states = {name: np.zeros(self.array.shape, x.dtype) for name, x in start.items()}
        self._handed_back: list[dict[str, Any]] = [{} for _ in tensors]
        self._is_known = False  # whether the optimizer knows of all of them
        self._arrays = [t for t in tensors if type(t._data) is np.ndarray]
        self._scalars = [pair for pair in zip(tensors, self.views, strict=True) if not pair[1].ndim]
        item = self.array.itemsize
        self._places = [
            (tensor, tensor.shape, start * item)
            for tensor, start in zip(tensors, self.starts, strict=True)
        ]

    def parts(self, whole: np.ndarray[Any, Any]) -> list[tuple[Tensor, Any]]:
        """For every parameter its part of an array that is laid out like the block."""
        found = self.views_of(whole)
        if self._scalars:
            return [(t, part if type(t._data) is np.ndarray else part[()]) for t, part in found]
        return found

    def views_of(self, whole: np.ndarray[Any, Any]) -> list[tuple[Tensor, np.ndarray[Any, Any]]]:
        """The same, with an array also for a parameter that is a number."""
        dtype = whole.dtype
        return [
            (tensor, np.ndarray(shape, dtype, whole, start))
            for tensor, shape, start in self._places
        ]

    def take_in(self, optimizer: Any) -> None:
        """Bring in what was changed elsewhere: data that were replaced, the optimizer's state."""
        for tensor, view in zip(self.tensors, self.views, strict=True):
            data = tensor._data
            if data is not view:
                view[...] = data
                if type(data) is np.ndarray:
                    tensor._data = view
        if optimizer is not None and self.states:
            for place, tensor in enumerate(self.tensors):
                self._take_in_state(place, optimizer._state.get(tensor))

    def _take_in_state(self, place: int, state: dict[str, Any] | None) -> None:
        if state is not None and state is self._handed_back[place]:
            return
        for name, array in self.states.items():
            part = self._part(array, place)
            part[...] = 0 if state is None else state[name]

    def hand_back(self, optimizer: Any) -> None:
        """Tell everybody else of the present values."""
        changed_in_place(self._arrays)
        for tensor, view in self._scalars:
            assign(tensor, view)
        if optimizer is not None and (self.states or not self._is_known):
            self._is_known = True
            state = optimizer._state
            for place, tensor in enumerate(self.tensors):
                if state.get(tensor) is not self._handed_back[place]:
                    self._hand_back_state(optimizer, place, tensor)

    def _hand_back_state(self, optimizer: Any, place: int, tensor: Tensor) -> None:
        state = {name: self._part(array, place) for name, array in self.states.items()}
        self._handed_back[place] = optimizer._state[tensor] = state

    def _part(self, array: np.ndarray[Any, Any], place: int) -> Any:
        tensor, start = self.tensors[place], self.starts[place]
        return array[start : start + tensor.size].reshape(tensor.shape)


class Memory:
    """All parameters of a program, or of the programs of one model, and the optimizer's state."""

    def __init__(self, tensors: Sequence[Tensor], optimizer: Any = None) -> None:
        self.tensors = list(tensors)
        self.optimizer = optimizer
        by_dtype: dict[Any, list[Tensor]] = {}
        for tensor in self.tensors:
            by_dtype.setdefault(tensor.dtype, []).append(tensor)
        self.blocks = [Block(group, optimizer) for group in by_dtype.values()]
        self._held: dict[Tensor, np.ndarray[Any, Any]] = {}

    def hold(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        """The memory of a Tensor that is read and not moved."""
        return self._held.setdefault(tensor, np.asarray(tensor._data))

    def take_in(self) -> None:
        """Before the first of some calls."""
        for block in self.blocks:
            block.take_in(self.optimizer)
        for tensor, array in self._held.items():
            data = tensor._data
            if data is not array:
                array[...] = data
                if type(data) is np.ndarray:
                    tensor._data = array

    def hand_back(self) -> None:
        """After the last of some calls."""
        for block in self.blocks:
            block.hand_back(self.optimizer)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take in."""
        return not self.blocks and not self._held

    @property
    def nbytes(self) -> int:
        """The bytes of parameters and state."""
        return sum(b.array.nbytes * (1 + len(b.states)) for b in self.blocks)


def _common_memory(tensors: list[Tensor]) -> Any:
    """The memory in which the data lie already one after the other, if they do."""
    base = tensors[0]._data.base if type(tensors[0]._data) is np.ndarray else None
    if type(base) is not np.ndarray or base.ndim != 1 or not base.flags.c_contiguous:
        return None
    place = base.__array_interface__["data"][0]
    if base.size != sum(tensor.size for tensor in tensors):
        return None
    for tensor in tensors:
        data = tensor._data
        if type(data) is not np.ndarray or data.base is not base:
            return None
        if not data.flags.c_contiguous or data.__array_interface__["data"][0] != place:
            return None
        place += data.nbytes
    return base


def initial_state(optimizer: Any, data: Any) -> dict[str, Any]:
    """The state of a parameter before its first step: zeros under the names that the rule uses.

    Raises       NotTraceable where the rule's own start is not that of zeros
    """
    ones = np.ones_like(data)

    def first_step(state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        # On a copy: what a rule may count there is not counted on the optimizer.
        with np.errstate(all="ignore"):
            return copy.copy(optimizer).update(ones, ones, state, 1)

    value, after = first_step({})
    if not np.array_equal(value, first_step({})[0], equal_nan=True):
        raise untraceable_update(optimizer, "it gives something else each time.")
    state = {key: np.zeros_like(item) for key, item in after.items()}
    fits = all(np.shape(item) == np.shape(ones) for item in state.values())
    if not fits or not np.array_equal(value, first_step(dict(state))[0], equal_nan=True):
        raise untraceable_update(
            optimizer,
            "its state does not start as zeros of the shape of the parameter: "
            "state.get(name, 0.0) does.",
        )
    return state
