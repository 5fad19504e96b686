"""The loss of a batch, recorded so that it can become a program."""

from __future__ import annotations

from typing import Any, NamedTuple

from autograd_nn.data import Data
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.observing import observing
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import Recording, difference
from autograd_nn.training.batches import given
from autograd_nn.training.configuration import Training
from autograd_nn.training.one_step import recorded_loss


class Observed(NamedTuple):
    """A recorded loss."""

    loss: Tensor
    output: Tensor
    recording: Recording


def observed_loss(model: Any, training: Training, x: Any, y: Any, weight: Any) -> Observed:
    """The loss as usual, with all data as Tensors, so that what becomes of them is seen."""
    with observing() as looks, recorded():
        fed = {name: Tensor(array) for name, array in given(x, y, weight).items()}
        loss, output = recorded_loss(
            model, training.needed_loss(), fed["x"], fed["y"], fed.get("sample_weight")
        )
    return Observed(loss, output, Recording(loss, fed, looks))


def repeatable_loss(model: Any, training: Training, data: Data) -> Observed:
    """The loss of a batch, recorded, of a step that a program can repeat.

    Raises       StateError naming what the model does that no program can repeat
    """
    with undone():
        first = observed_loss(model, training, *data)
        # Other data of the same shape, by which constants and branches show.
        second = observed_loss(model, training, *data.rows(slice(None, None, -1)))
        reason = difference_of(first, second)
    if reason is not None:
        raise StateError(f"The step of {model.name!r} cannot become a program. {reason}")
    return first


def difference_of(first: Observed, second: Observed) -> str | None:
    """Why the two are not one computation that a program can repeat, None where they are."""
    return difference(first.recording, second.recording)
