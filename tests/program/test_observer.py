"""Looks at values are noted while observing; what goes on as an operand is recorded."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, no_grad, ops
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import scope
from autograd_nn.program.capture.observer import Observer


def looks_of(use: Callable[[Tensor], Any], data: Any = (1.0, -2.0)) -> Observer:
    x = Tensor(np.array(data)) * 1.0
    with Observer() as observer:
        use(x)
    return observer


def under_no_grad(x: Tensor) -> Tensor:
    with no_grad():
        return x.mean()


LOOKS: dict[str, Callable[[Tensor], Any]] = {
    ".data": lambda x: x.data,
    "item()": lambda x: x.sum().item(),
    "tolist()": lambda x: x.tolist(),
    "numpy()": lambda x: x.numpy(),
    "detach()": lambda x: x.detach(),
    "float(t)": lambda x: float(x.sum()),
    "int(t)": lambda x: int(x.sum()),
    "np.asarray(t)": lambda x: np.asarray(x),
    "its truth, bool()": lambda x: bool(x.sum()),
    ".grad": lambda x: x.grad,
    "np.nonzero": lambda x: np.nonzero(x),
    "its text": lambda x: f"{x.max():.1f}",
    "its text ": lambda x: str(x),
    "np.allclose": lambda x: np.allclose(x, 1),
    "no_grad()": under_no_grad,
    "choosing by a mask": lambda x: x[x > 0],
    "iterating": lambda x: list(x > 0),
    "np.logical_xor.reduce": lambda x: np.logical_xor.reduce(x > 0),
    "np.cumsum": lambda x: np.cumsum(x > 0),
}


@pytest.mark.parametrize("how", LOOKS)
def test_a_look_is_noted_with_its_line(how: str) -> None:
    noted = looks_of(LOOKS[how]).notes
    assert len(noted) == 1
    assert noted[0].replace("__", "").startswith((how, "." + how))
    assert f"({Path(__file__).name}, line " in noted[0]


NO_LOOKS: dict[str, Callable[[Tensor], Any]] = {
    "operators": lambda x: (x * 2 + 1) ** 2,
    "shapes": lambda x: (x.shape, len(x), x.size, np.shape(x), np.zeros_like(x)),
    "the largest element": lambda x: x / x.max(),
    "a plain condition": lambda x: np.where([True, False, True], x, 0),
    "elements": lambda x: x[0] + x[1:].sum(),
    "a comparison as factor": lambda x: x * (x > 0),
    "a comparison on the left": lambda x: (x > 0) * x,
    "a comparison as condition": lambda x: np.where(x > 0, x, 0.1 * x),
    "several": lambda x: np.where((x > 0) & ~(x > 1) | (x < -1), x, 0.0),
    "numbers of a comparison": lambda x: x * (1.0 - (x > 0).astype(np.float32)),
    "numbers chosen by a comparison": lambda x: x * np.where(x > 0, 1.0, 0.1),
    "the sign": lambda x: x * np.sign(x),
    "a comparison with a Tensor": lambda x: x * (x > x.mean()),
    "a count": lambda x: x * (x > 0).sum(),
    "a share": lambda x: x * (x > 0).mean(),
    "a position": lambda x: x[np.argmax(x)] + x[x.argmin()],
    "positions": lambda x: x[np.argsort(x)],
    "any and all": lambda x: np.where((x > 0).any(), x, 0) + x * np.all(x > 0),
    "floors": lambda x: x - np.floor(x) + np.trunc(x) * x,
    "integers": lambda x: x * x.astype(int),
    "assigned by a mask": lambda x: x.at[x > 0].set(5.0),
    "a Tensor as condition": lambda x: np.where(x, x, 1.0),
    "an operation of one's own": lambda x: HALF(x, x > 0),
}

HALF = Operation(
    "half",
    value=lambda x, where: np.where(where, 0.5 * x, x),
    gradients=(lambda g, out, x, where: np.where(where, 0.5 * g, g), None),
)


@pytest.mark.parametrize("what", NO_LOOKS)
def test_no_look_and_the_same_result(what: str) -> None:
    x = Tensor([1.0, -2.0, 0.5])
    plain = NO_LOOKS[what](x)
    with Observer() as observer:
        observed = NO_LOOKS[what](x)
    assert observer.notes == []
    if type(plain) is Tensor:
        assert observed.tolist() == plain.tolist()
        plain.sum().backward()
        expected = x.grad
        x.zero_grad()
        observed.sum().backward()
        assert x.grad.tolist() == expected.tolist()


def test_what_is_computed_from_a_comparison_leads_back_to_the_tensor() -> None:
    x = Tensor([1.0, -2.0])
    with Observer() as observer:
        y = x * (~(x > 0)).astype(np.float64)
    found = [node.operation.name for node in topological(y) if node.operation is not None]
    assert found == ["greater", "invert", "astype", "multiply"]
    assert observer.notes == []


def test_single_numbers_are_recorded_too() -> None:
    x = Tensor([1.0, 4.0])
    with Observer() as observer:
        y = x * (x.max() > 3)
    assert observer.notes == []
    assert y.inputs[1].operation is ops.greater
    assert y.tolist() == [1.0, 4.0]


def test_labels_are_integer_tensors() -> None:
    labels = Tensor(np.array([0, 2]))
    z = Tensor(np.ones((2, 3)))
    with Observer() as observer:
        loss = ops.sparse_softmax_cross_entropy(z, labels)
        weight = np.where(labels == 2, 10.0, 1.0)
        total = (loss * weight).sum()
    assert loss.inputs[1] is labels
    assert weight.operation is ops.where
    assert labels in set(topological(total))
    assert observer.notes == []
    with Observer() as observer:
        assert labels.max() == 2
    assert observer.notes[0].startswith("its truth")


def test_a_mask_of_other_data_is_read_as_an_array_with_a_note() -> None:
    numbers = np.arange(2.0)
    with Observer() as observer:
        mask = Tensor([1.0, -2.0]) > 0
        assert numbers[mask].tolist() == [0.0]
    assert observer.notes[-1].startswith("np.asarray(t)")


def test_a_look_is_said_once_with_its_layer() -> None:
    x = Tensor(2.0) * 1.0
    with Observer() as observer, scope("gate"):
        for _ in range(3):
            x.item()
    assert len(observer.notes) == 1
    assert observer.notes[0].startswith("item() in layer 'gate' (")


def test_changing_data_is_a_look() -> None:
    count = Tensor(0.0, requires_grad=False)
    with Observer() as observer:
        count.data = 1.0
    assert observer.notes[0].startswith("setting .data")


def test_what_is_fed_may_leave_the_graph_while_observing() -> None:
    # y is an array in an ordinary step, and a loss of one's own may take it for one.
    y = Tensor([1.0, 2.0])
    with Observer() as observer:
        assert np.asarray(y).tolist() == [1.0, 2.0]
    assert observer.notes[0].startswith("np.asarray(t)")
    with scope("own"), pytest.raises(TypeError, match="leave the graph"):
        np.asarray(y)


def test_nothing_is_noted_outside() -> None:
    x = Tensor([1.0, -2.0])
    with Observer() as observer:
        pass
    assert x.tolist() == [1.0, -2.0]
    assert type(x.argmax()) is np.int64
    assert observer.notes == []


def test_it_ends_with_an_exception() -> None:
    x = Tensor([1.0])
    with pytest.raises(KeyError), Observer():
        raise KeyError
    assert type(x.sum() > 0) is np.bool_


def test_other_threads_and_tasks_are_not_observed() -> None:
    x = Tensor(3.0)

    async def looking() -> None:
        x.item()

    async def around() -> Observer:
        other = asyncio.create_task(looking(), context=contextvars.Context())
        with Observer() as observer:
            await other
        return observer

    assert asyncio.run(around()).notes == []
    with Observer() as observer:
        thread = threading.Thread(target=x.item)
        thread.start()
        thread.join()
    assert observer.notes == []
