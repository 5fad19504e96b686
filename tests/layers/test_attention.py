"""Attention: by the formula in NumPy, masks, what is refused, and how it learns in a model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, check_gradients, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import (
    AdditiveAttention,
    Attention,
    Dense,
    Layer,
    LayerNormalization,
    Masking,
    MultiHeadAttention,
)
from autograd_nn.layers.masks import mask_of, with_mask

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 4, 6))
V = rng.normal(size=(2, 5, 3))
MASK = np.array([[1, 1, 0, 1, 0], [1, 0, 1, 1, 1]], bool)


def softmax(scores: Any) -> Any:
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def drawn(layer: Any, *shapes: tuple[int, ...]) -> Any:
    layer.build(*shapes)
    layer.set_weights([rng.normal(size=w.shape) for w in layer.get_weights()])
    return layer


def by_hand(layer: Any, x: Any, v: Any, seen: Any = True) -> tuple[Any, Any]:
    """Head by head, with matrices."""
    wq, bq, wk, bk, wv, bv, wo, bo = layer.get_weights()
    outputs, weights = 0.0, []
    for h in range(wq.shape[1]):
        q, k, values = x @ wq[:, h] + bq[h], v @ wk[:, h] + bk[h], v @ wv[:, h] + bv[h]
        scores = q @ k.swapaxes(1, 2) / np.sqrt(wq.shape[2])
        weights.append(softmax(np.where(seen, scores, -np.inf)))
        outputs = outputs + weights[-1] @ values @ wo[h]
    return outputs + bo, np.stack(weights, 1)


def test_heads_by_hand() -> None:
    layer = drawn(MultiHeadAttention(2, 3, value_dim=4), X.shape, V.shape)
    outputs, weights = layer(X, V, return_attention_scores=True)
    expected, shares = by_hand(layer, X, V)
    np.testing.assert_allclose(outputs.data, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(weights.data, shares, rtol=1e-4, atol=1e-6)
    assert outputs.scope == "multi_head_attention"


def test_masks_hide_what_they_say() -> None:
    layer = drawn(MultiHeadAttention(2, 3), X.shape, V.shape)
    expected, _ = by_hand(layer, X, V, MASK[:, None])
    for given in ({"value_mask": MASK}, {"attention_mask": np.repeat(MASK[:, None], 4, 1)}):
        np.testing.assert_allclose(layer(X, V, **given).data, expected, rtol=1e-4, atol=1e-5)
    masked = with_mask(Tensor(V, requires_grad=False), MASK)
    np.testing.assert_allclose(layer(X, masked).data, expected, rtol=1e-4, atol=1e-5)


def test_no_place_sees_a_later_one() -> None:
    layer = drawn(MultiHeadAttention(2, 3), X.shape, X.shape)
    before = layer(X, X, use_causal_mask=True).data
    changed = X.copy()
    changed[:, 2:] += 1.0
    after = layer(changed, changed, use_causal_mask=True).data
    np.testing.assert_array_equal(after[:, :2], before[:, :2])
    assert np.abs(after[:, 2:] - before[:, 2:]).min(axis=-1).max() > 0
    np.testing.assert_allclose(before, by_hand(layer, X, X, np.tri(4) > 0)[0], 1e-4, 1e-5)


def test_the_mask_of_the_query_goes_on() -> None:
    x = np.where(np.arange(4)[:, None] < 3, X, 0.0)
    outputs = drawn(MultiHeadAttention(2, 3), X.shape, X.shape)(Masking()(x), x)
    np.testing.assert_array_equal(mask_of(outputs), [[True] * 3 + [False]] * 2)


def test_masked_queries_and_values_of_attention() -> None:
    query_mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]], bool)
    inputs = [X[..., :3], V]
    outputs, weights = Attention()(inputs, mask=[query_mask, MASK], return_attention_scores=True)
    shares = softmax(np.where(MASK[:, None], X[..., :3] @ V.swapaxes(1, 2), -np.inf))
    np.testing.assert_allclose(weights.data, shares, rtol=1e-4, atol=1e-6)
    expected = np.where(query_mask[..., None], shares @ V, 0)
    np.testing.assert_allclose(outputs.data, expected, rtol=1e-4, atol=1e-5)


def test_the_weights_are_outputs_of_a_functional_model_too() -> None:
    query, value = Input((5, 4)), Input((7, 4))
    heads = MultiHeadAttention(2, 3)
    _, self_weights = heads(query, query, return_attention_scores=True, use_causal_mask=True)
    outputs, weights = heads(query, value, return_attention_scores=True)
    _, alone = Attention()([query, value], return_attention_scores=True)
    assert [weights.shape, alone.shape] == [(None, 2, 5, 7), (None, 5, 7)]
    model = Model([query, value], [outputs, weights, self_weights, alone])
    x, y = rng.normal(size=(3, 5, 4)), rng.normal(size=(3, 7, 4))
    found = model.predict([x, y])
    called = heads(x, y, return_attention_scores=True)
    for one, right in zip(found, called, strict=False):
        np.testing.assert_allclose(one, right.data, rtol=1e-5, atol=1e-6)
    scores = np.exp(np.einsum("ntk,nsk->nts", x, y))
    np.testing.assert_allclose(found[3], scores / scores.sum(-1, keepdims=True), rtol=1e-4)
    for one in found[1:]:
        np.testing.assert_allclose(one.sum(-1), 1, rtol=1e-5)
    assert (found[2][..., 0, 1:] == 0).all()


def test_gradients_of_both_orders() -> None:
    layer = drawn(MultiHeadAttention(2, 2), (2, 3, 4), (2, 3, 4))
    seed = rng.normal(size=(2, 3, 4))

    def loss(x: Any) -> Any:
        return (layer(x, x, use_causal_mask=True) * seed).sum()

    check_gradients(loss, Tensor(rng.normal(size=(2, 3, 4))), order=2)


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"layer\(\[x, x\]\)"):
        Attention()([X])
    with pytest.raises(ShapeError, match="as many features"):
        Attention()([X, V])
    with pytest.raises(ShapeError, match="takes a key for each value"):
        MultiHeadAttention(2, 3)(X, V, X)
    with pytest.raises(ShapeError, match="attends along a sequence"):
        MultiHeadAttention(2, 3)(X[0], X[0])
    layer = drawn(MultiHeadAttention(2, 3), X.shape, X.shape)
    with pytest.raises(ShapeError, match="expects 6 features"):
        layer(V, X)


class Block(Layer):
    """Attention and a network for each place, both around what is passed on."""

    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(2, 4)
        self.norm = LayerNormalization()
        self.inner = Dense(16, "relu")
        self.outer = Dense(8)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Both parts, one after the other."""
        x = self.norm(inputs + self.attention(inputs, inputs, use_causal_mask=True))
        return x + self.outer(self.inner(x))


