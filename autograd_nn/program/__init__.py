"""Recorded graphs as programs: all that other packages know of them.

`Program` and `compiled` are for users. What else is named here is imported with the first that asks
for it: all together would add a tenth to the time of importing the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later
from autograd_nn.program.capture.compiled_function import compiled
from autograd_nn.program.program import Program

if TYPE_CHECKING:
    from autograd_nn.program.calls import (
        AS_REDUCTION,
        ASSEMBLED,
        ASTYPE,
        COPY,
        DOT,
        ELEMENTWISE,
        FILLED,
        METHODS,
        PRODUCTS,
        REDUCTIONS,
        RESHAPE,
        UFUNCS,
        VIEWS,
        Function,
        T,
        folded,
        join,
        label,
        numpy_name,
        placed,
        run,
        with_ones_column,
        zero_where_equal,
    )
    from autograd_nn.program.capture.bindings import (
        are_same,
        bindings,
        is_of_others,
        what_changed,
        without_counted,
    )
    from autograd_nn.program.capture.observer import Observer
    from autograd_nn.program.capture.recorder import (
        OF_NUMBERS,
        Recorder,
        Recording,
        Refused,
        difference,
    )
    from autograd_nn.program.inputs import OF_LABELS
    from autograd_nn.program.memory import Memory
    from autograd_nn.program.planning.forms import forms
    from autograd_nn.program.planning.planner import ManySteps, Plan, plan
    from autograd_nn.program.reading import Reading
    from autograd_nn.program.refusals import NotTraceable, Unreached
    from autograd_nn.program.source.expressions import TITLES, aligned, shape_comment
    from autograd_nn.program.source.spelling import Names, array_literal, told
    from autograd_nn.program.standalone import LOADING, path_of_program, put_program
    from autograd_nn.program.taken_numbers import say_what_was_taken
    from autograd_nn.program.tracing import Trace, Traced, as_recorded
    from autograd_nn.program.unplanned import Unplanned, moved
    from autograd_nn.program.updating import ITERATION, LEARNING_RATE
    from autograd_nn.program.values import UPDATE, Instruction, Instructions, Value

__all__ = ["Program", "compiled"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "calls": "AS_REDUCTION ASSEMBLED ASTYPE COPY DOT ELEMENTWISE FILLED METHODS "
            "PRODUCTS REDUCTIONS RESHAPE UFUNCS VIEWS Function T folded join label numpy_name "
            "placed run with_ones_column zero_where_equal",
            "capture.bindings": "are_same bindings is_of_others what_changed without_counted",
            "capture.observer": "Observer",
            "capture.recorder": "OF_NUMBERS Recorder Recording Refused difference",
            "inputs": "OF_LABELS",
            "memory": "Memory",
            "planning.forms": "forms",
            "planning.planner": "ManySteps Plan plan",
            "reading": "Reading",
            "refusals": "NotTraceable Unreached",
            "source.expressions": "TITLES aligned shape_comment",
            "source.spelling": "Names array_literal told",
            "taken_numbers": "say_what_was_taken",
            "standalone": "LOADING path_of_program put_program",
            "tracing": "Trace Traced as_recorded",
            "unplanned": "Unplanned moved",
            "updating": "ITERATION LEARNING_RATE",
            "values": "UPDATE Instruction Instructions Value",
        },
        modules="calls",
    )
