"""Compiled programs: equal to the eager engine, kept on disk, and honest about what they cannot."""

from __future__ import annotations

import functools
import importlib.util

import mpmath
import numpy as np
import pytest

from autograd_nn import (
    Input,
    Operation,
    Sequential,
    Tensor,
    gradients,
    ops,
    set_random_seed,
)
from autograd_nn.data import Data
from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.jit import called_functions
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.compiling import NotCompilable, compiled_step
from autograd_nn.jit.kernels import Kernel
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam, RMSprop
from autograd_nn.program import dense_layers
from autograd_nn.program.calls import join
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.forms import FORMS
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.reading import Reading, as_steps
from autograd_nn.program.updating import Update
from autograd_nn.training.one_step import recorded_loss, step


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))


def steps_of(loss, wrt, inputs=None, optimizer=None, laid_out=True):
    """The steps of a loss as a planner makes them, parameters side by side; arrays, memory."""
    memory = Memory(wrt, optimizer)
    with pytest.MonkeyPatch.context() as patch:
        if not laid_out:
            patch.setattr(dense_layers, "WIDEST", 0)
        reading = Reading(loss, inputs or {}, FORMS, memory.blocks)
    found = dict(zip(wrt, reading.differentiated(wrt), strict=True))
    trace = reading.trace
    arrays = {v: t._data for t, v in reading.held.items()}
    arrays |= trace.arrays
    update = None if optimizer is None else Update(trace, optimizer)
    wholes, updates = [], []
    for whole, block in zip(reading.blocks, memory.blocks, strict=True):
        arrays[whole.value] = block.array
        parts = [found[t] for t in block.tensors]
        if update is not None:
            parts = update.clipped(parts)
        joined = trace.call(join, tuple(parts))
        wholes.append(joined)
        if update is None:
            continue
        states = {k: trace.leaf(k, array, "state") for k, array in block.states.items()}
        arrays |= {states[k].value: array for k, array in block.states.items()}
        with np.errstate(all="ignore"):
            updates += update.moved(whole, joined, states).changes
    steps = as_steps(reading, wholes)
    steps.updates, steps.is_step = updates, bool(updates)
    return simplified(steps), arrays, memory


def compiled(loss, wrt, inputs=None, optimizer=None, laid_out=True):
    steps, arrays, memory = steps_of(loss, wrt, inputs, optimizer, laid_out)
    memory.take_in()
    return compiled_step(steps, arrays, "a test"), memory


def called(program, **given):
    return program.step(*(given[v.name] for v in [*program.inputs, *program.settings]))


def tutorial(optimizer, hidden="sigmoid", head="sigmoid", outputs=1, loss=None, layers=1):
    """A small network of the tutorial's kind, built, with a batch."""
    rng = np.random.default_rng(5)
    x = rng.random((32, 12)).astype(np.float32)
    y = rng.integers(0, 2, (32, 1)).astype(np.float32)
    if outputs > 1:
        y = rng.integers(0, outputs, 32)
        y = y if loss and "sparse" in loss else np.eye(outputs, dtype=np.float32)[y]
    inside = [Dense(units, activation=hidden) for units in (9, 5)[:layers]]
    model = Sequential([Input((12,)), *inside, Dense(outputs, activation=head)])
    model.compile(optimizer=optimizer, loss=loss or "binary_crossentropy")
    return model, x, y


def same_as_eager(optimizer, steps=6, laid_out=True, **kinds):
    set_random_seed(7)
    ours, x, y = tutorial(optimizer(), **kinds)
    set_random_seed(7)
    eager, _, _ = tutorial(optimizer(), **kinds)
    recorded, _ = recorded_loss(ours, ours.loss, x, y)
    weights = ours.trainable_weights
    program, memory = compiled(recorded, weights, {"x": x, "y": y}, ours.optimizer, laid_out)
    for count in range(steps):
        rate = ours.optimizer.learning_rate
        loss = called(program, x=x, y=y, learning_rate=rate, iteration=count + 1)
        data = Data(x, y, None)
        expected, _, _ = step(eager, eager._training, eager.trainable_weights, data)
        assert loss == pytest.approx(expected, rel=2e-6)
        assert type(loss) is type(expected)
    memory.hand_back()
    for a, b in zip(ours.trainable_weights, eager.trainable_weights, strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=2e-5, atol=2e-6)


