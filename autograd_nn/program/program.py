"""Program: what was recorded, as plain NumPy that is read, kept and run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unwinding import unwound
from autograd_nn.program.inputs import not_by_name

# The rest is imported by what needs it: together it would double the time of importing the library.
if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_nn.javascript import JavaScript
    from autograd_nn.program.by_levels import ByLevels
    from autograd_nn.program.plain import Plain
    from autograd_nn.program.planned import Planned
    from autograd_nn.program.reporting import Report


class Program:
    """A recorded graph as a program: the loss, its gradients, and the step of an optimizer.

    Made by ``loss.program(wrt)``. A call computes anew from the present data of the parameters:
    ``program()`` gives ``(loss, gradients)``, or with an optimizer moves the parameters and gives
    the loss. ``program(x=…)`` takes other data in place of a named input, of the same shape.

    ``f.program`` of a compiled function takes all inputs by name and gives what the function gives.

    ``source`` is the NumPy text that a call runs. ``plain`` is the same program as it was recorded,
    a line for each operation: slower, for reading, and equal to the recording bit for bit.

    Example      w² at 3 is 9, its gradient 2w is 6

    >>> from autograd_nn import Tensor
    >>> w = Tensor(3.0, name="w")
    >>> program = (w * w).program(w)
    >>> print(*program())
    9.0 6.0
    >>> "loss = w_2 * w_2" in program.plain.source
    True
    """

    @unwound
    def __init__(
        self,
        loss: Tensor,
        wrt: Any,
        optimizer: Any = None,
        inputs: Any = None,
        assignments: Sequence[Any] | None = None,
    ) -> None:
        from autograd_nn.program.by_levels import by_levels
        from autograd_nn.program.planned import Planned
        from autograd_nn.program.recorded_loss import RecordedLoss
        from autograd_nn.program.taken_numbers import say_what_was_taken

        recorded = RecordedLoss(loss, wrt, optimizer, inputs, assignments or ())
        self._fill(recorded, by_levels(recorded, inputs) or Planned(recorded))
        if assignments is None:  # else it is known that nothing was looked at
            say_what_was_taken(recorded.nodes, self._form.inputs)

    @classmethod
    def of(cls, recorded: Any, form: Planned) -> Self:
        """The program of something else that was recorded, such as a function."""
        made = cls.__new__(cls)
        made._fill(recorded, form)
        return made

    def _fill(self, recorded: Any, form: Planned | ByLevels) -> None:
        self._recorded = recorded
        self._form = form
        self._plain: Plain | None = None

    # ------------------------------------------------------------------ reading it

    @property
    def source(self) -> str:
        """The text of the program, that which a call runs.

        For a large graph of scalars, which is computed level by level, what each level does.
        """
        return self._form.source

    @property
    def plain(self) -> Plain:
        """The same program as it was recorded, without passes: a line for each operation."""
        from autograd_nn.program.plain import Plain

        if self._plain is None:
            self._plain = Plain(self._recorded)
        return self._plain

    @property
    def javascript(self) -> JavaScript:
        """The same program as JavaScript: `source` to read, `save("step.js")` to run.

        Raises       ArgumentError where it calls what has no form in JavaScript, by name
        """
        from autograd_nn.javascript import JavaScript  # a convenience that reaches upwards

        return JavaScript(self._recorded)

    def report(self) -> Report:
        """What the planner did, pass by pass, and what a step costs; printed as a table."""
        return self._form.report()

    def draw(self, **options: Any) -> Any:
        """A picture of the graph that the program was made from; `viz.draw` has the options.

        Inputs bear the names by which a call gives them.
        """
        from autograd_nn.viz import draw  # a convenience that reaches upwards

        named = {name: x for name, x in self._form.inputs.items() if type(x) is Tensor}
        return draw(self._recorded.root, **{"names": named, **options})

    def save(self, path: Any) -> None:
        """Write the program as a file of Python that needs NumPy only, path ending in ".py".

        ``python step.py`` runs it on the data that were recorded; ``from step import step`` takes
        it into another program. With an optimizer it starts from the present parameters, state and
        learning rate; the formula of a schedule is part of the file. Arrays of more than 16
        elements stand in an archive beside it, step.npz. What is easier to read, ``program.plain``,
        has the same method. What `compiled` made with ``jit=True`` needs Numba too.

        Raises       ArgumentError, ArgumentTypeError where the file cannot be written, or the
                     archive would take the place of one that is something else
        """
        self._form.save(path)

    def __repr__(self) -> str:
        return f"<Program of {self._recorded.name}{self._form!r}>"

    # ------------------------------------------------------------------ running it

    def __call__(self, /, *unnamed: Any, **inputs: Any) -> Any:
        """The loss and the gradients, or with an optimizer one step of it and the loss before.

        Raises       ArgumentTypeError, ShapeError for data that are not those of the recording
                     but for their numbers; ArgumentError for a label that is no class
        """
        if unnamed:
            raise not_by_name(len(unnamed), self._form.inputs)
        return self._form(inputs)
