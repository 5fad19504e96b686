"""Layers: the parts that a network is put together from."""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.layers.dense import Dense
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer

if TYPE_CHECKING:
    from autograd_nn.layers.activation import Activation
    from autograd_nn.layers.activity_regularization import ActivityRegularization
    from autograd_nn.layers.batch_normalization import BatchNormalization
    from autograd_nn.layers.bidirectional import Bidirectional
    from autograd_nn.layers.dropout import Dropout
    from autograd_nn.layers.embedding import Embedding
    from autograd_nn.layers.flatten import Flatten
    from autograd_nn.layers.group_normalization import GroupNormalization
    from autograd_nn.layers.gru import GRU, GRUCell
    from autograd_nn.layers.input_layer import InputLayer
    from autograd_nn.layers.layer_normalization import LayerNormalization, RMSNormalization
    from autograd_nn.layers.lstm import LSTM, LSTMCell
    from autograd_nn.layers.masking import Masking
    from autograd_nn.layers.normalization import Normalization
    from autograd_nn.layers.rnn import RNN, StackedRNNCells
    from autograd_nn.layers.simple_rnn import SimpleRNN, SimpleRNNCell
    from autograd_nn.layers.time_distributed import TimeDistributed
    from autograd_nn.layers.unit_normalization import UnitNormalization

__all__ = [
    "Bidirectional",
    "Embedding",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "RNN",
    "StackedRNNCells",
    "SimpleRNN",
    "SimpleRNNCell",
    "TimeDistributed",
    "BatchNormalization",
    "GroupNormalization",
    "LayerNormalization",
    "Normalization",
    "RMSNormalization",
    "UnitNormalization",
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "Layer",
    "Masking",
]

if not TYPE_CHECKING:
    # What the network of the tutorial does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "bidirectional": "Bidirectional",
            "embedding": "Embedding",
            "gru": "GRU GRUCell",
            "lstm": "LSTM LSTMCell",
            "rnn": "RNN StackedRNNCells",
            "simple_rnn": "SimpleRNN SimpleRNNCell",
            "time_distributed": "TimeDistributed",
            "activation": "Activation",
            "activity_regularization": "ActivityRegularization",
            "batch_normalization": "BatchNormalization",
            "dropout": "Dropout",
            "flatten": "Flatten",
            "group_normalization": "GroupNormalization",
            "input_layer": "InputLayer",
            "layer_normalization": "LayerNormalization RMSNormalization",
            "masking": "Masking",
            "normalization": "Normalization",
            "unit_normalization": "UnitNormalization",
        },
    )
