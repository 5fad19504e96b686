"""Before ranks share a training: whether it can be shared, and whether all mean the same one."""

from __future__ import annotations

import zlib
from typing import Any

from autograd_nn.data import Data
from autograd_nn.distribution.ranks import Ranks
from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import mask_of
from autograd_nn.layers.weights import inside
from autograd_nn.losses.overlap import OfAreas
from autograd_nn.several import Several
from autograd_nn.training.one_step import held_metrics, output_of
from autograd_nn.training.own_code import parts_of

OTHER_NUMBERS = "other numbers in some ranks"
SAME_SEED = (
    "Make random data with the same seed in all; where each has rows of its own: "
    "DataParallel(auto_shard_dataset=False)."
)

_SHARE = "distribution=DataParallel() shares the rows of a batch among ranks"


def refuse_unshareable(model: Any, training: Any, first: Data) -> None:
    """Refuse what is not the mean of what the rows of each rank give.

    Parameters   first: samples on which the model is tried, as in training
    """
    for name in ("train_step", "test_step"):
        if model.has_own(name):
            raise ArgumentError(
                f"{_SHARE}, and {type(model).__name__} has a {name} of its own, whose gradients "
                "and values they do not see. Use fit's own steps: a compute_loss of the model's "
                "own can say what is made small."
            )
    for loss in parts_of(training.loss):
        _refuse_loss(loss)
    if held := held_metrics(model):
        raise ArgumentError(
            f"{_SHARE}, and the metric {held[0].name!r}, which a layer holds and updates, would "
            "see those of one alone. Give it to compile(metrics=[…])."
        )
    trial = undone()
    with trial, recorded():
        output = output_of(model, first.x[:2], None if first.y is None else first.y[:2], True)
        changed = {what for what in trial.changed if type(what) is Tensor}
    for layer, _ in inside(model):
        if any(weight.tensor in changed for weight in layer._own_weights):
            raise ArgumentError(
                f"{_SHARE}, and layer {layer.name!r} ({type(layer).__name__}) keeps something that "
                "depends on all rows of it: each rank would compute that from its own rows. "
                "LayerNormalization and GroupNormalization look at each sample by itself; with "
                f"{layer.name}.trainable = False a BatchNormalization takes the averages that it "
                "has."
            )
    if any(mask_of(one) is not None for one in flatten(output)[0]):
        raise ArgumentError(
            f"{_SHARE}, and the output has a mask, so that the loss is the mean over the steps of "
            "sequences that are there: ranks have different numbers of them. Let the model give "
            "one output for each sequence, or give sample_weight instead of a mask."
        )


def _refuse_loss(loss: Any) -> None:
    reduction = loss.reduction
    if reduction not in ("sum_over_batch_size", "mean"):
        raise ArgumentError(
            f"{_SHARE}, and the loss {loss.name!r} with reduction {reduction!r} is not the mean "
            "over the rows. Use the default, 'sum_over_batch_size'."
        )
    if getattr(loss, "ignore_class", None) is not None:
        raise ArgumentError(
            f"{_SHARE}, and the loss {loss.name!r} with ignore_class is a mean over the rows that "
            "count, of which ranks have different numbers. Give samples that are not to count the "
            "sample_weight 0."
        )
    if isinstance(loss, OfAreas) and loss.axis is None:
        raise ArgumentError(
            f"{_SHARE}, and the loss {loss.name!r} is one number for all of the batch. Give it the "
            "axes of a sample, such as axis=(1, 2, 3)."
        )


def crc_of_batch(*parts: Any) -> int:
    """A number that differs, in all likelihood, where arrays differ."""
    found = 0
    for part in parts:
        arrays = part.arrays if type(part) is Several else [part]
        for array in arrays:
            if array is not None:
                found = zlib.crc32(array.tobytes(), found)
    return found


def refuse_different_data(
    ranks: Ranks, what: str, is_same: bool, rows: Any, settings: tuple[Any, ...], crc: int
) -> None:
    """Refuse calls of one kind with different data or settings.

    Parameters   is_same: whether all are to be given the same data
                 rows: how many samples or batches there are, as far as it is known
                 settings: what must be equal beside
    """
    told = ranks.of_all((rows, repr(settings), crc))
    numbers = [one[0] for one in told]
    shown = ", ".join(map(str, numbers))
    if len(set(numbers)) > 1:
        if is_same:
            raise ArgumentError(
                f"{what} has {shown} samples or batches in ranks 0, 1, …, and with DataParallel() "
                "every rank is given the same data, of which it takes its rows. Where each has "
                "rows of its own: DataParallel(auto_shard_dataset=False)."
            )
        raise ArgumentError(
            f"{what} makes {shown} batches in ranks 0, 1, …: their shares are not equal. Give "
            "every rank nearly as many rows as the others."
        )
    if len({one[1] for one in told}) > 1:
        other = next(rank for rank, one in enumerate(told) if one[1] != told[0][1])
        raise StateError(
            f"{what}: ranks 0 and {other} differ in batch_size, epochs or the shapes of weights, "
            f"{told[0][1]} and {told[other][1]}. All must have the same."
        )
    if len({one[2] for one in told}) > 1:
        raise ArgumentError(
            f"{what} has {OTHER_NUMBERS}, and with DataParallel() every rank is given the same "
            f"data, of which it takes its rows. {SAME_SEED}"
        )
