"""What the planner made of a program, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd_nn.program.calls import label
from autograd_nn.program.planning.costs import multiplications, peak_bytes, work
from autograd_nn.program.planning.planner import Plan


class Pass(NamedTuple):
    """What became of the steps in a pass."""

    name: str
    what: str
    steps: int
    nbytes: int


@dataclass(frozen=True)
class Report:
    """The passes of the planner, and what a step of the program costs.

    ``passes`` says for each pass its ``name``, ``what`` it did, and the ``steps`` and the
    ``nbytes`` of temporaries that live at one time, after it. ``work`` counts floating-point
    operations: 2·m·k·n for a matrix product; for each element 1 of an addition, a product or a
    comparison, 4 of a division or a root, 8 of an exponential, a logarithm, a power or a sine.
    ``products`` is the part of matrix products. Of functions in ``uncounted`` nothing is known.
    """

    passes: Sequence[Pass]
    work: int
    products: int
    uncounted: Sequence[str]
    parameter_bytes: int
    state_bytes: int

    def __str__(self) -> str:
        rows = [("pass", "what it did", "steps", "bytes at a time")]
        rows += [(p.name, p.what, f"{p.steps:,}", f"{p.nbytes:,}") for p in self.passes]
        widths = [max(len(row[place]) for row in rows) for place in range(4)]
        lines = [
            f"{row[0].ljust(widths[0])}  {row[1].ljust(widths[1])}"
            f"  {row[2].rjust(widths[2])}  {row[3].rjust(widths[3])}"
            for row in rows
        ]
        share = 100 * self.products / max(1, self.work)
        lines += ["", f"floating-point operations of a step: {self.work:,}"]
        lines[-1] += f", {share:.0f} % of them in matrix products"
        if self.uncounted:
            lines += [f"not counted: {', '.join(self.uncounted)}"]
        lines += [
            f"parameters: {self.parameter_bytes:,} bytes, "
            f"state of the optimizer: {self.state_bytes:,} bytes"
        ]
        return "\n".join(lines)

    __repr__ = __str__


def reported(plan: Plan) -> Report:
    """The report of a planned program."""
    written, blocks = plan.written, plan.memory.blocks
    passes = [
        Pass(name, what, len(steps.steps), peak_bytes(steps)) for name, what, steps in plan.stages
    ]
    what = f"views made once, {written.in_place} results in place of an operand"
    held = written.nbytes + sum(whole.nbytes for whole in plan.wholes)
    passes.append(Pass("written", what, written.calls, held))
    steps = plan.stages[-1].steps.steps
    counts = [work(step) for step in steps]
    unknown = [
        label(step.function) for step, count in zip(steps, counts, strict=True) if count is None
    ]
    return Report(
        passes,
        sum(count or 0 for count in counts),
        sum(multiplications(step) for step in steps),
        sorted(set(unknown)),
        sum(block.array.nbytes for block in blocks),
        sum(array.nbytes for block in blocks for array in block.states.values()),
    )
