"""LSTM: gates decide what a state forgets, what it takes in, and what of it is seen."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import activations
from autograd_nn.activations import sigmoid, tanh
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.operations.whole_sequences import lstm, lstm_step
from autograd_nn.layers.recurrent import Recurrent, with_settings_of_its_cell
from autograd_nn.layers.recurrent_cell import Kept, RecurrentCell, dropped


@final
class LSTMCell(RecurrentCell):
    """One step of `LSTM`.

    Formula      [i, f, c, o] = x @ kernel + h @ recurrent_kernel + bias, each U wide
                 cell' = σ(f) · cell + σ(i) · activation(c)
                 h' = σ(o) · activation(cell')      with σ the recurrent activation
    Shapes       x (N, I) · h (N, U) · cell (N, U) → h' (N, U), and the states [h', cell']
    Parameters   see LSTM
    Example      without inputs and weights all gates are half open: h' = ½·tanh(½·cell)

    >>> import numpy as np
    >>> cell = LSTMCell(1, kernel_initializer="zeros", unit_forget_bias=False)
    >>> h, states = cell(np.zeros((1, 1)), [np.zeros((1, 1)), np.ones((1, 1))])
    >>> print(f"{h.item():.4f} {states[1].item():.4f}")
    0.2311 0.5000
    """

    gates = 4
    states = 2

    @checked_keywords
    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(
            units,
            activation,
            use_bias,
            (kernel_initializer, recurrent_initializer, bias_initializer),
            (kernel_regularizer, recurrent_regularizer, bias_regularizer),
            (kernel_constraint, recurrent_constraint, bias_constraint),
            dropout,
            recurrent_dropout,
            seed,
            **keywords,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = true_or_false("unit_forget_bias", unit_forget_bias)

    def step(self, inputs: Any, states: list[Any], kept: Kept) -> tuple[Any, list[Any]]:
        """The formula above."""
        x, h = dropped(inputs, kept[0]), dropped(states[0], kept[1])
        weights = self.kernel, self.recurrent_kernel, self.bias
        output, cell = lstm_step(
            x, h, states[1], *weights, self.activation, self.recurrent_activation
        )
        return output, [output, cell]

    def whole(self, inputs: Any, states: list[Any], mask: Any) -> Any:
        """All steps by one operation, which has the usual activations."""
        if self.activation is not tanh or self.recurrent_activation is not sigmoid:
            return None
        weights = self.kernel, self.recurrent_kernel, self.bias
        outputs, *last = lstm(inputs, *weights, *states, mask)[:3]
        return outputs, last

    def _first_bias(self) -> Any:
        """Nothing is forgotten at first: the bias of f begins at 1."""
        if not self.unit_forget_bias:
            return self.bias_initializer
        units, first = self.units, self.bias_initializer
        return np.concatenate([first((units,)), np.ones(units), first((2 * units,))])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal cell, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "unit_forget_bias": self.unit_forget_bias,
        }


@with_settings_of_its_cell
@final
class LSTM(Recurrent):
    """A layer that goes over a sequence with a state that it can keep: long short-term memory.

    Formula      [i, f, c, o] = x_t @ kernel + h_{t-1} @ recurrent_kernel + bias, each U wide
                 cell_t = σ(f) · cell_{t-1} + σ(i) · activation(c)
                 h_t = σ(o) · activation(cell_t)      with σ the recurrent activation
    Shapes       x (N, T, I) · kernel (I, 4U) · recurrent_kernel (U, 4U) · bias (4U,) → h_T (N, U),
                 or all h (N, T, U) with ``return_sequences``
    Parameters   units: the length U of the state
                 activation: a name such as "tanh", a function of a Tensor, None for none
                 recurrent_activation: the same, of the gates
                 use_bias: whether there is a bias
                 kernel_, recurrent_, bias_initializer, _regularizer, _constraint: of the weights
                 unit_forget_bias: the bias of f begins at 1, so that nothing is forgotten at first
                 dropout, recurrent_dropout: the part of the inputs, and of the state, that is 0 in
                 training, the same in all steps of a sequence and for all gates (Keras
                 draws a mask for each)
                 seed: of what drops out; None follows ``set_random_seed``
                 return_sequences: every output and not only the last
                 return_state: the last state too, behind the output
                 go_backwards: from the last step to the first; outputs come in that order
                 stateful: go on from the state of the call before, see ``reset_state``
                 unroll: record every step by itself, to be looked at in pictures; slower
                 use_cudnn, implementation: what programs give, and changes no number
                 the rest: see Layer
    Source       S. Hochreiter and J. Schmidhuber, Neural Computation 9, 1997; the gate f: F. Gers
                 et al., Neural Computation 12, 2000
    Example      without weights all gates but f are half open, and nothing comes in

    >>> import numpy as np
    >>> LSTM(2, kernel_initializer="zeros")(np.ones((1, 5, 3))).tolist()
    [[0.0, 0.0]]
    """

    @checked_keywords
    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        use_cudnn: Any = "auto",
        implementation: int = 2,
        **keywords: Any,
    ) -> None:
        cell = LSTMCell(
            units,
            activation,
            recurrent_activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            unit_forget_bias,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            trainable=keywords.get("trainable", True),
            dtype=keywords.get("dtype"),
        )
        super().__init__(
            cell,
            return_sequences,
            return_state,
            go_backwards,
            stateful,
            unroll,
            activity_regularizer=activity_regularizer,
            **keywords,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**self.cell.get_config(), **super().get_config()}
