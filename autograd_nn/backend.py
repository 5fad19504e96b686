"""``keras.backend`` and ``keras.config``: the dtype of models, and the smallest probability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_nn.settings import floatx, set_floatx

__all__ = ["backend", "clear_session", "epsilon", "floatx", "image_data_format", "set_floatx"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from autograd_nn.missing_names import missing

        raise missing(__name__, name, __all__)


def backend() -> str:
    """What computes: this library itself."""
    return "autograd_nn"


def epsilon() -> float:
    """How far losses keep probabilities from 0 and 1: 1e-7, and not to be changed."""
    return 1e-7


def image_data_format() -> str:
    """Where pictures have their channels: "channels_last"."""
    return "channels_last"


def clear_session(free_memory: bool = True) -> None:
    """Do nothing: names are counted in each model, and what nobody holds is freed at once."""
