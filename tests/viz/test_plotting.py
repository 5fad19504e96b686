"""The plots: what is drawn is what was measured; the rest was looked at."""

from __future__ import annotations

import builtins
import math
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from autograd_nn.callbacks import Callback, History
from autograd_nn.datasets import make_moons
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    MissingPackageError,
    ShapeError,
    StateError,
)
from autograd_nn.layers import Activation, Dense, Input
from autograd_nn.models import Sequential
from autograd_nn.viz import (
    GradientMonitor,
    plot_decision_boundary,
    plot_gradient_flow,
    plot_histograms,
    plot_loss,
    plot_weights,
)


def watched(epochs: int = 3, **monitored: Any) -> tuple[Sequential, GradientMonitor]:
    model = Sequential(
        [Input((2,)), Dense(6, activation="tanh"), Dense(1, activation="sigmoid")], name="moons"
    )
    model.compile("adam", "binary_crossentropy")
    monitor = GradientMonitor(clock=lambda: 0.0, **monitored)
    model.fit(*make_moons(60, seed=1), epochs=epochs, verbose=0, callbacks=[monitor])
    return model, monitor


def axes() -> Any:
    from matplotlib.figure import Figure

    return Figure().subplots()


def laid_out(figure: Any) -> None:
    """All that drawing does, without the time for dots; it fails where a text cannot be set."""
    figure.draw_without_rendering()


def test_losses_are_drawn_as_they_are() -> None:
    ax = axes()
    assert plot_loss({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.5, 2.0]}, ax=ax) is ax
    loss, validation, best = ax.get_lines()
    np.testing.assert_array_equal(loss.get_xydata(), [[1, 3.0], [2, 2.0], [3, 1.0]])
    np.testing.assert_array_equal(validation.get_ydata(), [3.0, 1.5, 2.0])
    np.testing.assert_array_equal(best.get_xydata(), [[2, 1.5]])
    assert ax.get_yscale() == "linear" and ax.get_ylim()[0] < 1.0 and ax.get_ylim()[1] > 3.0
    assert "best validation, epoch 2" in ax.get_title()
    laid_out(ax.figure)


def test_the_epochs_of_a_history_are_counted_from_one() -> None:
    model = watched()[0]
    history = model.fit(*make_moons(60, seed=1), epochs=9, initial_epoch=7, verbose=0)
    for source in (history, model):
        ax = plot_loss(source)
        assert list(ax.get_lines()[0].get_xdata()) == [8, 9]


def test_a_first_loss_far_off_does_not_hide_the_others() -> None:
    ax = plot_loss({"loss": [100.0, *np.linspace(2.0, 1.0, 9)]})
    assert ax.get_ylim()[1] < 4 and "not drawn: up to 100" in ax.get_title()
    ax = plot_loss({"loss": [1e9, *np.linspace(2.0, 1.0, 9)]})
    assert ax.get_ylim()[1] < 4 and "not drawn: up to 1e+09" in ax.get_title()
    ax = plot_loss({"loss": [8.0, 0.8, 0.04, 0.03, 0.02, 0.011]})
    assert ax.get_yscale() == "log" and ax.get_ylim()[0] < 0.011 and ax.get_ylim()[1] > 8.0


@pytest.mark.parametrize(
    "loss", [[1.0, math.nan], [math.nan], [0.0, 0.0], [1.0], [math.inf, 2.0], [-1.0, -2.0], [1e300]]
)
def test_every_loss_can_be_laid_out(loss: list[float]) -> None:
    ax = plot_loss({"loss": loss})
    laid_out(ax.figure)
    is_broken = not all(map(math.isfinite, loss))
    assert ("not finite from epoch" in ax.get_title()) == is_broken


def test_the_gradient_of_the_last_batch_by_depth() -> None:
    model, _ = watched()
    ax = plot_gradient_flow(model)
    points = [float(line.get_ydata()[0]) for line in ax.get_lines()[: len(model.weights)]]
    expected = [np.linalg.norm(weight.grad.astype(float)) for weight in model.weights]
    np.testing.assert_allclose(points, expected, rtol=1e-6)
    names = [label.get_text() for label in ax.get_xticklabels()]
    assert names == ["dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias"]
    assert ax.get_yscale() == "log"
    assert f"{expected[0] / expected[2]:.3g}"[:4] in ax.get_title()
    laid_out(ax.figure)


