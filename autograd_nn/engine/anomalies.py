"""detect_anomaly: where a NaN or an infinity first arises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import Token
from typing import Any

import numpy as np

from autograd_nn.engine.composing import in_words
from autograd_nn.engine.errors import AnomalyError
from autograd_nn.engine.forked_locks import open_in_forked
from autograd_nn.engine.recording import (
    anomalies_sought,
    current_scope,
    not_called,
    switched_on,
)
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor, described, watch_nodes

_lock = open_in_forked(threading.Lock())
_number = 0


def _count(more: int) -> None:
    """So many are in force in all threads together."""
    global _number
    with _lock:
        _number += more
        watch_nodes(_WATCH if _number else None)


class detect_anomaly:
    """Find the operation that makes the first NaN or infinity, in the values or in the gradients.

    A context manager and a decorator. Inside, every result is looked at as it is computed, and
    every gradient before any is kept; that takes several times as long. What is not finite from
    the start, such as a mask of −∞, is let through until a NaN is made of it. It belongs to the
    thread and to the asyncio task. Programs are not looked into: `compiled` functions run as they
    are written inside, and for a model there is ``compile(…, run_eagerly=True)``.

    Raises       AnomalyError (a FloatingPointError) that names the operation, the layer, the first
                 index, and the inputs there
    Example      The derivative of √x at 0 is infinite

    >>> import numpy as np
    >>> from autograd_nn import detect_anomaly, grad
    >>> try:
    ...     with detect_anomaly(), np.errstate(all="ignore"):
    ...         slope = grad(np.sqrt)(0.0)
    ... except FloatingPointError as error:
    ...     print(str(error).split(",")[0])
    The gradient rule of sqrt gave an infinity for its input 0
    """

    __slots__ = ("_tokens",)

    def __init__(self, function: Any = None) -> None:
        self._tokens: list[Token[bool]] = []
        if function is not None:
            raise not_called("detect_anomaly", function)

    def __enter__(self) -> None:
        _count(1)
        self._tokens.append(anomalies_sought.set(True))

    def __exit__(self, *_: object) -> None:
        anomalies_sought.reset(self._tokens.pop())
        _count(-1)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return switched_on(function, detect_anomaly)


class _Watch:
    """What is told of each result, and of each contribution to a gradient."""

    def made(self, operation: Any, data: Any, inputs: tuple[Any, ...]) -> None:
        """A result was computed."""
        if not anomalies_sought.get() or type(data) is tuple or not (fault := _fault(data)):
            return
        values = [x._data if type(x) is Tensor else x for x in inputs]
        before = max((_fault(x) for x in values), default=0)
        if before == fault == _INFINITE:
            return
        index = _first(data, fault)
        name = f"{operation.name}{_where(current_scope.get())}"
        if before == fault:
            slot = next(slot for slot, x in enumerate(values) if _fault(x) == fault)
            raise AnomalyError(
                f"Input {slot} of {name}, {_who(inputs[slot])}, holds "
                f"{_named(values[slot], _first(values[slot], fault))} from the start."
            )
        raise AnomalyError(
            f"{name} gave {_named(data, index)} of a result of shape {np.shape(data)}. Its inputs: "
            f"{_there(inputs, values, index, np.shape(data))}."
        )

    def sent(self, step: Contribution) -> None:
        """A rule returned what a node adds to the gradient of an input."""
        fault = _fault(step.contribution)
        if not fault or fault == _INFINITE == _fault(step.upstream):
            return
        node, index = step.node, _first(step.contribution, fault)
        index = index[len(index) - step.input.ndim :]  # without the place in a batch of seeds
        name = f"{node.operation.name}{_where(node.scope)}"  # type: ignore[union-attr]
        if _fault(step.upstream) == fault:
            raise AnomalyError(
                f"The gradient that {name} received holds "
                f"{_named(step.upstream, _first(step.upstream, fault))} from the start."
            )
        values = [x._data if type(x) is Tensor else x for x in node.inputs]
        was_zero = fault == _NAN and np.shape(step.upstream) == np.shape(step.contribution)
        was_zero = was_zero and not np.asarray(step.upstream)[_first(step.contribution, fault)]
        raise AnomalyError(
            f"The gradient rule of {name} gave {_text(fault)}{_at(index)} for its input "
            f"{step.slot}, {_who(step.input)}; what it received, dL/d(out), is finite. Its inputs: "
            f"{_there(node.inputs, values, index, step.input.shape)}."
            f"{_NOT_TAKEN if was_zero else ''}"
        )


_NOT_TAKEN = (
    " There it received 0, and 0 · ∞ is NaN. Behind a branch that np.where does not take choose "
    "the input too: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1)), 0)."
)
_WATCH = _Watch()
_INFINITE, _NAN = 1, 2


def _fault(x: Any) -> int:
    """0 for finite numbers, 1 where there are infinities, 2 where there is a NaN."""
    if type(x) is tuple:
        return max((_fault(part) for part in x if part is not None), default=0)
    x = np.asarray(x)
    if x.dtype.kind != "f" or np.isfinite(x).all():
        return 0
    return _NAN if np.isnan(x).any() else _INFINITE


def _first(x: Any, fault: int) -> tuple[int, ...]:
    bad = np.isnan(x) if fault == _NAN else np.isinf(x)
    return tuple(int(i) for i in np.argwhere(bad)[0])


def _named(x: Any, index: tuple[int, ...]) -> str:
    return f"{float(np.asarray(x)[index])}{_at(index)}"


def _text(fault: int) -> str:
    return "NaN" if fault == _NAN else "an infinity"


def _at(index: tuple[int, ...]) -> str:
    return f" at index {index}" if index else ""


def _where(scope: str | None) -> str:
    return f" in {in_words(scope)}" if scope else ""


def _who(x: Any) -> str:
    return described(x) if type(x) is Tensor else f"a constant of shape {np.shape(x)}"


def _there(
    inputs: tuple[Any, ...], values: list[Any], index: tuple[int, ...], shape: tuple[int, ...]
) -> str:
    """The inputs, with their number at ``index`` where they are broadcast to ``shape``."""
    found = []
    for x, value in zip(inputs, values, strict=True):
        if type(value) is tuple or value is None:
            continue
        text = _who(x)
        if np.broadcast_shapes(np.shape(value), shape) == shape:
            text += f" ({float(np.broadcast_to(value, shape)[index]):.6g} there)"
        found.append(text)
    return ", ".join(found)
