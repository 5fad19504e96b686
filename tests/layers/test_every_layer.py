"""What holds for every layer, on the samples of `tests.layers.samples`."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, gradients, layers, set_random_seed, settings, viz
from autograd_nn.engine.graph import topological
from autograd_nn.layers import Dense, Layer
from tests.layers.samples import FAMILIES
from tests.layers.samples.sample import Sample, weighting, weights_for
from tests.program.agreement import assert_agrees
from tests.reference import recorded
from tests.thorough import slow_or_thorough

NO_FORMULA = {"InputLayer", "Layer"}
# What goes into RNN, among whose samples it is.
CELLS = {"SimpleRNNCell", "LSTMCell", "GRUCell", "StackedRNNCells"}

EVERY = [
    pytest.param(name, sample, id=f"{name}-{place}")
    for entries in FAMILIES.values()
    for name, samples in entries.items()
    for place, sample in enumerate(samples)
]


@pytest.fixture(autouse=True)
def float32_again() -> Iterator[None]:
    yield
    settings.set_floatx("float32")


def test_every_layer_has_a_sample() -> None:
    with_sample = [name for entries in FAMILIES.values() for name in entries]
    assert len(with_sample) == len(set(with_sample))
    kinds = [getattr(layers, name) for name in layers.__all__]
    public = {kind.__name__ for kind in kinds if isinstance(kind, type)}
    assert public - NO_FORMULA - CELLS == set(with_sample)


class Made:
    """The layer of a sample with its weights, its inputs as Tensors, and a loss of its outputs."""

    def __init__(self, sample: Sample, dtype: str = "float64") -> None:
        settings.set_floatx(dtype)
        self.layer: Layer = sample.make(layers)
        self.inputs = [
            Tensor(x.astype(dtype), name=f"x{place}") if x.dtype.kind == "f" else x
            for place, x in enumerate(sample.inputs)
        ]
        self.sample = sample
        self.outputs()
        self.layer.set_weights(weights_for(self.layer.weights))
        self.wrt = [*self.layer.trainable_weights, *(x for x in self.inputs if type(x) is Tensor)]

    def outputs(self, training: bool = False) -> list[Tensor]:
        """What comes out, as a list; the draws are the same at every call."""
        set_random_seed(3)
        return parts(self.sample.called(self.layer, self.inputs, training=training))

    def loss(self, training: bool = False) -> Any:
        """The sum of all outputs, each multiplied by a number of its own."""
        return sum(
            (x * weighting(x.shape, place).astype(x.dtype)).sum()
            for place, x in enumerate(self.outputs(training))
        )


def parts(outputs: Any) -> list[Any]:
    """The Tensors in what a layer gave, also in lists and dicts."""
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    if isinstance(outputs, (list, tuple)):
        return [x for part in outputs for x in parts(part)]
    return [outputs]


def scopes_of(loss: Any) -> set[str]:
    return {node.scope.partition("/")[0] for node in topological(loss) if node.scope}


# ---------------------------------------------------------------------- values and gradients


def of_keras() -> Iterator[Any]:
    """Every sample that is compared, with Keras's numbers."""
    for family, entries in FAMILIES.items():
        for name, samples in entries.items():
            for place, sample in enumerate(samples):
                if not sample.differs:
                    entry = recorded.layers(family)[name][place]
                    yield pytest.param(name, sample, entry, id=f"{name}-{place}")


