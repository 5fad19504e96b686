"""Files of real Keras 3 read here, and ours read there: the same predictions, the same training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import autograd_nn
from autograd_nn import layers, models, optimizers, saving
from tests.layers.samples import FAMILIES
from tests.layers.samples.sample import Sample, weights_for

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Keras and JAX among themselves

OURS = SimpleNamespace(
    Input=autograd_nn.Input,
    Model=models.Model,
    Sequential=models.Sequential,
    layers=layers,
    optimizers=optimizers,
)


@pytest.fixture(scope="module")
def keras() -> Any:
    import keras  # takes seconds

    return keras


def parts(outputs: Any) -> list[Any]:
    """The arrays in what a model gave, dicts by name."""
    if isinstance(outputs, dict):
        outputs = [outputs[name] for name in sorted(outputs)]
    if isinstance(outputs, (list, tuple)):
        return [x for part in outputs for x in parts(part)]
    return [np.asarray(outputs)]


def assert_same(one: Any, other: Any, x: Any) -> None:
    """Equal predictions, to 1e-5."""
    for a, b in zip(predicted(one, x), predicted(other, x), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


def predicted(model: Any, x: Any) -> list[Any]:
    """What a model gives; Keras compiles nothing for it."""
    is_ours = isinstance(model, models.Model)
    return parts(model.predict(x) if is_ours else model(x, training=False))


def assert_goes_both_ways(keras: Any, there: Any, x: Any, folder: Path) -> tuple[Any, Any]:
    """From Keras to here and back, whole and weights alone; what was read here, and read back."""
    there.save(folder / "there.keras")
    here = saving.load_model(folder / "there.keras")
    assert_same(there, here, x)
    here.save(folder / "here.keras")
    back = keras.models.load_model(folder / "here.keras")
    assert_same(here, back, x)
    shapes = [w.shape for w in there.get_weights()]
    assert [w.shape for w in here.get_weights()] == shapes
    # Weights alone, of others than those that the models have.
    there.set_weights([w if w.dtype.kind != "f" else w * 1.5 for w in there.get_weights()])
    there.save_weights(folder / "there.weights.h5")
    here.load_weights(folder / "there.weights.h5")
    assert_same(there, here, x)
    here.save_weights(folder / "here.weights.h5")
    back.load_weights(folder / "here.weights.h5")
    assert_same(there, back, x)
    return here, back


# ---------------------------------------------------------------------- every layer


def every_layer() -> Iterator[Any]:
    """The first sample of a layer beside Keras, the others by hand."""
    for entries in FAMILIES.values():
        for name, samples in entries.items():
            for place, sample in enumerate(samples):
                mark = pytest.mark.thorough if place else pytest.mark.peers
                means_another = name == "Activation" and sample.differs
                if not (sample.no_config or means_another or (name, place) in NOT_IN_FUNCTIONAL):
                    yield pytest.param(sample, id=f"{name}-{place}", marks=mark)


# Keras itself calls them on arrays, and refuses to call them on placeholders.
NOT_IN_FUNCTIONAL = {("GroupQueryAttention", 2)}


def functional(k: Any, sample: Sample) -> Any:
    """A model of one layer, on the inputs of the sample."""
    inputs = [
        k.Input(
            batch_shape=(None, *x.shape[1:]), dtype="float32" if x.dtype.kind == "f" else "int32"
        )
        for x in sample.inputs
    ]
    return k.Model(inputs, sample.called(sample.make(k.layers), inputs))


@pytest.mark.parametrize("sample", list(every_layer()))
def test_every_layer(sample: Sample, keras: Any, tmp_path: Path) -> None:
    x = [one.astype("float32" if one.dtype.kind == "f" else "int32") for one in sample.inputs]
    there = functional(keras, sample)
    there.set_weights(weights_for(there.weights))
    assert_goes_both_ways(keras, there, x, tmp_path)


# ---------------------------------------------------------------------- whole models

random = np.random.default_rng(5)
A = random.normal(size=(5, 4)).astype(np.float32)
B = random.normal(size=(5, 4)).astype(np.float32)
STEPS = random.normal(size=(5, 6, 4)).astype(np.float32)
FILLED_UP = STEPS.copy()
FILLED_UP[0, 3:] = FILLED_UP[1, :] = 0
FILLED_UP[1, 0] = 1
WORDS = np.array([[1, 2, 0], [3, 0, 0], [4, 5, 6]])


def functions(k: Any) -> tuple[Any, Any]:
    """Operators, indices and functions between layers, a layer that is called twice."""
    x = k.Input((4,), name="x")
    y = x * 2 + 1 - x / 3
    y = k.ops.mean(y[:, 1:3], axis=1, keepdims=True) + k.ops.relu(y) ** 2
    y = k.ops.concatenate([y, -x], axis=-1)
    y = k.ops.transpose(k.ops.reshape(y, (-1, 2, 4)), (0, 2, 1))
    y = k.ops.squeeze(k.ops.expand_dims(k.ops.max(y, axis=-1), -1), -1)
    y = k.ops.matmul(x, np.ones((4, 4), np.float32)) + y
    y = abs(y) + k.ops.exp(-k.ops.abs(y)) + (1 - y) + 2 / (abs(y) + 100)
    shared = k.layers.Dense(4, name="shared")
    y = shared(y) + shared(x)
    a, b = k.ops.split(y, 2, axis=-1)
    y = k.layers.Concatenate()([a, b])
    pairs = k.layers.Reshape((2, 2))(x)
    seen = k.layers.MultiHeadAttention(1, 2)(pairs, value=pairs)
    return k.Model({"x": x}, {"y": k.layers.Dot(1)([y, y]), "seen": seen}), {"x": A}


def nested(k: Any) -> tuple[Any, Any]:
    """A model of two outputs that is called twice, chains in chains, shared too."""
    x, y, z = k.Input((4,)), k.Input((4,)), k.Input((4,))
    inner = k.Model(x, [k.layers.Dense(2)(x), k.layers.Dense(3)(x)], name="inner")
    first, second = inner(y), inner(z * 2)
    chain = k.Sequential([k.layers.BatchNormalization(), k.layers.Dense(2)])
    deep = k.Sequential([k.layers.Dense(3, activation="tanh"), chain])
    outputs = [first[0] + second[0], deep(first[1]), deep(second[1])]
    return k.Model([y, z], outputs), [A, B]


def in_one_another(k: Any) -> tuple[Any, Any]:
    """A model that is in two others, one of which is in the third; an output of a functional."""
    x, y = k.Input((4,)), k.Input((4,))
    inner = k.Model(x, k.layers.Dense(3)(x))
    outer = k.Model(y, inner(y))
    return k.Model(y, [inner(y), outer(y)]), A


def recurrent(k: Any) -> tuple[Any, Any]:
    """Cells in cells, both directions, a chain for every step."""
    per_step = k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])
    return (
        k.Sequential(
            [
                k.Input((6, 4)),
                k.layers.RNN([k.layers.LSTMCell(3), k.layers.GRUCell(2)], return_sequences=True),
                k.layers.Bidirectional(k.layers.SimpleRNN(2, return_sequences=True)),
                k.layers.TimeDistributed(per_step),
                k.layers.GRU(2),
            ]
        ),
        STEPS,
    )


def masked_words(k: Any) -> tuple[Any, Any]:
    """Sequences of words that are filled up."""
    words = k.Input((None,), dtype="int32")
    x = k.layers.Embedding(10, 4, mask_zero=True)(words)
    x = k.layers.LSTM(3, return_sequences=True)(x)
    x = k.layers.Bidirectional(k.layers.GRU(2, return_sequences=True))(x)
    return k.Model(words, k.layers.Dense(1)(k.layers.GlobalAveragePooling1D()(x))), WORDS


def frozen(k: Any) -> tuple[Any, Any]:
    """Rules of weights, a layer that is not trained, one in float64."""
    return (
        k.Sequential(
            [
                k.Input((4,)),
                k.layers.Dense(3, trainable=False, bias_initializer="ones"),
                k.layers.Dense(
                    3, kernel_regularizer="l2", bias_constraint="non_neg", activation="gelu"
                ),
                k.layers.Dropout(0.3, seed=4),
                k.layers.Dense(2, dtype="float64"),
            ]
        ),
        A,
    )


MODELS = [functions, nested, in_one_another, recurrent, masked_words, frozen]
# Those that Keras takes long to run are written by Keras always, and by us in the thorough set.
LONG = {recurrent, masked_words}
OF_OURS = [
    pytest.param(make, marks=pytest.mark.thorough) if make in LONG else make for make in MODELS
]


@pytest.mark.peers
@pytest.mark.parametrize("make", MODELS)
def test_models_of_keras(make: Any, keras: Any, tmp_path: Path) -> None:
    there, x = make(keras)
    here, back = assert_goes_both_ways(keras, there, x, tmp_path)
    for one in (here, back):
        assert len(one.trainable_weights) == len(there.trainable_weights)


@pytest.mark.peers
@pytest.mark.parametrize("make", OF_OURS)
def test_models_of_ours(make: Any, keras: Any, tmp_path: Path) -> None:
    from autograd_nn.keras import ops

    OURS.ops = ops
    here, x = make(OURS)
    here.save(tmp_path / "here.keras")
    there = keras.models.load_model(tmp_path / "here.keras")
    assert_same(here, there, x)


@pytest.mark.peers
def test_a_chain_that_data_built(keras: Any, tmp_path: Path) -> None:
    for k in (keras, OURS):
        model = k.Sequential([k.layers.Dense(3), k.layers.BatchNormalization(), k.layers.Dense(1)])
        model.predict(A, verbose=0)
        model.save(tmp_path / "first.keras")
        there = keras.models.load_model(tmp_path / "first.keras")
        assert_same(model, there, A)
        assert_goes_both_ways(keras, there, A, tmp_path)


@pytest.mark.peers
def test_a_mask_is_not_seen_beside_states_as_in_keras(keras: Any, tmp_path: Path) -> None:
    x = keras.Input((6, 4))
    masked = keras.layers.Masking()(x)
    whole, h, c = keras.layers.LSTM(3, return_sequences=True, return_state=True)(masked)
    model = keras.Model(x, [whole, keras.layers.LSTM(3)(masked, initial_state=[h, c])])
    assert_goes_both_ways(keras, model, FILLED_UP, tmp_path)


@pytest.mark.peers
def test_statistics_that_were_adapted(keras: Any, tmp_path: Path) -> None:
    layer = keras.layers.Normalization()
    layer.adapt(B * 3 + 1)
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(1)])
    model.save(tmp_path / "there.keras")
    here = saving.load_model(tmp_path / "there.keras")
    assert_same(model, here, A)
    here.save(tmp_path / "here.keras")
    assert_same(model, keras.models.load_model(tmp_path / "here.keras"), A)


@pytest.mark.peers
def test_the_older_format(keras: Any, tmp_path: Path) -> None:
    k = keras.layers
    chain = keras.Sequential(
        [keras.Input((4,)), k.Dense(5, "relu"), k.BatchNormalization(), k.Dense(1)]
    )
    x = keras.Input((4,))
    left, right = k.Dense(2, name="left")(x), k.Dense(2, name="right")(x)
    ends = keras.Model(x, [k.Add()([left, right]), left])
    for there in (chain, ends):
        there.compile(keras.optimizers.SGD(0.1, momentum=0.9), keras.losses.Huber(0.5))
        there.save(tmp_path / "there.h5")
        here = saving.load_model(tmp_path / "there.h5", compile=False)
        assert_same(there, here, A)
        here.save(tmp_path / "here.h5")
        assert_same(keras.models.load_model(tmp_path / "here.h5", compile=False), here, A)


# ---------------------------------------------------------------------- one's own


def own_layer(k: Any) -> Any:
    class Own(k.layers.Layer):  # type: ignore[misc]
        def __init__(self, by: float = 2.0, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.by = by
            self.inner, self._hidden = k.layers.Dense(3), k.layers.Dense(2)
            self.more = [k.layers.Dense(2), {"a": k.layers.Dense(2)}]

        def build(self, input_shape: Any) -> None:
            self.w = self.add_weight(shape=(input_shape[-1],), name="w")
            self.c = self.add_weight(shape=(), name="c", trainable=False)
            self.inner.build(input_shape)
            self._hidden.build((None, 3))
            self.more[0].build((None, 2))
            self.more[1]["a"].build((None, 2))

        def call(self, x: Any) -> Any:
            x = self._hidden(self.inner(x * self.w * self.by + self.c))
            return self.more[1]["a"](self.more[0](x))

        def get_config(self) -> Any:
            return {**super().get_config(), "by": self.by}

    return Own


def own_model(k: Any) -> Any:
    class Net(k.Model):  # type: ignore[misc]
        def __init__(self, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.a, self.out, self._last = (k.layers.Dense(2) for _ in range(3))
            self.blocks = [k.layers.Dense(2), [k.layers.Dense(2)], k.layers.Dense(2)]
            self.by_name = {"q": k.layers.Dense(2)}
            self.w = self.add_weight(shape=(2,), name="w")

        def call(self, x: Any) -> Any:
            for layer in (self.a, self.blocks[0], self.blocks[1][0], self.blocks[2]):
                x = layer(x)
            return self.out(self._last(self.by_name["q"](x)) + self.w)

    return Net


@pytest.mark.peers
@pytest.mark.parametrize("make", [own_layer, own_model])
def test_classes_of_ones_own(make: Callable[[Any], Any], keras: Any, tmp_path: Path) -> None:
    there_class, here_class = make(keras), make(OURS)
    name = here_class.__name__
    if make is own_layer:
        model = keras.Sequential([keras.Input((4,)), there_class(3.0)])
    else:
        model = there_class()
        model.predict(A, verbose=0)
    model.save(tmp_path / "there.keras")
    here = saving.load_model(tmp_path / "there.keras", custom_objects={name: here_class})
    assert_same(model, here, A)
    here.save(tmp_path / "here.keras")
    back = keras.models.load_model(tmp_path / "here.keras", custom_objects={name: there_class})
    assert_same(here, back, A)


# ---------------------------------------------------------------------- training

X = random.normal(size=(6, 8, 4)).astype(np.float32)
Y = random.normal(size=(6, 8, 2)).astype(np.float32)

OPTIMIZERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("Adam", {"amsgrad": True, "use_ema": True, "clipnorm": 0.1}),
    ("Nadam", {}),
    ("RMSprop", {"momentum": 0.9, "centered": True}),
    ("Adafactor", {}),
]
OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"schedule": True}),
    ("Adam", {"gradient_accumulation_steps": 2}),
    ("AdamW", {}),
    ("Adamax", {}),
    ("Lamb", {}),
    ("Lion", {}),
    ("Adagrad", {}),
    ("Adadelta", {}),
    ("Ftrl", {}),
]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *(pytest.param(*case, marks=pytest.mark.peers) for case in OPTIMIZERS),
        *(pytest.param(*case, marks=pytest.mark.thorough) for case in OTHERS),
    ],
)
def test_training_goes_on_in_the_other(
    name: str, options: dict[str, Any], keras: Any, tmp_path: Path
) -> None:
    rate: Any = 0.01
    options = dict(options)
    if options.pop("schedule", False):
        rate = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    there = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(3, trainable=False),
            keras.layers.Dense(2),
        ]
    )
    there.compile(
        getattr(keras.optimizers, name)(rate, **options), "mse", metrics=["mae"], run_eagerly=True
    )
    for n in range(3):
        there.train_on_batch(X[n], Y[n])
    there.save(tmp_path / "there.keras")
    here = saving.load_model(tmp_path / "there.keras")
    for n in (3, 4):
        assert here.train_on_batch(X[n], Y[n]) == pytest.approx(
            [float(x) for x in there.train_on_batch(X[n], Y[n])], rel=1e-5
        )
    here.save(tmp_path / "here.keras")
    back = keras.models.load_model(tmp_path / "here.keras")
    for n in (5, 0):
        for model in (there, here, back):
            model.train_on_batch(X[n], Y[n])
    for a, b, c in zip(*(m.get_weights() for m in (there, here, back)), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(c, a, rtol=1e-5, atol=1e-5)


@pytest.mark.peers
def test_what_compile_chose_for_several_outputs(keras: Any, tmp_path: Path) -> None:
    x = keras.Input((4,))
    a = keras.layers.Dense(2, name="a")(x)
    b = keras.layers.Dense(1, activation="sigmoid", name="b")(x)
    there = keras.Model(x, {"a": a, "b": b})
    there.compile(
        "sgd",
        loss={
            "a": keras.losses.MeanSquaredError(reduction="sum"),
            "b": keras.losses.binary_crossentropy,
        },
        loss_weights={"a": 2.0, "b": 0.5},
        metrics={"a": [keras.metrics.MeanAbsoluteError(name="off")], "b": ["accuracy"]},
        run_eagerly=True,
    )
    y = {"a": Y[0], "b": (Y[0][:, :1] > 0).astype(np.float32)}
    expected = there.evaluate(X[0], y, verbose=0, return_dict=True)
    there.save(tmp_path / "there.keras")
    here = saving.load_model(tmp_path / "there.keras")
    found = here.evaluate(X[0], y, verbose=0, return_dict=True)
    assert found == pytest.approx(expected, rel=1e-5)
    here.save(tmp_path / "here.keras")
    back = keras.models.load_model(tmp_path / "here.keras")
    assert back.evaluate(X[0], y, verbose=0, return_dict=True) == pytest.approx(expected, rel=1e-5)


@pytest.mark.peers
@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_the_state_of_an_optimizer_of_ones_own_is_said_to_be_left_out(
    ending: str, keras: Any, tmp_path: Path
) -> None:
    class Own(keras.optimizers.SGD):  # type: ignore[misc]
        pass

    class Here(optimizers.SGD):
        pass

    there = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    there.compile(Own(0.1, momentum=0.9), "mse")
    fresh, later = tmp_path / f"fresh.{ending}", tmp_path / f"later.{ending}"
    there.save(fresh)
    there.fit(A, A[:, :2], epochs=3, batch_size=len(A), verbose=0)
    there.save(later)
    with pytest.warns(UserWarning, match="optimizer Here begins anew: the file has 4.* at step 3"):
        here = saving.load_model(later, {"Own": Here})
    assert_same(there, here, A)
    assert isinstance(here.optimizer, Here) and here.optimizer.iterations == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        saving.load_model(fresh, {"Own": Here})  # it has nothing to lose
