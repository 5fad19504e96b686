"""Tests that take so long that only a sample of them runs with the slow ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest


def slow_or_thorough(cases: Iterable[Any], is_sample: Callable[[int, Any], bool]) -> list[Any]:
    """The parameters of a test: its samples are marked slow, the others thorough.

    Parameters   is_sample: told the place and the values of a case
    """
    found = []
    for place, case in enumerate(cases):
        values = getattr(case, "values", case)
        mark = pytest.mark.slow if is_sample(place, values) else pytest.mark.thorough
        found.append(pytest.param(*values, id=getattr(case, "id", None), marks=mark))
    return found
