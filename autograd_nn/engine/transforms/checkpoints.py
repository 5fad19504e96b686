"""checkpoint: memory for time."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import described
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.engine.transforms.computed_again import check_same, without_draws
from autograd_nn.engine.transforms.first_derivatives import vjp
from autograd_nn.engine.transforms.variables import check_function, depends_on_outside


def checkpoint(f: Callable[..., Any]) -> Operation:
    """The function as one operation, whose inside is not kept: the gradient computes it again.

    For long chains of large arrays. Cut into √n parts, n steps keep 2√n results and not n, and
    each is computed twice.

    Parameters   f: takes arrays and Tensors, and returns one, or a tuple; every Tensor that wants
                 a gradient has to be an argument, and so have random numbers
    Raises       ArgumentTypeError when it uses one from outside, whose gradient would be lost, or
                 draws (as Dropout does); StateError when it gives other numbers the second time
    Example      sin(sin(x)): cos(sin(x))·cos(x) is 1 at 0

    >>> import numpy as np
    >>> from autograd_nn import checkpoint, grad
    >>> @checkpoint
    ... def twice(x):
    ...     return np.sin(np.sin(x))
    >>> float(grad(twice)(0.0))
    1.0
    """
    check_function(f)
    name = getattr(f, "__name__", type(f).__name__)

    @functools.wraps(f, updated=())
    def value(*inputs: Any, **attributes: Any) -> Any:
        with recorded(), without_draws(name):
            returned = f(*[new_leaf(x) if _is_float(x) else x for x in inputs], **attributes)
        results = returned if isinstance(returned, tuple) else (returned,)
        if any(x is None or isinstance(x, (list, tuple, dict)) for x in results):
            raise ArgumentTypeError(
                f"{name} must return an array or a tuple of arrays to be a checkpoint, got "
                f"{described(returned)}."
            )
        if any(type(x) is Tensor and depends_on_outside(x) for x in results):
            raise ArgumentTypeError(
                f"{name} uses a Tensor from outside, whose gradient would be lost. Give it as an "
                "argument."
            )
        plain = tuple(x._data if type(x) is Tensor else x for x in results)
        return plain if isinstance(returned, tuple) else plain[0]

    @functools.wraps(f, updated=())
    def gradients(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
        places = [place for place, x in enumerate(inputs) if _is_float(x)]

        def again(*varying: Any) -> Any:
            given = dict(zip(places, varying, strict=True))
            return f(*[given.get(place, x) for place, x in enumerate(inputs)], **attributes)

        if type(g) is tuple:
            g = tuple(np.zeros(x.shape) if d is None else d for d, x in zip(g, out, strict=True))
        with undone():
            now, pull = vjp(again, *[inputs[at] for at in places])
        check_same(name, out, now)
        found = dict(zip(places, pull(g), strict=True))
        return tuple(found.get(place) for place in range(len(inputs)))

    return Operation(name, value=value, gradients=gradients)


def _is_float(x: Any) -> bool:
    return isinstance(x, (Tensor, np.ndarray, np.generic)) and x.dtype.kind == "f"
