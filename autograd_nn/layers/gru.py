"""GRU: one gate decides how much of the state is new, another what the new part is made of."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import activations
from autograd_nn.activations import sigmoid, tanh
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.operations.whole_sequences import gru, gru_step, gru_step_reset_before
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.recurrent import Recurrent, with_settings_of_its_cell
from autograd_nn.layers.recurrent_cell import Kept, RecurrentCell, dropped


@final
class GRUCell(RecurrentCell):
    """One step of `GRU`.

    Formula      [xz, xr, xc] = x @ kernel + bias[0] · [hz, hr, hc] = h @ recurrent_kernel + bias[1]
                 z = σ(xz + hz) · r = σ(xr + hr) · c = activation(xc + r · hc)
                 h' = z · h + (1 − z) · c      with σ the recurrent activation
    Shapes       x (N, I) · h (N, U) → h' (N, U), twice: as output and as state
    Parameters   see GRU
    Example      without inputs and weights z = ½, c = 0: the state is halved

    >>> import numpy as np
    >>> cell = GRUCell(1, recurrent_initializer="zeros")
    >>> cell(np.zeros((1, 1)), np.ones((1, 1)))[0].item()
    0.5
    """

    gates = 3

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
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
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
        self.reset_after = true_or_false("reset_after", reset_after)

    def step(self, inputs: Any, states: list[Any], kept: Kept) -> tuple[Any, list[Any]]:
        """The formula above; without ``reset_after`` hc is (r · h) @ its part of the kernel."""
        x, h = dropped(inputs, kept[0]), dropped(states[0], kept[1])
        weights = self.kernel, self.recurrent_kernel, self.bias
        step = gru_step if self.reset_after else gru_step_reset_before
        output = step(x, h, *weights, self.activation, self.recurrent_activation)[0]
        return output, [output]

    def whole(self, inputs: Any, states: list[Any], mask: Any) -> Any:
        """All steps by one operation, which has the usual activations."""
        usual = self.activation is tanh and self.recurrent_activation is sigmoid
        if not usual or not self.reset_after:
            return None
        weights = self.kernel, self.recurrent_kernel, self.bias
        outputs, last = gru(inputs, *weights, *states, mask)[:2]
        return outputs, [last]

    def _bias_shape(self) -> Shape:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal cell, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "recurrent_activation": activations.serialize(self.recurrent_activation),
            "reset_after": self.reset_after,
        }


@with_settings_of_its_cell
@final
class GRU(Recurrent):
    """A layer that goes over a sequence with one gated state: a gated recurrent unit.

    Formula      [xz, xr, xc] = x_t @ kernel + bias[0]
                 [hz, hr, hc] = h_{t-1} @ recurrent_kernel + bias[1]
                 z = σ(xz + hz) · r = σ(xr + hr) · c = activation(xc + r · hc)
                 h_t = z · h_{t-1} + (1 − z) · c      with σ the recurrent activation
    Shapes       x (N, T, I) · kernel (I, 3U) · recurrent_kernel (U, 3U) · bias (2, 3U)
                 → h_T (N, U), or all h (N, T, U) with ``return_sequences``
    Parameters   units: the length U of the state
                 activation: a name such as "tanh", a function of a Tensor, None for none
                 recurrent_activation: the same, of the gates
                 use_bias: whether there is a bias
                 kernel_, recurrent_, bias_initializer, _regularizer, _constraint: of the weights
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
                 reset_after: False takes hc = (r · h_{t-1}) @ its part of recurrent_kernel, as the
                 first paper did, and a bias (3U,)
                 the rest: see Layer
    Source       K. Cho et al., EMNLP 2014
    Example      without weights the state stays 0

    >>> import numpy as np
    >>> GRU(2, kernel_initializer="zeros")(np.ones((1, 5, 3))).tolist()
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
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        implementation: int = 2,
        **keywords: Any,
    ) -> None:
        cell = GRUCell(
            units,
            activation,
            recurrent_activation,
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
            reset_after,
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
