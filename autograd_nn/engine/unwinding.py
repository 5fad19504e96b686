"""After an exception: what was switched on for a while is off again.

A ``with`` statement sees to that, but for an interrupt between the line that switches and the
statement's taking over, in our own managers and in NumPy's ``errstate``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, TypeVar, cast

import numpy as np

from autograd_nn.engine.mutation import finish_undoing

_Function = TypeVar("_Function", bound=Callable[..., Any])


def unwound(function: _Function) -> _Function:
    """The function, after an exception in which everything is as it was before the call."""

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        around = copy_context()
        try:
            return function(*args, **keywords)
        except BaseException:
            _put_back(around)
            raise

    return cast(_Function, call)


def _put_back(around: Context) -> None:
    finish_undoing(around)
    for switch in copy_context():
        if switch.name.startswith("autograd_nn_"):
            switch.set(around.run(switch.get))
    np.seterr(**around.run(np.geterr))
