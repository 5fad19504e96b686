"""Layers: the parts that a network is put together from."""

from autograd_nn.layers.activation import Activation
from autograd_nn.layers.dense import Dense
from autograd_nn.layers.dropout import Dropout
from autograd_nn.layers.flatten import Flatten
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "Layer"]
