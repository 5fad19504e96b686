"""`Tensor.save`: both passes as a workbook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn import optimizers
from autograd_nn.engine.argument_checks import true_or_false
from autograd_nn.engine.errors import ArgumentError, MissingPackageError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.files import checked_path
from autograd_nn.program import say_what_was_taken
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.sheet.laying import LaidPasses
from autograd_nn.viz.sheet.workbook import write_workbook

INSTALL = "pip install 'autograd-nn[xlsx]'"


def save_sheet(
    loss: Tensor,
    path: str | os.PathLike[str],
    optimizer: Any = None,
    blank: bool = False,
    names: Mapping[str, Any] | None = None,
) -> Path:
    """Write a workbook in which both passes, and an update, are formulas; see `Tensor.save`."""
    path = checked_path(path, "xlsx")
    blank = true_or_false("blank", blank)
    try:
        from xlsxwriter.exceptions import FileCreateError
    except ImportError:
        raise MissingPackageError(f"A workbook needs XlsxWriter: {INSTALL}.") from None
    walk = Walk(loss, checked_names(names))
    if optimizer is not None:
        optimizer = optimizers.get(optimizer)
    say_what_was_taken([x for x in walk.order if type(x) is Tensor], {})
    pages = LaidPasses(walk, Sweep(loss), optimizer).pages
    try:
        write_workbook(path, pages, walk.label(loss), blank)
    except (OSError, FileCreateError) as error:
        raise ArgumentError(
            f"{str(path)!r} cannot be written: {error}. Is it open in another program?"
        ) from error
    return path
