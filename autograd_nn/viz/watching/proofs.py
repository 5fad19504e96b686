"""What becomes of a run without the cause that was found: it is replayed on a copy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import activations, initializers
from autograd_nn.data import Data
from autograd_nn.engine.mutation import put
from autograd_nn.viz.graph.notation import count, number
from autograd_nn.viz.watching.evidence import Evidence
from autograd_nn.viz.watching.replaying import Change, is_better, scaled, unchanged
from autograd_nn.viz.watching.wires import all_layers, rate_of
from autograd_nn.viz.wording.saying import say

BETTER, MUCH_BETTER = 0.9, 0.7
"""A cause is borne out where the loss of the replay is below so much of that with the cause; in a
run that learned it has to be much better, for any two runs differ."""


def proof_of(name: str, e: Evidence) -> str:
    """What the run gives without this cause; "" where that cannot be tried or shows nothing."""
    if e.run is None or name not in _WITHOUT:
        return ""
    words, change = _WITHOUT[name]
    of_data = _with_scaled_inputs if name == "unscaled inputs" else None
    try:
        before, after = e.run.compared(change, max(e.run.epochs, 10), of_data)
    except Exception:  # nothing to change, or code of the user's that a copy does not run
        return ""
    enough = MUCH_BETTER if e.has_learned else BETTER
    if not is_better(before[-1], after[-1], enough):
        return ""
    return say(
        "runs.replayed",
        epochs=count(len(after), "numbers.epochs"),
        change=say(words),
        after=number(after[-1]),
        before=number(before[-1]),
    )


def _with_scaled_inputs(data: Data) -> Data:
    return data._replace(x=scaled(data.x))


def _drawn_anew(model: Any) -> None:
    """Kernels as an initializer draws them, biases of 0."""
    for layer in all_layers(model):
        activation = getattr(layer, "activation", None)
        name = "he_normal" if activation is activations.relu else "glorot_uniform"
        for weight in layer.trainable_weights:
            if weight.ndim > 1:
                put(weight, initializers.get(name)(weight.shape, dtype=weight.dtype))
            elif (weight.name or "").endswith("bias"):
                put(weight, np.zeros_like(weight._data))


def _with_relu(model: Any) -> None:
    """relu in place of sigmoid and tanh, but in the last layer."""
    for layer in all_layers(model)[:-1]:
        if getattr(layer, "activation", None) in (activations.sigmoid, activations.tanh):
            layer.activation = activations.relu
    _drawn_anew(model)


def _with_leaky_relu(model: Any) -> None:
    for layer in all_layers(model):
        if getattr(layer, "activation", None) is activations.relu:
            layer.activation = activations.leaky_relu


def _rate_times(factor: float) -> Change:
    def change(model: Any) -> None:
        rate = rate_of(model.optimizer)
        if rate is None:
            raise LookupError("a schedule gives the rate")
        model.optimizer.learning_rate = rate * factor

    return change


def _without_last_activation(model: Any) -> None:
    last = all_layers(model)[-1]
    if getattr(last, "activation", None) in (activations.sigmoid, activations.softmax):
        last.activation = activations.linear
    else:
        raise LookupError("the activation is no argument of the last layer")


def _with_last_activation(model: Any) -> None:
    last, loss = all_layers(model)[-1], model.loss
    if getattr(loss, "from_logits", True):
        last.activation = activations.linear
    else:
        one = type(loss).__name__ == "BinaryCrossentropy"
        last.activation = activations.sigmoid if one else activations.softmax


def _thawed(model: Any) -> None:
    for layer in all_layers(model):
        layer.trainable = True


_WITHOUT: dict[str, tuple[str, Change]] = {
    "unscaled inputs": ("runs.with_scaled", unchanged),
    "activation applied twice": ("runs.without_last", _without_last_activation),
    "last activation": ("runs.with_fitting", _with_last_activation),
    "symmetric units": ("runs.with_random", _drawn_anew),
    "frozen layers": ("runs.with_all", _thawed),
    "exploding gradients": ("runs.with_initializer", _drawn_anew),
    "saturated units": ("runs.with_initializer", _drawn_anew),
    "learning rate too large": ("runs.with_tenth", _rate_times(0.1)),
    "learning rate too small": ("runs.with_ten", _rate_times(10.0)),
    "dead units": ("runs.with_leaky", _with_leaky_relu),
    "vanishing gradients": ("runs.with_relu", _with_relu),
}
