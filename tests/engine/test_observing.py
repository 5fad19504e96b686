"""Looks at values are noted while observing, and what may go on as an operand is remembered."""

import asyncio
import contextlib
import contextvars
import operator
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, no_grad, ops
from autograd_nn.engine.observing import Looks, Watched, as_type, observing
from autograd_nn.engine.recording import scope


def looks_of(use: Callable[[Tensor], Any], data: Any = (1.0, -2.0)) -> Looks:
    x = Tensor(np.array(data)) * 1.0
    with observing() as looks:
        use(x)
    return looks


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
    "argmax()": lambda x: x.argmax(),
    "argmin()": lambda x: x.argmin(),
    "np.argmax": lambda x: np.argmax(x),
    "np.argsort": lambda x: np.argsort(x),
    "np.nonzero": lambda x: np.nonzero(x),
    "np.any": lambda x: np.any(x),
    "np.allclose": lambda x: np.allclose(x, 1),
    "no_grad()": under_no_grad,
    "astype with int64": lambda x: x.astype(int),
    "bool() of a comparison": lambda x: bool(x.sum() > 0),
    "any() of a comparison": lambda x: (x > 0).any(),
    "sum() of a comparison": lambda x: (x > 0).sum(),
    "iter() of a comparison": lambda x: list(x > 0),
    "getitem() of a comparison": lambda x: (x > 0)[0],
    "T of a comparison": lambda x: (x > 0).T,
    "np.all": lambda x: np.all(x > 0),
    "np.logical_and": lambda x: np.logical_and.reduce(x > 0),
    "hash() of a comparison": lambda x: {x.sum() > 0},
    "multiply": lambda x: ops.multiply(x > 0, 2.0),
    "an index": lambda x: x[Tensor([1], dtype=int)],
    "the values of a comparison": lambda x: np.asarray(x > 0),
    "float() of a result": lambda x: float(np.sign(x.sum())),
    "nonzero() of a comparison": lambda x: (np.isnan(x)).nonzero(),
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
    "text": lambda x: (repr(x), f"{x}", f"{x.sum():.2f}"),
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
    "text of a comparison": lambda x: (f"{x > 0}", repr(x > 0), (x > 0).shape),
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
    with observing() as looks:
        observed = NO_LOOKS[what](x)
    assert looks.notes == []
    if type(plain) is Tensor:
        assert observed.tolist() == plain.tolist()
        plain.sum().backward()
        expected = x.grad
        x.zero_grad()
        observed.sum().backward()
        assert x.grad.tolist() == expected.tolist()


def test_a_derived_array_is_remembered_with_its_operands() -> None:
    x = Tensor([1.0, -2.0])
    with observing() as looks:
        y = x * (x > 0)
    derived = looks.derived[id(y.inputs[1])]
    assert derived.function is operator.gt
    assert derived.operands[0] is x
    assert derived.operands[1] == 0
    assert y.inputs[1] is derived.array
    assert derived.array.tolist() == [True, False]


def test_what_is_derived_again_leads_back_to_the_tensor() -> None:
    x = Tensor([1.0, -2.0])
    with observing() as looks:
        y = x * (~(x > 0)).astype(np.float64)
    converted = looks.derived[id(y.inputs[1])]
    assert converted.function is as_type
    inverted = looks.derived[id(converted.operands[0])]
    assert inverted.function is np.invert
    assert looks.derived[id(inverted.operands[0])].operands[0] is x


def test_a_derived_number_has_an_identity_of_its_own() -> None:
    # NumPy has one True for all: as an operand it could not be told from a constant.
    x = Tensor([1.0, 4.0])
    with observing() as looks:
        y = x * (x.max() > 3)
    assert looks.notes == []
    assert id(y.inputs[1]) in looks.derived
    assert id(np.True_) not in looks.derived
    assert y.tolist() == [1.0, 4.0]


