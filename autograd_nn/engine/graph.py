"""Walks over a recorded graph: iterative, each node once, in an order that never changes."""

from __future__ import annotations

from collections.abc import Iterable

from autograd_nn.engine.tensor import Tensor


def topological(root: Tensor) -> list[Tensor]:
    """Every Tensor that ``root`` was computed from, inputs before their users, ``root`` last.

    Depth first, left to right, with a stack of its own: a chain of a million nodes is no deeper
    than one of ten. Plain constants among the inputs are not nodes.
    """
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack: list[Tensor | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # the mark below a node whose inputs are done
            order.append(stack.pop())  # type: ignore[arg-type]
            continue
        if node in seen:
            continue
        seen.add(node)
        if node.operation is None:
            order.append(node)
            continue
        stack += (node, None)
        for operand in node.inputs[::-1]:
            if type(operand) is Tensor and operand not in seen:
                stack.append(operand)
    return order


def recorded_nodes(root: Tensor) -> list[Tensor]:
    """The same walk without the leaves: what the reverse sweep has to visit."""
    order: list[Tensor] = []
    seen: set[Tensor] = set()
    stack: list[Tensor | None] = [root] if root.operation is not None else []
    push, pop = stack.append, stack.pop
    while stack:
        node = pop()
        if node is None:
            order.append(pop())  # type: ignore[arg-type]
        elif node not in seen:
            seen.add(node)
            push(node)
            push(None)
            for operand in node.inputs[::-1]:
                if type(operand) is Tensor and operand.operation is not None:
                    push(operand)
    return order


def between(order: list[Tensor], inputs: Iterable[Tensor]) -> set[Tensor]:
    """The Tensors of a topological ``order`` through which ``inputs`` reach its root.

    An input may be an ancestor of another, so the walk does not stop at the first.
    """
    reached = set(inputs)
    for node in order:
        for operand in node.inputs:
            if type(operand) is Tensor and operand in reached:
                reached.add(node)
                break
    return reached
