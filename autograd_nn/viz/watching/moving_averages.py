"""Whether batch normalization has averages that are not yet those of the data."""

from __future__ import annotations

import math

from autograd_nn.layers.batch_normalization import BatchNormalization
from autograd_nn.viz.graph.notation import count, number
from autograd_nn.viz.watching.evidence import Evidence, is_several
from autograd_nn.viz.watching.symptoms import FEW_EPOCHS, NOTABLE, OVERFITTING, Finding
from autograd_nn.viz.watching.wires import all_layers
from autograd_nn.viz.wording.saying import say


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
        say(
            "learned.lagging_one" if len(layers) == 1 else "learned.lagging",
            loss=number(loss),
            validation=number(validation),
            without=number(without),
            layers=count(len(layers), "numbers.layers"),
        ),
        say("learned.lagging_threshold", x=f"{OVERFITTING:g}"),
        say("learned.lagging_advice", momentum=f"{layers[0].momentum:g}"),
        say("learned.lagging_proof", loss=number(caught_up)),
    )
