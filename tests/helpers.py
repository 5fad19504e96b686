"""Small builders that the table of bad inputs (`bad_inputs.json`) refers to."""

from __future__ import annotations

import builtins
import json
import os
import signal
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from autograd_nn import Input, Model, Sequential
from autograd_nn.callbacks import Callback
from autograd_nn.layers import Dense


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


# ---------------------------------------------------------------------- files


def zip_bomb_npz(folder: str) -> str:
    """An archive that says to have 32 megabytes, in 33 kilobytes of zeros."""
    path = os.path.join(folder, "bomb.npz")
    header = b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("dense/kernel.npy", header + bytes(2**25))
    return path


def zip_duplicate_members(folder: str) -> str:
    """A model with one of its parts twice."""
    path = os.path.join(folder, "twice.npz")
    Sequential([Input((2,)), Dense(1)]).save(path)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("dense/kernel.npy", archive.read("dense/kernel.npy"))
    return path


def model_json(folder: str, **changes: Any) -> str:
    """A model in whose description something else stands: of all, or of its layer."""
    path = os.path.join(folder, "changed.npz")
    Sequential([Input((2,)), Dense(1)]).save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(parts["description.json"])
    for name, value in changes.items():
        layer = description["model"]["config"]["layers"][0]["config"]
        (description if name in description else layer)[name] = value
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"description.json": json.dumps(description)}).items():
            archive.writestr(name, part)
    return path


def save_with_failing_write(model: Model, folder: str) -> None:
    """Save where the disk is full after some bytes, and look at what is left."""
    path = os.path.join(folder, "w.npz")
    model.save_weights(path)
    with open(path, "rb") as file:
        before = file.read()
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        model.save_weights(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
        with open(path, "rb") as file:
            assert file.read() == before
        assert os.listdir(folder) == ["w.npz"]
