"""Where Keras has the functions that write models and read them; see `saving`."""

from autograd_nn.saving import load_model, save_model

__all__ = ["load_model", "save_model"]
