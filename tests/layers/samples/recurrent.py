"""Layers that go over sequences with a state, and rows of tables."""

import numpy as np

from tests.layers.samples.sample import sample

WORDS = np.array([[1, 4, 0], [3, 1, 0], [2, 2, 2]])


def recurrent(name):
    """One of three layers: as it is, with all that is returned, with other arguments."""
    return [
        sample(lambda layers: getattr(layers, name)(3), (3, 4, 2)),
        sample(
            lambda layers: getattr(layers, name)(2, return_sequences=True, return_state=True),
            (2, 3, 2),
        ),
        sample(
            lambda layers: getattr(layers, name)(
                2, activation="softsign", use_bias=False, go_backwards=True, return_sequences=True
            ),
            (2, 3, 2),
        ),
        sample(
            lambda layers: getattr(layers, name)(2, dropout=0.3, recurrent_dropout=0.2),
            (3, 3, 2),
            draws=True,
        ),
        sample(lambda layers: getattr(layers, name)(2, unroll=True), (2, 3, 2)),
    ]


SAMPLES = {
    "SimpleRNN": recurrent("SimpleRNN"),
    "LSTM": recurrent("LSTM"),
    "GRU": [
        *recurrent("GRU"),
        sample(lambda layers: layers.GRU(2, reset_after=False, return_sequences=True), (2, 3, 2)),
    ],
    "RNN": [
        *(
            sample(lambda layers, name=name: layers.RNN(getattr(layers, name)(2)), (2, 3, 2))
            for name in ("SimpleRNNCell", "LSTMCell", "GRUCell")
        ),
        sample(
            lambda layers: layers.RNN(
                layers.StackedRNNCells([layers.SimpleRNNCell(3), layers.LSTMCell(2)])
            ),
            (2, 3, 2),
        ),
        sample(
            lambda layers: layers.RNN(
                [layers.LSTMCell(3), layers.GRUCell(2)], return_sequences=True
            ),
            (2, 3, 2),
        ),
    ],
    "Bidirectional": [
        sample(lambda layers: layers.Bidirectional(layers.LSTM(2)), (2, 3, 2)),
        sample(
            lambda layers: layers.Bidirectional(
                layers.GRU(2, return_sequences=True), merge_mode="mul"
            ),
            (2, 3, 2),
        ),
        sample(
            lambda layers: layers.Bidirectional(
                layers.LSTM(2, return_state=True), merge_mode="sum"
            ),
            (2, 3, 2),
        ),
    ],
    "TimeDistributed": [
        sample(lambda layers: layers.TimeDistributed(layers.Dense(3, "tanh")), (2, 3, 2)),
    ],
    "Embedding": [
        sample(lambda layers: layers.Embedding(5, 2), WORDS),
        sample(lambda layers: layers.Embedding(5, 3, mask_zero=True), WORDS[:2]),
    ],
}