OPTIMIZERS = {
    "sgd": lambda: SGD(0.5),
    "momentum": lambda: SGD(0.1, momentum=0.9),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "rmsprop": lambda: RMSprop(0.01),
    "centered": lambda: RMSprop(0.01, centered=True, momentum=0.5, clipvalue=0.01),
    "adam": lambda: Adam(0.01),
    "amsgrad": lambda: Adam(0.01, amsgrad=True, weight_decay=0.004),
}


SLOW = set(OPTIMIZERS) - {"amsgrad"}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in OPTIMIZERS]
)
def test_every_optimizer_moves_as_the_eager_engine_does(name):
    same_as_eager(OPTIMIZERS[name])


@pytest.mark.parametrize("laid_out", [pytest.param(True, marks=pytest.mark.slow), False])
def test_several_layers_in_both_layouts(laid_out):
    same_as_eager(lambda: SGD(0.5), layers=2, laid_out=laid_out)


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param(
            {"hidden": "tanh", "loss": "mean_squared_error", "head": "linear"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"hidden": "relu", "head": "softmax", "outputs": 4, "loss": "categorical_crossentropy"},
            marks=pytest.mark.slow,
        ),
        {"head": "softmax", "outputs": 3, "loss": "sparse_categorical_crossentropy"},
        pytest.param({"hidden": "softplus", "loss": "mean_absolute_error"}, marks=pytest.mark.slow),
    ],
    ids=lambda kinds: kinds["loss"],
)
def test_other_networks_too(kinds):
    same_as_eager(lambda: SGD(0.05), **kinds)


# ------------------------------------------------------------------ the loss and its gradients


def one_after_the_other(memory, wholes, tensors):
    """The gradients in the order of the tensors, from those of every block."""
    pairs = zip(memory.blocks, wholes, strict=True)
    found = dict(part for block, whole in pairs for part in block.parts(whole))
    return np.concatenate([np.ravel(found[tensor]) for tensor in tensors])


