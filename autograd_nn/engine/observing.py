"""What Python code sees of the values of Tensors, noted while a computation is recorded.

A program can repeat a computation with other numbers only where nothing was decided by looking at
them. What is observed is fed as Tensors, data and labels alike; everything that is computed from
them is recorded, also comparisons and positions. What then leaves the graph is a look.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from autograd_nn.engine.composing import in_words
from autograd_nn.engine.recording import current_looks, current_scope
from autograd_nn.engine.taking import place
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.variables import argument


@contextlib.contextmanager
def observing() -> Iterator[Looks]:
    """Note every look at values inside; it belongs to the thread and to the asyncio task.

    Example      The sign of x decides which formula is recorded

    >>> from autograd_nn import Tensor
    >>> x = Tensor(2.0)
    >>> with observing() as looks:
    ...     y = x * x if x.item() > 0 else -x
    >>> print(looks.notes[0].split(" (")[0])
    item()
    """
    looks = Looks()
    token = current_looks.set(looks)
    try:
        yield looks
    finally:
        current_looks.reset(token)


class Looks:
    """What was seen of values: a line of text for each place.

    ``notes`` is empty where nothing was seen. ``effects`` are sweeps on numbers and changes of
    data: a step of training consists of them, a function that is replayed must not.
    ``assignments`` has the weights that are no parameters and were assigned to inside of layers,
    each with what it got and the count of the mutation clock. ``arrays`` are the Tensors that were
    fed where arrays are given.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.effects: list[str] = []
        self.assignments: list[tuple[Tensor, Tensor, int]] = []
        self.arrays: frozenset[Tensor] = frozenset()

    def note(self, how: str) -> None:
        """One more look, with the layer and the line of the code that looks."""
        self._note(how, self.notes)

    def did(self, what: str) -> None:
        """One more effect, in the same words."""
        self._note(what, self.effects)

    def _note(self, what: str, into: list[str]) -> None:
        scope = current_scope.get()
        where = f" in {in_words(scope)}" if scope else ""
        text = f"{what}{where} ({place()})"
        if text not in into:
            into.append(text)


def stands_for_array(tensor: Tensor) -> bool:
    """Whether what is observed, as it is written, has an array here: it was computed from arrays
    alone. Where arrays are converted, this one is."""
    looks = current_looks.get()
    if looks is None or not looks.arrays:
        return False
    waiting = [tensor]
    seen = {tensor}
    while waiting:
        node = waiting.pop()
        if node not in looks.arrays:
            operands = [x for x in node.inputs if type(x) is Tensor]
            if not operands or node.operation is argument:
                return False
            waiting += [x for x in operands if x not in seen]
            seen.update(operands)
    return True