def trained(**how: Any) -> Any:
    set_random_seed(0)
    x = np.random.default_rng(1).normal(size=(9, 32, 8)).astype(np.float32)
    model = Sequential([Block(), Block(), Dense(1)])
    model.compile("sgd", "mse", **how)
    model.fit(x, x[..., :1].cumsum(1) / 8, epochs=2, batch_size=4, verbose=0)
    return model


def test_a_transformer_is_replayed() -> None:
    """Large enough for memory in another order, with a last odd batch."""
    replayed, eager = trained(), trained(run_eagerly=True)
    for mine, theirs in zip(replayed.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=2e-6)
    x = np.zeros((4, 32, 8), np.float32)
    source = replayed.program(x, x[..., :1]).source
    assert ".transpose((0, 1, 3, 2))" in source and "out=larger" in source


@pytest.mark.parametrize("made", [Attention, AdditiveAttention, lambda: MultiHeadAttention(2, 3)])
def test_one_input_alone_is_told_how_it_attends_to_itself(made: Any) -> None:
    for samples in (1, 2, 3):  # a shape of three lengths is no list of three inputs
        with pytest.raises(ArgumentTypeError, match="Attention of a sequence to itself is layer"):
            Sequential([made()])(np.ones((samples, 4, 6)))


def test_additive_attention_takes_queries_and_keys_of_as_many_features() -> None:
    with pytest.raises(ShapeError, match="as many features"):
        AdditiveAttention()([X, V])


@pytest.mark.parametrize("make", [lambda: MultiHeadAttention(1, 2), Attention, AdditiveAttention])
def test_its_dropout_can_be_read_and_set(make: Any) -> None:
    layer = make()
    inputs = (X, X) if isinstance(layer, MultiHeadAttention) else ([X, X],)
    before = layer(*inputs, training=True).data
    assert (layer.dropout, layer.seed) == (0.0, None)
    layer.dropout = 0.5
    assert layer.get_config()["dropout"] == 0.5
    assert not np.allclose(layer(*inputs, training=True).data, before)
    np.testing.assert_array_equal(layer(*inputs).data, before)
    with pytest.raises(ArgumentError, match="`dropout` must be a number of"):
        layer.dropout = 1.5


def test_a_window_hides_what_is_further_away() -> None:
    layer = MultiHeadAttention(2, 3, sliding_window=2)
    _, weights = layer(X, X, return_attention_scores=True)
    places = np.arange(4)
    near = np.abs(places[:, None] - places) < 2
    assert ((weights.data > 0) == near).all()


def test_a_gate_of_zeros_halves_what_the_heads_give() -> None:
    open_, gated = MultiHeadAttention(2, 3), MultiHeadAttention(2, 3, use_gate=True)
    expected = open_(X, X).data
    gated.build(X.shape, X.shape)
    names = [weight.name.partition("/")[2] for weight in gated.weights]
    own = {w.name.partition("/")[2]: w.data for w in open_.weights}
    pairs = zip(names, gated.weights, strict=True)
    gated.set_weights([own.get(name, np.zeros(w.shape)) for name, w in pairs])
    np.testing.assert_allclose(gated(X, X).data, expected / 2, rtol=1e-5)