def gradients_agree(*pairs):
    """The compiled sum of some functions and its gradients, against the eager ones."""
    tensors = [Tensor(array) for _, array in pairs]
    loss = 0.0
    for (function, _), tensor in zip(pairs, tensors, strict=True):
        loss = loss + function(tensor)
    expected = gradients(loss, tensors)
    program, memory = compiled(loss, tensors)
    value, *found = program.step()
    np.testing.assert_allclose(value, loss.numpy(), rtol=1e-12)
    flat = np.concatenate([np.ravel(g) for g in expected])
    found = one_after_the_other(memory, found, tensors)
    np.testing.assert_allclose(found, flat, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_sums_along_axes():
    x = np.random.default_rng(1).normal(size=(3, 4, 5))
    gradients_agree(
        (lambda t: (t.sum(axis=0) ** 2).sum(), x),
        (lambda t: (t.sum(axis=(0, 2)) ** 2).sum(), x),
        (lambda t: (t.mean(axis=-1, keepdims=True) * t).sum(), x),
        (lambda t: t.max(axis=1).sum(), x),
        (lambda t: t.min() * t.sum(), x),
        (lambda t: ops.logsumexp(t, axis=2).sum(), x),
    )


def test_broadcasting_views_and_products():
    rng = np.random.default_rng(2)
    x, a = rng.normal(size=(4, 6)), rng.normal(size=(6, 3))
    gradients_agree(
        (lambda t: ((x @ t).T.reshape(2, 6) * 3.0).sum(), a),
        (lambda t: ((np.array(x[:, 1:4]) + t) ** 3).mean(), a[0]),
        (lambda t: (np.array(x[::2, None, :]) * t.T.reshape(1, 3, 6)).sum(), a),
        (lambda t: (t @ np.array(x[:1, :3])).sum(), a[:, :1]),
        (lambda t: (ops.exp(x[0] / 3) @ t).sum(), a),
        (lambda t: (t @ t) * 2.0, a[0]),
    )


SOME, OTHERS = [(3, 5, 4), (1, 5, 1)], [(1, 5, 4), (3, 5, 1), (3, 1, 4), (17, 33, 65)]


@pytest.mark.parametrize(
    ("dtype", "sizes"),
    [
        (np.float64, SOME),
        pytest.param(np.float64, OTHERS, marks=pytest.mark.slow),
        pytest.param(np.float32, SOME + OTHERS, marks=pytest.mark.slow),
    ],
)
def test_products_of_all_that_lies_in_rows_or_in_columns(dtype, sizes):
    """What NumPy gives for them, with whole numbers, which both add up exactly."""
    rng = np.random.default_rng(4)

    def numbers(*shape):
        return rng.integers(-3, 4, shape).astype(dtype)

    pairs = []
    for m, k, n in sizes:
        pairs += [
            (Tensor(numbers(m, k)), Tensor(numbers(k, n))),
            (Tensor(numbers(k, m)).T, Tensor(numbers(k, n))),
            (Tensor(numbers(m, k)), Tensor(numbers(n, k)).T),
            (Tensor(numbers(k, m)).T, Tensor(numbers(n, k)).T),
        ]
    pairs += [
        (Tensor(numbers(4)), Tensor(numbers(4, 3))),
        (Tensor(numbers(4)), Tensor(numbers(3, 4)).T),
        (Tensor(numbers(3, 4)), Tensor(numbers(4))),
        (Tensor(numbers(4, 3)).T, Tensor(numbers(4))),
        (Tensor(numbers(4)), Tensor(numbers(4))),
    ]
    # In whole numbers, which NumPy does not give to BLAS.
    products = [a.data.astype(int) @ b.data.astype(int) for a, b in pairs]
    weights = [numbers(*product.shape) for product in products]
    loss = 0.0
    # OpenBLAS (0.3.31, AVX-512, 3 by 5 times 5 in float32) computes with numbers that nobody wrote
    # in lanes that it drops; where one of them is a signalling NaN NumPy warns of it.
    with np.errstate(invalid="ignore"):
        for (a, b), weight in zip(pairs, weights, strict=True):
            loss = loss + ((a @ b) * weight).sum()
    leaves = [t if t.operation is None else t.inputs[0] for pair in pairs for t in pair]
    program, memory = compiled(loss, leaves)
    total, *found = program.step()
    assert total == sum((p * w).sum() for p, w in zip(products, weights, strict=True))
    expected = []
    for (a, b), w in zip(pairs, weights, strict=True):
        left, right = np.atleast_2d(a.data).astype(int), b.data.reshape(b.shape[0], -1).astype(int)
        w = w.reshape(len(left), right.shape[1]).astype(int)
        for tensor, slope in ((a, w @ right.T), (b, left.T @ w)):
            slope = slope.reshape(tensor.shape)
            expected.append(np.ravel(slope if tensor.operation is None else slope.T))
    found = one_after_the_other(memory, found, leaves)
    np.testing.assert_array_equal(found, np.concatenate(expected))


def test_many_steps_in_one_call_are_those_steps():
    model, x, y = tutorial(Adam(0.01))
    recorded, _ = recorded_loss(model, model.loss, x, y)
    weights = model.trainable_weights
    program, memory = compiled(recorded, weights, {"x": x, "y": y}, model.optimizer)
    (block,) = memory.blocks
    start = [block.array.copy(), *(state.copy() for state in block.states.values())]
    batches = [(x + k, np.roll(y, k, axis=0)) for k in range(5)]
    rates = [0.01, 0.02, 0.03, 0.04, 0.05]
    losses = [
        called(program, x=a, y=b, learning_rate=rate, iteration=1 + k)
        for k, ((a, b), rate) in enumerate(zip(batches, rates, strict=True))
    ]
    once = [block.array.copy(), *(state.copy() for state in block.states.values())]
    for array, content in zip([block.array, *block.states.values()], start, strict=True):
        array[...] = content
    given = {name: np.concatenate(parts) for name, *parts in zip("xy", *batches, strict=True)}
    numbers = {"learning_rate": np.array(rates), "iteration": np.arange(1, 6)}
    found = program.steps(
        5, [given[v.name] for v in program.inputs], [numbers[v.name] for v in program.settings]
    )
    assert found == losses
    for array, content in zip([block.array, *block.states.values()], once, strict=True):
        np.testing.assert_array_equal(array, content)


def test_steps_that_give_more_than_the_loss_are_taken_one_by_one():
    t = Tensor(np.arange(3.0))
    program, _ = compiled((t * t).sum(), [t])
    assert program.steps is None


@pytest.mark.parametrize(
    ("gradient", "moved", "moved_globally"),
    [
        ([3.0, 4.0], [1.2, 1.6], None),  # of length 5, brought to 2
        ([1.2, 1.6], [1.2, 1.6], None),
        ([0.0, 0.0], [0.0, 0.0], None),
        ([3e200, 4e200], [1.2, 1.6], None),  # of which the squares are infinite
        ([3e-200, 4e-200], [3e-200, 4e-200], None),  # and of these 0
        ([np.inf, 4.0], [np.nan, 0.0], [np.nan, np.nan]),
        ([np.nan, 4.0], [np.nan, 4.0], [np.nan, np.nan]),
    ],
)
def test_clipped_gradients_of_any_length(gradient, moved, moved_globally):
    x = np.array([1.0, 2.0])
    for which, expected in (("clipnorm", moved), ("global_clipnorm", moved_globally or moved)):
        w = Tensor(np.zeros(2))
        program, memory = compiled((w * x).sum(), [w], {"x": x}, SGD(1.0, **{which: 2.0}))
        called(program, x=np.array(gradient), learning_rate=1.0)
        memory.hand_back()
        np.testing.assert_allclose(-w.data, expected, rtol=1e-14)


def test_the_elementary_functions():
    x = np.linspace(0.2, 0.9, 23)
    functions = (ops.exp, ops.log, ops.log1p, ops.tanh, ops.sqrt, ops.sin, ops.cos, ops.sigmoid)
    functions += (ops.expm1, ops.softplus, lambda t: abs(t - 0.5) ** 1.5, lambda t: 1 / t)
    functions += (lambda t: ops.maximum(t, 0.5) + ops.minimum(t, 1 - t),)
    gradients_agree(*((lambda t, f=f: (f(t) * 2.0).sum(), x) for f in functions))


def test_a_small_residual_keeps_its_digits():
    """σ(20) − 1 = −2.0611536e-9, by hand: 1 − σ(z) = e^−z / (1 + e^−z)."""
    z = Tensor(np.full(64, 20.0, np.float32))
    loss = ops.sigmoid_cross_entropy(z, np.ones(64, np.float32)).sum()
    program, _ = compiled(loss, [z])
    _, found = program.step()
    np.testing.assert_allclose(found, -2.0611536e-9, rtol=1e-6)


def test_nan_goes_where_numpy_lets_it_go():
    x = np.array([np.nan, -1.0, 0.5, np.inf, -np.inf, 2.0, 0.0], np.float32)
    functions = (
        lambda t: ops.maximum(t, 0.0),
        lambda t: ops.minimum(t, 0.25),
        lambda t: ops.maximum(0.0 * t, t),
        lambda t: ops.clip(t, min=-0.5, max=0.5),
        *(ops.relu, ops.sigmoid, ops.tanh, ops.exp, ops.softplus, abs),
    )
    tensors = [Tensor(x, name=f"t{place}") for place in range(len(functions))]
    with np.errstate(all="ignore"):
        made = [f(t) for f, t in zip(functions, tensors, strict=True)]
        loss = 0.0
        for each in made:
            loss = loss + (each * 2.0).sum()
        expected = gradients(loss, tensors)
    program, _ = compiled(loss, tensors)
    total, found = program.step()
    assert np.isnan(total)
    # NaN equals NaN here. At infinity a program's slope of sigmoid is that at 88, e^-88 = 6e-39.
    np.testing.assert_allclose(found, np.concatenate(expected), rtol=1e-5, atol=2 * np.exp(-87.9))


def test_nan_in_the_input_makes_the_loss_nan():
    model, x, y = tutorial(Adam(0.01))
    recorded, _ = recorded_loss(model, model.loss, x, y)
    program, _ = compiled(recorded, model.trainable_weights, {"x": x, "y": y}, model.optimizer)
    spoilt = x.copy()
    spoilt[3, 2] = np.nan
    assert np.isnan(called(program, x=spoilt, y=y, learning_rate=0.0, iteration=1))


def test_inputs_may_lie_in_memory_in_any_way():
    model, x, y = tutorial(Adam(0.01))
    recorded, _ = recorded_loss(model, model.loss, x, y)
    program, _ = compiled(recorded, model.trainable_weights, {"x": x, "y": y}, model.optimizer)
    numbers = {"learning_rate": 0.0, "iteration": 1}
    expected = called(program, x=x, y=y, **numbers)
    frozen = x.copy()
    frozen.flags.writeable = False
    wide = np.repeat(x, 2, axis=1)[:, ::2]
    for given in (frozen, np.asfortranarray(x), wide):
        assert called(program, x=given, y=y, **numbers) == expected


def test_a_state_may_keep_what_is_overwritten():
    """Two arrays that take each other's content, as an optimizer with a memory would ask for."""
    w = Tensor(np.arange(4.0))
    steps, arrays, memory = steps_of((w * w).sum(), [w], optimizer=SGD(0.1, momentum=0.5))
    (held, _), (state, _) = steps.updates
    steps.updates = [(held, state), (state, held)]
    memory.take_in()
    arrays[state][:] = 7
    program = compiled_step(simplified(steps), arrays, "a test")
    called(program, learning_rate=0.1)
    np.testing.assert_array_equal(arrays[held], 7)
    np.testing.assert_array_equal(arrays[state], np.arange(4.0))


# ------------------------------------------------------------------ exp and its kin


@functools.cache
def vectors(name, dtype):
    """One of the functions compiled as in a program, on a whole array."""
    import numba

    namespace = {kind: getattr(np, kind) for kind in ("float32", "float64", "int32", "int64")}
    namespace |= {"np": np, "njit": numba.njit}
    for text in called_functions.functions_in(f"{name}_{np.dtype(dtype)}").values():
        exec(text, namespace)
    function = namespace[f"{name}_{np.dtype(dtype)}"]

    @numba.njit
    def many(x):
        out = np.empty_like(x)
        for i in range(len(x)):
            out[i] = function(x[i])
        return out

    return many


def digits_off(found, exact, dtype):
    """How far off in units of the last digit, also where numbers are denormal."""
    info = np.finfo(dtype)
    unit = np.maximum(np.spacing(np.abs(exact).astype(dtype)), info.smallest_subnormal)
    return np.max(np.abs(found.astype(np.longdouble) - exact) / unit)


EVERYWHERE = {
    "exp": lambda info: np.linspace(info.minexp * 0.75 - 18, info.maxexp * 0.693, 20_001),
    "log": lambda info: 10.0 ** np.linspace(info.minexp * 0.301 - 5, info.maxexp * 0.301, 20_001),
    "log1p": lambda info: np.concatenate(
        [10.0 ** np.linspace(-30, 30, 9_001), -(10.0 ** np.linspace(-30, -1e-3, 9_001))]
    ),
    "tanh": lambda info: np.concatenate([s * 10.0 ** np.linspace(-30, 3, 9_001) for s in (1, -1)]),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", EVERYWHERE)
@pytest.mark.slow
def test_vectorised_functions_over_their_whole_range(name, dtype):
    x = EVERYWHERE[name](np.finfo(dtype)).astype(dtype)
    if dtype == np.float64:  # fewer, since they are computed with 40 digits
        x = x[::10]
        with mpmath.workdps(40):
            exact = [getattr(mpmath, name)(mpmath.mpf(float(v))) for v in x]
            exact = np.array([np.longdouble(mpmath.nstr(v, 25)) for v in exact])
    else:
        exact = getattr(np, name)(x.astype(np.float64))
    assert digits_off(vectors(name, dtype)(x), exact, dtype) < 3


@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float64, marks=pytest.mark.slow)])
def test_vectorised_functions_at_their_limits(dtype):
    inf, nan = np.inf, np.nan
    x = np.array([inf, -inf, nan, 0.0, -0.0, -1.0, -2.0, 800.0, -800.0], dtype)
    limits = {
        "exp": [inf, 0, nan, 1, 1, np.exp(-1), np.exp(-2), inf, 0],
        "log": [inf, nan, nan, -inf, -inf, nan, nan, np.log(800), nan],
        "log1p": [inf, nan, nan, 0, 0, -inf, nan, np.log(801), nan],
        "tanh": [1, -1, nan, 0, 0, np.tanh(-1), np.tanh(-2), 1, -1],
    }
    for name, expected in limits.items():
        found = vectors(name, dtype)(x)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=4 * np.finfo(dtype).eps, err_msg=name)


