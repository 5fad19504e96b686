"""Small builders that the table of bad inputs (`bad_inputs.json`) refers to."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable
from typing import Any

from autograd_nn.callbacks import Callback


class interrupt_at(Callback):
    """Press Ctrl-C at the end of an epoch, counted from 0."""

    def __init__(self, epoch: int) -> None:
        self.at = epoch

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.at:
            raise KeyboardInterrupt


def without_graphviz(action: Callable[[], Any]) -> Any:
    """Run ``action`` where pygraphviz cannot be imported and no `dot` is on the PATH."""
    real_import, path = builtins.__import__, os.environ.get("PATH", "")

    def refusing(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.split(".")[0] == "pygraphviz":
            raise ImportError(f"No module named {name!r}")
        return real_import(name, *arguments, **keywords)

    builtins.__import__ = refusing
    os.environ["PATH"] = ""
    try:
        return action()
    finally:
        builtins.__import__ = real_import
        os.environ["PATH"] = path
