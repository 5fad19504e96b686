"""The page of the explorer as it is written, without a browser."""

import base64
import hashlib
import html
import json
import os
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Operation, Sequential, Tensor, gradients, ops, random, viz
from autograd_nn.engine.recording import scope
from autograd_nn.layers import Dense
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.page import layouts, payload
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson, network
from tests.viz.pages import array_of, data_of, leaves_of, numbers_travelling, sums
from tests.viz.test_random_graphs import losses

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    'it\'s "quoted" & </title></style>',
    "\\N \\G {{data}} {{script}} <!-- -->",
    "\u2028\u2029\x00\ud800",
    "x" * 10_000,
]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text in each script and style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._inside = tag in ("script", "style")
        if self._inside:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.texts[-1] += data


def page_of(loss: Tensor, folder: Path, **options: Any) -> viz.Page:
    return viz.explore(loss, folder / "page.html", **options)


def text_of(page: viz.Page) -> str:
    return Path(page).read_bytes().decode()


def two_parts() -> Tensor:
    """An operation with several results, one of them used twice."""
    halves = Operation(
        "halves",
        value=lambda x: (x[:2], x[2:]),
        gradients=lambda g, out, x: (
            np.concatenate([np.zeros(2) if part is None else part for part in g]),
        ),
    )
    low, high = halves(Tensor([1.0, 2.0, 3.0, 4.0], name="x"))
    return (low * high + low).sum()


GRAPHS = {"lesson": lambda: lesson().loss, "network": lambda: network()[0], "parts": two_parts}


@pytest.fixture(params=GRAPHS)
def loss(request: pytest.FixtureRequest) -> Tensor:
    return GRAPHS[request.param]()


# ------------------------------------------------------------------ what the page tells


def test_the_sentences_are_those_of_steps(loss: Tensor, tmp_path: Path) -> None:
    told = [step["sentence"] for step in data_of(page_of(loss, tmp_path))["steps"]]
    assert told == [step.sentence for step in viz.steps(loss)]


@pytest.mark.usefixtures("travelling")
def test_the_running_sums_end_as_the_gradients(loss: Tensor, tmp_path: Path) -> None:
    found = sums(data_of(page_of(loss, tmp_path)))
    leaves = leaves_of(loss)
    for (name, leaf), gradient in zip(
        leaves.items(), gradients(loss, list(leaves.values())), strict=True
    ):
        if gradient is None:
            assert name not in found
            assert leaf.operation is ops.sigmoid  # bypassed by the fused loss
        else:
            assert found[name].astype(leaf.dtype).tobytes() == np.asarray(gradient).tobytes()
    assert len(found) > 2


@settings(max_examples=60)
@given(losses())
def test_of_any_graph_the_sums_are_the_gradients_and_the_sentences_the_steps(loss: Tensor) -> None:
    walk = Walk(loss)
    with numbers_travelling():
        data = json.loads(json.dumps(payload.payload(walk, Sweep(loss)), allow_nan=False))
    assert [step["sentence"] for step in data["steps"]] == [s.sentence for s in viz.steps(loss)]
    found = sums(data)
    leaves = leaves_of(loss)
    for name, gradient in zip(leaves, gradients(loss, list(leaves.values())), strict=True):
        if gradient is None:
            assert name not in found
        else:
            assert found[name].tobytes() == np.asarray(gradient).tobytes()


@pytest.mark.usefixtures("travelling")
def test_each_contribution_is_local_times_upstream(tmp_path: Path) -> None:
    data = data_of(page_of(lesson().loss, tmp_path))
    total = sums(data)
    checked = 0
    for step in data["steps"]:
        if "contribution" in step:
            local, upstream = array_of(step["local"]), total[step["node"]]
            assert array_of(step["contribution"]) == pytest.approx(local * upstream)
            checked += 1
    assert checked == len(viz.draw(lesson().loss, edges="plain").view.edges) - 4  # 4 constants


@pytest.mark.usefixtures("travelling")
def test_w_used_three_times_receives_three_contributions(tmp_path: Path) -> None:
    data = data_of(page_of(lesson().loss, tmp_path))
    (w,) = [node["id"] for node in data["nodes"] if node["label"] == "w"]
    arriving = [step for step in data["steps"] if step.get("input") == w]
    assert len(arriving) == 3
    assert float(array_of(arriving[-1]["after"])) == pytest.approx(lesson().by_w)


