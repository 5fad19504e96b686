"""`to_torch`: a model as a module of PyTorch."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.exporting.recorded_model import recorded_model, refuse_unbuilt
from autograd_nn.layers.weights import bound


@checked_keywords
def to_torch(model: Any, input_shape: Any = None) -> Any:
    """A ``torch.nn.Module`` that computes what a model computes, with copies of its weights.

    In training too: it draws, and keeps moving averages, after ``module.train()``. Weights have
    the names and shapes that they have here, so ``module.state_dict()`` has "dense/kernel", and
    what training leaves alone wants no gradient there. ``torch.export.export(module, (x,))``
    gives the same in plain calls of PyTorch, which do without this library.

    Parameters   input_shape: in place of that which the model was built for, such as
                 (None, 10, 3)
    Raises       ExportError naming what has no counterpart: what looks at its own numbers, has
                 gradient rules of its own, or keeps a state from call to call
                 MissingPackageError without PyTorch: pip install torch

    >>> from autograd_nn import Input, Sequential, layers
    >>> model = Sequential([Input((4,)), layers.Dense(2)])
    >>> module = to_torch(model)                                          # doctest: +SKIP
    >>> optimizer = torch.optim.SGD(module.parameters(), 0.1)             # doctest: +SKIP
    """
    try:
        import torch  # noqa: F401
    except ImportError:
        raise MissingPackageError(
            "to_torch makes a module of PyTorch: pip install torch."
        ) from None
    from autograd_nn.exporting.torch_arrays import knows
    from autograd_nn.exporting.torch_steps import TorchModel

    refuse_unbuilt(model)
    by_mode = {
        training: recorded_model(model, knows, False, training, input_shape)
        for training in (False, True)
    }
    _warn_of_rules(model)
    return TorchModel(by_mode)


def _warn_of_rules(model: Any) -> None:
    """What belongs to the loss, or to the optimizer, and does not come along."""
    found = []
    for weight in model.weights:
        own = bound.get(id(weight))
        if own is not None:
            rules = (own.regularizer, "regularizer"), (own.constraint, "constraint")
            found += [f"the {name} of {weight.name!r}" for rule, name in rules if rule is not None]
    if found:
        warn_outside(
            f"{', '.join(found)}: this is no part of the module, and what it adds to the loss, or "
            "does after a step, is to be written anew there.",
        )
