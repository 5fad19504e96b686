"""`film`: training as `fit` does it, and what every frame has, without a browser."""

from __future__ import annotations

import base64
import hashlib
import html
import math
import re
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn import Sequential, set_random_seed, viz
from autograd_nn.callbacks import Callback, EarlyStopping
from autograd_nn.datasets import load_digits, make_moons
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    MissingPackageError,
    StateError,
)
from autograd_nn.layers import BatchNormalization, Dense, Dropout
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.viz.filming.decisions import decisions
from autograd_nn.viz.filming.packing import coded, decided, decisions_of, numbers_of, packed
from tests.viz.pages import data_of

MOONS = make_moons(60, seed=0)


def network(outputs: int = 1, last: Any = "sigmoid", loss: Any = "binary_crossentropy") -> Any:
    set_random_seed(3)
    model = Sequential([Dense(5, activation="tanh"), Dense(outputs, activation=last)])
    model.compile(Adam(0.02), loss)
    return model


def filmed(folder: Path, model: Any, x: Any, y: Any, epochs: int = 3, **options: Any) -> Any:
    return viz.film(model, x, y, epochs, folder / "film.html", verbose=0, **options)


def unpacked(told: dict[str, Any]) -> Any:
    """The bytes of all frames, (frames, size)."""
    changes = np.frombuffer(zlib.decompress(base64.b64decode(told["data"])), np.uint8)
    return np.cumsum(changes.reshape(told["frames"], told["size"]), axis=0, dtype=np.uint8)


def three_classes(features: int = 2, samples: int = 90) -> tuple[Any, Any]:
    source = np.random.default_rng(1)
    labels = source.integers(0, 3, samples)
    return source.normal(size=(samples, features)) + labels[:, None], labels


# ---------------------------------------------------------------------- it is fit