def test_what_is_not_a_scalar_has_forward_steps_only(tmp_path: Path) -> None:
    data = data_of(page_of(Tensor([1.0, 2.0]) * 3.0, tmp_path))
    assert [step["phase"] for step in data["steps"]] == ["forward"]
    assert data["note"] == "No backward steps: the root is not a scalar."
    assert {node["missing"] for node in data["nodes"]} == {
        "the root is not a scalar",
        "no gradient wanted",
    }


def test_a_leaf_alone(tmp_path: Path) -> None:
    data = data_of(page_of(Tensor(2.0, name="x"), tmp_path))
    assert [step["sentence"] for step in data["steps"]] == ["Backward starts at x: ∂x/∂x = 1."]


def test_names_are_given(tmp_path: Path) -> None:
    x, y = Tensor(2.0), np.array(3.0)
    data = data_of(page_of(x * y, tmp_path, names={"x": x, "y": y}))
    assert [node["label"] for node in data["nodes"]] == ["x", "y", "v1"]


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1", "i4", "i8", "u1", "?"])
def test_numbers_arrive_exactly(dtype: str, tmp_path: Path) -> None:
    values = np.array([[1, 0, -0.0], [1 / 3, 3e-8, 120]]).astype(dtype)
    data = data_of(page_of(Tensor([[1.0] * 3] * 2) * values, tmp_path, names={"a": values}))
    (node,) = [node for node in data["nodes"] if node["label"] == "a"]
    assert node["value"]["dtype"] == str(values.dtype)
    assert array_of(node["value"]).astype(dtype).tobytes() == values.tobytes()


def test_infinite_and_undefined_numbers_arrive(tmp_path: Path) -> None:
    values = np.array([np.nan, np.inf, -np.inf, 0.1])
    node = data_of(page_of(Tensor(values, name="x"), tmp_path))["nodes"][0]
    np.testing.assert_array_equal(array_of(node["value"]), values)


def test_zeros_of_both_signs_are_not_taken_for_the_same(tmp_path: Path) -> None:
    values = np.array([0.0, -0.0])
    node = data_of(page_of(Tensor(values, name="x"), tmp_path))["nodes"][0]
    assert np.signbit(array_of(node["value"])).tolist() == [False, True]


@pytest.mark.usefixtures("travelling")
def test_an_array_of_4096_is_whole_and_a_larger_one_is_summarised(tmp_path: Path) -> None:
    whole, large = np.arange(4096.0).reshape(64, 64), np.arange(6400.0).reshape(80, 80)
    loss = Tensor(whole, name="whole").sum() + Tensor(large, name="large").sum()
    data = data_of(page_of(loss, tmp_path))
    by_label = {node["label"]: node["value"] for node in data["nodes"]}
    np.testing.assert_array_equal(array_of(by_label["whole"]), whole)
    told = by_label["large"]
    assert "data" not in told
    assert (told["low"], told["mean"], told["high"]) == (0.0, 3199.5, 6399.0)
    assert told["norm"] == pytest.approx(np.linalg.norm(large))
    thumbnail = array_of(told["thumbnail"])
    assert thumbnail.shape == (32, 32)
    # 80 rows in 32 blocks begin at 0, 2, 5, 7, 10 …
    assert thumbnail[0, 0] == large[0:2, 0:2].mean()
    assert thumbnail[1, 2] == large[2:5, 5:7].mean()
    assert thumbnail[31, 31] == large[77:, 77:].mean()


@pytest.mark.usefixtures("travelling")
def test_a_long_vector_is_summarised_too(tmp_path: Path) -> None:
    data = data_of(page_of(Tensor(np.arange(5000.0)).sum(), tmp_path))
    assert data["nodes"][0]["value"]["thumbnail"]["shape"] == [1, 32]


@pytest.mark.usefixtures("travelling")
@pytest.mark.parametrize(("room", "whole"), [(0, 16), (20_000, 256), (10**7, 4096)])
def test_where_many_arrays_are_large_fewer_travel_whole(
    room: int, whole: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payload, "ROOM", room)
    data = data_of(page_of(network()[0], tmp_path))
    assert data["whole"] == whole
    sizes = [np.prod(node["value"]["shape"]) for node in data["nodes"] if "data" in node["value"]]
    assert max(sizes) <= whole


def test_the_page_of_the_tutorial_network_is_small(tmp_path: Path) -> None:
    assert os.path.getsize(page_of(network()[0], tmp_path)) < 1_000_000


# ------------------------------------------------------------------ pictures


