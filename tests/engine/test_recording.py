"""The recording switch and the scopes of layers: nested, restored, and one's own thread's."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Any

import pytest

from autograd_nn import Tensor, detect_anomaly, no_grad, scope
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.recording import recording


def test_no_grad_nests_and_is_restored():
    assert recording()
    with no_grad():
        assert not recording()
        with no_grad():
            assert not recording()
        assert not recording()
    assert recording()


def test_an_exception_restores_recording():
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert recording()


def test_as_a_decorator():
    @no_grad()
    def value(w):
        return w * 2

    w = Tensor(1.0)
    for _ in range(2):
        assert value(w).operation is None
    assert (w * 2).operation is not None


def test_another_thread_still_records():
    seen = []
    with no_grad():
        thread = threading.Thread(target=lambda: seen.append(recording()))
        thread.start()
        thread.join()
        assert not recording()
    assert seen == [True]


def test_tasks_have_their_own_switch():
    async def quiet(entered, leave):
        with no_grad():
            entered.set()
            await leave.wait()
            return recording()

    async def main():
        entered, leave = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(quiet(entered, leave))
        await entered.wait()
        here = recording()
        leave.set()
        return here, await task

    assert asyncio.run(main()) == (True, False)


def test_nodes_carry_the_path_of_their_layer():
    w = Tensor(1.0)
    with scope("block"):
        outer = w + 1
        with scope("dense_1"):
            inner = w * 2
    assert (w * 3).scope == ""
    assert outer.scope == "block"
    assert inner.scope == "block/dense_1"
    assert w.scope is None


def test_a_scope_does_not_switch_recording_on():
    w = Tensor(1.0)
    with no_grad(), scope("dense"):
        assert not recording()
        assert (w * 2).operation is None
    with pytest.raises(ZeroDivisionError), scope("dense"):
        _ = 1 / 0
    assert (w * 2).scope == ""


def test_scopes_nest_are_used_again_and_end_with_an_exception() -> None:
    x, head = Tensor(2.0), scope("head 1")
    with scope("block"), head:
        with head:
            inner = x * x
        y = x * x
    with suppress(KeyError), head:
        raise KeyError
    assert (inner.scope, y.scope, (x * x).scope) == ("block/head 1/head 1", "block/head 1", "")


@pytest.mark.parametrize("name", ["", "f()", None, 3, ["head"]])
def test_what_is_no_name_of_a_scope_is_refused(name: Any) -> None:
    with pytest.raises(ArgumentError, match="such as 'head 1', got"):
        scope(name)


@pytest.mark.parametrize("switch", [no_grad, detect_anomaly])
def test_a_decorator_without_its_brackets_is_refused(switch):
    with pytest.raises(TypeError, match=rf"Write @{switch.__name__}\(\) above a function"):

        @switch
        def f(x):
            return x