@pytest.mark.parametrize("options", [{}, {"batch_size": 7, "shuffle": False}, {"epochs": 1}])
def test_it_trains_as_fit_does_to_the_last_bit(tmp_path: Path, options: dict[str, Any]) -> None:
    def made() -> Any:
        set_random_seed(5)
        layers = [Dense(6, activation="relu"), BatchNormalization(), Dropout(0.3), Dense(1)]
        model = Sequential(layers)
        model.compile(SGD(0.1, momentum=0.5), "mse", metrics=["mae"])
        return model

    options = {"epochs": 4, "validation_split": 0.2, **options}
    plain = made()
    history = plain.fit(*MOONS, verbose=0, **options)
    shown = made()
    filmed(tmp_path, shown, *MOONS, **options)
    for one, other in zip(plain.get_weights(), shown.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    for name, values in history.history.items():
        assert shown.history.history[name] == values


def test_what_is_random_goes_on_as_after_fit(tmp_path: Path) -> None:
    losses = []
    for train in (
        lambda model: model.fit(*MOONS, epochs=2, verbose=0),
        lambda model: filmed(tmp_path, model, *MOONS, 2),
    ):
        model = network()
        train(model)
        losses.append(model.fit(*MOONS, epochs=1, verbose=0).history["loss"])
    assert losses[0] == losses[1]


def test_frames_are_spread_over_the_epochs_with_both_ends(tmp_path: Path) -> None:
    assert data_of(filmed(tmp_path, network(), *MOONS, 5))["done"] == [0, 1, 2, 3, 4, 5]
    film = filmed(tmp_path, network(), *MOONS, 200)
    done = data_of(film)["done"]
    assert film.frames == len(done) == 61
    assert done[0] == 0 and done[-1] == 200
    assert set(np.diff(done)) == {3, 4}
    later = filmed(tmp_path, network(), *MOONS, 8, initial_epoch=5)
    assert data_of(later)["done"] == [5, 6, 7, 8]


def test_the_last_frame_has_the_weights_that_stay(tmp_path: Path) -> None:
    stop = EarlyStopping("loss", patience=0, min_delta=10.0, restore_best_weights=True)
    model = network()
    data = data_of(filmed(tmp_path, model, *MOONS, 50, callbacks=stop))
    assert data["done"] == [0, 1, 2]
    check_weights(data, model)
    averaged = network()
    averaged.compile(SGD(0.5, use_ema=True, ema_momentum=0.5), "binary_crossentropy")
    check_weights(data_of(filmed(tmp_path, averaged, *MOONS, 2)), averaged)


def check_weights(data: dict[str, Any], model: Any) -> None:
    """The last frame has the weights of the model, to half a step."""
    for told, weight in zip(data["weights"], model.trainable_weights, strict=True):
        values = weight.data.reshape(-1, weight.shape[-1])[: told["rows"], : told["units"]]
        scale = told["scale"]
        found = numbers_of(unpacked(told["codes"])[-1], -scale, scale).reshape(values.shape)
        np.testing.assert_allclose(found, values, atol=scale / 254 * 1.01)


def test_callbacks_of_ones_own_are_called_and_may_be_one_or_several(tmp_path: Path) -> None:
    class Count(Callback):
        epochs = 0

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.epochs += 1

    one, other = Count(), Count()
    filmed(tmp_path, network(), *MOONS, 2, callbacks=one)
    filmed(tmp_path, network(), *MOONS, 2, callbacks=[one, other])
    assert (one.epochs, other.epochs) == (4, 2)


# ---------------------------------------------------------------------- what is in a frame


def test_numbers_over_the_epochs_are_those_of_the_history(tmp_path: Path) -> None:
    model = network()
    data = data_of(filmed(tmp_path, model, *MOONS, 4, validation_split=0.25))
    history = model.history.history
    assert set(data["logs"]) == {"loss", "val_loss"}
    for name, values in data["logs"].items():
        np.testing.assert_allclose(values, history[name], rtol=1e-5)
    for layer in model.layers:
        both = [history[f"grad_norm/{layer.name}/{part}"] for part in ("kernel", "bias")]
        expected = [math.sqrt(a * a + b * b) for a, b in zip(*both, strict=True)]
        np.testing.assert_allclose(data["norms"][layer.name], expected, rtol=1e-5)
    check_weights(data, model)


def test_a_decision_boundary_of_one_output(tmp_path: Path) -> None:
    model = network()
    data = data_of(filmed(tmp_path, model, *MOONS, 4))
    told = data["answers"]
    assert told["kind"] == "plane" and told["names"] == ["0", "1"]
    assert (told["count"], told["of"]) == (60, 60)
    np.testing.assert_allclose(np.reshape(told["points"], (-1, 2)), MOONS[0], rtol=1e-4)
    assert told["targets"] == MOONS[1].tolist()
    side, codes = told["side"], unpacked(told["codes"])
    assert codes.shape == (5, side * side)
    across = np.linspace(told["low"][0], told["high"][0], side)
    upwards = np.linspace(told["low"][1], told["high"][1], side)
    for row, column in [(0, 0), (0, side - 1), (side - 1, 0), (side // 2, side // 3)]:
        p = float(model.predict([[across[column], upwards[side - 1 - row]]], verbose=0)[0, 0])
        (winner,), (share,) = decisions_of(codes[-1][[row * side + column]], 2)
        assert share == pytest.approx(abs(2 * p - 1), abs=0.005)
        assert winner == (p > 0.5) or share < 0.005


def test_several_outputs_and_logits_name_the_largest(tmp_path: Path) -> None:
    from autograd_nn.losses import SparseCategoricalCrossentropy

    x, y = three_classes()
    for last, loss in (
        ("softmax", "sparse_categorical_crossentropy"),
        (None, SparseCategoricalCrossentropy(from_logits=True)),
    ):
        model = network(3, last, loss)
        told = data_of(filmed(tmp_path, model, x, y, 5))["answers"]
        side = told["side"]
        sides = [np.linspace(a, b, side) for a, b in zip(told["low"], told["high"], strict=True)]
        grid = np.stack(np.meshgrid(sides[0], sides[1][::-1]), -1).reshape(-1, 2)
        out = model.predict(grid, verbose=0).astype(float)
        p = out if last else np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
        ordered = np.sort(p, axis=1)
        ahead = ordered[:, -1] - ordered[:, -2]
        winner, share = decisions_of(unpacked(told["codes"])[-1], 3)
        np.testing.assert_allclose(share, ahead, atol=0.5 / 84 + 1e-3)
        clear = ahead > 0.01
        np.testing.assert_array_equal(winner[clear], p.argmax(axis=1)[clear])


def test_images_with_what_they_are_taken_for(tmp_path: Path) -> None:
    (x, y), _ = load_digits()
    model = network(10, "softmax", "sparse_categorical_crossentropy")
    data = data_of(filmed(tmp_path, model, x[:200], y[:200], 3))
    told = data["answers"]
    assert told["kind"] == "images" and told["shape"] == [8, 8, 1]
    chosen = np.linspace(0, 199, 24).astype(int)
    assert told["targets"] == y[chosen].tolist()
    images = unpacked(told["images"])[0].reshape(24, 64) / 254
    np.testing.assert_allclose(images, x[chosen], atol=0.5 / 254 + 1e-6)
    winner, _ = decisions_of(unpacked(told["codes"])[-1], 10)
    named = model.predict(x[chosen], verbose=0).argmax(axis=1)
    assert (winner == named).mean() > 0.9  # not where two are level
    assert data["weights"][0]["image"] == [8, 8] and data["weights"][1]["image"] is None


def test_a_table_counts_classes(tmp_path: Path) -> None:
    x, y = three_classes(4)
    model = network(3, "softmax", "categorical_crossentropy")
    told = data_of(filmed(tmp_path, model, x, np.eye(3)[y], 6))["answers"]
    assert told["kind"] == "table" and told["count"] == told["of"] == 90
    counts = unpacked(told["codes"])[-1].reshape(4, 4)
    expected = np.zeros((4, 4), int)
    np.add.at(expected, (y, model.predict(x, verbose=0).argmax(axis=1)), 1)
    np.testing.assert_array_equal(counts, expected)


def test_of_many_classes_the_rarest_stand_together(tmp_path: Path) -> None:
    y = np.repeat(np.arange(40), np.where(np.arange(40) < 20, 4, 2))
    x = np.random.default_rng(0).normal(size=(len(y), 3))
    model = network(40, "softmax", "sparse_categorical_crossentropy")
    told = data_of(filmed(tmp_path, model, x, y, 1))["answers"]
    assert told["names"] == [str(n) for n in range(30)]
    counts = unpacked(told["codes"])[-1].reshape(31, 31)
    assert counts.sum() == 120
    assert counts[:-1].sum(axis=1).tolist() == [4] * 20 + [2] * 10
    assert counts[-1].sum() == 20


def test_a_curve_of_one_feature(tmp_path: Path) -> None:
    x = np.linspace(-2, 2, 50)[:, None]
    y = np.sin(x)
    model = network(1, None, "mse")
    told = data_of(filmed(tmp_path, model, x, y, 5))["answers"]
    assert told["kind"] == "curve"
    np.testing.assert_allclose(told["x"], x.ravel(), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(told["y"], y.ravel(), rtol=1e-4, atol=1e-5)
    grid = np.linspace(*told["across"], 120)[:, None]
    expected = np.clip(model.predict(grid, verbose=0).ravel(), *told["down"])
    found = numbers_of(unpacked(told["codes"])[-1], *told["down"])
    np.testing.assert_allclose(found, expected, atol=(told["down"][1] - told["down"][0]) / 500)


def test_answers_against_true_values(tmp_path: Path) -> None:
    source = np.random.default_rng(2)
    x = source.normal(size=(400, 3))
    y = x @ np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0]])
    model = network(2, None, "mse")
    told = data_of(filmed(tmp_path, model, x, y, 3))["answers"]
    assert told["kind"] == "points" and (told["count"], told["of"]) == (250, 800)
    rows = np.linspace(0, 399, 125).astype(int)
    np.testing.assert_allclose(told["x"], y[rows].ravel(), rtol=1e-4)
    expected = np.clip(model.predict(x[rows], verbose=0).ravel(), *told["down"])
    found = numbers_of(unpacked(told["codes"])[-1], *told["down"])
    np.testing.assert_allclose(found, expected, atol=(told["down"][1] - told["down"][0]) / 500)


def test_of_several_inputs_answers_are_not_shown(tmp_path: Path) -> None:
    from autograd_nn import Input, Model
    from autograd_nn.layers import Concatenate

    one, two = Input((2,), name="one"), Input((3,), name="two")
    model = Model([one, two], Dense(1)(Concatenate()([one, two])))
    model.compile("sgd", "mse")
    x = [np.ones((8, 2)), np.ones((8, 3))]
    film = filmed(tmp_path, model, x, np.ones((8, 1)), 2)
    data = data_of(film)
    assert data["answers"] is None and len(data["weights"]) == 2
    film.save(tmp_path / "film.gif")


def test_a_run_that_broke_down_is_shown(tmp_path: Path) -> None:
    x = np.array([[1.0], [2.0], [3.0]])
    set_random_seed(0)
    model = Sequential([Dense(1)])
    model.compile(SGD(1e30), "mse")
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="became NaN"):
        film = filmed(tmp_path, model, x, x, 8, batch_size=1)
    data = data_of(film)
    assert data["logs"]["loss"][-1] is None
    assert (unpacked(data["answers"]["codes"])[-1] == 255).all()
    assert (unpacked(data["weights"][0]["codes"])[-1] == 255).all()
    film.save(tmp_path / "film.gif")


