"""The order in which a computation is told, so that of a loop one step is done before the next."""

from __future__ import annotations

from autograd_nn.engine.graph import topological
from autograd_nn.engine.tensor import Tensor


def told_order(root: Tensor) -> list[Tensor]:
    """Every Tensor that ``root`` was computed from, inputs before their users, ``root`` last.

    As Python computes an expression: the inputs of an operation from left to right, each with all
    that it needs before the next. But a chain that starts from given numbers waits for an input in
    which one as long has met another: in h₂ = tanh(x₂ @ U + h₁ @ W) so does x₂ @ U for h₁, which is
    the whole step before, with x₁ @ U in it.
    """
    order = topological(root)
    length: dict[Tensor, int] = {}  # operations one after the other
    met: dict[Tensor, int] = {}  # how long what met at first was; 0 where nothing has met
    for node in order:
        computed = {x for x in node.inputs if type(x) is Tensor and x.operation is not None}
        longest = max((length[x] for x in computed), default=0)
        length[node] = longest + (node.operation is not None)
        before = [met[x] for x in computed if met[x]] + [longest] * (len(computed) > 1)
        met[node] = min(before, default=0)
    found: list[Tensor] = []
    entered: set[Tensor] = set()
    waiting = [(root, False)]
    while waiting:
        node, is_ready = waiting.pop()
        if is_ready:
            found.append(node)
        elif node not in entered:
            entered.add(node)
            inputs = [x for x in node.inputs if type(x) is Tensor]
            most = max((met[x] for x in inputs), default=0)
            waits = [not met[x] and 0 < length[x] <= most for x in inputs]
            first = [x for x, is_last in zip(inputs, waits, strict=True) if not is_last]
            last = [x for x, is_last in zip(inputs, waits, strict=True) if is_last]
            waiting.append((node, True))
            waiting += [(x, False) for x in reversed(first + last)]
    return found
