"""What Python code sees of the values of Tensors, noted while a computation is recorded.

A program can repeat a computation with other numbers only where nothing was decided by looking at
them. What is observed is fed as Tensors, data and labels alike; everything that is computed from
them is recorded, also comparisons and positions. What then leaves the graph is a look.
"""

from __future__ import annotations

from contextvars import Token

from autograd_nn.engine.composing import in_words
from autograd_nn.engine.mutation import clock
from autograd_nn.engine.observing import observer
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.taking import place
from autograd_nn.engine.tensor import Tensor


class Observer:
    """Notes what is done inside of ``with``; it belongs to the thread and to the asyncio task.

    ``notes`` has a line of text for each place where values were looked at or changed.
    ``assignments`` has the weights that are no parameters and were assigned to inside of layers,
    each with what it got and the count of the mutation clock. ``arrays`` are the Tensors that were
    fed where arrays are given.

    Example      The sign of x decides which formula is recorded

    >>> from autograd_nn import Tensor
    >>> x = Tensor(2.0)
    >>> with Observer() as seen:
    ...     y = x * x if x.item() > 0 else -x
    >>> print(seen.notes[0].split(" (")[0])
    item()
    """

    def __init__(self, arrays: frozenset[Tensor] = frozenset()) -> None:
        self.notes: list[str] = []
        self.assignments: list[tuple[Tensor, Tensor, int]] = []
        self.arrays = arrays

    def __enter__(self) -> Observer:
        self._around: Token[Observer | None] = observer.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        observer.reset(self._around)

    def note(self, what: str) -> None:
        """One more look or change, with the layer and the line of the code that does it."""
        scope = current_scope.get()
        where = f" in {in_words(scope)}" if scope else ""
        text = f"{what}{where} ({place()})"
        if text not in self.notes:
            self.notes.append(text)

    def assigned(self, weight: Tensor, value: Tensor) -> None:
        """A weight that is no parameter got a value: a program assigns anew."""
        self.assignments.append((weight, value, clock.now))

    def has_array(self, tensor: Tensor) -> bool:
        """Whether what is observed, as it is written, has an array here: it was computed from
        arrays alone. Where arrays are converted, this one is."""
        if not self.arrays:
            return False
        from autograd_nn.engine.transforms.variables import argument  # few need it

        waiting = [tensor]
        seen = {tensor}
        while waiting:
            node = waiting.pop()
            if node not in self.arrays:
                operands = [x for x in node.inputs if type(x) is Tensor]
                if not operands or node.operation is argument:
                    return False
                waiting += [x for x in operands if x not in seen]
                seen.update(operands)
        return True
