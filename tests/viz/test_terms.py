"""The numbers behind one cell, for every operation: they give the element, and add up."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, ops, viz
from autograd_nn.engine.graph import topological
from autograd_nn.viz.elements.jacobians import is_floating, maker
from autograd_nn.viz.graph.flows import Sweep, values_of
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.page import cells
from autograd_nn.viz.page.payload import payload
from tests.engine.samples import BY_NAME, SAMPLES, Case
from tests.viz.pages import array_of, sums

# The terms that travel; those that a page computes: `test_live_page`.
pytestmark = pytest.mark.usefixtures("travelling")

KINDS = {"matmul", "sum", "mean", "elementwise", "entries"}


def losses_of(name: str, sample: Case) -> list[Tensor]:
    """One loss for each result that wants a gradient."""
    inputs = [Tensor(a) if np.asarray(a).dtype.kind == "f" else a for a in sample.inputs]
    with np.errstate(all="ignore"):
        found = BY_NAME[name](*inputs, **sample.attributes)
    results = found if isinstance(found, tuple) else (found,)
    return [
        (x * np.linspace(0.5, 1.5, x.size).reshape(x.shape)).sum()
        for x in results
        if x.requires_grad and x.size
    ]


def page_of(loss: Tensor) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The data of a page, and the Tensors by their ids."""
    walk = Walk(loss)
    data = json.loads(json.dumps(payload(walk, Sweep(loss)), allow_nan=False))
    return data, {walk.ids[id(x)]: x for x in walk.order if type(x) is Tensor}


def unpacked(terms: dict[str, Any]) -> Any:
    kinds = (("out", "<i4"), ("slot", "<i4"), ("place", "<i4"), ("local", "<f8"))
    columns = []
    for name, kind in kinds:
        packed, count = terms[name], terms["count"]
        if packed is None:
            columns.append(range(count))
        elif isinstance(packed, float | int):
            columns.append([packed if kind == "<f8" else int(packed)] * count)
        else:
            columns.append(np.frombuffer(base64.b64decode(packed), kind).tolist())
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_operation_has_terms_that_add_up_to_the_gradient(name: str) -> None:
    for sample in SAMPLES[name][:1]:
        for loss in losses_of(name, sample):
            data, _ = page_of(loss)
            nodes, total = {node["id"]: node for node in data["nodes"]}, sums(data)
            for step in data["steps"]:
                if "contribution" not in step or nodes[step["node"]]["operation"] == "part":
                    continue
                node, expected = nodes[step["node"]], array_of(step["contribution"]).ravel()
                sources = [nodes[i] for i in node["parts"]] if "parts" in node else [node]
                assert all(source["terms"]["kind"] in KINDS for source in sources)
                if any(source["terms"]["kind"] != "entries" for source in sources):
                    continue  # those are computed by the page: test_explorer_page
                found, size = np.zeros(expected.size), np.zeros(expected.size)
                for source in sources:
                    above = total.get(source["id"])
                    if above is None:
                        continue
                    for out, slot, place, local in unpacked(source["terms"]):
                        if slot == step["slot"]:
                            found[place] += local * above.flat[out]
                            size[place] += abs(local * above.flat[out])
                assert np.all(np.abs(found - expected) <= 1e-6 * size + 1e-12)


