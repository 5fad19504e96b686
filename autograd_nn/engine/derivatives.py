"""The gradients of chosen inputs: returned, and stored nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import copy_of
from autograd_nn.engine.contributions import (
    from_numbers,
    from_tensors,
    of_each_seed,
    with_part,
)
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.fast_reverse import fast_sweep
from autograd_nn.engine.graph import between, topological
from autograd_nn.engine.observing import noted
from autograd_nn.engine.operation import part
from autograd_nn.engine.recording import (
    anomalies_sought,
    numbers_recorded,
    recorded,
    switched,
    value_needed,
)
from autograd_nn.engine.reverse import as_seed, check_output, show_to_watch
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf

_array = np.ndarray


def gradients(output: Tensor, inputs: Any, seed: Any = None, create_graph: bool = False) -> Any:
    """The gradients of ``output`` with respect to ``inputs``; nothing is stored in ``.grad``.

    Formula      dL/dx = Σ over the uses of x of (local derivative)ᵀ · upstream
    Shapes       each gradient has the shape of its input
    Parameters   inputs: a Tensor, or a (nested) list, tuple or dict of Tensors
                 seed: dL/d(output), of output's shape; 1 for a scalar when None. Recorded
                 gradients depend on a seed that is a Tensor too
                 create_graph: give recorded Tensors, which can be differentiated again
    Returns      the structure of ``inputs``; None for an input that ``output`` does not reach
    Raises       StateError when output is not recorded, or not a scalar without a seed
    Example      d(x²y)/dx = 2xy = 12 and d(x²y)/dy = x² = 4 at x = 2, y = 3

    >>> from autograd_nn import Tensor, gradients
    >>> x, y = Tensor(2.0), Tensor(3.0)
    >>> [float(g) for g in gradients(x * x * y, [x, y])]
    [12.0, 4.0]
    """
    wanted, shape = flatten(inputs)
    for leaf in wanted:
        if type(leaf) is not Tensor:
            raise ArgumentTypeError(
                f"`inputs` must be Tensors that output was computed from, got {leaf!r}."
            )
    check_output(output)
    start = as_seed(output, seed)
    if create_graph:
        start = recorded_seed(output, seed, start)
    return rebuild(shape, unshared(swept(output, start, wanted, create_graph)))


def swept(
    root: Tensor, seed: Any, wanted: list[Tensor], create_graph: bool, number: int | None = None
) -> list[Any]:
    """The gradient for each of ``wanted``, None where it is not reached.

    Parameters   seed: dL/d(root): an array, with ``create_graph`` a Tensor, of several roots
                 joined to one a tuple
                 number: how many seeds there are, along a first axis that is also the results';
                 None for one without such an axis
    """
    rules: Any = from_tensors if create_graph else from_numbers
    if number is not None:
        rules = of_each_seed(rules, number)
    show_to_watch(root, seed, wanted, number)
    if create_graph:
        # A rule that took a number out of a Tensor would lose its part without a word.
        with (
            recorded(),
            switched(numbers_recorded),
            switched(value_needed),
            switched(anomalies_sought, False),
        ):
            found = _total(root, seed, rules, wanted)
    else:
        noted("gradients() without create_graph=True")
        if number is None:
            nodes = topological(root, leaves=False)
            found = fast_sweep(root, seed, nodes, between(nodes, wanted), set(wanted))
        else:
            found = _total(root, seed, rules, wanted)
    return [found.get(x) if x._requires_grad else None for x in wanted]


def _total(root: Tensor, seed: Any, rules: Any, wanted: list[Tensor]) -> dict[Any, Any]:
    """What `sweep` gives, without a record of every step."""
    nodes = topological(root, leaves=False)
    needed = between(nodes, wanted)
    pending: dict[Any, Any] = {root: seed}
    for node in reversed(nodes):
        if (g := pending.get(node)) is None:
            continue
        inputs = node.inputs
        slots = [
            slot
            for slot, x in enumerate(inputs)
            if type(x) is Tensor and x._requires_grad and x in needed
        ]
        for slot, d in rules(node, g, slots):
            x = inputs[slot]
            if node.operation is part:
                pending[x] = with_part(node, d, pending.get(x))
            else:
                pending[x] = pending[x] + d if x in pending else d
    return pending


def recorded_seed(output: Tensor, seed: Any, start: Any) -> Tensor:
    """A seed that is a Tensor or an array stays in the graph: what comes out depends on it too."""
    if type(seed) is _array:
        seed = copy_of(seed, seed)
    if type(seed) is Tensor and seed.dtype != output.dtype:
        seed = seed.astype(output.dtype)
    elif type(seed) is Tensor and not seed._requires_grad:
        seed = seed.copy()  # a constant may be written to
    return seed if type(seed) is Tensor else new_leaf(start)


def unshared(found: list[Any]) -> list[Any]:
    """The sweep shares arrays between nodes; results handed to a user share nothing."""
    handed_out: set[int] = set()
    for place, gradient in enumerate(found):
        if type(gradient) is _array and (gradient.base is not None or id(gradient) in handed_out):
            found[place] = gradient = gradient.copy()
        elif type(gradient) is Tensor and gradient.operation is None and id(gradient) in handed_out:
            with recorded():
                found[place] = gradient = gradient.copy()
        handed_out.add(id(gradient))
    return found