# ------------------------------------------------------------------ what cannot be compiled


def test_an_own_function_is_refused_by_its_name():
    def doubled(x):
        return x * 2 if x.max() > 0 else x  # what is done depends on numbers

    double = Operation("double", value=doubled, gradients=(lambda g, out, x: g * 2,))
    t = Tensor(np.ones(3))
    steps, arrays, _ = steps_of((double(t) ** 2).sum(), [t])
    with pytest.raises(NotCompilable, match="no compiled form of double"):
        compiled_step(steps, arrays, "a test")


def test_arrays_that_lie_in_memory_in_another_way_are_read_where_they_live():
    r = np.random.default_rng(0)
    frozen = r.normal(size=(4, 6))
    arrays = [
        np.asfortranarray(r.normal(size=(4, 6))),
        r.normal(size=(8, 12))[::2, ::2],
        r.normal(size=(4, 6))[::-1],
        r.normal(size=(6, 4)).T,
        np.broadcast_to(r.normal(size=6), (4, 6)),
        np.zeros(4 * 6 * 8 + 1, np.uint8)[1:].view(float).reshape(4, 6),
        r.normal(size=(4, 6)).astype(">f8"),
        frozen,
    ]
    frozen.flags.writeable = False
    t = Tensor(r.normal(size=(4, 6)))

    def loss():
        total = t
        for array in arrays:
            total = total * 0.5 + array * t
        return ((total @ arrays[3].T) ** 2).sum()

    steps, given, _ = steps_of(loss(), [t])
    made = compiled_step(steps, given, "a test")
    for _ in range(2):
        found = made.step()[1]
        np.testing.assert_allclose(found.reshape(4, 6), gradients(loss(), t), rtol=1e-9)
        for array in arrays:
            if array.flags.writeable:
                array += 1.0