def test_gradients_of_zero_and_none_are_words() -> None:
    model, _ = watched()
    model.weights[0].grad = np.zeros((2, 6))
    model.weights[1].grad = None
    model.weights[2].grad = np.full((6, 1), np.inf)
    ax = plot_gradient_flow(model)
    assert [text.get_text() for text in ax.texts] == ["0", "not computed", "infinite"]
    laid_out(ax.figure)


def test_the_flow_of_a_monitor_has_the_range_over_the_epochs() -> None:
    _, monitor = watched()
    ax = plot_gradient_flow(monitor)
    history = monitor.history["grad_norm/dense/kernel"]
    bar, point = ax.get_lines()[:2]
    np.testing.assert_allclose(bar.get_ydata(), [min(history), max(history)])
    assert point.get_ydata()[0] == history[-1]


@pytest.mark.parametrize("of", ["weights", "gradients"])
def test_histograms_over_time(of: str) -> None:
    _, monitor = watched(epochs=30)
    figure = plot_histograms(monitor, of)
    panels = [ax for ax in figure.axes if ax.get_title()]
    assert [ax.get_title() for ax in panels] == ["dense/kernel", "dense/bias", "dense_1/kernel"]
    assert len(panels[0].get_lines()) == 12 + 1  # ridges, and the line at 0
    assert [label.get_text() for label in panels[0].get_yticklabels()][::2] == ["1", "30"]
    laid_out(figure)
    single = plot_histograms(monitor, of, parameters="dense_1/bias")
    assert [ax.get_title() for ax in single.axes if ax.get_title()] == ["dense_1/bias"]
    laid_out(single)


def test_the_boundary_of_a_line_by_hand() -> None:
    # σ(4·x₀) is 0.5 where x₀ is 0.
    model = Sequential(
        [Dense(1, activation="sigmoid", kernel_initializer=np.array([[4.0], [0.0]]))]
    )
    model.compile("sgd", "binary_crossentropy")
    x, y = np.array([[-1.0, -1.0], [1.0, 1.0], [1.0, -1.0]]), np.array([0.0, 1.0, 1.0])
    ax = axes()
    assert plot_decision_boundary(model, x, y, ax=ax, resolution=21) is ax
    line = next(c for c in ax.collections if len(c.get_paths()) == 1 and c.get_linewidth()[0] > 1)
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 0, atol=1e-6)
    zeros, ones = ax.get_lines()
    np.testing.assert_array_equal(zeros.get_xydata(), x[:1])
    np.testing.assert_array_equal(ones.get_xydata(), x[1:])
    assert zeros.get_marker() != ones.get_marker()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["class 0", "class 1"]
    laid_out(ax.figure)


def test_a_boundary_of_several_classes_of_logits_and_of_points_alone() -> None:
    x, y = make_moons(40, seed=1)
    several = Sequential([Dense(3, activation="softmax")])
    several.compile("sgd", "sparse_categorical_crossentropy")
    several.fit(x, y, verbose=0)
    laid_out(plot_decision_boundary(several, x, y, resolution=15).figure)
    plain = Sequential([Dense(1)])
    laid_out(plot_decision_boundary(plain, x, resolution=15).figure)
    one_hot = np.eye(3)[y]
    ax = plot_decision_boundary(several, x, one_hot, resolution=15)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["class 0", "class 1"]


def test_weights_as_images_by_hand() -> None:
    kernel = np.array([[1.0, -2.0], [0.0, 0.5], [-0.5, 0.0], [0.25, 1.0]])
    layer = Dense(2, kernel_initializer=kernel)
    layer.build((None, 4))
    figure = plot_weights(layer)
    pictures = [ax for ax in figure.axes if ax.get_title()]
    for unit, ax in enumerate(pictures):
        (image,) = ax.get_images()
        np.testing.assert_allclose(image.get_array(), kernel[:, unit].reshape(2, 2))
        assert image.get_clim() == (-2.0, 2.0)
    # Dots, so that the sign is seen without colours: −0.5 at row 1, column 0; −2 at 0, 0.
    np.testing.assert_array_equal(pictures[0].get_lines()[0].get_xydata(), [[0, 1]])
    np.testing.assert_array_equal(pictures[1].get_lines()[0].get_xydata(), [[0, 0]])
    laid_out(figure)


