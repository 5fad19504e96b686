"""What a program says of numbers that it cannot take, said by the model as it is written."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.errors import AutogradError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import no_grad
from autograd_nn.several import as_called


def said_by_the_model(model: Any, x: Any, batch_size: int, error: ValueError) -> ValueError:
    """The error of the first batch of x that the model itself refuses, which names the layer.

    Parameters   error: that of the program, which knows no layers; the result where the model
                 takes all of x, or it is one that says all there is to say
    """
    if isinstance(error, AutogradError):
        return error
    with no_grad(), undone():
        for start in range(0, len(x), batch_size):
            rows = x[start : start + batch_size]
            try:
                model(as_called(rows), training=False)
            except ValueError as said:
                return type(said)(f"`x`, rows {start} to {start + len(rows) - 1}: {said}")
    return error
