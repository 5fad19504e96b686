"""Whether batch normalization has averages that are not yet those of the data."""

from __future__ import annotations

import math

from autograd_nn.layers.batch_normalization import BatchNormalization
from autograd_nn.viz.graph.notation import count, number
from autograd_nn.viz.watching.evidence import Evidence, is_several
from autograd_nn.viz.watching.symptoms import FEW_EPOCHS, NOTABLE, OVERFITTING, Finding
from autograd_nn.viz.watching.wires import all_layers


def lagging_averages(e: Evidence) -> Finding | None:
    """A validation loss that is bad on the samples trained on too, as soon as they are not taken
    batch by batch: after few steps the moving averages are still near those they began with."""
    validation, loss = e.logs.get("val_loss", [math.nan])[-1], e.loss[-1]
    layers = [x for x in all_layers(e.model) if isinstance(x, BatchNormalization)]
    if e.run is None or is_several(e.run) or not layers or len(e.loss) < FEW_EPOCHS:
        return None
    if not validation > OVERFITTING * loss or validation - loss < NOTABLE * (e.base_loss or loss):
        return None
    try:
        model = e.run.at_end()
        without = e.run.loss_without_training(model, e.run.data)
        for layer in all_layers(model):
            if isinstance(layer, BatchNormalization):
                layer.momentum = 0.0
        e.run.pass_through(model)
        caught_up = e.run.loss_without_training(model, e.run.data)
    except Exception:  # code of the user's that a copy does not run
        return None
    # Overfitting is bad on other samples only.
    if without < (loss + validation) / 2 or not caught_up < (loss + without) / 2:
        return None
    return Finding(
        "moving averages lag behind",
        f"The loss in training is {number(loss)} and that of the validation {number(validation)}; "
        f"but of the very samples trained on it is {number(without)} without training=True. "
        f"{count(len(layers), 'numbers.layers')} of batch normalization then "
        f"{'uses' if len(layers) == 1 else 'use'} moving averages in place of those of a batch, "
        "and they are still far behind.",
        f"a loss without training below {OVERFITTING:g} times that in training",
        f"Train for more steps, or BatchNormalization(momentum=0.9) in place of "
        f"{layers[0].momentum:g}: after n steps momentum ** n of the averages is still what they "
        "began with.",
        f"In a copy with the averages of these samples in their place the loss is "
        f"{number(caught_up)}.",
    )
