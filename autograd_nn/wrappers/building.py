"""The network of an estimator: made of sizes, by the user's function, or like the user's model."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn import optimizers
from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers import Dense, Input
from autograd_nn.models import Model, Sequential, clone_model


def network(
    features: int, hidden: Any, activation: Any, outputs: int, last: str | None
) -> Sequential:
    """Dense layers of these sizes, and one for the outputs."""
    sizes = hidden if isinstance(hidden, (tuple, list, np.ndarray)) else (hidden,)
    return Sequential(
        [
            Input((features,)),
            *(Dense(positive_integer("hidden", size), activation=activation) for size in sizes),
            Dense(outputs, activation=last),
        ]
    )


def new_optimizer(optimizer: Any, learning_rate: Any) -> optimizers.Optimizer:
    """An optimizer that has taken no step: the user's own goes through no fit."""
    found = optimizers.get(optimizer)
    if found is optimizer:
        found = type(found).from_config(optimizers.serialize(found)["config"])
    if learning_rate is not None:
        found.learning_rate = learning_rate
    return found


def given_rate(optimizer: optimizers.Optimizer) -> Any:
    """The learning rate as an optimizer was given it: a number, or a schedule."""
    schedule = optimizer._schedule
    return optimizer.learning_rate if schedule is None else schedule


def users_model(model: Any, settings: Mapping[str, Any], X: Any, y: Any) -> Model:
    """What a function makes, or for a model one of new weights, compiled as it is.

    Parameters   settings: keywords for the function, which is given X and y if it names them
    """
    if isinstance(model, Model):
        if settings:
            raise ArgumentError(
                f"`model_kwargs` {dict(settings)} are for a function, and `model` is a model: "
                "write a function that takes them and gives a compiled model."
            )
        return _like(model)
    if not callable(model):
        raise ArgumentTypeError(
            "`model` must be a function that gives a compiled model, or a compiled model, got "
            f"{model!r} of type {type(model).__name__}. For sizes of layers write hidden=(25, 15)."
        )
    data = {"X": X, "y": y}
    names = inspect.signature(model).parameters
    made = model(**{name: data[name] for name in data if name in names}, **settings)
    if not isinstance(made, Model):
        raise ArgumentTypeError(
            f"`model` must give a compiled model, {model!r} gave {made!r} of type "
            f"{type(made).__name__}. Does it end with `return model`?"
        )
    _refuse_unfit(made)
    return made


def _like(model: Model) -> Model:
    _refuse_unfit(model)
    training: Any = model._training
    clone: Model = clone_model(model)
    clone.compile(
        new_optimizer(training.optimizer, None),
        copy.deepcopy(training.given_loss),
        copy.deepcopy(training.plain),
        training.loss_weights,
        copy.deepcopy(training.weighted),
        training.run_eagerly,
        training.jit_compile,
    )
    return clone


def _refuse_unfit(model: Model) -> None:
    if model._training is None:
        raise ArgumentError(
            "`model` is not compiled: model.compile(optimizer='adam', loss=…) says how to train it."
        )
    if hasattr(model._training.compiled_loss, "names"):  # losses of outputs by their names
        _refuse_several(len(model._training.compiled_loss.names))


def one_output(outputs: Any) -> np.ndarray:
    """What a model gives, refused where that is more than one array."""
    if not isinstance(outputs, np.ndarray):
        _refuse_several(len(outputs))
    return outputs


def _refuse_several(count: int) -> None:
    raise ArgumentError(
        f"`model` has {count} outputs, and scikit-learn knows of one: train it with model.fit, or "
        "give Model(inputs, output) of one of them."
    )


def keywords_of(name: str, given: Any) -> dict[str, Any]:
    """A dict of keywords, {} for None."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ArgumentTypeError(
            f"`{name}` must be a dict of keywords, got {given!r} of type {type(given).__name__}."
        )
    for key, place in _ELSEWHERE.items():
        if name == "fit_kwargs" and key in given:
            raise ArgumentError(f"`fit_kwargs` has {key!r}: {place}.")
    return dict(given)


_ELSEWHERE = {
    "class_weight": "give it to NNClassifier(class_weight=…), by the labels of y",
    "sample_weight": "give it to fit(X, y, sample_weight=…)",
    "validation_split": "give it to the estimator itself, which draws the samples",
    "x": "give it to fit(X, y)",
    "y": "give it to fit(X, y)",
}
"""What `Model.fit` takes and an estimator knows by other names."""
