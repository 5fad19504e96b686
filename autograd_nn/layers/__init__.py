"""Layers: the parts that a network is put together from."""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.layers.dense import Dense
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer

if TYPE_CHECKING:
    from autograd_nn.layers.activation import Activation
    from autograd_nn.layers.activation_layers import (
        ELU,
        LeakyReLU,
        ReLU,
        Softmax,
    )
    from autograd_nn.layers.activity_regularization import ActivityRegularization
    from autograd_nn.layers.adaptive_pooling import (
        AdaptiveAveragePooling1D,
        AdaptiveAveragePooling2D,
        AdaptiveAveragePooling3D,
        AdaptiveMaxPooling1D,
        AdaptiveMaxPooling2D,
        AdaptiveMaxPooling3D,
    )
    from autograd_nn.layers.attention import (
        AdditiveAttention,
        Attention,
    )
    from autograd_nn.layers.batch_normalization import BatchNormalization
    from autograd_nn.layers.bidirectional import Bidirectional
    from autograd_nn.layers.concatenation import (
        Concatenate,
        concatenate,
    )
    from autograd_nn.layers.convolution import (
        Conv1D,
        Conv2D,
        Conv3D,
        Convolution1D,
        Convolution2D,
        Convolution3D,
    )
    from autograd_nn.layers.depthwise_convolution import (
        DepthwiseConv1D,
        DepthwiseConv2D,
        SeparableConv1D,
        SeparableConv2D,
        SeparableConvolution1D,
        SeparableConvolution2D,
    )
    from autograd_nn.layers.dot_product import (
        Dot,
        dot,
    )
    from autograd_nn.layers.dropout import Dropout
    from autograd_nn.layers.einsum_dense import EinsumDense
    from autograd_nn.layers.embedding import Embedding
    from autograd_nn.layers.flatten import Flatten
    from autograd_nn.layers.global_pooling import (
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAveragePooling3D,
        GlobalAvgPool1D,
        GlobalAvgPool2D,
        GlobalAvgPool3D,
        GlobalMaxPool1D,
        GlobalMaxPool2D,
        GlobalMaxPool3D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        GlobalMaxPooling3D,
    )
    from autograd_nn.layers.group_normalization import GroupNormalization
    from autograd_nn.layers.group_query_attention import GroupQueryAttention
    from autograd_nn.layers.gru import (
        GRU,
        GRUCell,
    )
    from autograd_nn.layers.identity import Identity
    from autograd_nn.layers.inner import (
        deserialize,
        serialize,
    )
    from autograd_nn.layers.input_layer import InputLayer
    from autograd_nn.layers.lambda_layer import Lambda
    from autograd_nn.layers.layer_normalization import (
        LayerNormalization,
        RMSNormalization,
    )
    from autograd_nn.layers.lstm import (
        LSTM,
        LSTMCell,
    )
    from autograd_nn.layers.masking import Masking
    from autograd_nn.layers.merging import (
        Add,
        Average,
        Maximum,
        Minimum,
        Multiply,
        Subtract,
        add,
        average,
        maximum,
        minimum,
        multiply,
        subtract,
    )
    from autograd_nn.layers.multi_head_attention import MultiHeadAttention
    from autograd_nn.layers.noise import (
        AlphaDropout,
        GaussianDropout,
        GaussianNoise,
    )
    from autograd_nn.layers.normalization import Normalization
    from autograd_nn.layers.p_relu import PReLU
    from autograd_nn.layers.permute import Permute
    from autograd_nn.layers.pooling import (
        AveragePooling1D,
        AveragePooling2D,
        AveragePooling3D,
        AvgPool1D,
        AvgPool2D,
        AvgPool3D,
        MaxPool1D,
        MaxPool2D,
        MaxPool3D,
        MaxPooling1D,
        MaxPooling2D,
        MaxPooling3D,
    )
    from autograd_nn.layers.repeat_vector import RepeatVector
    from autograd_nn.layers.rescaling import Rescaling
    from autograd_nn.layers.reshape import Reshape
    from autograd_nn.layers.resizing import (
        Cropping1D,
        Cropping2D,
        Cropping3D,
        UpSampling1D,
        UpSampling2D,
        UpSampling3D,
        ZeroPadding1D,
        ZeroPadding2D,
        ZeroPadding3D,
    )
    from autograd_nn.layers.rnn import (
        RNN,
        StackedRNNCells,
    )
    from autograd_nn.layers.simple_rnn import (
        SimpleRNN,
        SimpleRNNCell,
    )
    from autograd_nn.layers.spatial_dropout import (
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
    from autograd_nn.layers.time_distributed import TimeDistributed
    from autograd_nn.layers.transposed_convolution import (
        Conv1DTranspose,
        Conv2DTranspose,
        Conv3DTranspose,
        Convolution1DTranspose,
        Convolution2DTranspose,
        Convolution3DTranspose,
    )
    from autograd_nn.layers.unit_normalization import UnitNormalization

__all__ = [
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AdditiveAttention",
    "AlphaDropout",
    "Attention",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "Bidirectional",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Dot",
    "Dropout",
    "ELU",
    "EinsumDense",
    "Embedding",
    "Flatten",
    "GRU",
    "GRUCell",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "GroupQueryAttention",
    "Identity",
    "Input",
    "InputLayer",
    "LSTM",
    "LSTMCell",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "Minimum",
    "MultiHeadAttention",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "RNN",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "SimpleRNN",
    "SimpleRNNCell",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "StackedRNNCells",
    "Subtract",
    "TimeDistributed",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "deserialize",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "serialize",
    "subtract",
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
            "activation_layers": "ELU LeakyReLU ReLU Softmax",
            "activity_regularization": "ActivityRegularization",
            "attention": "AdditiveAttention Attention",
            "batch_normalization": "BatchNormalization",
            "concatenation": "Concatenate concatenate",
            "convolution": "Conv1D Conv2D Convolution1D Convolution2D Conv3D Convolution3D",
            "depthwise_convolution": "DepthwiseConv1D DepthwiseConv2D SeparableConv1D "
            "SeparableConv2D SeparableConvolution1D SeparableConvolution2D",
            "dot_product": "Dot dot",
            "dropout": "Dropout",
            "flatten": "Flatten",
            "global_pooling": "GlobalAveragePooling1D GlobalAveragePooling2D GlobalMaxPooling1D "
            "GlobalMaxPooling2D GlobalAvgPool1D GlobalAvgPool2D GlobalMaxPool1D "
            "GlobalMaxPool2D GlobalAveragePooling3D GlobalMaxPooling3D "
            "GlobalAvgPool3D GlobalMaxPool3D",
            "group_normalization": "GroupNormalization",
            "identity": "Identity",
            "inner": "deserialize serialize",
            "input_layer": "InputLayer",
            "lambda_layer": "Lambda",
            "layer_normalization": "LayerNormalization RMSNormalization",
            "masking": "Masking",
            "merging": "Add Average Maximum Minimum Multiply Subtract add average maximum "
            "minimum multiply subtract",
            "multi_head_attention": "MultiHeadAttention",
            "noise": "AlphaDropout GaussianDropout GaussianNoise",
            "normalization": "Normalization",
            "p_relu": "PReLU",
            "permute": "Permute",
            "pooling": "AveragePooling1D AveragePooling2D MaxPooling1D MaxPooling2D "
            "AvgPool1D AvgPool2D MaxPool1D MaxPool2D AveragePooling3D "
            "MaxPooling3D AvgPool3D MaxPool3D",
            "repeat_vector": "RepeatVector",
            "rescaling": "Rescaling",
            "reshape": "Reshape",
            "resizing": "Cropping1D Cropping2D UpSampling1D UpSampling2D ZeroPadding1D "
            "ZeroPadding2D UpSampling3D ZeroPadding3D Cropping3D",
            "spatial_dropout": "SpatialDropout1D SpatialDropout2D SpatialDropout3D",
            "transposed_convolution": "Conv1DTranspose Conv2DTranspose Convolution1DTranspose "
            "Convolution2DTranspose Conv3DTranspose Convolution3DTranspose",
            "unit_normalization": "UnitNormalization",
            "adaptive_pooling": "AdaptiveAveragePooling1D AdaptiveAveragePooling2D "
            "AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D "
            "AdaptiveMaxPooling3D",
            "einsum_dense": "EinsumDense",
            "group_query_attention": "GroupQueryAttention",
        },
    )
