"""A difference, and what its program gives here or in Keras."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

REFUSED = "refused"


@dataclass(frozen=True)
class Difference:
    """A program of which the last line is a result, in the names that `test_differences.py` gives.

    ``keras`` and ``ours`` are the results, or ``REFUSED``.
    """

    reason: str
    call: str
    keras: Any
    ours: Any


def outcome(program: str, names: dict[str, Any], refusals: type[Exception] = Exception) -> Any:
    """The result of the last line as plain values, or that it was refused."""
    names = {**names, "np": np, "values": values, "warns": warns}
    lines = ast.parse(program.strip()).body
    last = lines.pop()
    assert isinstance(last, ast.Expr)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            exec(compile(ast.Module(lines, []), "<program>", "exec"), names)
            found = eval(compile(ast.Expression(last.value), "<program>", "eval"), names)
        except refusals:
            return REFUSED
    return values(found).tolist()


def values(x: Any) -> Any:
    """An array of numbers: of a Tensor, of Keras's variables and arrays, of plain lists."""
    return np.asarray(x.numpy() if hasattr(x, "numpy") else x)


def warns(call: Callable[[], Any]) -> bool:
    """Whether a call warns its user."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", UserWarning)
        call()
    return bool(caught)
