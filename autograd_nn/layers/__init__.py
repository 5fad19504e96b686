"""Layers: the parts that a network is put together from."""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.layers.dense import Dense
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer

if TYPE_CHECKING:
    from autograd_nn.layers.activation import Activation
    from autograd_nn.layers.activation_layers import ELU, LeakyReLU, ReLU, Softmax
    from autograd_nn.layers.activity_regularization import ActivityRegularization
    from autograd_nn.layers.batch_normalization import BatchNormalization
    from autograd_nn.layers.concatenation import Concatenate, concatenate
    from autograd_nn.layers.dot_product import Dot, dot
    from autograd_nn.layers.dropout import Dropout
    from autograd_nn.layers.flatten import Flatten
    from autograd_nn.layers.group_normalization import GroupNormalization
    from autograd_nn.layers.identity import Identity
    from autograd_nn.layers.input_layer import InputLayer
    from autograd_nn.layers.lambda_layer import Lambda
    from autograd_nn.layers.layer_normalization import LayerNormalization, RMSNormalization
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
    from autograd_nn.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
    from autograd_nn.layers.normalization import Normalization
    from autograd_nn.layers.p_relu import PReLU
    from autograd_nn.layers.permute import Permute
    from autograd_nn.layers.repeat_vector import RepeatVector
    from autograd_nn.layers.rescaling import Rescaling
    from autograd_nn.layers.reshape import Reshape
    from autograd_nn.layers.spatial_dropout import SpatialDropout1D, SpatialDropout2D
    from autograd_nn.layers.unit_normalization import UnitNormalization

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Add",
    "AlphaDropout",
    "Average",
    "BatchNormalization",
    "Concatenate",
    "Dense",
    "Dot",
    "Dropout",
    "ELU",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GroupNormalization",
    "Identity",
    "Input",
    "InputLayer",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "Masking",
    "Maximum",
    "Minimum",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "RMSNormalization",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Softmax",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "Subtract",
    "UnitNormalization",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]

if not TYPE_CHECKING:
    # What the network of the tutorial does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "activation": "Activation",
            "activation_layers": "ELU LeakyReLU ReLU Softmax",
            "activity_regularization": "ActivityRegularization",
            "batch_normalization": "BatchNormalization",
            "concatenation": "Concatenate concatenate",
            "dot_product": "Dot dot",
            "dropout": "Dropout",
            "flatten": "Flatten",
            "group_normalization": "GroupNormalization",
            "identity": "Identity",
            "input_layer": "InputLayer",
            "lambda_layer": "Lambda",
            "layer_normalization": "LayerNormalization RMSNormalization",
            "masking": "Masking",
            "merging": "Add Average Maximum Minimum Multiply Subtract add average maximum minimum "
            "multiply subtract",
            "noise": "AlphaDropout GaussianDropout GaussianNoise",
            "normalization": "Normalization",
            "p_relu": "PReLU",
            "permute": "Permute",
            "repeat_vector": "RepeatVector",
            "rescaling": "Rescaling",
            "reshape": "Reshape",
            "spatial_dropout": "SpatialDropout1D SpatialDropout2D",
            "unit_normalization": "UnitNormalization",
        },
    )
