"""Compiled programs touch no memory but their own: everything lies between numbers that stay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, Tensor, gradients, ops, set_random_seed
from autograd_nn.jit import compiling, kernels
from autograd_nn.jit.arena import Arena
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Adam
from autograd_nn.program import Memory, plan

GAP = 19
GUARD = {"f": np.nan, "i": 1234567, "b": True}  # in floats one that spoils what is made of it


class Spaced(Arena):
    """Nothing takes the place of anything else, and around each value is a gap."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.sizes = dict.fromkeys(self.sizes, GAP)
        for value in self.starts:
            self.starts[value] = self.sizes[value.dtype]
            self.sizes[value.dtype] += value.size + GAP


class Guarded:
    """Calls of machine code on copies of arrays, with a gap before and behind each."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.memory: list[tuple[Any, Any]] = []  # arrays, and where in them the gaps are

    def __call__(self, count: int, *given: Any) -> None:
        wholes = [np.full(array.size + 2 * GAP, GUARD[array.dtype.kind]) for array in given]
        wholes = [whole.astype(x.dtype) for whole, x in zip(wholes, given, strict=True)]
        parts = [
            whole[GAP : GAP + array.size].reshape(array.shape)
            for whole, array in zip(wholes, given, strict=True)
        ]
        for part, array in zip(parts, given, strict=True):
            part[...] = array
        self.function(count, *parts)
        for part, array, whole in zip(parts, given, wholes, strict=True):
            assert_guarded(np.concatenate([whole[:GAP], whole[GAP + array.size :]]))
            if array.flags.writeable:
                array[...] = part


def assert_guarded(numbers: Any) -> None:
    np.testing.assert_array_equal(numbers, np.full_like(numbers, GUARD[numbers.dtype.kind]))


@pytest.fixture(autouse=True)
def guards(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """All programs compiled in this file; afterwards their gaps must be as they were."""
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))
    gaps: list[tuple[Any, Any]] = []
    functions: list[Guarded] = []
    function, memory = compiling._function, kernels.Kernel.memory

    def guarded(*arguments: Any) -> tuple[Any, bool]:
        made, from_cache = function(*arguments)
        functions.append(Guarded(made))
        return functions[-1], from_cache

    def spaced(kernel: Any) -> Any:
        made = memory(kernel)
        for dtype, array in made.items():
            is_gap = np.ones(array.size, bool)
            for value, start in kernel._arena.starts.items():
                if value.dtype == dtype:
                    is_gap[start : start + value.size] = False
            array[is_gap] = GUARD[dtype.kind]
            gaps.append((array, is_gap))
        return made

    monkeypatch.setattr(kernels, "Arena", Spaced)
    monkeypatch.setattr(kernels.Kernel, "memory", spaced)
    monkeypatch.setattr(compiling, "_function", guarded)
    monkeypatch.setattr(compiling, "_entry", lambda function: function)
    yield
    assert functions
    for array, is_gap in gaps:
        assert is_gap.any()
        assert_guarded(array[is_gap])


def compiled(loss: Tensor, leaves: list[Tensor], inputs: dict[str, Any]) -> Any:
    memory = Memory(leaves)
    made = plan(loss, leaves, inputs, memory, compile_steps=compiling.compiled_step)
    memory.take_in()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products_sums_and_views_of_odd_sizes(dtype: Any) -> None:
    r = np.random.default_rng(0)
    shapes = [(1, 7), (3, 4), (17, 13)]
    leaves = [Tensor(r.normal(size=shape).astype(dtype)) for shape in shapes]
    given = r.normal(size=(13, 3)).astype(dtype)

    def loss() -> Any:
        total: Any = (leaves[2] @ (given @ (leaves[1] @ leaves[1].T))).mean()
        for x in leaves:
            total = total + (np.tanh(x.T @ x) * x.sum(axis=0)).mean()
            total = total + (x.max(axis=0) * x.mean(axis=1, keepdims=True)).sum()
            total = total + (ops.exp(x.reshape(-1, 1)) @ x.reshape(1, -1)).mean()
        return total

    made = compiled(loss(), leaves, {"given": given})
    for _ in range(2):
        expected = loss()
        value, *results = made.step(given)
        found = made.gradients(results)
        np.testing.assert_allclose(value, expected.data, rtol=1e-4)
        for x, slope in zip(leaves, gradients(expected, leaves), strict=True):
            np.testing.assert_allclose(found[x], slope, rtol=1e-3, atol=1e-4)
        given *= 0.5


@pytest.mark.slow
def test_an_epoch_of_a_network() -> None:
    """Its last batch is smaller: 23 samples are batches of 7, 7, 7 and 2."""
    r = np.random.default_rng(1)
    x = r.normal(size=(23, 5)).astype(np.float32)
    y = r.integers(0, 3, 23)
    found = []
    for options in ({"jit_compile": True}, {"run_eagerly": True}):
        set_random_seed(3)
        layers = [Dense(1, activation="tanh"), Dense(11, activation="relu")]
        model = Sequential([Input((5,)), *layers, Dense(3, activation="softmax")])
        loss = "sparse_categorical_crossentropy"
        model.compile(Adam(0.01, clipnorm=1.0), loss=loss, **options)
        model.fit(x, y, batch_size=7, epochs=3, verbose=0)
        found.append(model.get_weights())
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)


def test_numpy_reports_nothing_of_what_a_compiled_program_did() -> None:
    """It divides 0 by 0, overflows and underflows; NumPy looks at what its own calls do."""
    x, y = Tensor(np.ones(3), name="x"), Tensor(np.ones(3), name="y")
    loss = (x / y + np.exp(1000.0 - 1000.0 * y) + np.exp(y * -744.0)).sum()
    made = compiled(loss, [x, y], {})
    x.data[...] = y.data[...] = 0.0
    made.memory.take_in()
    for _ in range(2):
        assert np.isnan(made.step()[0])
        with np.errstate(all="raise"):
            a, b = np.ones((3, 4)), np.ones((4, 2))
            assert (a @ b == 4).all()
            assert np.float64(1.0) * 2.0 == 2.0
            assert np.exp(a).astype(int).sum() == 24
        assert np.float64(5e-324) * 1.0 != 0.0
