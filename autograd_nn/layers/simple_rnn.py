"""SimpleRNN: the output of a step is its state, and goes into the next one."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.layers.recurrent import Recurrent, with_settings_of_its_cell
from autograd_nn.layers.recurrent_cell import Kept, RecurrentCell, dropped, product


@final
class SimpleRNNCell(RecurrentCell):
    """One step of `SimpleRNN`.

    Formula      h' = activation(x @ kernel + bias + h @ recurrent_kernel)
    Shapes       x (N, I) · h (N, U) → h' (N, U), twice: as output and as state
    Parameters   see SimpleRNN
    Example      tanh(1 + 2·0.5) = tanh(2)

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> cell = SimpleRNNCell(1, kernel_initializer=one, recurrent_initializer=2 * one)
    >>> output, state = cell(one, one / 2)
    >>> print(f"{output.item():.4f}", output is state)
    0.9640 True
    """

    @checked_keywords
    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
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

    def step(self, inputs: Any, states: list[Any], kept: Kept) -> tuple[Any, list[Any]]:
        """The formula above."""
        x, h = dropped(inputs, kept[0]), dropped(states[0], kept[1])
        total = product(x, self.kernel)
        if self.bias is not None:
            total = total + self.bias
        output = self.activation(total + product(h, self.recurrent_kernel))
        return output, [output]


@with_settings_of_its_cell
@final
class SimpleRNN(Recurrent):
    """A layer that goes over a sequence, each step with the output of the one before.

    Formula      h_t = activation(x_t @ kernel + bias + h_{t-1} @ recurrent_kernel), h_0 = 0
    Shapes       x (N, T, I) · kernel (I, U) · recurrent_kernel (U, U) · bias (U,) → h_T (N, U), or
                 all h (N, T, U) with ``return_sequences``
    Parameters   units: the length U of the state
                 activation: a name such as "tanh", a function of a Tensor, None for none
                 use_bias: whether there is a bias
                 kernel_, recurrent_, bias_initializer, _regularizer, _constraint: of the weights
                 dropout, recurrent_dropout: the part of the inputs, and of the state, that is 0 in
                 training, the same in all steps of a sequence
                 seed: of what drops out; None follows ``set_random_seed``
                 return_sequences: every output and not only the last
                 return_state: the last state too, behind the output
                 go_backwards: from the last step to the first; outputs come in that order
                 stateful: go on from the state of the call before, see ``reset_state``
                 unroll: the same numbers; this layer is always a row of steps
                 the rest: see Layer
    Example      tanh(1) and tanh(1 + 2·tanh(1))

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> layer = SimpleRNN(1, kernel_initializer=one, recurrent_initializer=2 * one,
    ...                   return_sequences=True)
    >>> [f"{h:.4f}" for h in layer(np.ones((1, 2, 1))).data.ravel()]
    ['0.7616', '0.9872']
    """

    @checked_keywords
    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        cell = SimpleRNNCell(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
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