@pytest.mark.parametrize(("name", "sample", "entry"), list(of_keras()))
def test_values_and_gradients_are_those_of_keras(name: str, sample: Sample, entry: Any) -> None:
    for training in sample.compared:
        expected = entry["training" if training else "outputs"]
        made = Made(sample)
        outputs = made.outputs(training)
        kept = [weight for weight in made.layer.weights if not weight.requires_grad]
        for weight, then in zip(kept, expected.get("kept", []), strict=False):
            np.testing.assert_allclose(weight.data, then, rtol=1e-6, atol=1e-9)
        for output, then in zip(outputs, expected["values"], strict=True):
            np.testing.assert_allclose(output.data, then, rtol=1e-6, atol=1e-9)
        made = Made(sample)
        slopes = gradients(made.loss(training), made.wrt)
        for slope, then in zip(slopes, expected["gradients"], strict=True):
            np.testing.assert_allclose(slope, then, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_gradients_by_differences(name: str, sample: Sample) -> None:
    """Along three random directions in each weight and each input."""
    random = np.random.default_rng(1)
    for training in sample.modes:
        made = Made(sample)
        slopes = gradients(made.loss(training), made.wrt)
        for x, slope in zip(made.wrt, slopes, strict=True):
            start = x.data.copy()
            for _ in range(3):
                direction = random.normal(size=x.shape)
                ends = []
                for h in (1e-6, -1e-6):
                    x.data = start + h * direction
                    ends.append(made.loss(training).item())
                x.data = start
                difference = (ends[0] - ends[1]) / 2e-6
                size = np.abs(slope * direction).sum() + 1e-3
                assert abs((slope * direction).sum() - difference) < 1e-6 * size, x.name


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_float32_gives_float32_and_the_same_numbers(name: str, sample: Sample) -> None:
    expected = [x.data for x in Made(sample).outputs()]
    narrow = Made(sample, "float32")
    for output, then in zip(narrow.outputs(), expected, strict=True):
        assert output.dtype == (np.float32 if then.dtype.kind == "f" else then.dtype)
        np.testing.assert_allclose(output.data, then, rtol=1e-4, atol=1e-5)
    for weight in narrow.layer.weights:
        assert weight.dtype.kind != "f" or weight.dtype == np.float32


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_each_row_is_as_if_it_were_alone(name: str, sample: Sample) -> None:
    """A batch of one, of an odd number and of none, outside of training."""
    made = Made(sample)
    whole = [x.data for x in made.outputs()]
    for rows in (1, len(sample.inputs[0]) // 2 * 2 - 1, 0):
        given = [x[:rows] if type(x) is np.ndarray else x.data[:rows] for x in made.inputs]
        outputs = parts(sample.called(made.layer, given))
        for output, then in zip(outputs, whole, strict=True):
            np.testing.assert_allclose(output.data, then[:rows], rtol=1e-12, atol=1e-13)


# ---------------------------------------------------------------------- shapes, configuration


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_output_shape_is_known_in_advance(name: str, sample: Sample) -> None:
    made = Made(sample)
    shapes = [(None, *x.shape[1:]) for x in made.inputs]
    known = sample.make(layers).compute_output_shape
    found = known(*shapes) if sample.apart else known(shapes if sample.several else shapes[0])
    expected = [(None, *x.shape[1:]) for x in made.outputs()]
    several = isinstance(found, list) or isinstance(found[0], tuple)
    assert (list(found) if several else [found]) == expected


@pytest.mark.parametrize(("name", "sample"), [p for p in EVERY if not p.values[1].no_config])
def test_configuration_makes_an_equal_layer(name: str, sample: Sample) -> None:
    made, other = Made(sample), Made(sample)
    config = made.layer.get_config()
    assert type(made.layer).__name__ == name
    other.layer = type(made.layer).from_config(json.loads(json.dumps(config)))
    assert json.dumps(other.layer.get_config()) == json.dumps(config)
    other.outputs()
    other.layer.set_weights(made.layer.get_weights())
    for training in sample.modes:
        for a, b in zip(made.outputs(training), other.outputs(training), strict=True):
            np.testing.assert_array_equal(a.data, b.data)


# ---------------------------------------------------------------------- seen


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_it_is_drawn_told_zoomed_into_and_explained(name: str, sample: Sample) -> None:
    made = Made(sample)
    loss = made.loss(training=sample.draws)
    slopes = gradients(loss, made.wrt)
    picture = viz.draw(loss).text()
    for scope in scopes_of(loss):
        assert scope in picture
    after = {step.input: step.after for step in viz.steps(loss) if step.slot is not None}
    for x, slope in zip(made.wrt, slopes, strict=True):
        np.testing.assert_array_equal(after[x], slope)
        assert viz.why(loss, x).text
    x, slope = next(pair for pair in zip(made.wrt, slopes, strict=True) if pair[1].any())
    index = tuple(int(n) for n in np.argwhere(slope != 0)[-1])
    terms = viz.zoom(x, index, of="gradient", loss=loss)
    np.testing.assert_allclose(terms.total, slope[index], rtol=1e-9)
    for output in made.outputs(training=sample.draws):
        if output.operation is not None and output.scope:
            opened = viz.zoom(output, (0,) * output.ndim)
            assert opened.text()
            assert opened.value == output.data.flat[0]
            if opened.tensor is not None:
                np.testing.assert_allclose(opened.tensor.data, opened.value, rtol=1e-9)


# ---------------------------------------------------------------------- replayed


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_a_program_gives_what_the_engine_gives(name: str, sample: Sample) -> None:
    for training in sample.compared:
        made = Made(sample)
        loss = made.loss(training)
        # Some gradients are 0 but for rounding, such as that of the bias of keys in attention.
        slopes = zip(made.wrt, gradients(loss, made.wrt), strict=True)
        assert_agrees(loss, [x for x, slope in slopes if np.abs(slope).max() > 1e-12])


class Fed(Layer):
    """A layer of several inputs behind one: its columns, each times a weight, are shared out."""

    replayable = True

    def __init__(self, layer: Layer, sample: Sample, inputs: list[Any]) -> None:
        super().__init__()
        self.layer = layer
        self.sample = sample
        self.shapes = [x.shape[1:] for x in inputs]
        self.whole = [x.dtype.kind != "f" for x in inputs]

    def build(self, input_shape: Any) -> None:
        """One number for each column."""
        self.factor = self.add_weight((input_shape[-1],), "ones", "factor")

    def call(self, inputs: Any, training: bool = False) -> Any:
        """What the layer gives, laid out as rows."""
        shares, start = [], 0
        for shape, whole in zip(self.shapes, self.whole, strict=True):
            columns = slice(start, start := start + math.prod(shape))
            share = inputs[:, columns]
            share = share.astype(int) if whole else share * self.factor[columns]
            shares.append(share.reshape((len(inputs), *shape)))
        outputs = parts(self.sample.called(self.layer, shares, training=training))
        rows = [x.reshape((len(inputs), math.prod(x.shape[1:]))) for x in outputs]
        return np.concatenate(rows, axis=1) if len(rows) > 1 else rows[0]


def trained(sample: Sample, **how: Any) -> Any:
    """A model around the layer after some epochs of full batches and a last one of one row."""
    set_random_seed(5)
    settings.set_floatx("float64")
    layer = sample.make(layers)
    inputs = [np.concatenate([x, x[::-1], x[:1]]) for x in sample.inputs]
    x = inputs[0]
    if sample.several or len(parts(sample.make(layers)(x))) > 1:
        model = Sequential([Fed(layer, sample, inputs)])
        x = np.concatenate([x.reshape(len(x), math.prod(x.shape[1:])) for x in inputs], axis=1)
    else:
        before = [Dense(x.shape[-1])] if x.dtype.kind == "f" else []
        model = Sequential([*before, layer])
    y = np.zeros(model(x).shape)
    model.compile("sgd", "mse", **how)
    model.fit(x, y, epochs=3, batch_size=len(sample.inputs[0]), shuffle=False, verbose=0)
    return model


def agree(sample: Sample, **how: Any) -> None:
    """A fit by programs does what a fit step by step does."""
    replayed, eager = trained(sample, **how), trained(sample, run_eagerly=True)
    assert len(replayed._training.stepper.programs) == 2
    for a, b in zip(replayed.weights, eager.weights, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        replayed.history.history["loss"], eager.history.history["loss"], rtol=1e-9
    )


@pytest.mark.parametrize(("name", "sample"), EVERY)
def test_fit_replays_it(name: str, sample: Sample) -> None:
    agree(sample)


def is_first_of_its_layer(place: int, values: Any) -> bool:
    return all(values[0] != other.values[0] for other in EVERY[:place])


@pytest.mark.parametrize(("name", "sample"), slow_or_thorough(EVERY, is_first_of_its_layer))
def test_it_is_compiled(
    name: str, sample: Sample, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    agree(sample, jit_compile=True)
