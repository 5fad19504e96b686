"""What `why` finds: the causes by name, a finding with its evidence, and the stops of a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor

Changes = Mapping[Tensor, Callable[..., Any]]
"""By Tensor a function that gives what stands in its place: of its inputs, or for a leaf of
nothing."""

CAUSES = {
    "no gradient wanted": "w has requires_grad=False",
    "not connected": "the loss was not computed from w",
    "detached": "a copy without history, .detach(), stands between them",
    "bypassed by the fused loss": "w is the probability that a fused loss shows and does not use",
    "no derivative": "an operation between them has no derivative for that input",
    "NaN in the data": "a NaN or an infinity that no operation made",
    "NaN made by an operation": "the first operation whose result or gradient is NaN",
    "infinite": "the same for infinity",
    "every prediction against every target": "(n, 1) beside (n,) was broadcast to (n, n)",
    "softmax over the examples": "along axis 0, where the classes are the last axis",
    "constant output": "a softmax over one unit, which is always 1",
    "activation applied twice": "sigmoid or softmax, and once more by a loss from logits",
    "last activation": "what goes into a cross-entropy is no probability, or no logit",
    "symmetric units": "all units of a layer have the same weights and stay the same",
    "saturated sigmoid": "nearly all of its elements lie where it is flat",
    "saturated tanh": "the same",
    "saturated softmax": "nearly every row gives all of its 1 to one place",
    "dead relu": "nearly all of its elements are 0, where it lets no gradient through",
    "switched off": "a clip, a maximum, a where … chose something else everywhere",
    "multiplied by zero": "by a number, or by a result, that is 0",
    "scale of inputs": "raw data that are huge or tiny (or all 0)",
    "scale of weights": "weights that are huge or tiny (or all 0)",
    "scale of targets": "targets that are huge",
    "flat operation": "one step whose local derivative is nearly 0 here",
    "steep operation": "one step whose local derivative is huge here",
    "vanishing through depth": "many small factors, none of which is a fault by itself",
    "exploding through depth": "many large factors, none of which is a fault by itself",
    "cancelled": "large contributions of opposite signs",
    "accumulated gradients": "w.grad is not the gradient, which itself is fine",
}
"""Every value that ``Reason.cause`` can have besides None, and what it means."""


class Cause(NamedTuple):
    """One cause: its name, the sentence that names it, the numbers, and what to try.

    ``step`` is the step at fault where there is one, ``gain`` the part of the gradient that it lets
    through. ``change`` says in words and as functions what to change to see that it is the cause.
    """

    cause: str
    because: str
    evidence: tuple[str, ...]
    suggestions: tuple[str, ...]
    gain: float = 1.0
    step: Contribution | None = None
    change: tuple[str, Changes] | None = None


@dataclass(frozen=True)
class Stop:
    """One Tensor on the way from the loss to w, and the step that leads there.

    ``operation`` and ``layer`` are what the gradient came back through, None at the loss.
    ``norm`` is that of the gradient here, None where it is a tuple of several; ``factor`` is what
    the step made of the norm, None where nothing was left to multiply.
    """

    label: str
    operation: str | None
    layer: str | None
    norm: float | None
    factor: float | None