# ---------------------------------------------------------------------- how answers are read


def test_which_answers_are_classes() -> None:
    labels = np.array([0, 1, 1, 0])
    found = decisions(labels, (4, 1), False)
    assert found is not None
    winner, share = found.read(np.array([[0.1], [0.5], [1.0], [np.nan]]))
    np.testing.assert_array_equal(winner, [0, 0, 1, -1])
    np.testing.assert_allclose(share[:3], [0.8, 0.0, 1.0])
    logits = decisions(labels[:, None].astype(float), (4, 1), True)
    assert logits is not None
    winner, share = logits.read(np.array([[-1.0], [0.0], [math.log(3)], [50.0]]))
    np.testing.assert_array_equal(winner, [0, 0, 1, 1])
    # p = 3/4 is ahead of 1/4 by a half.
    np.testing.assert_allclose(share[1:], [0.0, 0.5, 1.0], atol=1e-12)
    signs = decisions(2 * labels - 1, (4, 1), False)
    assert signs is not None and signs.names == ["-1", "1"]
    np.testing.assert_array_equal(signs.read(np.array([-0.2, 0.3, 5.0, -5.0]))[0], [0, 1, 1, 0])
    for y, shape in (
        (np.array([0.5, 1.0]), (2, 1)),
        (np.array([0, 1, 2]), (3, 1)),
        (np.array([0, 3]), (2, 3)),
        (np.array([0.5, 1.0]), (2, 3)),
        (np.array([[1, 1, 0], [0, 1, 0]]), (2, 3)),
        (np.array([0, 1, 1]), (2, 1)),
    ):
        assert decisions(y, shape, False) is None


