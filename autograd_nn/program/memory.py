"""Parameters and the state of their optimizer, each side by side in one array for every dtype.

One call then updates them all. The Tensors of the user, and the state that the optimizer knows,
are views of this memory: nothing is copied in or out.
"""

from __future__ import annotations

import copy
import itertools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.mutation import assign_all, changed_in_place, clock, undone
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.program.refusals import untraceable_update


class Block:
    """Parameters of one dtype, one after the other in memory."""

    def __init__(self, tensors: list[Tensor], array: Any, optimizer: Any = None) -> None:
        self.tensors = tensors
        self.array = array
        sizes = [tensor.size for tensor in tensors]
        self.starts = [0, *itertools.accumulate(sizes[:-1])]
        self._places = [(t.shape, start) for t, start in zip(tensors, self.starts, strict=True)]
        self.views = self.views_of(array)
        self.states: dict[str, np.ndarray[Any, Any]] = {}
        if optimizer is not None:
            start = initial_state(optimizer, self.array[:1])
            self.states = {name: np.zeros(self.array.shape, x.dtype) for name, x in start.items()}
        self._state_views = {name: self.views_of(x) for name, x in self.states.items()}
        self._known: list[Any] = [None] * len(tensors)  # what the optimizer has of each
        self.arrays = [t for t in tensors if type(t._data) is np.ndarray]
        self.scalars = [pair for pair in zip(tensors, self.views, strict=True) if not pair[1].ndim]

    def parts(self, whole: np.ndarray[Any, Any]) -> list[tuple[Tensor, Any]]:
        """For every parameter its part of an array that is laid out like the block."""
        found = self.views_of(whole)
        if self.scalars:
            found = [part if part.ndim else part[()] for part in found]
        return list(zip(self.tensors, found, strict=True))

    def views_of(self, whole: np.ndarray[Any, Any]) -> list[Any]:
        """The same, as an array also for a parameter that is a number."""
        dtype, item = whole.dtype, whole.itemsize
        return [np.ndarray(shape, dtype, whole, start * item) for shape, start in self._places]

    def take_in(self) -> None:
        """Bring in data that were replaced elsewhere."""
        for tensor, view in zip(self.tensors, self.views, strict=True):
            if tensor._data is not view:
                _lay(tensor, view)

    def take_in_state(self, state: dict[Tensor, dict[str, Any]]) -> None:
        """Bring in what the optimizer has, where it was changed elsewhere.

        What the rule does not use at present, such as a velocity while ``momentum`` is 0, stays as
        it is; what it has not used yet begins as zeros.
        """
        if not self.states and self._known[-1] is not None:
            return  # the rule uses none
        for place, tensor in enumerate(self.tensors):
            if (known := state.get(tensor)) is not self._known[place] or known is None:
                known = dict(known or {})
                for name, views in self._state_views.items():
                    views[place][...] = known.get(name, 0)
                    known[name] = views[place]
                state[tensor] = self._known[place] = known