def test_labels_that_are_watched() -> None:
    labels = np.array([0, 2])
    z = Tensor(np.ones((2, 3)))
    with observing() as looks:
        loss = ops.sparse_softmax_cross_entropy(z, looks.watched(labels))
        weight = np.where(looks.watched(labels) == 2, 10.0, 1.0)
        (loss * weight).sum()
    assert loss.inputs[1] is labels
    assert looks.notes == []
    with observing() as looks:
        assert looks.watched(labels).max() == 2
    assert looks.notes[0].startswith("max()")


def test_a_watched_array_cannot_be_read_past_the_notes() -> None:
    numbers = np.arange(2.0)
    with observing() as looks:
        mask = Tensor([1.0, -2.0]) > 0
        assert numbers[mask].tolist() == [0.0]
    assert type(mask) is Watched
    assert looks.notes[-1].startswith("the values of a comparison")


UNSEEN = {"shape", "ndim", "size", "dtype", "astype", "setfield"}


@pytest.mark.parametrize("name", [n for n in dir(np.ndarray) if n[0] != "_" and n not in UNSEEN])
def test_every_other_member_of_an_array_is_a_look(name: str) -> None:
    with observing() as looks:
        mask = Tensor([[1.0, -2.0]]) > 0
        # It is noted before it says what it needs, or, with NumPy 2.0, that it is gone or going.
        with contextlib.suppress(TypeError, ValueError, AttributeError, DeprecationWarning):
            member = getattr(mask, name)
            if callable(member):
                member()
    assert any(name in note for note in looks.notes)


def test_a_comparison_as_limit_or_place_is_a_look() -> None:
    x = Tensor([1.0, -2.0])
    with observing() as looks:
        assert np.clip(x, x > 0, None).tolist() == [1.0, 0.0]
    assert len(looks.notes) > 0
    with observing() as looks:
        assert x.at[x > 0].set(5.0).tolist() == [5.0, -2.0]
    assert len(looks.notes) > 0


def test_elements_chosen_by_a_comparison_are_a_look() -> None:
    # How many they are depends on the values.
    x = Tensor([1.0, -2.0, 3.0])
    with observing() as looks:
        chosen = x[x > 0]
    assert chosen.tolist() == [1.0, 3.0]
    chosen.sum().backward()
    assert x.grad.tolist() == [1.0, 0.0, 1.0]
    assert len(looks.notes) == 1


def test_a_look_is_said_once_with_its_layer() -> None:
    x = Tensor(2.0) * 1.0
    with observing() as looks, scope("gate"):
        for _ in range(3):
            x.item()
    assert len(looks.notes) == 1
    assert looks.notes[0].startswith("item() in layer 'gate' (")


def test_changing_data_is_a_look() -> None:
    count = Tensor(0.0, requires_grad=False)
    with observing() as looks:
        count.data = 1.0
    assert looks.notes[0].startswith("setting .data")


def test_what_is_fed_may_leave_the_graph_while_observing() -> None:
    # y is an array in an ordinary step, and a loss of one's own may take it for one.
    y = Tensor([1.0, 2.0])
    with observing() as looks:
        assert np.asarray(y).tolist() == [1.0, 2.0]
    assert looks.notes[0].startswith("np.asarray(t)")
    with pytest.raises(TypeError, match="leave the graph"):
        np.asarray(y)


def test_nothing_is_noted_outside() -> None:
    x = Tensor([1.0, -2.0])
    with observing() as looks:
        pass
    assert type(x > 0) is np.ndarray
    assert type(np.sign(x)) is np.ndarray
    assert x.tolist() == [1.0, -2.0]
    assert looks.notes == []
    assert looks.derived == {}


def test_it_ends_with_an_exception() -> None:
    x = Tensor([1.0])
    with pytest.raises(KeyError), observing():
        raise KeyError
    assert type(x > 0) is np.ndarray


def test_other_threads_and_tasks_are_not_observed() -> None:
    x = Tensor(3.0)

    async def looking() -> None:
        x.item()

    async def around() -> Looks:
        other = asyncio.create_task(looking(), context=contextvars.Context())
        with observing() as looks:
            await other
        return looks

    assert asyncio.run(around()).notes == []
    with observing() as looks:
        thread = threading.Thread(target=x.item)
        thread.start()
        thread.join()
    assert looks.notes == []
