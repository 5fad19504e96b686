"""Attention and AdditiveAttention: every query takes an average of the values that suit it."""

from __future__ import annotations

import abc
from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, number_within, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.dropout import Dropout
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.masks import fitting

# What is added to a score that must not count: the exponential of it is 0.
_HIDDEN = {"float16": -3e4}


def masked_softmax(scores: Any, mask: Any) -> Any:
    """The weights that scores (…, T, S) give to S keys, 0 where ``mask`` is false.

    Where a row of the mask is false everywhere, there is nothing to choose from: all its keys get
    weights alike.
    """
    if mask is None:
        return ops.softmax(scores)
    hidden = _HIDDEN.get(scores.dtype.name, -1e9)
    zero, hidden = scores.dtype.type(0), scores.dtype.type(hidden)
    return ops.softmax(scores + np.where(mask, zero, hidden))


def causal_mask(queries: int, keys: int) -> Any:
    """(1, T, S): a query sees the keys up to its own place."""
    return np.tri(queries, keys, dtype=bool)[None]


def window_mask(shape: tuple[int, ...], window: int | None) -> Any:
    """(1, T, S): a query sees the keys that are fewer than ``window`` places away; None: all."""
    if window is None:
        return None
    queries, keys = shape
    return (np.abs(np.arange(queries)[:, None] - np.arange(keys)) < window)[None]


def seen_by_queries(
    attention_mask: Any, query_mask: Any, value_mask: Any, key_mask: Any, causal: Any
) -> Any:
    """Which keys each query sees, (N, T, S), by all masks that there are; None: all."""
    return both(
        None if attention_mask is None else np.asarray(attention_mask, bool),
        None if query_mask is None else query_mask[..., :, None],
        None if value_mask is None else value_mask[..., None, :],
        None if key_mask is None else key_mask[..., None, :],
        causal,
    )


def both(*masks: Any) -> Any:
    """True where all of these masks are; None where there is none."""
    found: Any = None
    for mask in masks:
        if mask is not None:
            found = mask if found is None else np.logical_and(found, mask)
    return found


class DropsWeights(Layer):
    """A layer that drops weights of attention in training."""

    _dropping: Dropout

    @property
    def dropout(self) -> float:
        """The part of the weights that is dropped in training. It can be set at any time."""
        return self._dropping.rate

    @dropout.setter
    def dropout(self, value: float) -> None:
        self._dropping.rate = number_within("dropout", value, 0, 1)

    @property
    def seed(self) -> int | None:
        """That of the dropout."""
        return self._dropping.seed