# A pooling that takes the largest shows which that was, and not those that it was larger than.
@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"max_pooling"}))
def test_the_numbers_behind_an_element_are_all_that_it_needs(name: str) -> None:
    """With every other number replaced the element is the same."""
    for sample in SAMPLES[name][:1]:
        for loss in losses_of(name, sample):
            data, tensors = page_of(loss)
            for told in data["nodes"]:
                terms = told.get("terms")
                if not terms or terms["kind"] != "entries":
                    continue
                node = tensors[told["id"]]
                made_of, result = maker(node)
                assert made_of.operation is not None
                for out in range(0, node.size, max(1, node.size // 4)):
                    values: list[Any] = list(values_of(made_of))
                    for slot, value in enumerate(values):
                        if is_floating(value) and value.size > 1:
                            values[slot] = value + 0.01 * (1 + np.arange(value.size)).reshape(
                                value.shape
                            )
                    for at, slot, place, _ in unpacked(terms):
                        if at == out and values[slot].ndim:
                            values[slot].flat[place] = values_of(made_of)[slot].flat[place]
                    with np.errstate(all="ignore"):
                        again = made_of.operation.value(*values, **made_of.attributes or {})
                    again = again if result is None else again[result]
                    np.testing.assert_allclose(
                        np.ravel(again)[out], np.ravel(node._data)[out], rtol=1e-6, atol=1e-9
                    )


@pytest.mark.parametrize("name", SAMPLES)
def test_the_terms_of_a_zoom_add_up_to_the_element(name: str) -> None:
    for sample in SAMPLES[name][:1]:
        for loss in losses_of(name, sample):
            node = next(t for t in topological(loss) if maker(t)[0].operation is BY_NAME[name]
                        and type(t._data) is not tuple)  # fmt: skip
            at = tuple(int(i) for i in np.argwhere(np.ones(node.shape))[-1])
            zoom = viz.zoom(node, at, loss=loss)
            size = sum(abs(term.value) for term in zoom.terms)
            if zoom._sum.words == "sum" or zoom._sum.words.endswith("(…)"):
                assert abs(zoom.total - node._data[at]) <= 1e-6 * size
            leaf = next(t for t in topological(loss) if t.operation is None and t.requires_grad)
            where = tuple(int(i) for i in np.argwhere(np.ones(leaf.shape))[-1])
            back = viz.zoom(leaf, where, of="gradient", loss=loss)
            size = sum(abs(term.value) for term in back.terms)
            assert abs(back.total - back.value) <= 1e-6 * size + 1e-12


def test_an_operation_without_terms_is_found() -> None:
    """A rule that nothing can be asked of but the gradient of the loss."""

    def rule(g: Any, out: Any, x: Any) -> Any:
        if not np.all(g):
            raise ValueError("a gradient with zeros")
        return g * x

    picky = Operation("picky", value=lambda x: x * x / 2, gradients=(rule,))
    x = Tensor(np.arange(3.0), name="x")
    walk = Walk(loss := picky(x).sum())
    data = payload(walk, Sweep(loss))
    (node,) = [node for node in data["nodes"] if node.get("operation") == "picky"]
    assert node["terms"] is None


def test_a_users_own_operation_has_the_row_of_its_rule() -> None:
    def value(x: Any) -> Any:
        return np.array([x[0] * x[1], x[2] ** 2])

    def rule(g: Any, out: Any, x: Any) -> Any:
        return np.stack([g[0] * x[1], g[0] * x[0], 2 * g[1] * x[2]])

    own = Operation("own", value=value, gradients=(rule,))
    data, _ = page_of(own(Tensor([2.0, 3.0, 5.0], name="x")).sum())
    (node,) = [node for node in data["nodes"] if node.get("operation") == "own"]
    assert unpacked(node["terms"]) == [(0, 0, 0, 3.0), (0, 0, 1, 2.0), (1, 0, 2, 10.0)]


def test_what_is_only_moved_is_found_without_a_look_at_the_rule_of_each_element() -> None:
    large = Tensor(np.random.default_rng(0).standard_normal((60, 60)), name="x")
    moves: list[Any] = [
        large.T,
        large.reshape(3600),
        large[3:, ::2],
        np.concatenate([large, large * 2.0]),
        np.split(large, 2)[1],
        large[np.array([0, 0, 5])],
    ]
    for moved in moves:
        entries = cells.moved(moved)
        assert entries is not None and (entries.local == 1).all()
        assert len(entries.out) == moved.size
    for other in (np.tanh(large), large.max(axis=0), ops.softmax(large), large[:2] * 3.0):
        assert cells.moved(other) is None


def test_of_large_arrays_the_largest_cells_are_open() -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((70, 90))
    kernel = Tensor(random.standard_normal((90, 80)), name="kernel")
    loss = (ops.softmax(x @ kernel) ** 2.0).mean()
    data, tensors = page_of(loss)
    by_label = {node["label"]: node for node in data["nodes"]}
    product = by_label["v2"]
    values = tensors[product["id"]].data
    assert [c["i"] for c in product["cells"]] == np.argsort(-np.abs(values.ravel()))[:8].tolist()
    for cell in product["cells"]:
        total = sum(amount for _, amount, _ in cell["terms"]) + cell["rest"]
        assert total == pytest.approx(values.flat[cell["i"]], rel=1e-9)
        assert cell["more"] == 82 and cell["addUp"]
    (step,) = [s for s in data["steps"] if s.get("input") == by_label["kernel"]["id"]]
    gradient = np.asarray(Sweep(loss).gradients[kernel]).ravel()
    assert len(step["cells"]) == 8
    for cell in step["cells"]:
        total = sum(amount for _, amount, _ in cell["terms"]) + cell["rest"]
        assert total == pytest.approx(gradient[cell["i"]], rel=1e-9)
    # A softmax of so many elements: its rule is asked for the largest cells only.
    (through,) = [s for s in data["steps"] if s.get("input") == product["id"]]
    assert all(cell["more"] == 72 for cell in through["cells"])


def test_a_batch_of_pictures_is_known_and_its_name() -> None:
    kernel = Tensor(np.ones((64, 3)), name="kernel")
    x = np.random.default_rng(0).random((5, 64))
    data = payload(Walk(loss := (x @ kernel).mean(), {"digits": x}), Sweep(loss))
    found = data["examples"]
    assert (found["label"], found["shape"]) == ("digits", [8, 8])
    images = payload(Walk(loss := (np.ones((4, 6, 7)) * kernel[0, 0]).sum()), Sweep(loss))
    found = images["examples"]
    assert (found["node"], found["label"], found["shape"]) == ("v2", None, [6, 7])
    assert payload(Walk(kernel), Sweep(kernel))["examples"] is None
