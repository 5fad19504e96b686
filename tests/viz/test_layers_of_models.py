"""Pictures of the layers of a model: what is told of each, models inside, equal blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograd_nn import Input, Model, Sequential, Tensor, layers, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.keras import utils
from autograd_nn.viz.pictures.rendering import can_render


def nested() -> Model:
    inner = Sequential(
        [Input((4,)), layers.Dense(3, "relu", name="first"), layers.Dense(2, name="last")],
        name="inner",
    )
    a, b = Input((4,), name="a"), Input((4,), name="b")
    joined = layers.Concatenate(name="joined")([inner(a), inner(b)])
    outputs = layers.Dense(1, name="out", activation="sigmoid", trainable=False)(joined)
    return Model([a, b], outputs, name="outer")


def links(picture: Any) -> set[tuple[str, str]]:
    name = {node.id: node.name for node in picture.view.nodes}
    return {(name[edge.source], name[edge.target]) for edge in picture.view.edges}


def details(picture: Any, name: str) -> tuple[str, ...]:
    return next(node.details for node in picture.view.nodes if node.name == name)


def test_each_option_tells_what_it_says() -> None:
    model = nested()
    plain = utils.plot_model(model, to_file=None)
    assert details(plain, "out") == (
        *("sigmoid", "1 unit", "kernel (4,1)", "bias (1,)", "5 parameters"),
    )
    told = utils.plot_model(model, None, show_shapes=True, show_dtype=True, show_trainable=True)
    assert details(told, "out")[5:] == ("(None, 4) → (None, 1)", "float32", "not trainable")
    assert details(told, "joined") == ("(None, 2) → (None, 4)", "float32", "trainable")
    assert details(told, "a")[0] == "(None, 4)"
    bare = utils.plot_model(model, None, show_layer_names=False, show_layer_activations=False)
    assert details(bare, "out")[0] == "1 unit"
    assert {node.label for node in bare.view.nodes} == {
        *("InputLayer", "Sequential", "Concatenate", "Dense"),
    }
    assert "out" not in bare.text()


def test_models_inside_are_frames_or_one_node() -> None:
    model = nested()
    assert links(utils.plot_model(model, None)) == {
        *(("a", "inner"), ("b", "inner"), ("inner", "joined"), ("joined", "out")),
    }
    opened = utils.plot_model(model, None, expand_nested=True)
    assert links(opened) == {
        *(("a", "first"), ("b", "first"), ("first", "last"), ("last", "joined"), ("joined", "out")),
    }
    inside = {node.name: node.cluster for node in opened.view.nodes}
    assert inside["first"] == inside["last"] == "inner"
    assert inside["joined"] is None
    assert [cluster.label for cluster in opened.view.clusters] == ["inner"]
    around = Sequential([Input((4,)), Sequential([layers.Dense(2), nested_chain()]), layers.ReLU()])
    deep = utils.plot_model(around, None, expand_nested=True)
    assert [cluster.parent for cluster in deep.view.clusters] == [None, deep.view.clusters[0].path]
    assert len(deep.view.edges) == len(deep.view.nodes) - 1


def nested_chain() -> Sequential:
    return Sequential([layers.Dense(3), layers.Dense(2)])


def test_direction_and_size(tmp_path: Path) -> None:
    for direction in ("TB", "BT", "LR", "RL"):
        dot = utils.plot_model(nested(), None, rankdir=direction).dot
        assert f"rankdir={direction}" in dot
    utils.plot_model(nested(), str(tmp_path / "model.dot"), rankdir="BT")
    assert "rankdir=BT" in (tmp_path / "model.dot").read_text("utf-8")
    if can_render():
        sizes = []
        for dpi in (50, 200):
            utils.plot_model(nested(), tmp_path / "model.png", dpi=dpi)
            sizes.append((tmp_path / "model.png").stat().st_size)
        assert sizes[1] > 2 * sizes[0]


def test_equal_blocks_of_a_large_functional_model_are_one_node() -> None:
    x = first = Input((8,), name="x")
    for _ in range(40):
        x = layers.Add()([layers.Dense(8, "relu")(x), x])
    model = Model(first, layers.Dense(1, name="end")(x))
    picture = model.draw()
    start, block, end = picture.view.nodes
    assert (start.name, block.count, block.symbol, end.name) == ("x", 80, "(Dense Add) ×40", "end")
    assert [(edge.source, edge.target) for edge in picture.view.edges] == [
        (start.id, block.id),
        (block.id, end.id),
    ]
    assert block.details == ("each Dense: relu, 8 units, kernel (8,8), bias (8,), 72 parameters",)


def test_blocks_that_are_wired_in_another_way_stay_apart() -> None:
    x = first = Input((8,))
    for n in range(40):
        y = layers.Dense(8)(x)
        x = layers.Add()([y, x if n % 2 else first])  # every other one reaches further back
    picture = Model(first, x).draw()
    assert len(picture.view.nodes) > 60


def test_shapes_that_are_not_known_yet() -> None:
    model = nested_chain()
    assert details(model.draw(tell="shapes"), "dense") == ("3 units", "shapes not known yet")
    model.build((None, 4))
    assert details(model.draw(tell="shapes"), "dense")[-1] == "(None, 4) → (None, 3)"


def test_what_is_refused() -> None:
    with pytest.raises(ArgumentError, match="'TB', 'BT', 'LR' or 'RL'"):
        utils.plot_model(nested(), None, rankdir="XY")
    with pytest.raises(ArgumentTypeError, match="show_shapes"):
        utils.plot_model(nested(), None, show_shape=True)
    with pytest.raises(ArgumentError, match="'shapes'"):
        nested().draw(tell=["shape"])
    with pytest.raises(ArgumentError, match="layers of a model"):
        viz.draw(Tensor(1.0) * 2, tell=["shapes"])
