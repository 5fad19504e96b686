"""What leaves the graph before a loss is recorded, such as a count: said where it may matter."""

import logging
import re
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import LeavingGraphWarning, Tensor, no_grad, viz
from autograd_nn.optimizers import SGD
from tests.viz.pages import data_of

X = np.random.default_rng(0).normal(size=(20, 3))


def count(w: Tensor) -> Any:
    return ((X @ w) > 0.5).sum()


def used_by_name(w: Tensor) -> Any:
    k = ((X @ w) > 0.5).sum()
    return (w**2).sum() * k


def used_as_another_number(w: Tensor) -> Any:
    share = int(((X @ w) > 0.5).sum()) / 20
    return (w**2).sum() * (1 + share)


def used_from_a_function(w: Tensor) -> Any:
    return (w**2).sum() * count(w)


def used_from_a_list(w: Tensor) -> Any:
    counts = []
    counts.append(((X @ w) > 0.5).sum())
    return (w**2).sum() * sum(counts)


def used_after_it_was_printed(w: Tensor) -> Any:
    k = ((X @ w) > 0.5).mean()
    print(f"{k:.2f}")
    return (w**2).sum() * k


def used_as_a_branch(w: Tensor) -> Any:
    return (w**2).sum() if (X @ w).sum() > 0 else w.sum()


def used_as_a_position(w: Tensor) -> Any:
    return (w**2).sum() * (2.0 if np.argmax(X @ w) == 3 else 1.0)


def used_as_a_key(w: Tensor) -> Any:
    factors = dict.fromkeys(range(20), 2.0)
    return (w**2).sum() * factors[np.argmax(X @ w)]


def used_after_a_loop(w: Tensor) -> Any:
    right = 0
    for rows in (X[:10], X[10:]):
        right += (rows @ w > 0).sum()
    return w.sum() * right


def used_from_deep_down(w: Tensor) -> Any:
    z = X @ w
    for _ in range(100):
        z = np.tanh(z * 1.1)
    return (w**2).sum() * (z > 0).sum()


USED = [
    used_by_name,
    used_as_another_number,
    used_from_a_function,
    used_from_a_list,
    used_after_it_was_printed,
    used_as_a_branch,
    used_as_a_position,
    used_as_a_key,
    used_after_a_loop,
    used_from_deep_down,
]


@pytest.mark.parametrize("loss", USED, ids=lambda f: str(f.__name__))
def test_a_number_from_what_is_not_part_of_the_loss_is_said(loss: Callable[[Tensor], Any]) -> None:
    w = Tensor(np.ones(3), name="w")
    with pytest.warns(LeavingGraphWarning, match=r"test_taken_numbers\.py, line \d+: .*'w'"):
        program = loss(w).program(w)
    assert np.isclose(program()[0], loss(w).item())


def test_numbers_are_said_where_a_program_goes_level_by_level() -> None:
    w = [Tensor(float(i), name=f"w{i}") for i in range(200)]
    k = 2.0 if w[3] * 2 > 1 else 3.0
    loss = w[0] * k
    for x in w[1:]:
        loss = loss + x * x
    with pytest.warns(LeavingGraphWarning, match="'w3'"):
        program = loss.program(w)
    assert "Levels" in repr(program)
    assert program()[0] == loss.item()


def test_what_a_call_gives_may_have_decided_too() -> None:
    w, x = Tensor(np.ones(3)), Tensor(X, requires_grad=False, name="x")
    k = (x > 0).sum()
    with pytest.warns(LeavingGraphWarning, match="'x'"):
        ((x @ w).sum() * k).program(w, inputs=[x])


def test_each_is_said_once() -> None:
    w = Tensor(np.ones(3))
    k = count(w)
    with pytest.warns(LeavingGraphWarning):
        (w.sum() * k).program(w)
    (w**2).sum().program(w)


def share(w: Tensor) -> Any:
    right = 0
    for rows in (X[:10], X[10:]):
        right += ((rows @ w > 0) == (rows[:, 0] > 0)).sum()
    return right / len(X)


def test_nothing_is_said_of_what_was_only_shown(capsys: Any) -> None:
    w = Tensor(np.ones(3))
    print("before:", share(w))
    print(w, f"{w.sum():.1f}", str(w), f"{w[0]:.1f}", [w], w.shape, len(w))
    lines = ", ".join(f"{z:.2f}".rjust(8) for z in X @ w)
    print(lines)
    logging.getLogger("training").info("%s", (w**2).sum())
    logging.getLogger("training").info(f"{(w**2).sum():.2f}")
    chosen = (X @ w)[X @ w > 0]
    print(f"{len(chosen)} of {len(X)}, {chosen.shape[0]}, {chosen.mean():.1f}")
    accuracy = round(float(share(w)), 3)
    text = f"accuracy {accuracy:.1%}"
    print(text)
    print(f"{((X @ w) > 0).mean():.2f}", str(count(w)))
    assert (X @ w < 100).all()
    if not np.isfinite(X @ w).all():
        raise ValueError("not finite")
    (w**2).sum().program(w)
    assert "accuracy" in capsys.readouterr().out


