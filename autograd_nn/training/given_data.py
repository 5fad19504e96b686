"""What fit, evaluate and predict are given: samples, or what gives batches of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from autograd_nn.data import Data, Form, as_data, as_inputs, as_validation
from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.training.batches import Arrays, Batches
from autograd_nn.training.held_out import split_off
from autograd_nn.training.sample_weights import warn_of_absent_labels
from autograd_nn.training.slices import Slices


def are_batches(x: Any) -> bool:
    """Whether x gives batches one after the other, and is no array, list or frame of samples."""
    if isinstance(x, (np.ndarray, np.generic, Tensor, list, tuple, str, bytes, set, range)):
        return False
    if isinstance(x, Mapping):  # also of files: an .npz, a group of HDF5
        return False
    if any(hasattr(x, name) for name in ("__array__", "to_numpy", "toarray")):
        return False
    return hasattr(x, "__iter__") or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def given_in_batches(
    x: Any,
    form: Form,
    steps: Any,
    name: str = "",
    shuffle: bool = False,
    class_weight: Any = None,
    **others: Any,
) -> Batches | None:
    """x as batches where it gives them, else None.

    Parameters   steps: how many make an epoch, None for all
                 name: of validation data, how errors begin
                 others: what cannot be given beside batches, by name
    """
    if isinstance(x, type):
        raise ArgumentTypeError(f"`{name}x` is the class {x.__name__}: give one made by it.")
    if isinstance(x, (list, tuple)) and x and all(map(_is_pair, x)):
        raise ArgumentTypeError(
            f"`{name}x` is a {type(x).__name__} of batches (x, y), and a list is taken for one of "
            "samples: give batches by an iterator, iter(batches), or by a PyDataset."
        )
    if isinstance(x, (FunctionType, MethodType, partial)):
        called = getattr(getattr(x, "func", x), "__name__", "x")
        raise ArgumentTypeError(
            f"`{name}x` is the function {called}: call it, {called}(), and give the batches that "
            "come out."
        )
    if not are_batches(x):
        return None
    for other, value in others.items():
        if value is not None:
            raise ArgumentError(
                f"`{other}` cannot be given beside `x` that gives batches: each of them has its "
                "own y and sample_weight, (x, y) or (x, y, sample_weight)."
            )
    return Batches(x, form, _as_steps(steps), name, shuffle, class_weight)


def _is_pair(item: Any) -> bool:
    """Whether it is x and y of a batch, of shapes that no single array has."""
    x: Any
    y: Any
    if not isinstance(item, tuple) or len(item) not in (2, 3):
        return False
    x, y = (getattr(part, "shape", ()) for part in item[:2])
    return bool(x and y) and x != y and x[:1] == y[:1]


def for_evaluate(form: Form, given: tuple[Any, Any, Any], steps: Any, batch_size: int) -> Any:
    """What is evaluated: x, y and sample_weight, or batches of them.

    Parameters   steps: how many batches, None for all
    """
    x, y, weight = given
    batches = given_in_batches(x, form, steps, y=y, sample_weight=weight)
    if batches is not None:
        return batches
    form = form._replace(reads_later=True)
    data = as_data(x, y, weight, form=form)
    return _for_run(_first_steps(data, steps, batch_size), form, batch_size)


def for_predict(form: Form, x: Any, steps: Any, batch_size: int) -> Any:
    """What outputs are computed for: x, or batches of it; so many of them."""
    batches = given_in_batches(x, form, steps)
    if batches is not None:
        return batches
    form = form._replace(reads_later=True)
    data = Data(as_inputs(x, form=form), None, None)
    return _for_run(_first_steps(data, steps, batch_size), form, batch_size)


def _first_steps(data: Data, steps: Any, batch_size: int) -> Data:
    number = _as_steps(steps)
    return data if number is None else data.part(slice(number * batch_size))


def _as_steps(steps: Any) -> int | None:
    return None if steps is None else positive_integer("steps", steps)


def for_fit(
    form: Form,
    given: tuple[Any, Any, Any, Any],
    validation_split: float,
    validation_data: Any,
    steps: tuple[Any, Any],
    sizes: tuple[int, int],
    shuffle: bool,
    stratify: bool = False,
) -> tuple[Any, Any]:
    """What is trained on, and what is only evaluated, None where there is nothing.

    Parameters   given: x, y, sample_weight and class_weight
                 steps: of an epoch, and of its validation
                 sizes: of a batch of arrays, here and there
    """
    form = form._replace(reads_later=True)
    x, y, sample_weight, class_weight = given
    others = {
        "stratify": stratify or None,
        "y": y,
        "sample_weight": sample_weight,
        "validation_split": validation_split or None,
    }
    data: Any = given_in_batches(x, form, steps[0], "", shuffle, class_weight, **others)
    if data is None:
        data = as_data(x, y, sample_weight, class_weight, form=form)
        if class_weight is not None:
            warn_of_absent_labels(class_weight, data.y)
    if stratify and (validation_data is not None or not validation_split):
        raise ArgumentError(
            "`stratify`=True says how `validation_split` chooses samples: give that, such as 0.2, "
            "and no validation_data."
        )
    validation: Any = None
    if validation_data is not None:
        validation = given_in_batches(validation_data, form, steps[1], "validation ")
        if validation is None:
            validation = as_validation(validation_data, form)
    elif validation_split:
        data, validation = split_off(data, validation_split, stratify, form.again)
    if isinstance(validation, Data):
        validation = _first_steps(validation, steps[1], sizes[1])
        validation = _for_run(validation, form, sizes[1], "validation ")
    if isinstance(data, Data):
        data = _for_run(data, form, sizes[0], "", shuffle, _as_steps(steps[0]))
    return data, validation


def _for_run(
    data: Data,
    form: Form,
    size: int,
    name: str = "",
    shuffle: bool = False,
    steps: int | None = None,
) -> Any:
    """The data of a run: as batches that are read later where not all of it is in memory, or where
    so many of them make an epoch."""
    if steps is None and not data.is_unread:
        return Arrays(data, size, shuffle, name)
    return Batches(Slices(data, size, shuffle), form, steps, name, shuffle, None)