def test_layouts_of_a_network(tmp_path: Path) -> None:
    data = data_of(page_of(network()[0], tmp_path))
    assert [layout["title"] for layout in data["layouts"]] == [
        *("Layers closed", "All open", "dense open", "dense_1 open", "dense_2 open"),
    ]
    closed = data["layouts"][0]
    assert sorted(closed["opens"].values()) == ["layer-1", "layer-2", "layer-3"]


def test_every_node_and_edge_is_somewhere_in_every_picture(loss: Tensor, tmp_path: Path) -> None:
    page = page_of(loss, tmp_path)
    data = data_of(page)
    ids = [
        attributes["id"] for _, attributes in Elements(text_of(page)).found if "id" in attributes
    ]
    assert len(ids) == len(set(ids))
    items = [node["id"] for node in data["nodes"]]
    edges = [edge for node in data["nodes"] for edge in node.get("edges", [])]
    for layout in data["layouts"]:
        for name in items + edges:
            shown = layout["where"].get(name, name)
            assert shown is None or f"{layout['name']}-{shown}" in ids
        assert None not in [layout["where"].get(name) for name in items if name in layout["where"]]


def test_a_large_graph_without_layers_is_in_boxes(tmp_path: Path) -> None:
    x = y = Tensor(1.0, name="x")
    for _ in range(400):
        y = y * 1.01
    data = data_of(page_of(y, tmp_path))
    assert [layout["name"] for layout in data["layouts"]] == ["closed"]
    assert all(path.startswith("/") for path in data["layouts"][0]["opens"].values())
    assert x.grad is None


@pytest.mark.parametrize(
    ("inside", "outside", "names"),
    [(1600, 1, ["closed", "layer-1", "layer-2"]), (1, 1600, ["closed"])],
)
def test_what_is_too_large_to_be_seen_has_no_picture(
    inside: int, outside: int, names: list[str], tmp_path: Path
) -> None:
    y: Any = Tensor(1.0, name="x")
    with scope("small"):
        y = y * 1.01 * 1.02
    with scope("large"):
        for _ in range(inside):
            y = y * 1.01
    for _ in range(outside):
        y = y * 1.01
    assert [layout["name"] for layout in data_of(page_of(y, tmp_path))["layouts"]] == names


def test_texts_about_gradients_can_be_hidden(loss: Tensor, tmp_path: Path) -> None:
    page = page_of(loss, tmp_path)
    text = text_of(page)
    by_id = {node["id"]: node for node in data_of(page)["nodes"]}
    checked = 0
    for name, box in re.findall(
        r'<g id="open(?:-|&#45;)(v\d+)" class="node">(.*?)</g>', text, re.S
    ):
        rows = re.findall(r"<text ([^>]*)>([^<]*)</text>", box)
        inked = [told for attributes, told in rows if 'class="gradient"' in attributes]
        heads = [
            place
            for place, (_, told) in enumerate(rows)
            if html.unescape(told).strip() == "gradient"
        ]
        if by_id[name]["missing"] is None:
            # Everything behind the word "gradient", and nothing before it.
            assert inked == [told for _, told in rows[heads[0] + 1 :] if told.strip()]
            assert inked
            checked += 1
        else:
            assert inked == []
    assert checked > 3


def test_every_colour_of_a_picture_has_one_for_the_dark(loss: Tensor, tmp_path: Path) -> None:
    text = text_of(page_of(loss, tmp_path))
    used = set(
        re.findall(r'<(?:text|path|polygon|polyline)[^>]*?((?:fill|stroke)="#[0-9a-f]{6}")', text)
    )
    used -= {'fill="#ffffff"'}
    style = Elements(text).texts[0]
    assert used
    assert [rule for rule in sorted(used) if f'[data-theme="dark"] svg [{rule}]' not in style] == []


def test_without_graphviz_the_page_says_how_to_get_pictures(tmp_path: Path) -> None:
    page = without_graphviz(lambda: page_of(lesson().loss, tmp_path))
    data = data_of(page)
    assert data["layouts"] == []
    assert "pip install 'autograd-nn[viz]'" in data["noGraphviz"]
    assert len(data["steps"]) == len(viz.steps(lesson().loss))
    assert 'class="layout' not in text_of(page)


