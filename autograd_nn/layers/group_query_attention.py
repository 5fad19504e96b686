"""GroupQueryAttention: attention in which several heads of queries share keys and values."""

from __future__ import annotations

import math
from typing import Any, final

import numpy as np

from autograd_nn import initializers
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.attention import (
    DropsWeights,
    both,
    causal_mask,
    masked_softmax,
    seen_by_queries,
    window_mask,
)
from autograd_nn.layers.dropout import Dropout
from autograd_nn.layers.einsum_dense import EinsumDense
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of


@final
class GroupQueryAttention(DropsWeights):
    """MultiHeadAttention with fewer heads of keys and values, of which each serves several queries.

    Formula      q = query @ Wq + bq for each of U heads, k and v for each of V heads alike; head u
                 of the queries attends to head ⌊u · V / U⌋ of keys and values:
                 y = softmax(q @ kᵀ / √head_dim) @ v, the heads side by side @ Wo + bo; with a gate
                 y · sigmoid(query @ Wg + bg) before Wo
    Shapes       query (N, T, D) · value (N, S, V) · key (N, S, K) → (N, T, D)
    Parameters   head_dim: the features of a query, a key and a value in one head
                 num_query_heads, num_key_value_heads: how many; the first is a multiple of the
                 second
                 dropout: the part of the weights that is dropped in training
                 use_bias: whether there are bq, bk, bv, bo
                 sliding_window: how far a query sees: keys less than so many places away; None: all
                 use_gate: whether there is a gate
                 kernel_initializer, … bias_constraint: see Dense
                 seed: of the dropout
                 the rest: see Layer
    Source       J. Ainslie et al., GQA: Training Generalized Multi-Query Transformer Models, 2023
    """

    supports_masking = True
    _takes_several = None  # what it says to a list is said by `build`

    @checked_keywords
    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        self.head_dim = positive_integer("head_dim", head_dim)
        self.num_query_heads = positive_integer("num_query_heads", num_query_heads)
        self.num_key_value_heads = positive_integer("num_key_value_heads", num_key_value_heads)
        if self.num_query_heads % self.num_key_value_heads:
            raise ArgumentError(
                "`num_query_heads` must be a multiple of `num_key_value_heads`, got "
                f"{num_query_heads} and {num_key_value_heads}."
            )
        self._dropping = Dropout(dropout, seed)
        self.use_bias = true_or_false("use_bias", use_bias)
        self.use_gate = true_or_false("use_gate", use_gate)
        self.sliding_window = None
        if sliding_window is not None:
            self.sliding_window = positive_integer("sliding_window", sliding_window)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = as_regularizer(kernel_regularizer)
        self.bias_regularizer = as_regularizer(bias_regularizer)
        self.kernel_constraint = as_constraint(kernel_constraint)
        self.bias_constraint = as_constraint(bias_constraint)

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        """Make the kernels and biases of queries, keys, the gate, values and outputs."""
        if value_shape is None:
            raise ArgumentTypeError(
                f"Layer {self.name!r} is called on queries and values, got one input. Attention "
                "of a sequence to itself is layer(x, x)."
            )
        heads, shared = self.num_query_heads, self.num_key_value_heads
        self._query = self._projection("query", query_shape, heads)
        self._key = self._projection("key", key_shape or value_shape, shared)
        self._gate = None
        if self.use_gate:
            self._gate = self._projection("gate", query_shape, heads, activation="sigmoid")
        self._value = self._projection("value", value_shape, shared)
        self._output = self._made("bquh,uhm->bqm", (None, query_shape[-1]), "m", "attention_output")
        self._output.build((None, None, heads, self.head_dim))

    def _projection(self, name: str, shape: Any, heads: int, **more: Any) -> EinsumDense:
        """From features to those of every head: (N, T, D) → (N, T, H, head_dim)."""
        made = self._made("bqm,muh->bquh", (None, heads, self.head_dim), "uh", name, **more)
        made.build(shape)
        return made

    def _made(self, equation: str, shape: Any, axes: str, name: str, **more: Any) -> EinsumDense:
        return EinsumDense(
            equation,
            shape,
            bias_axes=axes if self.use_bias else None,
            name=name,
            kernel_initializer=self.kernel_initializer,
            bias_initializer=self.bias_initializer,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            dtype=self._dtype,
            **more,
        )

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
                     attention_mask: (N, T, S), or with heads (N, U, T, S): what sees what
                     return_attention_scores: give the weights (N, U, T, S), too
                     use_causal_mask: a query does not see keys that come later
        """
        value = value if type(value) is Tensor else self._as_input(value)
        key = value if key is None else key if type(key) is Tensor else self._as_input(key)
        often = self.num_query_heads // self.num_key_value_heads
        q = self._query(query).transpose(0, 2, 1, 3)
        k = np.repeat(self._key(key), often, axis=2).transpose(0, 2, 1, 3)
        v = np.repeat(self._value(value), often, axis=2).transpose(0, 2, 1, 3)
        scores = (q * (1 / math.sqrt(self.head_dim))) @ k.swapaxes(-1, -2)
        causal = causal_mask(*scores.shape[-2:]) if use_causal_mask else None
        mask = seen_by_queries(attention_mask, query_mask, value_mask, key_mask, causal)
        mask = both(mask, window_mask(scores.shape[-2:], self.sliding_window))
        if mask is not None and mask.ndim == 3:
            mask = mask[:, None]
        weights = masked_softmax(scores, mask)
        heads = (self._dropping(weights, training=training) @ v).transpose(0, 2, 1, 3)
        if self._gate is not None:
            heads = heads * self._gate(query)
        outputs = self._output(heads)
        return (outputs, weights) if return_attention_scores else outputs

    def compute_output_shape(
        self, query_shape: Any, value_shape: Any = None, key_shape: Any = None
    ) -> Shape:
        """(N, T, features of the query)."""
        return tuple(query_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "sliding_window": self.sliding_window,
            "use_gate": self.use_gate,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **rules_of(self, "kernel", "bias"),
            "seed": self.seed,
        }