def test_nothing_is_said_of_what_was_taken_of_other_weights() -> None:
    w, other = Tensor(np.ones(3)), Tensor(np.ones(3))
    k = count(other)
    ((w**2).sum() * k).program(w)


def test_nothing_is_said_of_what_was_taken_afterwards() -> None:
    w = Tensor(np.ones(3))
    loss = (w**2).sum()
    kept = [count(w), loss > 3, (X @ w > 0).any()]
    loss.program(w)
    assert len(kept) == 3


@pytest.mark.parametrize("change", ["optimizer", "data", "in place", "a program"])
def test_nothing_is_said_of_what_was_taken_before_the_weights_moved(change: str) -> None:
    w, history = Tensor(np.ones(3)), []
    optimizer, program = SGD(0.1), (w**2).sum().program(w, SGD(0.1))
    for _ in range(3):
        loss = (w**2).sum()
        history.append(count(w))
        w.zero_grad()
        loss.backward()
        if change == "optimizer":
            optimizer.step([w])
        elif change == "data":
            w.data -= 0.1 * w.grad
        elif change == "in place":
            w.data[...] = w.data - 0.1 * w.grad
        else:
            program()
        ((w**2).sum() * 2).program(w)
    assert len(history) == 3


def test_nothing_is_said_of_what_is_taken_under_no_grad() -> None:
    w = Tensor(np.ones(3))
    with no_grad():
        k = count(w)
    ((w**2).sum() * k).program(w)


def test_what_is_kept_of_numbers_is_bounded() -> None:
    w = Tensor(np.ones(3))
    code = "\n".join(["def many(w):", *["    (w > 0).any()"] * 300])
    space: dict[str, Any] = {}
    exec(code, space)
    for _ in range(3):
        space["many"](w)
    assert w._leaf is not None
    assert w._leaf.taken is not None
    assert len(w._leaf.taken) <= 64


def test_threads_take_numbers_of_the_same_weights() -> None:
    w, failed = Tensor(np.ones(3)), []

    def work() -> None:
        try:
            for _ in range(100):
                assert count(w) >= 0
                (w**2).sum().program(w)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


LOOKS: dict[str, Callable[[Any], Any]] = {
    "np.asarray(t)": lambda x: np.asarray(x) * 2.0,
    "float(t)": lambda x: float(x[1:].reshape()) * 2.0,
    "bool()": lambda x: 2.0 if x[1:] > 1.0 else 3.0,
    "np.spacing": np.spacing,
    "np.nextafter": lambda x: np.nextafter(x, 0.0),
    "np.packbits": lambda x: np.packbits(x > 1.0) * 1.0,
    "np.nonzero": lambda x: np.nonzero(x > 1.0)[0] * 1.0,
    "np.multiply.outer": lambda x: np.multiply.outer(x, x).sum(),
    "np.logaddexp.reduce": np.logaddexp.reduce,
    "np.fft.fft": lambda x: np.abs(np.fft.fft(x)),
}


@pytest.mark.parametrize("how", LOOKS)
def test_what_a_call_gives_is_looked_at_itself(how: str) -> None:
    x, w = Tensor([0.5, 2.5], requires_grad=False, name="x"), Tensor([1.0, 2.0], name="w")
    loss = (w * LOOKS[how](x)).sum() + x.sum()
    with pytest.warns(LeavingGraphWarning, match=f"test_taken_numbers.*{re.escape(how)}.*'x'"):
        loss.program([w], inputs={"x": x})
    # Of what no call replaces they are constants as others are.
    (w * LOOKS[how](Tensor([0.5, 2.5], requires_grad=False))).sum().program([w])


def test_a_leaf_that_is_looked_at_and_moves() -> None:
    w = Tensor(1.0, name="w")
    loss = w**2 * float(w)
    with pytest.warns(LeavingGraphWarning, match=r"float\(t\) of Tensor 'w'"):
        loss.program([w])


def branched() -> tuple[Tensor, Tensor]:
    """A loss that is another one where w is negative, which only Python knows."""
    w = Tensor(0.6, name="w")
    return w, np.where(w > 0, w * w, np.exp(w))  # type: ignore[return-value]


def test_what_is_made_of_a_program_says_it_too(tmp_path: Any) -> None:
    for made in (
        lambda w, loss: viz.formula(loss, w),
        lambda _, loss: loss.save(tmp_path / "step.xlsx"),
        lambda _, loss: loss.explore(tmp_path / "step.html"),
    ):
        w, loss = branched()
        with pytest.warns(LeavingGraphWarning, match="greater of Tensor 'w'"):
            made(w, loss)


def test_a_page_says_it_each_time(tmp_path: Any) -> None:
    _, loss = branched()
    with pytest.warns(LeavingGraphWarning):
        loss.program([])
    told = data_of(loss.explore(tmp_path / "step.html"))["liveNote"]
    assert re.search(r"stays as it was recorded \(test_taken_numbers.py, line \d+\)", told)
