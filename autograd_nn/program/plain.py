"""The program without passes: as it was recorded, a line for each operation, for reading."""

from __future__ import annotations

from collections.abc import Mapping
from operator import setitem
from typing import Any

import numpy as np

from autograd_nn.engine.linear_algebra_errors import explained
from autograd_nn.engine.mutation import assign_all
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.program.inputs import not_by_name, setting_of
from autograd_nn.program.printing import plain_text
from autograd_nn.program.source.expressions import executed
from autograd_nn.program.standalone import Content, save
from autograd_nn.program.unplanned import Unplanned
from autograd_nn.program.values import Value


class Plain:
    """What was recorded, as a function ``step`` of inputs and parameters.

    ``source`` is its text; a call runs this text on the present data, and gives, bit for bit, what
    recording anew would give.
    """

    def __init__(self, recorded: Any) -> None:
        self._recorded = recorded
        self._inputs: Mapping[str, Any] = recorded.inputs
        self._optimizer = recorded.optimizer
        unplanned = Unplanned(recorded)
        steps, moves = unplanned.steps, unplanned.moves
        self._held, self._states = unplanned.held, unplanned.states
        self._changed = {held for held, _ in steps.updates}
        rule = type(recorded.optimizer).__name__.lower()
        printed = plain_text(steps, moves, rule, recorded.function)
        self.source, self._arguments = printed.text, printed.arguments
        self._names = dict(zip(printed.arguments, printed.names, strict=True))
        self._heads = printed.heads
        self._step = executed(self.source, printed.heads)["step"]

    def save(self, path: Any) -> None:
        """Write it as a file of Python that needs NumPy only; see `Program.save`."""
        given = {n: x._data if type(x) is Tensor else x for n, x in self._inputs.items()}
        arguments = self._arguments
        arrays = {v: self._array(v, given) for v in arguments if v.role != "setting"}
        gradients = [tensor.name or described(tensor) for tensor in self._recorded.wanted]
        content = Content(
            self.source, self._names, self._heads, arrays, self._recorded, gradients, planned=False
        )
        save(path, content)

    def __call__(self, /, *unnamed: Any, **inputs: Any) -> Any:
        """What the program gives that this one is the plain form of, called as that is."""
        if unnamed:
            raise not_by_name(len(unnamed), self._inputs)
        given = self._recorded.given(inputs)
        arrays = {value: self._array(value, given) for value in self._arguments}
        try:
            results = self._recorded.returned(self._step(*arrays.values()))
        except np.linalg.LinAlgError as error:
            raise explained(error) from None
        self._keep({value: array for value, array in arrays.items() if value in self._changed})
        return results

    def _keep(self, arrays: Mapping[Value, Any]) -> None:
        """What a call has changed, as a whole."""
        optimizer = self._optimizer
        states: dict[Tensor, dict[str, Any]] = {}
        for value, (tensor, key) in self._states.items():
            if value in arrays:
                states.setdefault(tensor, {})[key] = arrays[value]
        others: list[tuple[Any, ...]] = []
        if optimizer is not None:
            others = [(setattr, optimizer, "_iterations", optimizer._iterations + 1)]
            others += [(setitem, optimizer._state, t, state) for t, state in states.items()]
        assign_all(
            [(self._held[v], array) for v, array in arrays.items() if v in self._held], others
        )

    def _array(self, value: Value, given: Mapping[str, Any]) -> Any:
        if value in self._held:
            return np.array(self._held[value]._data)
        if value in self._states:
            tensor, key = self._states[value]
            state = self._optimizer._state.get(tensor, {})
            return np.array(state.get(key, np.zeros(value.shape, value.dtype)))
        if value.role in ("array", "constant"):
            return value.data
        if value.role == "input":
            return given[value.name]
        return setting_of(self._optimizer, value.name)
