"""The steps of a model that is trained on several ranks: each takes its rows of every batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, final

import numpy as np

from autograd_nn.data import Data, no_targets
from autograd_nn.distribution.at_the_start import refuse_unshareable
from autograd_nn.distribution.first_rank import spread_rows, start_alike
from autograd_nn.distribution.ranks import Ranks
from autograd_nn.engine.tensor import Tensor
from autograd_nn.several import Several
from autograd_nn.training.one_step import Batch


@final
class SharedSteps:
    """The steps of all ranks, around those of one, which is a `Stepper`.

    Formula      gradient = Σ_r n_r · gradient_r / Σ_r n_r, where rank r has n_r rows of the batch,
                 and its gradient is that of the mean over them. The loss likewise
    """

    def __init__(self, shared: Any, model: Any, training: Any, alone: Any) -> None:
        self._shared = shared
        self._model = model
        self._training = training
        self._alone = alone
        self._rows = 0  # of the batch, that this rank has
        self._sums: tuple[int, float] | None = None  # the rows of all, and their loss
        self._gradients: list[tuple[Any, Tensor]] = []
        self.has_begun = False
        self.find_metrics = alone.find_metrics
        self.values = alone.values
        self.enter = alone.enter
        self.go_on_as = alone.go_on_as

    def begin(self, data: Data) -> None:
        """Before the first step of some: all ranks start from the same weights and state."""
        refuse_unshareable(self._model, self._training, data)
        ranks = self._shared.ranks
        start_alike(ranks, self._model, self._training.optimizer)
        spread_rows(ranks, self._model)
        self.has_begun = True

    @property
    def taken(self) -> dict[str, int]:
        """How steps are taken by now."""
        found: dict[str, int] = self._alone.taken
        return found

    @property
    def held(self) -> list[Any]:
        """Metrics that layers have as attributes."""
        found: list[Any] = self._alone.held
        return found

    def leave(self) -> None:
        """After steps, where somebody may look: in ``.grad`` is the gradient of the whole batch."""
        self._alone.leave()
        for gradient, parameter in self._gradients:
            parameter._grad = gradient
        self._gradients = []

    def gathered(self, data: Data, batch_size: int, before: None) -> None:
        """Batches are taken one by one."""

    def on_like_arrays(self, x: Any, y: Any) -> Any:
        """Every batch is one like the first."""
        return self._alone.on_like_arrays(x, y) if self._training.shared is None else None

    def step(self, batch: Batch) -> Any:
        """One step on a batch of which this rank has its rows: the loss, the true values and
        weights, and the output of all rows."""
        if self._training.shared is None:
            return self._alone.step(batch)
        return self._taken(batch.data, self._alone.step, batch)

    def on_batch(self, data: Data, name: str = "") -> Any:
        """The same on rows that nobody has seen."""
        if self._training.shared is None:
            return self._alone.on_batch(data, name)
        return self._taken(data, self._alone.on_batch, data, name)

    def share_of(self, data: Data) -> Data:
        """The rows of this rank, of a batch that is given by hand."""
        if not self.has_begun:
            self.begin(data)
        return data.rows(self._shared.own(len(data.x)))

    def _taken(self, data: Data, take: Callable[..., Any], *arguments: Any) -> Any:
        self._rows, self._sums = len(data.x), None
        loss = output = None
        if self._rows:
            loss, data, output = take(*arguments)
        else:
            self._alone.leave()
            self.averaged([], [], None)
            self._training.optimizer.apply_unscaled(self._gradients)
        if self._sums is None:  # no weight is trained, and so there was no update
            self.averaged([], [], loss)
        assert self._sums is not None
        rows, loss = self._sums
        if not self._training.metrics:
            return loss, Data(data.x, no_targets(rows), None), None
        return loss, *whole_of(self._shared.ranks, data, output)

    def averaged(self, gradients: list[Any], parameters: list[Tensor], loss: Any) -> list[Any]:
        """The gradients of the whole batch, of those of the rows that this rank has of it.

        They are added up by one Allreduce for each dtype of the parameters: most models have one.
        In front of them stand the number of rows, the loss, and which gradients there are.
        """
        known = dict(zip(parameters, gradients, strict=True))
        everything = [weight for weight in self._model.trainable_weights if weight.requires_grad]
        head = np.zeros(2 + len(everything))
        if self._rows:
            head[:2] = self._rows, self._rows * float(loss)
            head[2:] = [known.get(parameter) is not None for parameter in everything]
        found: dict[Tensor, Any] = {}
        for dtype in dict.fromkeys(p.dtype for p in everything) or [head.dtype]:
            group = [parameter for parameter in everything if parameter.dtype == dtype]
            block = np.empty(len(head) + sum(parameter.size for parameter in group), dtype)
            block[: len(head)] = head
            end = len(head)
            for parameter in group:
                place = block[end : (end := end + parameter.size)].reshape(parameter.shape)
                gradient = known.get(parameter)
                np.multiply(0 if gradient is None else gradient, self._rows, place)
                found[parameter] = place
            self._shared.ranks.sum_in_place(block)
            sums = block[: len(head)].copy()
            block /= sums[0]
        self._sums = int(sums[0]), float(sums[1] / sums[0])
        there = [p for p, count in zip(everything, sums[2:], strict=True) if count]
        # Of a number the gradient is one.
        self._gradients = [(found[parameter][()], parameter) for parameter in there]
        averages = {parameter: gradient for gradient, parameter in self._gradients}
        return [averages.get(parameter) for parameter in parameters]


def whole_of(ranks: Ranks, data: Data, output: Any) -> tuple[Data, Any]:
    """The true values, the weights and the outputs of all rows of a batch.

    Parameters   output: that for the rows of this rank, None where it has none
    """
    parts = ranks.of_all(None if output is None else (data.y, data.weight, output))
    columns = list(zip(*(part for part in parts if part is not None), strict=True))
    rows = [len(y) for y in columns[0]]
    y, weight, outputs = (joined(column, rows) for column in columns)
    return Data(data.x, y, weight), outputs


def joined(parts: Sequence[Any], rows: Sequence[int] = ()) -> Any:
    """The rows of all ranks one after the other; of numbers that are means over rows the mean.

    Parameters   rows: how many each rank has, where there may be such numbers
    """
    first = parts[0]
    if first is None:
        return None
    if type(first) is Several:
        columns = zip(*(part.arrays for part in parts), strict=True)
        return first.like([joined(column, rows) for column in columns])
    return np.concatenate(parts) if np.ndim(first) else np.average(parts, weights=rows)
