"""MultiHeadAttention: several attentions beside each other, each on features of its own."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from autograd_nn import initializers, ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.attention import (
    DropsWeights,
    both,
    causal_mask,
    masked_softmax,
    seen_by_queries,
    window_mask,
)
from autograd_nn.layers.axes_of_inputs import axes_of, checked_axes
from autograd_nn.layers.dropout import Dropout
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of


@final
class MultiHeadAttention(DropsWeights):
    """Several attentions beside each other, each on queries, keys and values of its own.

    Formula      q = query @ Wq + bq, k = key @ Wk + bk, v = value @ Wv + bv, for every head;
                 y = softmax(q @ kᵀ / √key_dim) @ v, the heads side by side @ Wo + bo
    Shapes       query (N, T, D) · value (N, S, V) · key (N, S, K) → (N, T, D)
                 Wq (D, H, key_dim) · Wk (K, H, key_dim) · Wv (V, H, value_dim)
                 · Wo (H, value_dim, D)
    Parameters   num_heads: how many, H
                 key_dim: the features of a query and of a key in one head
                 value_dim: those of a value; None takes key_dim
                 dropout: the part of the weights that is dropped in training
                 use_bias: whether there are bq, bk, bv, bo
                 output_shape: the features of the outputs; None takes those of the query
                 attention_axes: along which to attend; None takes all but samples and features
                 sliding_window: a query sees the keys that are fewer places away, None: all
                 kernel_initializer, bias_initializer: a name or an initializer
                 kernel_regularizer, … bias_constraint: see Dense
                 use_gate: multiply what a head gives by sigmoid(query @ Wg + bg)
                 seed: of the dropout
                 the rest: see Layer
    Source       A. Vaswani et al., Attention Is All You Need, NIPS 2017
    Example      Where all weights are 0 but bv and Wo, every key counts alike

    >>> import numpy as np
    >>> layer = MultiHeadAttention(num_heads=1, key_dim=1)
    >>> x = np.array([[[1.0], [3.0]]])
    >>> layer.build((None, 2, 1), (None, 2, 1))
    >>> one, zero = np.ones((1, 1, 1)), np.zeros((1, 1, 1))
    >>> layer.set_weights([zero, [[0]], zero, [[0]], one, [[0]], one, [0]])
    >>> layer(x, x).tolist()
    [[[2.0], [2.0]]]
    """

    supports_masking = True
    _takes_several = None  # what it says to a list is said by `build`

    @checked_keywords
    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.num_heads = positive_integer("num_heads", num_heads)
        self.key_dim = positive_integer("key_dim", key_dim)
        self.value_dim = positive_integer("value_dim", value_dim or key_dim)
        self._dropping = Dropout(dropout, seed)
        self.use_bias = true_or_false("use_bias", use_bias)
        self.use_gate = true_or_false("use_gate", use_gate)
        self.sliding_window = None
        if sliding_window is not None:
            self.sliding_window = positive_integer("sliding_window", sliding_window)
        self.output_features: tuple[int, ...] | None = None
        if output_shape:
            lengths = np.atleast_1d(output_shape).tolist()
            self.output_features = tuple(positive_integer("output_shape", n) for n in lengths)
        self.attention_axes = None if attention_axes is None else checked_axes(attention_axes)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = as_regularizer(kernel_regularizer)
        self.bias_regularizer = as_regularizer(bias_regularizer)
        self.kernel_constraint = as_constraint(kernel_constraint)
        self.bias_constraint = as_constraint(bias_constraint)

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        """Make the kernels and biases of queries, keys, values and outputs."""
        if value_shape is None:
            raise ArgumentTypeError(
                f"Layer {self.name!r} is called on queries and values, got one input. Attention "
                "of a sequence to itself is layer(x, x)."
            )
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ShapeError(
                f"Layer {self.name!r} takes a key for each value, got values of shape "
                f"{tuple(value_shape)} and keys of shape {tuple(key_shape)}."
            )
        heads, features = self.num_heads, self.output_features or (query_shape[-1],)
        inner, outer = (heads, self.key_dim), (heads, self.value_dim)
        self.query_kernel, self.query_bias = self._projection("query", query_shape[-1:], inner)
        self.key_kernel, self.key_bias = self._projection("key", key_shape[-1:], inner)
        if self.use_gate:
            self.gate_kernel, self.gate_bias = self._projection("gate", query_shape[-1:], outer)
        self.value_kernel, self.value_bias = self._projection("value", value_shape[-1:], outer)
        self.output_kernel, self.output_bias = self._projection("attention_output", outer, features)

    def _projection(self, name: str, before: Any, after: Any) -> tuple[Tensor, Tensor | None]:
        """A kernel and a bias that lead from features of one shape to those of another."""

        def drawn(shape: Any, dtype: Any) -> Any:
            # As large as for a Dense layer between as many features.
            matrix = (math.prod(before), math.prod(after))
            return self.kernel_initializer(matrix, dtype).reshape(shape)

        by_size = isinstance(self.kernel_initializer, initializers.VarianceScaling)
        start = drawn if by_size else self.kernel_initializer
        kernel = self.add_weight(
            (*before, *after),
            start,
            f"{name}/kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if not self.use_bias:
            return kernel, None
        bias = self.add_weight(
            tuple(after),
            self.bias_initializer,
            f"{name}/bias",
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        )
        return kernel, bias

    def call(  # type: ignore[override]
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The formula above.

        Parameters   query, value, key: sequences; without a key the values are their own
                     query_mask, value_mask, key_mask: (N, T), (N, S): where there is something
                     attention_mask: (N, T, S), or with heads (N, H, T, S): what sees what
                     return_attention_scores: give the weights (N, H, T, S), too
                     use_causal_mask: a query does not see keys that come later
        """
        value = value if type(value) is Tensor else self._as_input(value)
        key = value if key is None else key if type(key) is Tensor else self._as_input(key)
        along = self._along(query.shape)
        q = self._heads(query, self.query_kernel, self.query_bias, along)
        k = self._heads(key, self.key_kernel, self.key_bias, along)
        v = self._heads(value, self.value_kernel, self.value_bias, along)
        scores = (q * (1 / math.sqrt(self.key_dim))) @ k.swapaxes(-1, -2)
        causal = causal_mask(*scores.shape[-2:]) if use_causal_mask else None
        mask = seen_by_queries(attention_mask, query_mask, value_mask, key_mask, causal)
        mask = both(mask, window_mask(scores.shape[-2:], self.sliding_window))
        weights = masked_softmax(scores, self._for_heads(mask, scores.shape, len(along)))
        heads = self._dropping(weights, training=training) @ v
        if self.use_gate:
            gate = self._heads(query, self.gate_kernel, self.gate_bias, along)
            heads = heads * ops.sigmoid(gate)
        outputs = self._outputs(self._side_by_side(heads, query.shape, along))
        if not return_attention_scores:
            return outputs
        lengths = (*(query.shape[a] for a in along), *(value.shape[a] for a in along))
        return outputs, weights.reshape(*weights.shape[:-2], *lengths)

    # ------------------------------------------------------------------ heads

    def _along(self, shape: Shape) -> tuple[int, ...]:
        axes = self.attention_axes or tuple(range(1, len(shape) - 1))
        if not axes:
            raise ShapeError(
                f"Layer {self.name!r} attends along a sequence, inputs (samples, length, "
                f"features), got shape {tuple(shape)}."
            )
        return axes_of(self, axes, shape)

    def _heads(self, x: Any, kernel: Tensor, bias: Any, along: tuple[int, ...]) -> Any:
        """(N, …, H, T, K): what each head makes of every place."""
        features = kernel.shape[0]
        if x.shape[-1] != features:
            raise ShapeError(
                f"Layer {self.name!r} expects {features} features on the last axis, the number it "
                f"was built for, got {x.shape[-1]} in an input of shape {tuple(x.shape)}."
            )
        found = ops.matmul(x, kernel.reshape(features, math.prod(kernel.shape[1:])))
        if bias is not None:
            found = found + bias.reshape(-1)
        found = found.reshape(*x.shape[:-1], *kernel.shape[1:])
        found = found.transpose(self._order(x.ndim, along))
        if len(along) == 1:
            return found
        length = math.prod(x.shape[axis] for axis in along)
        lead = found.shape[: x.ndim - len(along)]
        return found.reshape(*lead, length, kernel.shape[-1])

    def _order(self, ndim: int, along: tuple[int, ...]) -> tuple[int, ...]:
        """Samples and axes that are not attended along, the heads, the places, the features."""
        free = tuple(axis for axis in range(ndim - 1) if axis not in along)
        return (*free, ndim - 1, *along, ndim)

    def _side_by_side(self, heads: Any, shape: Any, along: tuple[int, ...]) -> Any:
        """The reverse of `_heads`: (N, T, H · V)."""
        ndim = len(shape)
        order = self._order(ndim, along)
        if len(along) > 1:
            lengths = tuple(shape[axis] for axis in along)
            heads = heads.reshape(*heads.shape[:-2], *lengths, heads.shape[-1])
        back = tuple(order.index(axis) for axis in range(ndim + 1))
        return heads.transpose(back).reshape(*shape[:-1], self.num_heads * self.value_dim)

    def _outputs(self, joined: Any) -> Any:
        kernel, bias = self.output_kernel, self.output_bias
        features = kernel.shape[2:]
        found = ops.matmul(joined, kernel.reshape(joined.shape[-1], -1))
        if bias is not None:
            found = found + bias.reshape(-1)
        if len(features) > 1:
            found = found.reshape(*joined.shape[:-1], *features)
        return found

    def _for_heads(self, mask: Any, shape: Any, axes: int) -> Any:
        """A mask that broadcasts to the scores (N, …, H, T, S)."""
        if mask is None:
            return None
        if axes > 1:
            lead = mask.shape[: mask.ndim - 2 * axes]
            if mask.ndim < 2 * axes:
                raise ArgumentError(
                    f"A mask for attention along {axes} axes has {2 * axes} axes for the places of "
                    f"queries and keys, got shape {mask.shape}."
                )
            mask = mask.reshape((*lead, *shape[-2:]))
        missing = len(shape) - mask.ndim
        return mask.reshape((*mask.shape[:-2], *(1,) * missing, *mask.shape[-2:]))

    # ------------------------------------------------------------------ what it is

    def compute_output_shape(
        self, query_shape: Any, value_shape: Any = None, key_shape: Any = None
    ) -> Shape:
        """(N, T, features of the query), or of ``output_shape``."""
        features = self.output_features or (query_shape[-1],)
        return (*query_shape[:-1], *features)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "output_shape": self.output_features,
            "attention_axes": self.attention_axes,
            "sliding_window": self.sliding_window,
            "use_gate": self.use_gate,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **rules_of(self, "kernel", "bias"),
            "seed": self.seed,
        }
