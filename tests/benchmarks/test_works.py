"""Every subject starts from the same numbers, and computes the same thing."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks import answers
from benchmarks.baselines.relu_step import make_relu_step
from benchmarks.baselines.step import make_step
from benchmarks.libraries import BY_HAND, LIBRARIES, OURS
from benchmarks.measure import Fits, Ready
from benchmarks.problems import (
    LARGE,
    RELU_LARGE,
    RELU_SMALL,
    SMALL,
    Network,
    data_set,
    moons,
    product_operands,
    read,
    regression,
    starting_point,
)
from benchmarks.subjects import (
    numpy_by_hand,
    ours,
    ours_fit,
    ours_lenet,
    ours_moons,
    ours_program,
    ours_sequences,
    ours_transformer,
)
from benchmarks.works import works

NETWORKS = [SMALL, LARGE, RELU_SMALL, RELU_LARGE]


def loss_of(network: Network, x: np.ndarray, y: np.ndarray, parameters: list) -> float:
    """The loss in float64, from probabilities."""
    a = x.astype(float)
    sigmoid = network.head == "sigmoid"
    for kernel, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
        z = a @ kernel.astype(float) + bias
        a = 1 / (1 + np.exp(-z)) if sigmoid else np.where(z > 0, z, 0)
    z = a @ parameters[-2].astype(float) + parameters[-1]
    if sigmoid:
        p = 1 / (1 + np.exp(-z))
        return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    return float(-np.log([p[i, label] for i, label in enumerate(y)]).mean())


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_a_network_is_written_and_read(network: Network) -> None:
    assert read(str(network)) == network


@pytest.mark.parametrize("network", NETWORKS, ids=str)
def test_starting_point_is_that_of_the_baseline(network: Network) -> None:
    expected = loss_of(network, *starting_point(network))
    assert answers.of_steps(network)[0] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("make", [make_step, make_relu_step])
def test_a_step_by_hand_follows_the_gradient(make: object) -> None:
    """The loss falls by learning_rate · |gradient|², the gradient from central differences."""
    assert callable(make)
    head = "sigmoid" if make is make_step else "softmax"
    network = Network(head, (3, 4, 2), 5)
    x, y, parameters = starting_point(network)
    parameters = [p.astype(float) for p in parameters]
    squared = 0.0
    for p in parameters:
        for i in np.ndindex(p.shape):
            before, values = p[i], []
            for moved in (before + 1e-5, before - 1e-5):
                p[i] = moved
                values.append(loss_of(network, x, y, parameters))
            p[i] = before
            squared += ((values[0] - values[1]) / 2e-5) ** 2
    step = make((3, 4, 2), 5, 0.01)
    first, second = float(step()), float(step())
    assert first - second == pytest.approx(0.01 * squared, rel=0.02)


@pytest.mark.parametrize("network", [SMALL, RELU_SMALL], ids=str)
def test_epochs_by_hand_follow_the_steps_where_every_batch_is_the_same(network: Network) -> None:
    from benchmarks.baselines.epochs import make_epoch

    x, y, parameters = starting_point(network)
    kernels, biases = parameters[::2], parameters[1::2]
    softmax = network.head == "softmax"
    epoch = make_epoch(x, y, kernels, biases, network.batch, softmax=softmax)
    same = np.tile(np.arange(network.batch), 3)
    assert epoch(same) == pytest.approx(np.mean(answers.of_steps(network)), rel=1e-5)


def test_360_samples_end_in_a_batch_of_8() -> None:
    x, y = data_set(SMALL, 360 / 32)
    assert (x.shape, y.shape) == ((360, 64), (360, 1))
    assert len(x) % 32 == 8
    assert len(data_set(SMALL)[0]) == 384


@pytest.mark.parametrize("network", NETWORKS, ids=str)
@pytest.mark.parametrize("written", [ours.step, ours_fit.train_on_batch, ours_program.program])
def test_our_steps_follow_the_baseline(written: object, network: Network) -> None:
    assert callable(written)
    found = written(str(network)).results()
    assert found == pytest.approx(answers.of_steps(network), rel=1e-5)


@pytest.mark.parametrize("network", [SMALL, RELU_SMALL], ids=str)
@pytest.mark.parametrize("fit", [ours_fit.fit, ours_fit.fit_eagerly])
def test_our_fit_follows_the_epochs_by_hand(fit: object, network: Network) -> None:
    assert callable(fit)
    fits = fit(str(network))
    assert isinstance(fits, Fits)
    assert fits.results() == pytest.approx(answers.of_epochs(network, 12), rel=1e-5)


def test_our_fit_of_360_follows_the_epochs_by_hand() -> None:
    found = ours_fit.fit_digits(str(SMALL)).results()
    assert found == pytest.approx(answers.of_epochs(SMALL, 360 / 32), rel=1e-5)


@pytest.mark.parametrize("kind", ["lstm", "gru", "bag"])
def test_our_steps_on_sequences_follow_those_by_hand(kind: str) -> None:
    assert ours_sequences.step(kind).results() == pytest.approx(
        answers.of_sequences(kind), rel=1e-5
    )


def test_our_steps_of_lenet_follow_those_by_hand() -> None:
    assert ours_lenet.step("").results() == pytest.approx(answers.of_lenet(), rel=1e-5)


def test_our_steps_of_a_transformer_follow_those_by_hand() -> None:
    found = ours_transformer.step("").results()
    assert found == pytest.approx(answers.of_transformer(), rel=1e-5)


def test_a_step_of_three_layers_has_eight_products() -> None:
    pairs = product_operands(LARGE)
    shapes = [(*a.shape, b.shape[1]) for a, b in pairs]
    assert shapes == [
        (128, 784, 256),
        (128, 256, 128),
        (128, 128, 10),
        (128, 10, 128),
        (128, 128, 10),
        (128, 128, 256),
        (256, 128, 128),
        (784, 128, 256),
    ]
    found = numpy_by_hand.products(str(LARGE)).results()
    assert found == pytest.approx(answers.of_products(LARGE), rel=1e-3)


def test_the_chain_has_a_derivative_in_closed_form() -> None:
    x = y = 0.5
    derivative = 1.0
    for _ in range(500):
        derivative, y = derivative * x + y + 1, y * x + x
    assert derivative == pytest.approx(answers.of_chain()[0], rel=1e-12)


@pytest.mark.parametrize("kind", ["scalar", "array"])
def test_our_chain_has_the_right_gradient(kind: str) -> None:
    assert ours.chain(kind).call() == pytest.approx(answers.of_chain()[0], rel=1e-6)


def test_the_moons_are_two_of_fifty_and_the_network_has_337_numbers() -> None:
    points, labels, parameters = moons()
    assert len(points) == 100
    assert labels.count(1.0) == labels.count(-1.0) == 50
    assert sum(p.size for p in parameters) == 337


@pytest.mark.parametrize("written", [ours_moons.eager, ours_moons.replayed])
def test_our_moons_have_the_gradients_by_hand(written: object) -> None:
    assert callable(written)
    ready = written("")
    assert isinstance(ready, Ready)
    assert ready.results() == pytest.approx(answers.of_moons(), rel=1e-9, abs=1e-12)


def test_the_gradients_of_the_moons_by_hand_agree_with_differences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = moons()
    monkeypatch.setattr(answers, "moons", lambda: problem)
    gradient = answers.of_moons()[1:]
    for place, p, i in ((0, problem[2][0], (0, 0)), (31, problem[2][0], (1, 15))):
        values = []
        for moved in (p[i] + 1e-6, p[i] - 1e-6):
            before, p[i] = p[i], moved
            values.append(answers.of_moons()[0])
            p[i] = before
        assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-6, rel=1e-5)


def test_our_hessian_is_the_closed_form() -> None:
    x, _, w = regression()
    p = [1 / (1 + np.exp(-sum(a * b for a, b in zip(row, w, strict=True)))) for row in x]
    corner = sum(q * (1 - q) * row[0] ** 2 for q, row in zip(p, x, strict=True)) / len(x)
    assert answers.of_hessian()[0] == pytest.approx(corner, rel=1e-12)
    assert ours.hessian("").results() == pytest.approx(answers.of_hessian(), rel=1e-9)


@pytest.mark.parametrize("name", ["step", "step_large", "relu", "relu_large"])
def test_steps_are_compared_with_every_library_that_has_arrays(name: str) -> None:
    rows = works()[name].rows
    peers = {row.label for row in rows if row.library not in (BY_HAND, OURS)}
    assert peers == {"JAX jit", "JAX scan", "PyTorch", "MyGrad", "HIPS autograd"}
    assert all(len(row.answers()) == 3 for row in rows)


def test_labels_are_unique_and_what_rows_are_compared_with_is_there() -> None:
    for work in works().values():
        labels = [row.label for row in work.rows]
        assert len(set(labels)) == len(labels)
        assert {row.library for row in work.rows} <= set(LIBRARIES)
        assert {work.reference(label) for label in labels} <= {*labels, ""}


def test_one_thread_is_asked_of_every_library_of_products() -> None:
    for row in works()["products"].rows:
        assert row.label.startswith("1 thread: ") == (
            dict(row.variables).get("OPENBLAS_NUM_THREADS") == "1"
        )


def test_beside_another_checkout_each_row_of_ours_has_its_twin(tmp_path: Path) -> None:
    twins = works()["step"].beside(tmp_path)
    assert {row.library for row in twins.rows} == {OURS}
    for own, other in zip(twins.rows[::2], twins.rows[1::2], strict=True):
        assert (own.checkout, other.checkout) == (None, tmp_path)
        assert (own.function, own.argument) == (other.function, other.argument)
        assert twins.reference(other.label) == own.label
        assert twins.reference(own.label) == ""
