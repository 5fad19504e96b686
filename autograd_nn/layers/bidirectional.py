"""Bidirectional: a sequence read from both ends."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers.inner import described, like, made_again
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.recurrent import Recurrent
from autograd_nn.names import made_with

_MODES = ("concat", "sum", "mul", "ave", None)


@final
class Bidirectional(Layer):
    """Two recurrent layers over the same sequence, one from its last step to its first.

    Formula      a = merge(forward(x), backward(x)); of whole sequences, the outputs of the backward
                 layer are turned round, so that both stand at their step
    Shapes       x (N, T, I) → (N, 2U) by "concat", (N, U) by "sum", "mul" and "ave", a list of two
                 by None; (N, T, …) where the layer returns sequences
    Parameters   layer: an LSTM, GRU, SimpleRNN or RNN; a new one of its arguments is the forward
                 layer
                 merge_mode: how the two outputs become one
                 backward_layer: None takes a layer of the same arguments that goes backwards
                 the rest: see Layer
    Raises       ArgumentError where both go in the same direction, or return other things
    Example      with a layer that adds up: from the front 1, 1 + 2; from the back 1 + 2, 2

    >>> import numpy as np
    >>> from autograd_nn.layers import SimpleRNN
    >>> one = np.ones((1, 1))
    >>> adding = SimpleRNN(1, activation=None, kernel_initializer=one, recurrent_initializer=one,
    ...                    return_sequences=True)
    >>> Bidirectional(adding)(np.array([[[1.0], [2.0]]])).tolist()
    [[[1.0, 3.0], [3.0, 2.0]]]
    """

    supports_masking = True

    @checked_keywords
    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(weights=weights, **keywords)
        if merge_mode not in _MODES:
            raise ArgumentError(f"`merge_mode` must be one of {_MODES}, got {merge_mode!r}.")
        for name, given in [("layer", layer), ("backward_layer", backward_layer)]:
            if not isinstance(given, Recurrent) and (given is not None or name == "layer"):
                raise ArgumentTypeError(
                    f"`{name}` must be a recurrent layer, such as LSTM(32), got {given!r}."
                )
        self.merge_mode = merge_mode
        stem = layer.name.removeprefix("forward_").removeprefix("backward_")
        self.forward_layer = like(layer, name=f"forward_{stem}")
        if backward_layer is None:
            backward_layer = like(layer, name=f"backward_{stem}", go_backwards=True)
        self.backward_layer = backward_layer
        self._check_pair()
        for one in (self.forward_layer, self.backward_layer):
            one.zero_output_for_mask = one.return_sequences
        self.return_sequences = layer.return_sequences
        self.return_state = layer.return_state
        self.stateful = layer.stateful

    def build(self, input_shape: Shape) -> None:
        """Make the weights of both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(input_shape)

    def call(  # type: ignore[override]
        self, inputs: Any, initial_state: Any = None, mask: Any = None, training: bool = False
    ) -> Any:
        """The formula above.

        Parameters   initial_state: the states of the forward layer, then those of the backward one
        """
        first = second = None
        if initial_state is not None:
            half = len(initial_state) // 2
            first, second = list(initial_state[:half]), list(initial_state[half:])
        forward = self.forward_layer(inputs, initial_state=first, mask=mask, training=training)
        backward = self.backward_layer(inputs, initial_state=second, mask=mask, training=training)
        states: list[Any] = []
        if self.return_state:
            states = [*forward[1:], *backward[1:]]
            forward, backward = forward[0], backward[0]
        if self.return_sequences:
            backward = backward[:, ::-1]
        merged = self._merged(forward, backward)
        if not states:
            return merged
        return (*merged, *states) if self.merge_mode is None else (merged, *states)

    def _merged(self, a: Any, b: Any) -> Any:
        if self.merge_mode == "concat":
            return np.concatenate([a, b], axis=-1)
        if self.merge_mode == "sum":
            return a + b
        if self.merge_mode == "mul":
            return a * b
        return [a, b] if self.merge_mode is None else (a + b) / 2

    def reset_state(self) -> None:
        """Set the states that ``stateful`` keeps from call to call back to zeros."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: of whole sequences that of the inputs."""
        found = mask if self.return_sequences else None
        outputs = [found, found] if self.merge_mode is None else [found]
        if self.return_state:
            outputs += [None] * (2 * len(self.forward_layer.compute_mask(inputs, mask)) - 2)
        return outputs if len(outputs) > 1 else found

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """The shape of the merged outputs; with ``return_state`` a tuple."""
        found = self.forward_layer.compute_output_shape(input_shape)
        shape, states = (found[0], found[1:]) if self.return_state else (found, ())
        if self.merge_mode == "concat":
            shape = (*shape[:-1], 2 * shape[-1])
        shapes = [shape, shape] if self.merge_mode is None else [shape]
        if self.return_state:
            return (*shapes, *states, *states)
        return shapes if self.merge_mode is None else shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "layer": described(self.forward_layer),
            "merge_mode": self.merge_mode,
            "backward_layer": described(self.backward_layer),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Bidirectional:
        """A new layer from what ``get_config`` gave."""
        layers = {key: made_again(config[key]) for key in ("layer", "backward_layer")}
        return made_with(cls, {**config, **layers})

    def _check_pair(self) -> None:
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ArgumentError(
                "The backward layer must go the other way than the forward layer, both have "
                f"go_backwards={forward.go_backwards}. Give backward_layer "
                f"go_backwards={not forward.go_backwards}."
            )
        for name in ("stateful", "return_sequences", "return_state"):
            first, second = getattr(forward, name), getattr(backward, name)
            if first != second:
                raise ArgumentError(
                    f"Both layers must have the same `{name}`, got {first} and {second}."
                )
