"""Programs in JavaScript give what the same programs give in Python."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, set_random_seed
from autograd_nn.javascript.javascript import JavaScript, Unwritable
from autograd_nn.keras.backend import set_floatx
from autograd_nn.layers import (
    GRU,
    LSTM,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    Layer,
    LayerNormalization,
    MaxPooling2D,
    SimpleRNN,
    Softmax,
)
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from autograd_nn.optimizers import SGD, Adam, Nadam, RMSprop
from autograd_nn.program.recorded_loss import RecordedLoss
from tests.javascript.node import assert_equals, number_from, run
from tests.javascript.test_listing import STRANGE
from tests.program.test_every_operation import CASES, applied

pytestmark = pytest.mark.browser

# Left to NumPy and SciPy; what puts numbers where it computes.
REFUSED = {
    "cholesky", "cofactors", "det", "eigh", "eigvalsh", "inv", "pinv", "qr", "slogdet", "solve",
    "svd", "svdvals", "beta", "betaln", "entr", "erf", "erfc", "erfcx", "gammaln", "i0", "i0e",
    "i1e", "kl_div", "log_ndtr", "logaddexp2", "logit", "ndtr", "polygamma", "psi", "rel_entr",
    "xlog1py", "xlogy",
}  # fmt: skip
# Masks choose another number of elements each time; what is set at places that are given.
REFUSED_SAMPLES = {
    *("getitem-10", "getitem-11", "scatter-10", "scatter-11", "add_at-10", "add_at-11"),
    *(f"set_at-{number}" for number in (6, 7, 8, 9, 10, 11)),
}
NARROWED = {"astype-0"}  # to 32 bits, of which JavaScript's arrays here have none

RANDOM = np.random.default_rng(3)


def in_node(made: JavaScript, path: Path) -> list[Any]:
    """What its `step` returns, read from a file."""
    made.save(path)
    return from_node(path, "[step()]")[0]


def from_node(path: Path, expression: str) -> Any:
    show = (
        "(x) => x === null ? null : Array.isArray(x) ? x.map(show) : Array.from(x.values, String)"
    )
    text = (
        f"const {{ step, array }} = require({json.dumps(str(path))});"
        f"const show = {show}; console.log(JSON.stringify({expression}.map(show)));"
    )
    return json.loads(run("-e", text))


def numbers(texts: Any) -> list[float]:
    return [number_from(text) for text in texts]


def test_every_operation(tmp_path: Path) -> None:
    texts, expected = [], []
    for param in CASES:
        operation, case = param.values
        loss, wrt = applied(operation, case, np.float64, lambda slot: True)
        if not wrt or param.id in NARROWED:
            continue
        try:
            made = JavaScript(RecordedLoss(loss, wrt, None, None))
        except Unwritable:
            assert param.id in REFUSED_SAMPLES or param.id.rpartition("-")[0] in REFUSED, param.id
            continue
        assert param.id.rpartition("-")[0] not in REFUSED
        texts.append(made.file_text("step.js"))
        loss.backward()
        expected.append((param.id, [loss.data, *(x.grad for x in wrt)]))
    assert len(texts) > 300
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    results = json.loads(
        run(
            "-e",
            f"""
            const texts = require({json.dumps(str(tmp_path / "texts.json"))});
            const show = (x) => x === null ? null : Array.from(x.values ?? [x], String);
            const found = texts.map((text) => {{
              const module = {{}};
              new Function("module", "require", text)(module, {{ main: null }});
              const [loss, gradients] = module.exports.step();
              return [loss, ...gradients].map(show);
            }});
            console.log(JSON.stringify(found));
            """,
        )
    )
    for (name, arrays), found in zip(expected, results, strict=True):
        for ours, theirs in zip(found, arrays, strict=True):
            if theirs is None:
                assert ours is None, name
            else:
                assert_equals(numbers(ours), theirs)


X = RANDOM.normal(size=(8, 6))
IMAGES = RANDOM.random((4, 8, 8, 1))
WORDS = RANDOM.integers(0, 12, (8, 7))
LABELS = np.eye(3)[RANDOM.integers(0, 3, 8)]
TWO = RANDOM.normal(size=(8, 2))
NETWORKS: dict[str, tuple[Callable[[], list[Layer]], Any, Any, Loss]] = {
    "dense": (
        lambda: [Dense(5, "sigmoid"), Dense(1, "sigmoid")],
        X, (X[:, :1] > 0).astype(float), BinaryCrossentropy(),
    ),
    "regression": (lambda: [Dense(5, "tanh"), Dense(2)], X, TWO, MeanSquaredError()),
    "softmax": (
        lambda: [Dense(4, "relu"), Dense(3, "softmax")], X, LABELS, CategoricalCrossentropy(),
    ),
    "logits": (
        lambda: [Dense(4, "gelu"), Dense(3)],
        X, LABELS.argmax(1), SparseCategoricalCrossentropy(from_logits=True),
    ),
    "convolution": (
        lambda: [
            Conv2D(3, 3, activation="relu", padding="same"), MaxPooling2D(2), Conv2D(2, 3),
            AveragePooling2D(2), Flatten(), Dense(2), Softmax(),
        ],
        IMAGES, RANDOM.integers(0, 2, 4), SparseCategoricalCrossentropy(),
    ),
    "recurrent": (
        lambda: [SimpleRNN(4, return_sequences=True), SimpleRNN(3), Dense(2)],
        RANDOM.normal(size=(8, 5, 2)), TWO, MeanSquaredError(),
    ),
    "gates": (
        lambda: [LSTM(3, return_sequences=True), GRU(3), Dense(2)],
        RANDOM.normal(size=(8, 5, 2)), TWO, MeanSquaredError(),
    ),
    "words": (
        lambda: [Embedding(12, 4), GlobalAveragePooling1D(), Dense(2)],
        WORDS, TWO, MeanSquaredError(),
    ),
    "normalised": (
        lambda: [Dense(6), LayerNormalization(), Dense(4, "silu"), BatchNormalization(), Dense(2)],
        X, TWO, MeanSquaredError(),
    ),
}  # fmt: skip
OPTIMIZERS = [
    SGD(0.01),
    SGD(0.01, momentum=0.9, nesterov=True, clipnorm=1.0),
    Adam(0.01, weight_decay=0.01),
    RMSprop(0.001, global_clipnorm=0.5),
    Nadam(0.001),
]


@pytest.fixture
def float64() -> Iterator[None]:
    set_floatx("float64")
    yield
    set_floatx("float32")


@pytest.mark.parametrize(
    ("name", "optimizer"),
    [
        *(("dense", optimizer) for optimizer in OPTIMIZERS),
        *((name, Adam(0.001)) for name in NETWORKS),
    ],
    ids=str,
)
def test_a_hundred_steps(name: str, optimizer: Any, tmp_path: Path, float64: None) -> None:
    layers, x, y, loss_function = NETWORKS[name]
    set_random_seed(1)
    model = Sequential(layers())
    x = Tensor(x, name="x", requires_grad=False)
    loss = loss_function(y, model(x, training=True))
    optimizer = type(optimizer).from_config(optimizer.get_config())
    program = loss.program(model.trainable_weights, optimizer, inputs={"x": x})
    path = tmp_path / "step.js"
    program.javascript.save(path)
    given = f"array({np.ravel(x.data).tolist()}, {list(x.shape)})"
    found = from_node(
        path, f"[...Array(100)].map(() => [step({given}).values[0]]).map((x) => ({{values: x}}))"
    )
    expected = [float(program()) for _ in range(100)]
    np.testing.assert_allclose([numbers(x)[0] for x in found], expected, rtol=1e-9, atol=1e-12)


def test_a_file_is_run_by_its_name(tmp_path: Path) -> None:
    w = Tensor([2.0, 3.0], name="w")
    ((w * w).sum()).program(w).javascript.save(tmp_path / "squares.js")
    assert run(tmp_path / "squares.js") == "loss 13\ngradient of w: Float64Array(2) [ 4, 6 ]\n"


def test_names_of_users_are_only_names(tmp_path: Path) -> None:
    tensors = [Tensor(place + 1.0, name=name) for place, name in enumerate(STRANGE)]
    sum(t * t for t in tensors).program(tensors).javascript.save(tmp_path / "step.js")
    (_, gradients) = from_node(tmp_path / "step.js", "[step()]")[0]
    assert [numbers(g)[0] for g in gradients] == [2 * (n + 1) for n in range(len(STRANGE))]


def test_the_loss_is_that_from_before_also_where_it_is_the_parameter(tmp_path: Path) -> None:
    w = Tensor([3.0], name="w")
    w.reshape(()).program(w, SGD(0.5)).javascript.save(tmp_path / "step.js")
    assert [numbers(x)[0] for x in from_node(tmp_path / "step.js", "[step(), step()]")] == [3, 2.5]


def test_truth_and_places_and_moves(tmp_path: Path) -> None:
    x = RANDOM.normal(size=(3, 4))
    x[0, 1] = x[2, 2] = 0
    calls: list[Callable[[Any], Any]] = [
        lambda t: np.any(t > 1.0, axis=1),
        lambda t: np.all(t != 0, axis=(0,), keepdims=True),
        lambda t: (t > 9).any(),
        lambda t: np.argmax(t, axis=0),
        lambda t: t.argmin(axis=-1),
        lambda t: np.flip(t, axis=1),
        lambda t: np.roll(t, 1, axis=0),
        lambda t: np.repeat(t, 2, axis=1),
        lambda t: np.tile(t, (2, 1)),
    ]
    for place, call in enumerate(calls):
        t = Tensor(x, name="t")
        found: Any = call(t)
        loss = (t * t).sum() + np.where(found > 0, found, found * 2.0).sum()
        value, (gradient,) = in_node(
            JavaScript(RecordedLoss(loss, [t], None, None)), tmp_path / f"step{place}.js"
        )
        loss.backward()
        assert numbers(value)[0] == pytest.approx(loss.item(), rel=1e-12)
        assert_equals(numbers(gradient), t.grad)
