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
    from autograd_nn.layers.convolution import Conv1D, Conv2D, Convolution1D, Convolution2D
    from autograd_nn.layers.depthwise_convolution import (
        DepthwiseConv1D,
        DepthwiseConv2D,
        SeparableConv1D,
        SeparableConv2D,
        SeparableConvolution1D,
        SeparableConvolution2D,
    )
    from autograd_nn.layers.dropout import Dropout
    from autograd_nn.layers.embedding import Embedding
    from autograd_nn.layers.flatten import Flatten
    from autograd_nn.layers.global_pooling import (
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAvgPool1D,
        GlobalAvgPool2D,
        GlobalMaxPool1D,
        GlobalMaxPool2D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
    )
    from autograd_nn.layers.group_normalization import GroupNormalization
    from autograd_nn.layers.gru import GRU, GRUCell
    from autograd_nn.layers.input_layer import InputLayer
    from autograd_nn.layers.layer_normalization import LayerNormalization, RMSNormalization
    from autograd_nn.layers.lstm import LSTM, LSTMCell
    from autograd_nn.layers.masking import Masking
    from autograd_nn.layers.normalization import Normalization
    from autograd_nn.layers.pooling import (
        AveragePooling1D,
        AveragePooling2D,
        AvgPool1D,
        AvgPool2D,
        MaxPool1D,
        MaxPool2D,
        MaxPooling1D,
        MaxPooling2D,
    )
    from autograd_nn.layers.resizing import (
        Cropping1D,
        Cropping2D,
        UpSampling1D,
        UpSampling2D,
        ZeroPadding1D,
        ZeroPadding2D,
    )
    from autograd_nn.layers.rnn import RNN, StackedRNNCells
    from autograd_nn.layers.simple_rnn import SimpleRNN, SimpleRNNCell
    from autograd_nn.layers.time_distributed import TimeDistributed
    from autograd_nn.layers.transposed_convolution import (
        Conv1DTranspose,
        Conv2DTranspose,
        Convolution1DTranspose,
        Convolution2DTranspose,
    )
    from autograd_nn.layers.unit_normalization import UnitNormalization

__all__ = [
    "Activation",
    "ActivityRegularization",
    "AveragePooling1D",
    "AveragePooling2D",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNormalization",
    "Bidirectional",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GroupNormalization",
    "Input",
    "InputLayer",
    "LSTM",
    "LSTMCell",
    "Layer",
    "LayerNormalization",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPooling1D",
    "MaxPooling2D",
    "Normalization",
    "RMSNormalization",
    "RNN",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "ZeroPadding1D",
    "ZeroPadding2D",
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
            "convolution": "Conv1D Conv2D Convolution1D Convolution2D",
            "depthwise_convolution": "DepthwiseConv1D DepthwiseConv2D SeparableConv1D "
            "SeparableConv2D SeparableConvolution1D SeparableConvolution2D",
            "transposed_convolution": "Conv1DTranspose Conv2DTranspose Convolution1DTranspose "
            "Convolution2DTranspose",
            "pooling": "AveragePooling1D AveragePooling2D MaxPooling1D MaxPooling2D AvgPool1D "
            "AvgPool2D MaxPool1D MaxPool2D",
            "global_pooling": "GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D "
            "GlobalMaxPooling2D GlobalAvgPool1D GlobalAvgPool2D GlobalMaxPool1D "
            "GlobalMaxPool2D",
            "resizing": "Cropping1D Cropping2D UpSampling1D UpSampling2D ZeroPadding1D "
            "ZeroPadding2D",
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
