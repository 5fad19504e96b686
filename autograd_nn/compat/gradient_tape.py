"""GradientTape: the way in which TensorFlow asks for gradients."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import convert_to_tensor, raw
from autograd_nn.engine.argument_checks import true_or_false
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import no_grad
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor

_tapes: ContextVar[int] = ContextVar("tapes", default=0)


class GradientTape:
    """Gradients of what is computed inside of ``with``; here everything is recorded anyway.

    Parameters   persistent: whether it may be asked more than once
                 watch_accessed_variables: False gives gradients only of what ``watch`` was given,
                 and of what is computed from it
    Raises       StateError where a tape that is not persistent is asked twice
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = true_or_false("persistent", persistent)
        self._watches_all = true_or_false("watch_accessed_variables", watch_accessed_variables)
        self._watched: set[Tensor] = set()
        self._is_used = False

    def __enter__(self) -> GradientTape:
        self._token = _tapes.set(_tapes.get() + 1)
        return self

    def __exit__(self, *error: object) -> None:
        _tapes.reset(self._token)

    def watch(self, tensor: Any) -> None:
        """Have gradients of constants too."""
        for one in flatten(tensor)[0]:
            _refuse_others([one])
            if not one.requires_grad:
                one.requires_grad = True
            self._watched.add(one)

    def stop_recording(self) -> Any:
        """A ``with`` inside of which nothing is recorded."""
        return no_grad()

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
        return rebuild(outline, self._found(whole, wanted, unconnected_gradients))

    def jacobian(self, target: Any, sources: Any, unconnected_gradients: str = "none") -> Any:
        """d target/d source, of the shape of target and then of source, for every source."""
        self._use()
        wanted, outline = flatten(sources)
        _refuse_others([target, *wanted])
        rows = [
            self._found(target[place], wanted, unconnected_gradients)
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

    def _found(self, whole: Any, wanted: list[Any], unconnected_gradients: str) -> list[Any]:
        """The gradients of one number, recorded where a tape is open."""
        again = _tapes.get() > 0
        reached = type(whole) is Tensor and whole.requires_grad
        found = gradients(whole, wanted, create_graph=again) if reached else [None] * len(wanted)
        if not self._watches_all:
            pairs = zip(found, wanted, strict=True)
            found = [g if self._is_watched(source) else None for g, source in pairs]
        if unconnected_gradients == "zero":
            found = [w.data * 0 if g is None else g for g, w in zip(found, wanted, strict=True)]
        return [g if g is None else convert_to_tensor(g) for g in found]

    def _is_watched(self, source: Tensor) -> bool:
        return any(node in self._watched for node in topological(source))


def _refuse_others(values: list[Any]) -> None:
    for one in values:
        if type(one) is not Tensor:
            raise ArgumentTypeError(
                f"`target` and `sources` must be Tensors, got {type(one).__name__}."
            )
