"""Keras's paths: ``from autograd_nn.keras.layers import Dense`` gives the Dense that is here.

>>> from autograd_nn import Sequential, keras
>>> keras.Sequential is Sequential
True
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import autograd_nn
from autograd_nn.missing_names import missing

PATHS = {
    "config": "backend",
    "ops": "compat.keras_ops",
    "random": "compat.keras_random",
    "saving": "compat.keras_saving",
    "optimizers.schedules": "optimizers.schedules",
    "preprocessing.sequence": "utils",
}
_SAME = "activations backend callbacks constraints datasets initializers layers losses metrics"
_SAME += " models optimizers regularizers utils wrappers"
PATHS |= {name: name for name in _SAME.split()}
"""Of every path of Keras the module here, which is loaded once under both names."""


def lay(prefix: str) -> None:
    """Let Keras's paths be imported below ``prefix``."""
    for path, module in PATHS.items():
        sys.modules[f"{prefix}.{path}"] = import_module(f"autograd_nn.{module}")
    preprocessing = ModuleType(f"{prefix}.preprocessing", "Keras's older paths.")
    preprocessing.sequence = sys.modules[f"{prefix}.preprocessing.sequence"]  # type: ignore[attr-defined]
    sys.modules[preprocessing.__name__] = preprocessing


lay(__name__)
_CLASSES = {"Initializer": "initializers", "Layer": "layers", "Loss": "losses"}
_CLASSES |= {"Metric": "metrics", "Optimizer": "optimizers", "Regularizer": "regularizers"}
_CLASSES |= {"Variable": "compat.tensors"}


def __getattr__(name: str) -> Any:
    found = sys.modules.get(f"{__name__}.{name}")
    if found is None:
        found = getattr(autograd_nn, name, None) if name in autograd_nn.__all__ else None
    if found is None and name in _CLASSES:
        found = getattr(import_module(f"autograd_nn.{_CLASSES[name]}"), name)
    if found is None:
        raise missing(__name__, name, [*autograd_nn.__all__, *PATHS, *_CLASSES])
    return found
