"""All verdicts by table, what is recorded of them, and the versions of NumPy that lack a name."""

from __future__ import annotations

from typing import Any

from tests.numpy_coverage.forms import FORMS, METHODS
from tests.numpy_coverage.functions import LINALG, NUMPY, POINT, SQUARE, Call
from tests.numpy_coverage.judging import OURS, Library, Verdict, judge

TABLES: dict[str, tuple[dict[str, Call], Any]] = {
    "numpy": (NUMPY, POINT),
    "numpy.linalg": (LINALG, SQUARE),
    "methods and operators": (METHODS, POINT),
    "keywords and forms": (FORMS, POINT),
}

# So many are right at least; to be raised with what is added.
RIGHT_AT_LEAST = {
    "numpy": 204,
    "numpy.linalg": 28,
    "methods and operators": 60,
    "keywords and forms": 103,
}
# Of the releases of NumPy that are supported some lack these.
NOT_IN_EVERY_NUMPY = {
    "cumulative_prod": "since 2.1",
    "cumulative_sum": "since 2.1",
    "unstack": "since 2.1",
    "reshape(shape=)": "since 2.1",
    "clip(min=,max=)": "since 2.1",
    "matvec": "since 2.2",
    "vecmat": "since 2.2",
    "row_stack": "until 2.4",
    "in1d": "until 2.3",
    "trapz": "until 2.3",
}


def verdicts(library: Library = OURS) -> dict[str, dict[str, Verdict]]:
    """What is judged of every call, by table and name."""
    return {
        title: {name: judge(name, call, point, library) for name, call in calls.items()}
        for title, (calls, point) in TABLES.items()
    }