def test_other_dtypes_are_refused():
    t = Tensor(np.ones(3, np.float16))
    steps, arrays, _ = steps_of((t * t).sum(), [t])
    with pytest.raises(NotCompilable, match="float16"):
        Allocation(steps, arrays)


def test_without_the_extra_one_sentence(monkeypatch):
    t = Tensor(np.ones(3))
    steps, arrays, _ = steps_of((t * t).sum(), [t])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError) as caught:
        compiled_step(steps, arrays, "a test")
    assert str(caught.value).endswith("pip install 'autograd-nn[jit]'.")
    assert str(caught.value).count(". ") == 0


def test_equal_programs_have_equal_texts():
    """The cache knows a program by its text: places must not depend on where objects lie."""
    texts = set()
    for _ in range(4):
        t = Tensor(np.linspace(0.1, 1.0, 12).reshape(3, 4))
        first, second, third = t @ t.T, t.T @ t, t.sum(axis=0)
        loss = (first @ first).sum() + (second @ second).sum() + (third * third).sum()
        steps, arrays, _ = steps_of(loss, [t])
        kernel = Kernel(steps, Allocation(steps, arrays), arrays, "a test")
        texts.add(kernel.text)
    assert len(texts) == 1


def test_the_text_is_a_module_of_numpy_and_numba_alone():
    t = Tensor(np.arange(3.0))
    program, _ = compiled((t * t).sum(), [t])
    imports = [line for line in program.source.splitlines() if "import" in line]
    assert {line.split()[1] for line in imports} == {"numpy", "numba"}
