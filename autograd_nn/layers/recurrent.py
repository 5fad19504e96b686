"""Recurrent: a cell that goes over a sequence, from step to step with a state."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import true_or_false
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.recording import scope
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.masks import fitting
from autograd_nn.layers.recurrent_cell import (
    RecurrentCell,
    advanced,
    as_list,
    begun,
    check_cell,
    first_state,
    flat,
    mapped,
    size_of,
)
from autograd_nn.ops import copy
from autograd_nn.settings import floatx

FLAGS = (
    *("return_sequences", "return_state", "go_backwards", "stateful", "unroll"),
    "zero_output_for_mask",
)


def with_settings_of_its_cell(kind: type[Any]) -> type[Any]:
    """A layer of which the arguments that are those of its cell can be read, as ``layer.units``."""
    code = kind.__init__.__wrapped__.__code__
    for name in code.co_varnames[1 : code.co_argcount]:
        if name not in (*FLAGS, "activity_regularizer", "use_cudnn", "implementation"):
            setattr(kind, name, property(attrgetter(f"cell.{name}")))
    return kind


class Recurrent(Layer):
    """What all layers do that go over a sequence with a cell; `RNN`, `LSTM` and so on are made.

    Formula      output_t, state_t = cell(x_t, state_{t-1}) for t = 1 … T
    Shapes       x (N, T, …) → (N, U), or (N, T, U) with ``return_sequences``
    """

    supports_masking = True

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
        super().__init__(**keywords)
        check_cell(cell)
        self.cell = cell
        self.return_sequences = true_or_false("return_sequences", return_sequences)
        self.return_state = true_or_false("return_state", return_state)
        self.go_backwards = true_or_false("go_backwards", go_backwards)
        self.stateful = true_or_false("stateful", stateful)
        self.unroll = true_or_false("unroll", unroll)
        self.zero_output_for_mask = true_or_false("zero_output_for_mask", zero_output_for_mask)
        self.states: list[Any] | None = None

    def build(self, input_shape: Shape) -> None:
        """Make the weights of the cell."""
        self._check(input_shape)
        cell = self.cell
        if isinstance(cell, Layer) and not cell.built:
            cell.build((input_shape[0], *input_shape[2:]))

    def call(  # type: ignore[override]
        self, inputs: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """The formula above. Where ``mask`` (N, T) is False, the state stays as it was.

        Parameters   initial_state: the state before the first step, or a list of them; zeros, or
                     with ``stateful`` that of the last call
        """
        self._check(inputs.shape)
        mask = fitting(self, mask, inputs.shape[:2])
        if self.stateful and initial_state is None:
            states = self._kept_states(inputs)
        elif initial_state is None:
            states = self.get_initial_state(inputs.shape[0], inputs.dtype)
        else:
            states = as_list(initial_state)
            self._check_states(states, inputs)
            if self.stateful:
                self._make_room(inputs)
        if self.go_backwards:
            inputs = inputs[:, ::-1]
            mask = None if mask is None else mask[:, ::-1]
        outputs, states = self._gone_over(inputs, states, mask, training)
        if self.stateful:
            for kept, state in zip(flat(self.states), flat(states), strict=True):
                kept.assign(state)
        return (outputs, *states) if self.return_state else outputs

    def get_initial_state(self, batch_size: int, dtype: Any = None) -> list[Any]:
        """The state before the first step: zeros, unless the cell says otherwise."""
        return as_list(first_state(self.cell, batch_size, dtype or floatx()))

    @property
    def state_size(self) -> Any:
        """That of the cell: the length of its state, or a list of lengths."""
        return self.cell.state_size

    def reset_state(self) -> None:
        """Set the state that ``stateful`` keeps from call to call back to zeros."""
        for state in flat(self.states or []):
            state.assign(np.zeros(state.shape, state.dtype))

    reset_states = reset_state

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: of whole sequences that of the inputs."""
        found = mask if self.return_sequences else None
        return [found, *[None] * len(as_list(self.cell.state_size))] if self.return_state else found

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """(N, U), or (N, T, U) with ``return_sequences``; with ``return_state`` a tuple."""
        self._check(input_shape)
        batch, steps = input_shape[:2]
        size, sizes = size_of(self.cell), as_list(self.cell.state_size)
        shape: Shape = (batch, steps, size) if self.return_sequences else (batch, size)
        if not self.return_state:
            return shape
        return (shape, *mapped(lambda size: (batch, size), sizes))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), **{name: getattr(self, name) for name in FLAGS}}

    # ------------------------------------------------------------------ from step to step

    def _gone_over(
        self, inputs: Any, states: list[Any], mask: Any, training: bool
    ) -> tuple[Any, list[Any]]:
        cell = self.cell
        kept = begun(cell, inputs.shape[0], inputs.shape[-1], inputs.dtype, training)
        if isinstance(cell, RecurrentCell) and not self.unroll and not cell.drops(kept):
            found = cell.whole(inputs, states, mask)
            if found is not None:
                return self._of_whole(*found, mask)
        outputs: list[Any] = []
        masks = [None] * inputs.shape[1] if mask is None else steps_of(mask)
        for number, (x, valid) in enumerate(zip(steps_of(inputs), masks, strict=True)):
            with scope(f"step_{number}"):
                output, after = advanced(cell, x, states, kept)
                if valid is not None:
                    chosen = partial(np.where, valid[:, None])
                    after = mapped(chosen, after, states)
                    repeat = outputs and not self.zero_output_for_mask
                    before = outputs[-1] if repeat else np.zeros(output.shape, output.dtype)
                    output = chosen(output, before)
            states = after
            outputs.append(output)
        return np.stack(outputs, axis=1) if self.return_sequences else outputs[-1], states

    def _of_whole(self, outputs: Any, states: list[Any], mask: Any) -> tuple[Any, list[Any]]:
        if mask is not None and self.zero_output_for_mask:
            outputs = np.where(mask[:, :, None], outputs, outputs.dtype.type(0))
        elif not self.return_sequences:
            return states[0], states
        return outputs if self.return_sequences else outputs[:, -1], states

    def _kept_states(self, inputs: Any) -> list[Any]:
        batch = inputs.shape[0]
        kept = None if self.states is None else flat(self.states)[0].shape[0]
        if kept is not None and kept != batch and any(x._data.any() for x in flat(self.states)):
            raise ShapeError(
                f"Layer {self.name!r} is stateful: it goes on from the {kept} sequences of the "
                f"call before, got {batch}. Take batches of one size, of which the number of "
                "samples is a multiple, or call reset_state() before others."
            )
        self._make_room(inputs)
        # The gradient needs them as they are now, when they will be others already.
        copies: list[Any] = mapped(copy, self.states)
        return copies

    def _make_room(self, inputs: Any) -> None:
        batch = inputs.shape[0]
        if self.states is None or flat(self.states)[0].shape[0] != batch:
            zeros = self.get_initial_state(batch, inputs.dtype)
            self.states = mapped(lambda x: Tensor(x, requires_grad=False, name="state"), zeros)

    # ------------------------------------------------------------------ checks

    def _check(self, shape: Shape) -> None:
        if len(shape) < 3:
            raise ShapeError(
                f"Layer {self.name!r} takes sequences, shape (samples, steps, features), got "
                f"{tuple(shape)}. For sequences of one number write x[..., None]."
            )
        if shape[1] == 0:
            raise ShapeError(
                f"Layer {self.name!r} needs at least one step, got inputs of shape {tuple(shape)}."
            )

        if self.built and tuple(shape[2:]) != tuple(self._input_shape[2:]):
            raise ShapeError(
                f"Layer {self.name!r} expects steps of shape {tuple(self._input_shape[2:])}, those "
                f"it was built for, got {tuple(shape[2:])} in inputs of shape {tuple(shape)}."
            )

    def _check_states(self, states: list[Any], inputs: Any) -> None:
        sizes = as_list(self.cell.state_size)
        if len(states) != len(sizes):
            raise ArgumentError(
                f"`initial_state` of {self.name!r} must have {len(sizes)} parts, one for each of "
                f"the sizes {sizes}, got {len(states)}."
            )
        for state, size in zip(flat(states), flat(sizes), strict=True):
            if np.shape(state) != (inputs.shape[0], size):
                raise ShapeError(
                    f"`initial_state` of {self.name!r} must have shape "
                    f"{(inputs.shape[0], size)}, got {np.shape(state)}."
                )


def steps_of(x: Any) -> list[Any]:
    """The steps of a sequence (N, T, …): T of shape (N, …)."""
    shape = (x.shape[0], *x.shape[2:])
    return [part.reshape(shape) for part in np.split(x, x.shape[1], axis=1)]