class _Attention(DropsWeights):
    """What the kinds of attention share: all but how a score is computed."""

    scale: Tensor | None
    supports_masking = True
    _takes_several = True

    def __init__(self, use_scale: bool, dropout: float, seed: int | None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.use_scale = true_or_false("use_scale", use_scale)
        self._dropping = Dropout(dropout, seed)

    @abc.abstractmethod
    def scores(self, query: Any, key: Any) -> Any:
        """(N, T, S): how well each key suits each query."""

    def call(  # type: ignore[override]
        self,
        inputs: Any,
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The formula above.

        Parameters   inputs: [query, value] or [query, value, key]
                     mask: [query_mask, value_mask], each (N, T) or None
                     return_attention_scores: give the weights, too
                     use_causal_mask: a query does not see keys that come later
        """
        query, value, key = self._named(inputs)
        if mask is not None and not isinstance(mask, (list, tuple)):
            raise ArgumentTypeError(
                f"`mask` of layer {self.name!r} must be a list [query_mask, value_mask], got one "
                f"of type {type(mask).__name__}."
            )
        query_mask, value_mask = (*(mask or ()), None, None)[:2]
        query_mask = fitting(self, query_mask, query.shape[:-1])
        value_mask = fitting(self, value_mask, value.shape[:-1])
        scores = self.scores(query, key)
        seen = None if value_mask is None else value_mask[..., None, :]
        if use_causal_mask:
            seen = both(seen, causal_mask(*scores.shape[-2:]))
        weights = masked_softmax(scores, seen)
        outputs = self._dropping(weights, training=training) @ value
        if query_mask is not None:
            outputs = np.where(query_mask[..., None], outputs, 0)
        return (outputs, weights) if return_attention_scores else outputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the query."""
        return mask[0] if mask else None

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """(N, T, features of the values)."""
        query, value, _ = self._named(input_shape)
        return (*query[:-1], value[-1])

    def _named(self, inputs: Any) -> tuple[Any, Any, Any]:
        """Query, value and key, or what was expected."""
        is_list = isinstance(inputs, (list, tuple))
        is_shape = is_list and (not inputs or inputs[0] is None or isinstance(inputs[0], int))
        if not is_list or is_shape or len(inputs) not in (2, 3):
            given = f"{len(inputs)}" if is_list and not is_shape else "one"
            raise ArgumentTypeError(
                f"Layer {self.name!r} is called on a list [query, value] or [query, value, key], "
                f"got {given}. Attention of a sequence to itself is layer([x, x])."
            )
        return inputs[0], inputs[1], inputs[2] if len(inputs) == 3 else inputs[1]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        settings = {"dropout": self.dropout, "seed": self.seed}
        return {**super().get_config(), "use_scale": self.use_scale, **settings}


@final
class Attention(_Attention):
    """An average of the values for each query, by how well their keys suit it (after Luong).

    Formula      y = softmax(scores) @ value, scores = scale · query @ keyᵀ ("dot") or
                 weight · Σ tanh(scale · (query + key)) ("concat")
    Shapes       query (N, T, D) · value (N, S, V) · key (N, S, D) → (N, T, V)
    Parameters   use_scale: whether scores are multiplied by a number that is learnt
                 score_mode: "dot" or "concat"
                 dropout: the part of the weights that is dropped in training
                 seed: of the dropout
                 the rest: see Layer
    Source       M.-T. Luong et al., Effective Approaches to Attention-based NMT, EMNLP 2015
    Example      The scores are 0 and log 3, so the weights are 1/4 and 3/4

    >>> import numpy as np
    >>> query, key = np.array([[[1.0]]]), np.array([[[0.0], [np.log(3)]]])
    >>> value = np.array([[[4.0], [8.0]]])
    >>> print(f"{Attention()([query, value, key]).item():.4f}")
    7.0000
    """

    @checked_keywords
    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(use_scale, dropout, seed, **keywords)
        if score_mode not in ("dot", "concat"):
            raise ArgumentError(
                f"There is no score_mode {score_mode!r}."
                f"{suggestion(str(score_mode), ['dot', 'concat'])}"
            )
        self.score_mode = score_mode

    def build(self, input_shape: Any) -> None:
        """Make the scale of the scores, where it is learnt."""
        query, _, key = self._named(input_shape)
        if query[-1] != key[-1]:
            raise ShapeError(
                f"Layer {self.name!r} compares queries with keys, which must have as many "
                f"features, got shapes {query} and {key}."
            )
        self.scale = self.add_weight((), "ones", "scale") if self.use_scale else None
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight((), "ones", "concat_score_weight")

    def scores(self, query: Any, key: Any) -> Any:
        """(N, T, S), as the formula says."""
        if self.score_mode == "dot":
            found = ops.matmul(query, key.swapaxes(-1, -2))
            return found if self.scale is None else found * self.scale
        pairs = query[..., :, None, :] + key[..., None, :, :]
        pairs = pairs if self.scale is None else pairs * self.scale
        return ops.sum(ops.tanh(pairs), axis=-1) * self.concat_score_weight

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "score_mode": self.score_mode}


@final
class AdditiveAttention(_Attention):
    """An average of the values for each query, by a sum of what query and key have in common.

    Formula      y = softmax(scores) @ value, scores = Σ scale · tanh(query + key) over features
    Shapes       query (N, T, D) · value (N, S, V) · key (N, S, D) · scale (D,) → (N, T, V)
    Parameters   use_scale: whether features are weighted by numbers that are learnt
                 dropout: the part of the weights that is dropped in training
                 seed: of the dropout
                 the rest: see Layer
    Source       D. Bahdanau et al., Neural Machine Translation, ICLR 2015
    Example      One value is all there is to average

    >>> import numpy as np
    >>> AdditiveAttention()([np.array([[[1.0]]]), np.array([[[3.0]]])]).tolist()
    [[[3.0]]]
    """

    @checked_keywords
    def __init__(
        self,
        use_scale: bool = True,
        dropout: float = 0.0,
        seed: int | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(use_scale, dropout, seed, **keywords)

    def build(self, input_shape: Any) -> None:
        """Make ``scale``, a number for each feature, where it is learnt."""
        query, _, key = self._named(input_shape)
        if query[-1] != key[-1]:
            raise ShapeError(
                f"Layer {self.name!r} adds queries and keys, which must have as many features, "
                f"got shapes {query} and {key}."
            )
        features = query[-1]
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight((features,), "glorot_uniform", "scale")

    def scores(self, query: Any, key: Any) -> Any:
        """(N, T, S), as the formula says."""
        common = ops.tanh(query[..., :, None, :] + key[..., None, :, :])
        return ops.sum(common if self.scale is None else common * self.scale, axis=-1)
