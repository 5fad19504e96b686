"""GradientTape: the way in which TensorFlow asks for gradients."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import convert_to_tensor, raw
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor

_tapes: ContextVar[int] = ContextVar("tapes", default=0)


class GradientTape:
    """Gradients of what is computed inside of ``with``; here everything is recorded anyway.

    Raises       StateError where a tape that is not persistent is asked twice
    """

    def __init__(self, persistent: Any = False, watch_accessed_variables: Any = True) -> None:
        self._persistent = persistent
        self._is_used = False

    def __enter__(self) -> GradientTape:
        self._token = _tapes.set(_tapes.get() + 1)
        return self

    def __exit__(self, *error: object) -> None:
        _tapes.reset(self._token)

    def watch(self, tensor: Any) -> None:
        """Have gradients of constants too."""
        for one in flatten(tensor)[0]:
            one.requires_grad = True

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: str = "none",
    ) -> Any:
        """d(sum of target)/d(source) in the structure of sources; None where nothing leads there.

        Inside of another tape, or of this one, the result is recorded and can be differentiated.
        """
        self._use()
        targets, (wanted, outline) = flatten(target)[0], flatten(sources)
        _refuse_others([*targets, *wanted])
        seeds = [1.0] * len(targets) if output_gradients is None else flatten(output_gradients)[0]
        whole = sum(np.sum(one * raw(seed)) for one, seed in zip(targets, seeds, strict=True))
        return rebuild(outline, _found(whole, wanted, unconnected_gradients))

    def jacobian(self, target: Any, sources: Any, unconnected_gradients: str = "none") -> Any:
        """d target/d source, of the shape of target and then of source, for every source."""
        self._use()
        wanted, outline = flatten(sources)
        _refuse_others([target, *wanted])
        rows = [
            _found(target[place], wanted, unconnected_gradients)
            for place in np.ndindex(target.shape)
        ]
        whole = [
            None
            if any(row[i] is None for row in rows)
            else np.stack([row[i] for row in rows]).reshape(target.shape + source.shape)
            for i, source in enumerate(wanted)
        ]
        return rebuild(outline, whole)

    def batch_jacobian(self, target: Any, source: Any) -> Any:
        """d target/d source for each sample by itself, where no sample depends on another."""
        whole = self.jacobian(target, source)
        if whole is None:
            return None
        samples = np.arange(len(target))
        index = (slice(None),) * (target.ndim - 1)
        return whole[(samples, *index, samples)]

    def _use(self) -> None:
        if self._is_used and not self._persistent:
            raise StateError(
                "A GradientTape gives gradients once: write GradientTape(persistent=True) to ask "
                "it again."
            )
        self._is_used = True


def _found(whole: Any, wanted: list[Any], unconnected_gradients: str) -> list[Any]:
    """The gradients of one number, recorded where a tape is open."""
    again = _tapes.get() > 0
    reached = type(whole) is Tensor and whole.requires_grad
    found = gradients(whole, wanted, create_graph=again) if reached else [None] * len(wanted)
    if unconnected_gradients == "zero":
        found = [w.data * 0 if g is None else g for g, w in zip(found, wanted, strict=True)]
    return [g if g is None else convert_to_tensor(g) for g in found]


def _refuse_others(values: list[Any]) -> None:
    for one in values:
        if type(one) is not Tensor:
            raise ArgumentTypeError(
                f"`target` and `sources` must be Tensors, got {type(one).__name__}."
            )
