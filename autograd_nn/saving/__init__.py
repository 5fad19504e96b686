"""Files of models and of weights: written whole or not at all, read without running anything."""

from autograd_nn.saving.by_extension import load_model, load_weights, save_model, save_weights

__all__ = ["load_model", "load_weights", "save_model", "save_weights"]