class Memory:
    """All parameters of a program, or of the programs of one model, and the optimizer's state.

    Parameters   optimizer: whose steps a program takes
                 counter: the optimizer that counts the steps, where it takes them as it is written
    """

    def __init__(
        self, tensors: Sequence[Tensor], optimizer: Any = None, counter: Any = None
    ) -> None:
        self.tensors = list(tensors)
        self.optimizer = optimizer
        self._counter = counter if optimizer is None else optimizer
        self.blocks = [Block(*laid_out, optimizer) for laid_out in _laid_out(self.tensors)]
        self._held: dict[Tensor, np.ndarray[Any, Any]] = {}
        self._changed: dict[Tensor, np.ndarray[Any, Any]] = {}
        # What a step changes, and that as it was before the step that is under way, by its number.
        self._living: list[Any] = []
        if optimizer is not None:
            self._living = [x for b in self.blocks for x in (b.array, *b.states.values())]
        self._kept: list[tuple[Any, Any]] = []  # each as it was, and as it is
        self.generators: list[Any] = []  # those that a step draws from
        self._drawn: list[Any] = []
        self._begun = -1
        # What the clock was when all was told. Whoever puts another array into a Tensor counts it
        # up, so where it is that yet there are no data to take in. Of a number another thread may
        # have counted, and not put it yet.
        self._left = -1
        self._has_numbers = not all(tensor.ndim for tensor in self.tensors)
        self._scalars = [pair for block in self.blocks for pair in block.scalars]

    def hold(self, tensor: Tensor) -> np.ndarray[Any, Any]:
        """The memory of a Tensor that is read and not moved."""
        self._has_numbers |= not tensor.ndim
        return self._held.setdefault(tensor, np.asarray(tensor._data))

    def change(self, tensors: Iterable[Tensor]) -> None:
        """A program also changes these, which are held."""
        for tensor in tensors:
            if tensor in self._changed:
                continue
            array = self._held[tensor]
            self._changed[tensor] = array
            self._kept = []
            self._living.append(array)
            if not tensor.ndim:
                self._scalars.append((tensor, array))

    def changed_numbers(self) -> list[tuple[Any, ...]]:
        """The calls by which the numbers that a step changed are what they are in memory."""
        changed = self._changed.items()
        return [(setattr, t, "_data", array[()]) for t, array in changed if not t.ndim]

    def told(self) -> None:
        """After a call that changed what is held."""
        if self._changed:
            changed_in_place([t for t in self._changed if t.ndim])
            assign_all([(t, array[()]) for t, array in self._changed.items() if not t.ndim], [])

    def take_in(self) -> None:
        """Before the first of some calls."""
        if self._begun >= 0:
            # An interrupted step, or one that the optimizer took: numbers are told what they are.
            self.hand_back()
        if clock.now != self._left:
            for block in self.blocks:
                block.take_in()
            for tensor, array in self._held.items():
                if tensor._data is not array:
                    _lay(tensor, array)
        if self.optimizer is not None:
            for block in self.blocks:
                block.take_in_state(self.optimizer._state)

    # A signal's handler may raise inside of a step, when some of its results are written and others
    # are not. What was there before is kept for that: 0.4 µs for 2,000 parameters with their state.

    def begin(self) -> None:
        """Before a step of the optimizer, or several in one call."""
        if not self._kept:
            self._kept = [(array.copy(), array) for array in self._living]
        for before, array in self._kept:
            before[...] = array
        if self.generators:
            self._drawn = [generator.bit_generator.state for generator in self.generators]
        self._begun = self._counter._iterations

    def end(self, steps: int = 1) -> None:
        """The step that was begun is made, or so many of them."""
        if self._scalars:
            count = (setattr, self.optimizer, "_iterations", self._begun + steps)
            assign_all([(tensor, view[()]) for tensor, view in self._scalars], [count])
        else:
            self.optimizer._iterations = self._begun + steps

    def hand_back(self) -> None:
        """After the last of some calls: a step that was not made to its end is taken back."""
        if self._counter is not None and self._begun == self._counter._iterations:
            for before, array in self._kept:
                array[...] = before
            for generator, state in zip(self.generators, self._drawn, strict=False):
                generator.bit_generator.state = state
        for block in self.blocks:
            changed_in_place(block.arrays)
        self.told()
        self._begun = -1
        if not self._has_numbers:
            self._left = clock.now

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take in."""
        return not self.blocks and not self._held


def _lay(tensor: Tensor, place: np.ndarray[Any, Any]) -> None:
    """Put the data of a Tensor into a place in memory, to lie there from now on."""
    place[...] = tensor._data
    if type(tensor._data) is np.ndarray:
        tensor._data = place
        clock.now += 1


def _laid_out(tensors: Sequence[Tensor]) -> list[tuple[list[Tensor], np.ndarray[Any, Any]]]:
    """The parameters that lie, or are now laid, side by side, of one dtype each; and that memory.

    Data that somebody else holds, such as ``k = w.data``, stay where they are, so that he goes on
    seeing them; and so do those that another program has laid somewhere.
    """
    moved: dict[Any, list[Tensor]] = {}
    staying: list[tuple[list[Tensor], Any]] = []
    end: Any = None  # the memory that the last of them is in, its dtype, and where it ends there
    sample = new_leaf(np.empty(1))
    alone = sys.getrefcount(sample._data)
    for tensor in tensors:
        is_held = sys.getrefcount(tensor._data) > alone
        data = tensor._data
        is_whole = type(data) is np.ndarray and data.flags.c_contiguous
        if not is_whole or (data.base is None and not is_held):
            moved.setdefault(tensor.dtype, []).append(tensor)
            continue
        base, start = data.base, _address(data)
        is_in_one = type(base) is np.ndarray and base.flags.c_contiguous
        if is_in_one and end == (id(base), data.dtype, start):
            group, before = staying[-1]
            size, first = before.size + data.size, _address(before) - _address(base)
            group.append(tensor)
            staying[-1] = group, np.ndarray(size, data.dtype, base, first)
        else:
            staying.append(([tensor], data.reshape(-1)))
        end = id(base), data.dtype, start + data.nbytes
        del data  # it would count as somebody who holds it
    laid = [(group, np.concatenate([np.ravel(t._data) for t in group])) for group in moved.values()]
    return staying + laid


def _address(data: np.ndarray[Any, Any]) -> int:
    return int(data.__array_interface__["data"][0])


def initial_state(optimizer: Any, data: Any) -> dict[str, Any]:
    """The state of a parameter before its first step: zeros under the names that the rule uses.

    Raises       NotTraceable where the rule's own start is not that of zeros
    """
    ones = np.ones_like(data)

    def first_step(state: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        # On a copy: what a rule may count there is not counted on the optimizer.
        with np.errstate(all="ignore"):
            return copy.copy(optimizer).update(ones, ones, state, 1)

    with undone():  # what is drawn here, the steps draw
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
        return {**state, **{key: np.zeros_like(data) for key in optimizer.kept_around}}