def test_the_shape_of_an_image_and_the_number_of_units() -> None:
    layer = Dense(40)
    layer.build((None, 6))
    figure = plot_weights(layer, units=3)
    assert [ax.get_title() for ax in figure.axes[:3]] == ["unit 0", "unit 1", "unit 2"]
    assert figure.axes[0].get_images()[0].get_array().shape == (1, 6)
    assert "the first 3 of 40 units" in figure.get_suptitle()
    laid_out(figure)
    figure = plot_weights(layer, shape=(2, 3))
    assert figure.axes[0].get_images()[0].get_array().shape == (2, 3)
    with pytest.raises(ShapeError, match=r"\(2, 2\) has 4 pixels, the layer has 6"):
        plot_weights(layer, shape=(2, 2))


def test_nothing_is_disturbed() -> None:
    model, monitor = watched()
    before = [(w.data.copy(), w.grad.copy()) for w in model.weights]
    plot_gradient_flow(model)
    plot_weights(model.layers[0])
    plot_decision_boundary(model, *make_moons(20, seed=1), resolution=5)
    plot_histograms(monitor)
    for weight, (data, grad) in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.data, data)
        np.testing.assert_array_equal(weight.grad, grad)


def test_names_of_users_are_text_and_no_formulas() -> None:
    model = Sequential([Input((2,)), Dense(1, name="$\\frac{<b>$")])
    model.compile("sgd", "mse")
    monitor = GradientMonitor(clock=lambda: 0.0)
    model.fit([[1.0, 2.0], [2.0, 0.0]], [1.0, 2.0], verbose=0, callbacks=[monitor])
    ax = plot_gradient_flow(monitor)
    assert ax.get_xticklabels()[0].get_text() == "$\\frac{<b>$/kernel"
    laid_out(ax.figure)
    laid_out(plot_histograms(monitor))
    laid_out(plot_weights(model.layers[0]))


def test_pyplot_stays_out() -> None:
    program = (
        "import sys\n"
        "from autograd_nn.viz import plot_loss\n"
        "assert 'matplotlib' not in sys.modules\n"
        "plot_loss({'loss': [1.0, 0.5]})\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_without_matplotlib(monkeypatch: Any) -> None:
    real = builtins.__import__

    def refusing(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.split(".")[0] == "matplotlib":
            raise ImportError(f"No module named {name!r}")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-nn\[viz\]'"):
        plot_loss({"loss": [1.0]})


def test_wrong_calls() -> None:
    untrained = Sequential([Dense(1)])
    with pytest.raises(StateError, match="fit first"):
        plot_loss(untrained)
    with pytest.raises(ArgumentTypeError, match="plot_loss takes .* got int"):
        plot_loss(3)
    with pytest.raises(ArgumentError, match="no .loss."):
        plot_loss(History())
    with pytest.raises(ArgumentTypeError, match="`ax` must be axes of matplotlib, got str"):
        plot_loss({"loss": [1.0]}, ax="here")
    with pytest.raises(StateError, match="no weights yet"):
        plot_gradient_flow(untrained)
    built = Sequential([Input((2,)), Dense(1)])
    with pytest.raises(StateError, match="No parameter has a gradient yet"):
        plot_gradient_flow(built)
    with pytest.raises(StateError, match="give it to fit"):
        plot_gradient_flow(GradientMonitor())
    with pytest.raises(ArgumentTypeError, match="a model or a GradientMonitor, got Callback"):
        plot_gradient_flow(Callback())
    with pytest.raises(StateError, match="give it to fit"):
        plot_histograms(GradientMonitor())
    with pytest.raises(ArgumentTypeError, match="got list"):
        plot_histograms([])
    _, monitor = watched(1)
    with pytest.raises(ArgumentError, match="'weights' or 'gradients', got 'biases'"):
        plot_histograms(monitor, "biases")
    with pytest.raises(ArgumentError, match="Did you mean 'dense/kernel'"):
        plot_histograms(monitor, parameters=["dense/kernl"])
    with pytest.raises(ShapeError, match=r"two features, x of shape \(N, 2\), got \(3, 4\)"):
        plot_decision_boundary(built, np.ones((3, 4)))
    with pytest.raises(ShapeError, match="does not fit 3 points"):
        plot_decision_boundary(built, np.ones((3, 2)), [1, 2])
    with pytest.raises(StateError, match="no weights yet"):
        plot_weights(Dense(3))
    with pytest.raises(ArgumentTypeError, match="model.layers\\[0\\], got Activation"):
        plot_weights(Activation("relu"))
    with pytest.raises(ArgumentTypeError, match="units|height"):
        plot_weights(built.layers[0], shape=3)