# ---------------------------------------------------------------------- bytes


@given(
    st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf]), min_size=1),
    st.floats(-10, 10),
    st.floats(1e-3, 1e3),
)
def test_a_byte_keeps_a_number_to_half_a_step(values: list[float], low: float, span: float) -> None:
    array = np.array(values)
    found = numbers_of(coded(array, low, low + span), low, low + span)
    finite = np.isfinite(array)
    assert np.isnan(found[~finite]).all()
    expected = np.clip(array[finite], low, low + span)
    np.testing.assert_allclose(found[finite], expected, atol=span / 508 * (1 + 1e-6))


@given(st.integers(2, 127), st.data())
def test_a_byte_keeps_the_class_and_about_how_clear_it_is(
    classes: int, data: st.DataObject
) -> None:
    winner = np.array(data.draw(st.lists(st.integers(-1, classes - 1), min_size=1)))
    share = np.array(
        data.draw(st.lists(st.floats(0, 1), min_size=len(winner), max_size=len(winner)))
    )
    found, shares = decisions_of(decided(winner, share, classes), classes)
    np.testing.assert_array_equal(found, winner)
    steps = 255 // classes - 1
    known = winner >= 0
    np.testing.assert_allclose(shares[known], share[known], atol=0.5 / steps + 1e-9)


@given(st.integers(1, 5), st.integers(1, 9), st.randoms())
def test_frames_travel_as_changes(frames: int, size: int, source: Any) -> None:
    codes = np.array(
        [[source.randrange(256) for _ in range(size)] for _ in range(frames)], np.uint8
    )
    np.testing.assert_array_equal(unpacked(packed(list(codes))), codes)


# ---------------------------------------------------------------------- the page and the pictures


