"""LSTM and GRU in programs: what the gradient needs of every step is computed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.whole_sequences import WITH_ALL_STEPS


def _form(operation: Operation, results: int) -> Callable[..., Any]:
    return lambda *inputs: operation(*inputs)[:results]


FORMS: dict[Operation, Callable[..., Any]] = {
    operation: _form(*found) for operation, found in WITH_ALL_STEPS.items()
}
