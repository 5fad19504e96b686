"""Layers: the parts that a network is put together from."""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.layers.dense import Dense
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer

if TYPE_CHECKING:
    from autograd_nn.layers.activation import Activation
    from autograd_nn.layers.activity_regularization import ActivityRegularization
    from autograd_nn.layers.dropout import Dropout
    from autograd_nn.layers.flatten import Flatten
    from autograd_nn.layers.masking import Masking

__all__ = [
    "Activation",
    "ActivityRegularization",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "Layer",
    "Masking",
]

if not TYPE_CHECKING:
    # What the network of the tutorial does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "activation": "Activation",
            "activity_regularization": "ActivityRegularization",
            "dropout": "Dropout",
            "flatten": "Flatten",
            "masking": "Masking",
        },
    )
