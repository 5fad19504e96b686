"""RNN: any cell over a sequence; StackedRNNCells: several cells as one."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers.inner import described, made_again
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.recurrent import Recurrent
from autograd_nn.layers.recurrent_cell import (
    advanced,
    as_list,
    begun,
    check_cell,
    first_state,
    size_of,
)
from autograd_nn.names import made_with


@final
class RNN(Recurrent):
    """A layer that goes over a sequence with a cell: one of the library, a row of them, your own.

    Formula      output_t, state_t = cell(x_t, state_{t-1}) for t = 1 … T
    Shapes       x (N, T, …) → (N, U), or (N, T, U) with ``return_sequences``
    Parameters   cell: with ``state_size``, the length of its state or a list of lengths, and
                 call(inputs, states), which gives (output, states); or a list of cells, of which
                 each goes on from the output of the one before
                 return_sequences: every output and not only the last
                 return_state: the last state too, behind the output
                 go_backwards: from the last step to the first; outputs come in that order
                 stateful: go on from the state of the call before, see ``reset_state``
                 unroll: record every step by itself also where an operation does all of them
                 zero_output_for_mask: outputs of masked steps are 0 and not those before them
                 the rest: see Layer
    Raises       ArgumentTypeError for what is no cell
    Example      a cell whose state is the sum so far

    >>> import numpy as np
    >>> class Sum(Layer):
    ...     state_size = 1
    ...     def call(self, inputs, states):
    ...         total = states[0] + inputs
    ...         return total, [total]
    >>> RNN(Sum(), return_sequences=True)(np.array([[[1.0], [2.0], [4.0]]])).data.ravel().tolist()
    [1.0, 3.0, 7.0]
    """

    @checked_keywords
    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(
            StackedRNNCells(cell) if isinstance(cell, (list, tuple)) else cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            zero_output_for_mask,
            **keywords,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "cell": described(self.cell)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> RNN:
        """A new layer from what ``get_config`` gave."""
        return made_with(cls, {**config, "cell": made_again(config["cell"])})


@final
class StackedRNNCells(Layer):
    """Cells that lie upon each other, as one: each goes on from the output of the one before.

    Parameters   cells: a list of cells, see RNN
                 the rest: see Layer
    Example      a state of 2 and one of 3

    >>> from autograd_nn.layers import GRUCell
    >>> StackedRNNCells([GRUCell(2), GRUCell(3)]).state_size
    [2, 3]
    """

    @checked_keywords
    def __init__(self, cells: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(cells, (list, tuple)) or not cells:
            raise ArgumentTypeError(f"`cells` must be a list of cells, got {cells!r}.")
        for cell in cells:
            check_cell(cell)
        self.cells = list(cells)

    def build(self, input_shape: Shape) -> None:
        """Make the weights of every cell."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                cell.build(input_shape)
            input_shape = (input_shape[0], size_of(cell))

    def call(  # type: ignore[override]
        self, inputs: Any, states: Any, training: bool = False
    ) -> Any:
        """One step of every cell: the output of the last, and the states of all."""
        return self.step(
            inputs, states, self.draws(len(inputs), inputs.shape[1], inputs.dtype, training)
        )

    def draws(self, samples: int, features: int, dtype: Any, training: bool) -> list[Any]:
        """What stays the same in all steps, for every cell."""
        sizes = [features, *map(size_of, self.cells)]
        return [
            begun(cell, samples, size, dtype, training)
            for cell, size in zip(self.cells, sizes, strict=False)
        ]

    def step(self, inputs: Any, states: Any, kept: list[Any]) -> tuple[Any, list[Any]]:
        """One step, with what stays the same in all of them."""
        after = []
        for cell, state, same in zip(self.cells, states, kept, strict=True):
            inputs, new = advanced(cell, inputs, as_list(state), same)
            after.append(new if isinstance(state, (list, tuple)) else new[0])
        return inputs, after

    def get_initial_state(self, batch_size: int, dtype: Any = None) -> list[Any]:
        """The state before the first step, of every cell."""
        return [first_state(cell, batch_size, dtype) for cell in self.cells]

    @property
    def state_size(self) -> list[Any]:
        """The lengths of the states of every cell."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> int:
        """The length of the output of the last cell."""
        return size_of(self.cells[-1])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make equal cells, without weights, as plain Python values."""
        return {**super().get_config(), "cells": [described(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> StackedRNNCells:
        """New cells from what ``get_config`` gave."""
        return made_with(cls, {**config, "cells": [made_again(cell) for cell in config["cells"]]})
