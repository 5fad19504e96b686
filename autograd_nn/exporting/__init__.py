"""Models for other libraries: an ONNX file, a module of PyTorch, a model of Keras."""

from __future__ import annotations

from autograd_nn.exporting.keras_model import to_keras
from autograd_nn.exporting.onnx_file import export
from autograd_nn.exporting.torch_module import to_torch

__all__ = ["export", "to_keras", "to_torch"]
