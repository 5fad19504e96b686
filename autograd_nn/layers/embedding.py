"""Embedding: a vector for every word, or whatever else is counted."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import initializers
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.operations.table_rows import embed
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.masks import used
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of


@final
class Embedding(Layer):
    """Rows of a table that is learnt, by their numbers.

    Formula      a = embeddings[x]
    Shapes       x (N, …), whole numbers from 0 to V − 1, also as floats · embeddings (V, D)
                 → (N, …, D)
    Gradient     of a row: the sum of g where its number stood; 0 where it did not
    Parameters   input_dim: the number V of rows, one more than the largest number
                 output_dim: the length D of a row
                 embeddings_initializer, _regularizer, _constraint: of the table
                 mask_zero: 0 is no word but fills up a sequence: layers that take masks skip it
                 weights: the table to begin with
                 input_length: what older programs give, and nothing needs
                 the rest: see Layer
    Raises       ValueError for a number that is no row, with its place
    Example      rows 2 and 0

    >>> import numpy as np
    >>> layer = Embedding(3, 2, embeddings_initializer=np.array([[0.0, 1], [2, 3], [4, 5]]))
    >>> layer(np.array([[2, 0]])).tolist()
    [[[4.0, 5.0], [0.0, 1.0]]]
    """

    embeddings: Tensor
    _takes_integers = True

    @checked_keywords
    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: Any = None,
        **keywords: Any,
    ) -> None:
        if isinstance(weights, np.ndarray):
            weights = [weights]
        super().__init__(weights=weights, **keywords)
        self.input_dim = positive_integer("input_dim", input_dim)
        self.output_dim = positive_integer("output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = as_regularizer(embeddings_regularizer)
        self.embeddings_constraint = as_constraint(embeddings_constraint)
        self.mask_zero = true_or_false("mask_zero", mask_zero)
        self.supports_masking = self.mask_zero
        if self.mask_zero:
            used.now = True

    def build(self, input_shape: Shape) -> None:
        """Make ``embeddings`` (V, D)."""
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            "embeddings",
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        try:
            return embed(self.embeddings, inputs)
        except ValueError as error:
            raise type(error)(f"Layer {self.name!r}: {error}") from None

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where there is a word."""
        return inputs != 0 if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …, D)."""
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            "embeddings_initializer": initializers.serialize(self.embeddings_initializer),
            **rules_of(self, "embeddings"),
            "mask_zero": self.mask_zero,
        }