def test_the_page_stands_alone_and_is_small(tmp_path: Path) -> None:
    film = filmed(tmp_path, network(), *MOONS, 60)
    text = film.path.read_text("utf-8")
    assert not re.search(r"https?:(?!//www\.w3\.org/2000/svg)|src=|href=|url\(|@import", text)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text and "default-src 'none'" in text
    assert len(text.encode()) < 200_000
    assert "8 bits" in text
    assert repr(film).endswith("open it in a browser>")
    assert html.escape(text, quote=True) in film._repr_mimebundle_()["text/html"]


def test_names_of_users_are_text(tmp_path: Path) -> None:
    hostile = "</script><script>alert('{{data}}')</script>" + "x" * 5_000
    model = Sequential([Dense(1, name=hostile)], name=hostile)
    model.compile("sgd", "mse")
    text = filmed(tmp_path, model, *MOONS, 1).path.read_text("utf-8")
    assert "<script>alert" not in text and text.count("</script>") == 2
    assert len(text) < 120_000


def test_it_speaks_chinese(tmp_path: Path) -> None:
    text = filmed(tmp_path, network(), *MOONS, 2, lang="zh").path.read_text("utf-8")
    assert '<html lang="zh' in text and "梯度流" in text and "Gradient flow" not in text
    with pytest.raises(ArgumentError, match="language"):
        filmed(tmp_path, network(), *MOONS, 2, lang="fr")


FORMS: dict[str, Any] = {
    "plane": (lambda: network(), *MOONS),
    "table": (
        lambda: network(3, "softmax", "sparse_categorical_crossentropy"),
        *three_classes(4),
    ),
}


@pytest.mark.parametrize("form", list(FORMS))
def test_a_gif_has_every_frame(tmp_path: Path, form: str) -> None:
    from PIL import Image

    make, x, y = FORMS[form]
    film = filmed(tmp_path, make(), x, y, 3)
    (path,) = film.save(tmp_path / "film.gif")
    with Image.open(path) as image:
        assert image.format == "GIF" and image.n_frames == film.frames == 4
        assert image.info["loop"] == 0 and image.info["duration"] == 100
        first = np.asarray(image.convert("RGB"))
        image.seek(3)
        last = np.asarray(image.convert("RGB"))
    assert first.shape == (512, 640, 3) and (first != last).any()


def test_pictures_are_numbered(tmp_path: Path) -> None:
    film = filmed(tmp_path, network(), *MOONS, 2)
    (tmp_path / "frames").mkdir()
    files = film.save(tmp_path / "frames" / "moons.svg")
    assert [file.name for file in files] == ["moons-000.svg", "moons-001.svg", "moons-002.svg"]
    for file in files:
        assert ElementTree.parse(file).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "Epoch 1 of 2" in files[1].read_text("utf-8")


@pytest.mark.parametrize("package", ["matplotlib", "PIL"])
def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    film = filmed(tmp_path, network(), *MOONS, 1)
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        MissingPackageError, match=r"(?i)(pillow|matplotlib) is needed.*autograd-nn\[viz\]"
    ):
        film.save(tmp_path / "film.gif")


def test_wrong_calls_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "film.html"
    model = network()
    model.fit(*MOONS, epochs=1, verbose=0)
    before = model.get_weights()
    fresh = Sequential([Dense(1)])
    for wrong, error, match in (
        (lambda: viz.film(fresh, *MOONS, 2, path), StateError, r"before film\("),
        (lambda: viz.film("model", *MOONS, 2, path), ArgumentTypeError, "takes a model, got str"),
        (lambda: viz.film(model, *MOONS, 0, path), ArgumentError, "`epochs` must be a positive"),
        (lambda: viz.film(model, *MOONS, 2.0, path), ArgumentTypeError, "Write 2"),
        (lambda: viz.film(model, *MOONS, 2, tmp_path / "a.gif"), ArgumentError, r"\.html"),
        (lambda: viz.film(model, *MOONS, 2, path, batchsize=3), ArgumentTypeError, "batch_size"),
        (lambda: viz.film(model, MOONS[0], MOONS[1][:9], 2, path), ValueError, "60"),
    ):
        with pytest.raises(error, match=match):
            wrong()
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not path.exists()
    film = filmed(tmp_path, model, *MOONS, 1)
    with pytest.raises(ArgumentError, match=r"one of \.gif, \.svg"):
        film.save(tmp_path / "film.png")
    with pytest.raises(ArgumentError, match="no folder"):
        film.save(tmp_path / "nowhere" / "film.gif")
