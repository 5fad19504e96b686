"""Models: layers that are trained together."""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.models.model import Model
from autograd_nn.models.sequential import Sequential

if TYPE_CHECKING:
    from autograd_nn.models.cloning import clone_model, model_from_json
    from autograd_nn.models.keeping import load_model, save_model

__all__ = ["Model", "Sequential", "clone_model", "load_model", "model_from_json", "save_model"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = imported_later(
        __name__,
        {"cloning": "clone_model model_from_json", "keeping": "load_model save_model"},
    )