# ------------------------------------------------------------------ safe and alone


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_names_are_text_everywhere(name: str, tmp_path: Path) -> None:
    def shape(page: Path) -> list[tuple[str, list[str]]]:
        # Texts of the usual size, as of long expressions, have it from the picture.
        found = Elements(text_of(page)).found
        return [(tag, sorted(set(have) - {"font-size"})) for tag, have in found]

    plain = page_of(Tensor(2.0, name="w") * Tensor(3.0), tmp_path)
    expected = shape(plain)
    operation = Operation(name, value=lambda x: x * 1, gradients=(lambda g, out, x: g,))
    odd = page_of(Tensor(2.0, name=name) * Tensor(3.0), tmp_path)
    assert shape(odd) == expected
    own = page_of(operation(Tensor(2.0, name=name)), tmp_path)
    elements = Elements(text_of(own))
    assert [tag for tag, _ in elements.found].count("script") == 2
    assert data_of(own)["nodes"][0]["label"][:8] == notation.clean(name)[:8]


def test_the_policy_of_the_page_allows_its_own_script_and_style_only(tmp_path: Path) -> None:
    page = page_of(lesson().loss, tmp_path)
    elements = Elements(text_of(page))
    (policy,) = [
        found["content"]
        for tag, found in elements.found
        if tag == "meta"
        and "content" in found
        and found.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy is not None and "default-src 'none'" in policy
    style, _, script = elements.texts
    for text in (style, script, script_of(page)):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    page = page_of(network()[0], tmp_path)
    text = text_of(page)
    for _, attributes in Elements(text).found:
        assert not {"src", "href", "xlink:href", "action", "style"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    text += script_of(page)
    assert set(re.findall(r"https?://[^\"' ]*", text)) == {
        "http://www.w3.org/2000/svg",  # the names of what an SVG element is
        "http://www.w3.org/1999/xlink",
    }
    for forbidden in ("eval(", "Function(", "innerHTML", "fetch(", "XMLHttp", "@import"):
        assert forbidden not in text
    assert set(re.findall(r"url\(.*?\)", text)) == {"url(#flow-head)"}  # in the page itself


def test_a_notebook_shows_it_in_a_frame(tmp_path: Path) -> None:
    page = page_of(lesson().loss, tmp_path)
    bundle = page._repr_mimebundle_()
    ((tag, attributes),) = Elements(bundle["text/html"]).found
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == text_of(page)
    assert bundle["text/plain"] == repr(page)
    assert "page.html" in repr(page)
    assert list(page._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert html.escape(text_of(page)[:15]) in bundle["text/html"]


def test_nothing_is_touched(tmp_path: Path) -> None:
    loss = lesson().loss
    leaves = leaves_of(loss)
    before = np.random.get_state()[1].tolist()  # type: ignore[index]
    flags = [leaf.requires_grad for leaf in leaves.values()]
    page_of(loss, tmp_path)
    assert [leaf.grad for leaf in leaves.values()] == [None] * len(leaves)
    assert [leaf.requires_grad for leaf in leaves.values()] == flags
    assert np.random.get_state()[1].tolist() == before  # type: ignore[index]
    loss.backward()
    grads = [np.array(leaf.grad) for leaf in leaves.values()]
    page_of(loss, tmp_path)
    assert [np.array(leaf.grad) for leaf in leaves.values()] == grads


# ------------------------------------------------------------------ calls


def test_the_methods_of_tensor_and_model(tmp_path: Path) -> None:
    page = lesson().loss.explore(tmp_path / "tensor.html")
    assert page.path == tmp_path / "tensor.html"
    model = Sequential([Dense(3, activation="tanh"), Dense(1)])
    model.compile(loss="mse")
    x, y = np.ones((4, 2)), np.zeros((4, 1))
    data = data_of(model.explore(x, y, tmp_path / "model.html"))
    assert data["rootLabel"] == "loss"
    assert {"x", "y"} < {node["label"] for node in data["nodes"]}
    assert {node["layer"] for node in data["nodes"]} == {"", "dense", "dense_1"}
    alone = data_of(model.explore(x, path=tmp_path / "outputs.html"))
    assert {step["phase"] for step in alone["steps"]} == {"forward"}
    assert all(weight.grad is None for weight in model.weights)


def test_the_path_of_the_file_is_what_open_takes(tmp_path: Path) -> None:
    page = viz.explore(lesson().loss, str(tmp_path / "a.HTML"))
    with open(page, encoding="utf-8") as file:
        assert file.read().startswith("<!doctype html>")


def test_the_default_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    viz.explore(lesson().loss)
    assert [path.name for path in tmp_path.iterdir()] == ["explore.html"]


@pytest.mark.parametrize("thing", [3.0, np.ones(3), None, "loss", Sequential([Dense(1)])])
def test_what_is_not_a_tensor(thing: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=f"got {type(thing).__name__}.*model.explore"):
        viz.explore(thing, tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["page", "page.htm", "page.svg", ".html", "page.html.txt"])
def test_another_ending(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"must end in \.html") as caught:
        viz.explore(lesson().loss, tmp_path / name)
    assert name in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_and_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "here.html").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        viz.explore(lesson().loss, tmp_path / "here.html")
    with pytest.raises(ValueError, match="there is no folder.*nowhere"):
        viz.explore(lesson().loss, tmp_path / "nowhere" / "page.html")
    with pytest.raises(TypeError, match="`path` must be the path of a file, got 3"):
        viz.explore(lesson().loss, 3)  # type: ignore[arg-type]


def test_a_graph_that_is_too_large(tmp_path: Path) -> None:
    y: Any = Tensor(1.0)
    for _ in range(5_000):
        y = y * 1.0
    with pytest.raises(ValueError, match=r"10,001 nodes.*5,000.*smaller part"):
        page_of(y, tmp_path)


def test_limits_stand_where_they_are_told() -> None:
    assert layouts.LARGEST_PICTURE == 300
    assert payload.WHOLE[0] == 4096


@pytest.mark.usefixtures("travelling")
def test_a_fused_loss_tells_its_bypassed_branch(tmp_path: Path) -> None:
    z = Tensor([[0.5]], name="z")
    loss = ops.mean(ops.sigmoid_cross_entropy(z, np.array([[1.0]]), ops.sigmoid(z)))
    data = data_of(page_of(loss, tmp_path))
    (p,) = [node for node in data["nodes"] if node.get("operation") == "sigmoid"]
    assert p["missing"] == "not reached"
    assert p["id"] not in sums(data)


def test_a_draw_which_has_no_inputs_stands_on_the_page(tmp_path: Path) -> None:
    w = Tensor([1.0, 2.0], name="w")
    loss = (w * random.normal((2,), dtype="float64")).sum()
    data = data_of(page_of(loss, tmp_path))
    (draw,) = [node for node in data["nodes"] if node.get("operation") == "normal"]
    assert draw["inputs"] == draw["edges"] == []


def test_the_panel_says_the_rule_that_the_sentence_says(tmp_path: Path) -> None:
    x, w = Tensor(np.ones((2, 3, 4)), name="x"), Tensor(np.ones((4, 2)), name="w")
    loss = (x @ w).sum() + Tensor(np.zeros((0, 3)), name="empty").sum()
    viz.explore(loss, tmp_path / "page.html")
    steps = [step for step in data_of(tmp_path / "page.html")["steps"] if "formula" in step]
    # A slope is told beside the numbers; every other rule stands in the sentence as it is.
    others = [step for step in steps if not re.match("∂[₁₂]v4 = 1", step["formula"])]
    assert all(f": {step['formula']} : (" in step["sentence"] for step in others)
    assert [step["formula"] for step in others[:2]] == ["∂v4/∂v3, spread", "∂v4/∂v2, spread"]


def test_no_two_scripts_of_a_page_have_one_name() -> None:
    # The second function of a name would silently take the place of the first.
    from autograd_nn.viz.filming import film_page
    from autograd_nn.viz.page import explorer

    folder = Path(viz.__file__).parent
    own = [*explorer.SCRIPTS, *explorer.TRAINING, *explorer.PLANE, *explorer.PAINTING]
    for scripts in ([f"page/{name}" for name in own], film_page.SCRIPTS):
        texts = [(folder / name).read_text("utf-8") for name in scripts]
        names = [
            name
            for text in texts
            for name in re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", text, re.M)
        ]
        assert len(names) > 30
        assert sorted(names) == sorted(set(names))


def test_the_script_of_a_page_is_a_third_of_what_it_says(tmp_path: Path) -> None:
    page = page_of(lesson().loss, tmp_path)
    script = script_of(page)
    assert "function valuesOf(" in script
    assert len(text_of(page)) < len(script)
    assert os.path.getsize(page) < 140_000


def script_of(page: viz.Page) -> str:
    """The script that a page runs, out of the one that it holds."""
    (held,) = re.findall(r'run\("([^"]+)"\)', text_of(page))
    return zlib.decompress(base64.b64decode(held), wbits=-15).decode()
