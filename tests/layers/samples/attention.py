"""Layers of attention."""

from tests.layers.samples.sample import sample

NARROW = "Keras's own formula for it on JAX takes the softmax in float32; with dropout it does not"

SAMPLES = {
    "Attention": [
        sample(lambda layers: layers.Attention(use_scale=True), (2, 3, 4), (2, 2, 3), (2, 2, 4)),
        sample(lambda layers: layers.Attention(score_mode="concat"), (2, 3, 4), (2, 2, 4)),
        sample(lambda layers: layers.Attention(dropout=0.4), (2, 3, 4), (2, 2, 4), draws=True),
    ],
    "AdditiveAttention": [
        sample(lambda layers: layers.AdditiveAttention(), (2, 3, 4), (2, 2, 4)),
    ],
    "GroupQueryAttention": [
        sample(
            lambda layers: layers.GroupQueryAttention(2, 4, 2),
            (2, 3, 4),
            (2, 2, 4),
            apart=True,
            differs=NARROW,
        ),
        sample(
            lambda layers: layers.GroupQueryAttention(
                2, 2, 1, dropout=0.4, use_bias=False, use_gate=True, sliding_window=2
            ),
            (2, 3, 4),
            (2, 3, 4),
            apart=True,
            draws=True,
        ),
        sample(
            lambda layers: layers.GroupQueryAttention(2, 4, 2, dropout=0.1),
            (2, 3, 4),
            (2, 2, 3),
            (2, 2, 2),
            apart=True,
            draws=True,
        ),
    ],
    "MultiHeadAttention": [
        sample(
            lambda layers: layers.MultiHeadAttention(2, 3),
            (2, 3, 4),
            (2, 2, 4),
            apart=True,
            differs=NARROW,
        ),
        sample(
            lambda layers: layers.MultiHeadAttention(2, 3, output_shape=5, use_bias=False),
            (2, 3, 4),
            (2, 2, 3),
            (2, 2, 2),
            apart=True,
            differs=NARROW,
        ),
        sample(
            lambda layers: layers.MultiHeadAttention(
                2, 3, 1, dropout=0.4, sliding_window=2, use_gate=True
            ),
            (2, 4, 3),
            (2, 3, 3),
            apart=True,
            draws=True,
        ),
        sample(
            lambda layers: layers.MultiHeadAttention(2, 2, attention_axes=(2,)),
            (2, 2, 3, 4),
            (2, 2, 2, 4),
            apart=True,
        ),
        sample(
            lambda layers: layers.MultiHeadAttention(2, 2, dropout=0.4),
            (2, 3, 4),
            (2, 2, 4),
            apart=True,
            draws=True,
        ),
    ],
}
