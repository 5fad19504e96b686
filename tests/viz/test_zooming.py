"""Zoom: one element opened into its terms, against numbers by hand and by NumPy."""

import collections
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Operation, Sequential, Tensor, gradients, no_grad, ops, random, viz
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    MutationError,
    ShapeError,
    StateError,
)
from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import clock
from autograd_nn.engine.recording import recording, scope
from autograd_nn.layers import Dense
from autograd_nn.viz.elements import scalars, zooming
from tests.engine.samples import BY_NAME, SAMPLES
from tests.viz.graphs import lesson, network
from tests.viz.test_random_graphs import losses


def sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


def operations_of(zoom: viz.Zoom) -> collections.Counter[str]:
    """How often each operation stands in the scalar graph."""
    assert zoom.tensor is not None
    return collections.Counter(n.operation.name for n in topological(zoom.tensor) if n.operation)


def slopes(zoom: viz.Zoom) -> dict[str, float]:
    """The derivative of the scalar graph by each of its leaves, by name."""
    root: Any = zoom.tensor
    leaves = [x for x in topological(root) if x.is_leaf and x.requires_grad]
    found = gradients(root, leaves) if root.requires_grad else []
    reached = [(x.name, g) for x, g in zip(leaves, found, strict=True) if g is not None]
    return {name: float(g) for name, g in reached if name}


class Layered:
    """A layer of sigmoids with the mean squared error, in float64, and its gradients by hand."""

    def __init__(self, examples: int = 6, inputs: int = 5, units: int = 3) -> None:
        random = np.random.default_rng(1)
        self.x = random.standard_normal((examples, inputs))
        self.y = random.random((examples, units))
        self.w, self.b = random.standard_normal((inputs, units)), random.standard_normal(units)
        self.kernel = Tensor(self.w, name="dense/kernel")
        self.bias = Tensor(self.b, name="dense/bias")
        with scope("dense"):
            self.logits: Any = self.x @ self.kernel + self.bias
            self.a: Any = ops.sigmoid(self.logits)
        error = self.a - self.y
        self.loss: Any = (error * error).mean()
        activation = sigmoid(self.x @ self.w + self.b)
        self.by_a = 2 * (activation - self.y) / self.y.size
        self.slope = activation * (1 - activation)
        self.by_logits = self.by_a * self.slope


# ---------------------------------------------------------------------- a value


def test_a_unit_of_layer_2_has_51_operations() -> None:
    model = Sequential(
        [Dense(25, activation="sigmoid"), Dense(15, activation="sigmoid"), Dense(1, "sigmoid")]
    )
    x = np.random.default_rng(0).random((1, 64)).astype(np.float32)
    model(x)
    hidden = model.layers[0](x)
    output = model.layers[1](hidden)
    zoom = viz.zoom(output, (0, 7))
    counted = operations_of(zoom)
    assert counted == {"multiply": 25, "add": 24 + 1, "sigmoid": 1}
    assert sum(counted.values()) == 51
    assert len(zoom.terms) == 26
    kernel, bias = (weight.numpy() for weight in model.layers[1].weights)
    column = hidden.numpy()[0] * kernel[:, 7]
    assert [term.value for term in zoom.terms] == [*column.tolist(), bias[7]]
    assert zoom.total == pytest.approx(float(column.sum() + bias[7]), rel=1e-5)
    assert zoom.value == output.numpy()[0, 7]
    name = model.layers[1].name
    assert zoom.terms[4].label.endswith(f"× {name}/kernel[4, 7]")
    assert zoom.terms[25].label == f"{name}/bias[7]"


def test_the_scalar_graph_has_the_value_and_the_derivatives() -> None:
    given_ = Layered()
    zoom = viz.zoom(given_.a, (4, 1))
    z = given_.x[4] @ given_.w[:, 1] + given_.b[1]
    slope = sigmoid(z) * (1 - sigmoid(z))
    assert zoom.tensor is not None
    assert zoom.tensor.item() == pytest.approx(sigmoid(z), rel=1e-14)
    assert zoom.total == pytest.approx(z, rel=1e-13)
    expected = {f"dense/kernel[{i}, 1]": slope * given_.x[4, i] for i in range(5)}
    assert slopes(zoom) == pytest.approx(expected | {"dense/bias[1]": slope}, rel=1e-12)
    assert [term.factors for term in zoom.terms[:5]] == [
        (given_.x[4, i], given_.w[i, 1]) for i in range(5)
    ]
    assert zoom.terms[5].factors is None
    amounts = np.abs([*(given_.x[4] * given_.w[:, 1]), given_.b[1]])
    assert [term.share for term in zoom.terms] == pytest.approx(list(amounts / amounts.sum()))


def test_with_a_loss_each_term_has_its_gradient() -> None:
    given_ = Layered()
    zoom = viz.zoom(given_.a, (4, 1), loss=given_.loss)
    assert zoom.gradient == pytest.approx(given_.by_a[4, 1], rel=1e-12)
    by_logit = given_.by_logits[4, 1]
    for i, term in enumerate(zoom.terms[:5]):
        assert term.gradient == pytest.approx(by_logit, rel=1e-12)
        ((name, amount),) = term.flows  # nothing goes to the input
        assert name == f"dense/kernel[{i}, 1]"
        assert amount == pytest.approx(by_logit * given_.x[4, i], rel=1e-12)
    assert zoom.terms[5].flows == (("dense/bias[1]", pytest.approx(by_logit, rel=1e-12)),)
    without = viz.zoom(given_.a, (4, 1))
    assert without.gradient is None
    assert all(term.gradient is None and term.flows == () for term in without.terms)


def test_outside_layers_one_operation_is_opened() -> None:
    example = lesson()
    square = example.loss.inputs[0]
    zoom = viz.zoom(square, ())
    assert operations_of(zoom) == {"power": 1}
    assert [term.label for term in viz.zoom(example.loss, ()).terms] == ["power", "multiply"]


def test_a_layer_is_not_opened_beyond_its_inputs() -> None:
    loss, _ = network()
    last = next(n for n in topological(loss) if n.scope == "dense_2" and n.operation is ops.sigmoid)
    opened = viz.zoom(last, (5, 0)).tensor
    assert opened is not None
    leaves = {(x.name or "").partition("[")[0] for x in topological(opened) if x.is_leaf}
    assert leaves == {"dense_1/a", "dense_2/kernel", "dense_2/bias"}


def test_numbers_keep_their_precision() -> None:
    loss, _ = network()
    unit = next(n for n in topological(loss) if n.scope == "dense_1" and n.operation is ops.sigmoid)
    zoom = viz.zoom(unit, (0, 3), loss=loss)
    assert {x.dtype for x in topological(zoom.tensor)} == {np.dtype(np.float32)}  # type: ignore[arg-type]
    kernel = next(n for n in topological(loss) if n.name == "dense/kernel")
    zoom = viz.zoom(kernel, (0, 3), of="gradient", loss=loss)
    assert {x.dtype for x in topological(zoom.tensor)} == {np.dtype(np.float32)}  # type: ignore[arg-type]


def test_an_element_used_twice_is_one_leaf() -> None:
    x = Tensor([3.0, 5.0], name="x")
    zoom = viz.zoom(x * x, 1)
    assert slopes(zoom) == {"x[1]": 10.0}
    assert [(t.label, t.value, t.factors) for t in zoom.terms] == [
        ("x[1] × x[1]", 25.0, (5.0, 5.0))
    ]


def test_broadcasting() -> None:
    column, row = Tensor([[1.0], [2.0]], name="c"), Tensor([3.0, 4.0, 5.0], name="r")
    number = Tensor(10.0, name="n")
    zoom = viz.zoom(column * row, (1, 2))
    assert [(t.label, t.factors) for t in zoom.terms] == [("c[1, 0] × r[2]", (2.0, 5.0))]
    assert [t.label for t in viz.zoom(row - number, 1).terms] == ["r[1]", "−n"]
    assert [t.value for t in viz.zoom(row - number, 1).terms] == [4.0, -10.0]


def test_structural_operations_keep_the_names_of_the_elements() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), name="x")
    y = Tensor(np.ones((2, 3)), name="y")

    def only(t: Any, index: Any) -> str:
        (term,) = viz.zoom(t, index).terms
        return term.label

    assert only(x.reshape(3, 2), (1, 1)) == "x[1, 0]"
    assert only(x.T, (2, 1)) == "x[1, 2]"
    assert only(x[1, 1:], 1) == "x[1, 2]"
    assert only(np.concatenate([x, y]), (3, 0)) == "y[1, 0]"
    assert only(np.stack([x, y], axis=1), (0, 1, 2)) == "y[0, 2]"
    assert only(np.broadcast_to(x, (4, 2, 3)), (3, 1, 1)) == "x[1, 1]"
    assert only(ops.split(x, indices_or_sections=3, axis=1)[2], (1, 0)) == "x[1, 2]"
    choice = np.array([True, False, True])
    assert [only(np.where(choice, x, y), (0, i))[:1] for i in range(3)] == ["w", "w", "w"]
    assert slopes(viz.zoom(np.where(choice, x, y), (0, 1))) == {"x[0, 1]": 0.0, "y[0, 1]": 1.0}


def test_sums_and_means() -> None:
    x = Tensor(np.arange(6.0).reshape(2, 3), name="x")
    assert [t.label for t in viz.zoom(x.sum(axis=0), 1).terms] == ["x[0, 1]", "x[1, 1]"]
    zoom = viz.zoom(x.mean(axis=1), 1)
    assert [t.value for t in zoom.terms] == [3.0, 4.0, 5.0]
    assert (zoom.total, zoom.value) == (12.0, 4.0)
    assert slopes(zoom) == pytest.approx({f"x[1, {i}]": 1 / 3 for i in range(3)})
    assert zoom.text().startswith("mean[1] = sum ÷ 3 = 4\nsum of 3 terms = 12\n")


def test_constants_are_terms_too() -> None:
    x = Tensor(2.0, name="x")
    zoom = viz.zoom(5 - x, ())
    assert [(t.label, t.value) for t in zoom.terms] == [("5", 5.0), ("−x", -2.0)]
    zeros = viz.zoom(Tensor([1.0, 2.0], name="x").at[0].set(7.0), 0)
    assert (zeros.value, zeros.total) == (7.0, 7.0)


def test_a_tie_of_max_shares_as_the_rule_does() -> None:
    x = Tensor([1.0, 3.0, 3.0], name="x")
    zoom = viz.zoom(x.max(), ())
    assert slopes(zoom) == {"x[0]": 0.0, "x[1]": 0.5, "x[2]": 0.5}
    assert [t.factors for t in zoom.terms] == [(0.0, 1.0), (0.5, 3.0), (0.5, 3.0)]


def test_a_maximum_lists_what_it_is_taken_of() -> None:
    zoom = viz.zoom(Tensor([[1.0, 3.0, 2.0], [9.0, 9.0, 9.0]], name="x").max(axis=1), 0)
    assert [(t.label, t.factors) for t in zoom.terms] == [
        ("x[0, 0]", (0.0, 1.0)),
        ("x[0, 1]", (1.0, 3.0)),
        ("x[0, 2]", (0.0, 2.0)),
    ]


def test_what_is_no_sum_shows_the_row_of_its_jacobian() -> None:
    x = Tensor([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0]], name="x")
    zoom = viz.zoom(ops.softmax(x), (0, 1))
    p = np.exp([1.0, 2.0, 4.0]) / np.exp([1.0, 2.0, 4.0]).sum()
    local = p[1] * (np.eye(3)[1] - p)
    assert zoom.value == pytest.approx(p[1], rel=1e-14)
    assert [t.label for t in zoom.terms][:3] == ["x[0, 0]", "x[0, 1]", "x[0, 2]"]
    assert [t.factors[0] for t in zoom.terms if t.factors] == pytest.approx(list(local), rel=1e-12)
    # A tangent meets the axis somewhere: with that the terms add up.
    assert zoom.terms[3].label == "not in proportion to any"
    assert zoom.terms[3].value == pytest.approx(p[1] - local @ [1.0, 2.0, 4.0], rel=1e-12)
    assert zoom.total == pytest.approx(p[1], rel=1e-14)


# ---------------------------------------------------------------------- operations of users


def test_a_users_elementwise_operation_expands_to_itself() -> None:
    cube = Operation("cube", value=lambda x: x**3, gradients=(lambda g, out, x: g * 3 * x * x,))
    zoom = viz.zoom(cube(Tensor([[1.0, 2.0]], name="x")), (0, 1))
    assert operations_of(zoom) == {"cube": 1}
    assert zoom.tensor is not None and zoom.tensor.operation is cube
    assert (zoom.value, slopes(zoom)) == (8.0, {"x[0, 1]": 12.0})


def test_a_users_operation_whose_rule_is_not_its_derivative() -> None:
    """The rule is shown as it is: a rounding that passes the gradient on."""
    rounded = Operation("rounded", value=np.round, gradients=(lambda g, out, x: g,))
    zoom = viz.zoom(rounded(Tensor([0.6, 2.4], name="x")), 1)
    assert (zoom.value, slopes(zoom)) == (2.0, {"x[1]": 1.0})
    total = Operation("total", value=lambda x: x.sum(), gradients=(lambda g, out, x: g * 2,))
    zoom = viz.zoom(total(Tensor([0.5, 2.5], name="x")), ())
    assert (zoom.value, slopes(zoom)) == (3.0, {"x[0]": 2.0, "x[1]": 2.0})


def test_a_users_operation_that_only_looks_elementwise() -> None:
    """Alone, the largest element over the largest is 1 too."""

    def back(g: Any, out: Any, x: Any) -> Any:
        m = x.max()
        return g / m - (x == m) * ((g * x).sum() / m**2)

    scaled = Operation("scaled", value=lambda x: x / x.max(), gradients=(back,))
    y: Any = scaled(Tensor([1.0, 4.0, 3.0], name="x"))
    largest = viz.zoom(y, 1)
    assert largest.value == 1.0
    assert {"x[0]", "x[2]"} <= {term.label for term in largest.terms}
    assert set(slopes(largest).values()) == {0.0}
    assert slopes(viz.zoom(y, 2)) == {"x[0]": 0.0, "x[1]": -3 / 16, "x[2]": 1 / 4}


def test_a_users_inverse() -> None:
    inverse = Operation(
        "inverse",
        value=np.linalg.inv,
        gradients=(lambda g, out, x: -out.T @ g @ out.T,),
    )
    a = np.array([[2.0, 1.0], [0.5, 3.0]])
    x = Tensor(a, name="x")
    y: Any = inverse(x)
    known = np.linalg.inv(a)
    zoom = viz.zoom(y, (0, 1))
    # d inv[0, 1] / d a[i, j] = −inv[0, i]·inv[j, 1]
    expected = {f"x[{i}, {j}]": -known[0, i] * known[j, 1] for i in range(2) for j in range(2)}
    assert slopes(zoom) == pytest.approx(expected, rel=1e-12)
    assert zoom.value == pytest.approx(known[0, 1])
    g = np.array([[1.0, -2.0], [0.5, 4.0]])
    back = viz.zoom(x, (1, 0), of="gradient", loss=(y * g).sum())
    assert [t.label for t in back.terms] == [f"v1[{i}, {j}]" for i in (0, 1) for j in (0, 1)]
    assert [t.value for t in back.terms] == pytest.approx(
        [-known[i, 1] * known[0, j] * g[i, j] for i in (0, 1) for j in (0, 1)], rel=1e-12
    )


def test_a_users_rule_that_knows_arrays_only() -> None:
    def back(g: Any, out: Any, x: Any) -> Any:
        assert type(g) is np.ndarray
        return np.flip(np.cumsum(np.flip(g)))

    total = Operation("running total", value=np.cumsum, gradients=(back,))
    x = Tensor([1.0, 2.0, 4.0], name="x")
    y: Any = total(x)
    zoom = viz.zoom(y, 1)
    assert operations_of(zoom) == {"add": 1}
    assert [t.label for t in zoom.terms] == ["x[0]", "x[1]"]
    found = viz.zoom(x, 1, of="gradient", loss=(y * np.array([10.0, 20.0, 30.0])).sum())
    assert [(t.label, t.value) for t in found.terms] == [
        ("v1[1]", 20.0),
        ("v1[2]", 30.0),
    ]


def test_a_users_rule_that_is_needed_for_no_constant() -> None:
    def refused(*_: Any) -> Any:
        raise NotImplementedError

    weighted = Operation(
        "weighted",
        value=lambda x, y: (x * y).sum(),
        gradients=(lambda g, out, x, y: g * y, refused),
    )
    y: Any = weighted(Tensor([1.0, 2.0], name="x"), np.array([3.0, 4.0]))
    zoom = viz.zoom(y, ())
    assert slopes(zoom) == {"x[0]": 3.0, "x[1]": 4.0}
    assert [(t.label, t.value) for t in zoom.terms] == [("x[0] × 3", 3.0), ("x[1] × 4", 8.0)]


def test_a_users_rule_that_is_not_linear_is_one_term() -> None:
    clipped = Operation(
        "clipped back", value=lambda x: x * 1.0, gradients=(lambda g, out, x: np.clip(g, -1, 1),)
    )
    x = Tensor([1.0, 2.0], name="x")
    zoom = viz.zoom(x, 0, of="gradient", loss=(clipped(x) * 7.0).sum())
    assert [(t.label, t.value) for t in zoom.terms] == [("v1: its own rule, as a whole", 1.0)]


def test_several_results() -> None:
    both = Operation(
        "both",
        value=lambda x: (x.sum(axis=0), np.exp(x)),
        gradients=(
            lambda g, out, x: (
                (0 if g[0] is None else g[0]) + (0 if g[1] is None else g[1] * out[1])
            ),
        ),
    )
    x = Tensor([[0.0, 1.0], [2.0, 3.0]], name="x")
    sums, powers = both(x)
    assert slopes(viz.zoom(sums, 1)) == {"x[0, 1]": 1.0, "x[1, 1]": 1.0}
    assert slopes(viz.zoom(powers, (1, 0))) == pytest.approx({"x[1, 0]": np.exp(2.0)})
    loss = (sums * np.array([5.0, 7.0])).sum() + (powers * powers).sum()
    zoom = viz.zoom(x, (1, 0), of="gradient", loss=loss)
    assert [t.label for t in zoom.terms] == ["v1 part 0[0]", "v1 part 1[1, 0]"]
    assert [t.value for t in zoom.terms] == pytest.approx([5.0, 2 * np.exp(4.0)])
    one_used = viz.zoom(x, (1, 0), of="gradient", loss=(powers * powers).sum())
    assert one_used.total == pytest.approx(2 * np.exp(4.0))


# ---------------------------------------------------------------------- a gradient


def test_the_gradient_of_a_kernel_by_examples() -> None:
    given_ = Layered()
    zoom = viz.zoom(given_.kernel, (3, 2), of="gradient", loss=given_.loss)
    assert [term.label for term in zoom.terms] == [f"example {b}" for b in range(6)]
    for b, term in enumerate(zoom.terms):
        assert term.factors == pytest.approx((given_.x[b, 3], given_.by_logits[b, 2]), rel=1e-12)
    products = given_.x[:, 3] * given_.by_logits[:, 2]
    assert [t.value for t in zoom.terms] == pytest.approx(list(products), rel=1e-12)
    assert zoom.total == pytest.approx(products.sum(), rel=1e-12)
    assert zoom.tensor is not None and zoom.tensor.item() == pytest.approx(products.sum())
    view = zoom.draw().view
    assert {node.role for node in view.nodes if not node.operation} == {"constant"}
    names = {x.name for x in topological(zoom.tensor)}
    assert {"v1[5, 3]", "∂v6/∂v2[5, 2]", "∂v6/∂(dense/kernel)[3, 2]"} <= names


def test_everything_is_called_as_in_the_steps() -> None:
    w, again = Tensor(3.0, name="w"), Tensor(4.0, name="w")
    loss = w * again + w
    told = str(viz.steps(loss))
    for t, label in ((w, "∂v2/∂w"), (again, "∂v2/∂(w#2)"), (loss.inputs[0], "∂v2/∂v1")):
        zoom = viz.zoom(t, (), of="gradient", loss=loss)
        assert zoom.text().startswith(f"{label} = ") and f"{label} = " in told
    assert viz.zoom(loss.inputs[0], (), loss=loss).text().startswith("v1 = w × w#2 = 12")
    # The numbers of its picture are of the same names.
    assert "∂v2/∂(w#2)" in viz.zoom(again, (), of="gradient", loss=loss).draw().text()


def test_an_example_of_a_batch_with_a_name_has_it() -> None:
    digits, w = np.ones((2, 3)), Tensor(np.ones((3, 1)), name="w")
    loss = (digits @ w).sum()
    zoom = viz.zoom(w, (0, 0), of="gradient", loss=loss, names={"digits": digits})
    assert [term.label for term in zoom.terms] == ["example 0, digits[0]", "example 1, digits[1]"]
    assert zoom.label == "∂v2/∂w[0, 0]"


def test_an_example_that_did_not_push_is_a_term_of_0() -> None:
    x = np.array([[0.0, 1.0], [2.0, 3.0]])
    w = Tensor([[1.0], [1.0]], name="w")
    zoom = viz.zoom(w, (0, 0), of="gradient", loss=(x @ w).sum())
    assert [(t.label, t.value) for t in zoom.terms] == [("example 0", 0.0), ("example 1", 2.0)]


def test_a_number_for_all_examples() -> None:
    w = Tensor(2.0, name="w")
    y = ops.relu(w * np.array([0.0, 3.0, -1.0]))
    zoom = viz.zoom(w, (), of="gradient", loss=y.sum())
    assert [(t.label, t.value) for t in zoom.terms] == [
        ("example 0", 0.0),
        ("example 1", 3.0),
        ("example 2", 0.0),
    ]
    (dead,) = viz.zoom(y.inputs[0], 2, of="gradient", loss=y.sum()).terms
    assert (dead.label, dead.factors) == ("v3[2]", (0.0, 1.0))


def test_the_gradient_of_a_bias_by_examples() -> None:
    given_ = Layered()
    zoom = viz.zoom(given_.bias, 2, of="gradient", loss=given_.loss)
    assert [term.label for term in zoom.terms] == [f"example {b}" for b in range(6)]
    assert [t.value for t in zoom.terms] == pytest.approx(list(given_.by_logits[:, 2]), rel=1e-12)
    assert all(term.factors is None for term in zoom.terms)


def test_the_gradient_of_an_activation_by_the_units_above() -> None:
    random = np.random.default_rng(2)
    hidden = ops.tanh(Tensor(random.standard_normal((3, 4)), name="z"))
    weights, g = random.standard_normal((4, 5)), random.standard_normal((3, 5))
    with scope("above"):
        out = hidden @ Tensor(weights, name="above/kernel")
    zoom = viz.zoom(hidden, (1, 2), of="gradient", loss=(out * g).sum())
    assert [t.label for t in zoom.terms] == [f"above/z[1, {k}]" for k in range(5)]
    assert [t.factors for t in zoom.terms] == [(weights[2, k], g[1, k]) for k in range(5)]
    z = hidden.inputs[0]
    through = viz.zoom(z, (1, 2), of="gradient", loss=(out * g).sum())
    slope = 1 - np.tanh(z.numpy()[1, 2]) ** 2
    assert [t.factors for t in through.terms] == [pytest.approx((slope, weights[2] @ g[1]))]


def test_every_use_is_a_term() -> None:
    example = lesson()
    w = next(t for t in topological(example.loss) if t.name == "w")
    zoom = viz.zoom(w, (), of="gradient", loss=example.loss)
    by_penalty = example.penalty * example.w
    assert sorted(t.value for t in zoom.terms) == pytest.approx(
        sorted([example.by_tanh * example.x, by_penalty, by_penalty]), rel=1e-12
    )
    assert [t.label for t in zoom.terms if "its" in t.label] == [
        "v6, its first factor",
        "v6, its second factor",
    ]
    assert zoom.value == pytest.approx(example.by_w, rel=1e-12)


def test_a_weight_used_by_two_layers() -> None:
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    w = Tensor(np.eye(2), name="w")
    zoom = viz.zoom(w, (0, 1), of="gradient", loss=((x @ w) @ w).sum())
    assert len(zoom.terms) == 4
    assert all(t.label.startswith("example ") and " through v" in t.label for t in zoom.terms)
    # d/dw[0, 1] of Σ x·w·w at w = 1: Σ_b x[b, 0]·Σ_k w[1, k] + Σ_b (x·w)[b, 0]
    assert zoom.total == 8.0


def test_the_gradient_of_the_loss_by_itself_is_1() -> None:
    example = lesson()
    assert viz.zoom(example.loss, (), of="gradient", loss=example.loss).total == 1.0


def test_an_element_that_nothing_uses() -> None:
    x = Tensor([1.0, 2.0], name="x")
    zoom = viz.zoom(x, 0, of="gradient", loss=x[1] * 2)
    assert (zoom.terms, zoom.total) == ((), 0.0)
    assert "not this element" in zoom.text()
    assert zoom.draw().text()


# ---------------------------------------------------------------------- every operation


@pytest.mark.parametrize("name", SAMPLES)
def test_every_operation_opens(name: str) -> None:
    """Value and derivatives of the scalar graph, and the terms of the gradient, against the
    gradients of whole arrays."""
    for sample in SAMPLES[name]:
        inputs = [
            Tensor(a, name=f"t{i}") if hasattr(a, "dtype") and a.dtype.kind == "f" else a
            for i, a in enumerate(sample.inputs)
        ]
        results = BY_NAME[name](*inputs, **sample.attributes)
        for result in results if isinstance(results, tuple) else (results,):
            if result.requires_grad and result.size:
                _check_element(result, [x for x in inputs if isinstance(x, Tensor)])


def _check_element(result: Any, inputs: list[Tensor]) -> None:
    place = tuple(length // 2 for length in result.shape)
    zoom = viz.zoom(result, place)
    assert zoom.tensor is not None
    np.testing.assert_allclose(zoom.tensor.item(), result.numpy()[place], rtol=1e-12, atol=1e-15)
    seed = np.zeros(result.shape)
    seed[place] = 1
    expected = {}
    for x, g in zip(inputs, gradients(result, inputs, seed), strict=True):
        for at in np.ndindex(x.shape) if g is not None else ():
            expected[f"{x.name}{list(at) or ''}"] = g[at]
    found = slopes(zoom)
    assert set(found) <= set(expected)
    for label, slope in expected.items():
        np.testing.assert_allclose(found.get(label, 0.0), slope, rtol=1e-9, atol=1e-14)
    weights = np.linspace(0.5, 1.5, result.size).reshape(result.shape)
    loss = (result * weights).sum()
    for x, g in zip(inputs, gradients(loss, inputs), strict=True):
        if g is not None and x.size:
            at = tuple(length // 2 for length in x.shape)
            back = viz.zoom(x, at, of="gradient", loss=loss)
            np.testing.assert_allclose(back.total, g[at], rtol=1e-10, atol=1e-14)
            assert not any("as a whole" in term.label for term in back.terms)


@settings(max_examples=60)
@given(losses())
def test_terms_add_up_on_random_graphs(loss: Tensor) -> None:
    for t in topological(loss):
        if isinstance(t._data, tuple) or not t.requires_grad:
            continue
        place = tuple(length - 1 for length in t.shape)
        if not t.is_leaf:
            zoom = viz.zoom(t, place, loss=loss)
            value: Any = zoom.tensor
            np.testing.assert_allclose(value.item(), t.numpy()[place], rtol=1e-9, atol=1e-12)
        g = gradients(loss, t)
        back = viz.zoom(t, place, of="gradient", loss=loss)
        scale = 1 + sum(abs(term.value) for term in back.terms)
        np.testing.assert_allclose(back.total, g[place], rtol=1e-9, atol=1e-12 * scale)


# ---------------------------------------------------------------------- large ones


def test_of_many_terms_the_largest_are_shown() -> None:
    random = np.random.default_rng(3)
    x, w = random.standard_normal(64), random.standard_normal(64)
    y = Tensor(x, name="x") @ Tensor(w, name="w")
    zoom = viz.zoom(y, ())
    products = x * w
    assert [t.value for t in zoom.terms] == list(products)
    order = np.argsort(-np.abs(products))
    lines = zoom.text().splitlines()[3:]
    assert len(lines) == 9
    assert lines[0].startswith(f"x[{order[0]}] × w[{order[0]}] ")
    assert lines[8].startswith("56 more: sum ")
    assert f"{products[order[8:]].sum():.4g}" in lines[8]
    view = zoom.draw().view
    (rest,) = [node for node in view.nodes if node.name == "56 more"]
    assert rest.role == "constant" and rest.value is not None
    assert rest.value.values == pytest.approx((products[order[8:]].sum(),))
    assert sum(node.operation == "multiply" for node in view.nodes) == 8
    (root,) = [node for node in view.nodes if node.id == view.root]
    assert root.value is not None and root.value.values == pytest.approx((products.sum(),))
    with no_grad():
        assert viz.zoom(y, ()).draw().view == view


def test_sixty_terms_are_all_shown() -> None:
    zoom = viz.zoom(Tensor(np.ones(60)).sum(), ())
    assert len(zoom.text().splitlines()) == 3 + 60
    assert len(viz.zoom(Tensor(np.ones(61)).sum(), ()).text().splitlines()) == 3 + 9


def test_too_large_for_a_graph_of_scalars() -> None:
    n = 20_001
    x = Tensor(np.arange(n, dtype=float), name="x")
    zoom = viz.zoom(x.sum(), ())
    assert zoom.tensor is None
    assert len(zoom.terms) == n
    assert zoom.total == n * (n - 1) / 2
    assert (zoom.terms[7].label, zoom.terms[7].value) == ("x[7]", 7.0)
    assert "more than 20,000" in zoom.text()
    assert len(zoom.draw().view.nodes) == 10
    w = Tensor(np.full(n, 2.0), name="w")
    y = x @ w
    product = viz.zoom(y, (), loss=y * 5)
    assert product.tensor is None
    term = product.terms[3]
    assert (term.label, term.value, term.factors) == ("x[3] × w[3]", 6.0, (3.0, 2.0))
    assert (term.gradient, term.flows) == (5.0, (("x[3]", 10.0), ("w[3]", 15.0)))


def test_what_would_be_too_many_stays_closed() -> None:
    x = Tensor(np.full((1, 150), 0.01), name="x")
    w = Tensor(np.full((150, 150), 0.01), name="w")
    with scope("block"):
        y: Any = (x @ w) @ w  # 150 products, each of 150 products: 45,000 numbers
    zoom = viz.zoom(y, (0, 0))
    assert zoom.tensor is not None
    assert zoom.tensor.item() == pytest.approx(y.numpy()[0, 0])
    assert "stayed closed" in zoom.text()
    assert len(topological(zoom.tensor)) < 60_000


def test_what_would_take_long_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalars, "WORK_IN_ALL", 0)
    given_ = Layered()
    zoom = viz.zoom(given_.a, (4, 1))
    assert operations_of(zoom) == {"sigmoid": 1}
    assert "stayed closed" in zoom.text()


def test_the_picture_of_a_large_graph_closes_its_terms() -> None:
    random = np.random.default_rng(4)
    kernel = Tensor(random.standard_normal((64, 10)), name="dense/kernel")
    with scope("dense"):
        p = ops.softmax(random.standard_normal((2, 64)) @ kernel)
    zoom = viz.zoom(p, (1, 3))
    assert operations_of(zoom)["multiply"] == 640
    view = zoom.draw().view
    assert len(view.nodes) == 12
    assert {node.name for node in view.nodes} == {
        "dense/a[1, 3]",
        *(f"dense/z[1, {k}]" for k in range(10)),
        "not in proportion to any",
    }


# ---------------------------------------------------------------------- what is shown


def test_the_text_has_the_sign_as_a_character() -> None:
    zoom = viz.zoom(Tensor([3.0, -5.0], name="x") @ Tensor([4.0, 6.0], name="w"), ())
    assert zoom.text() == (
        "matmul = sum = −18\n"
        "sum of 2 terms = −18\n"
        "\n"
        "x[1] × w[1]   −5 × 6 = −30   − ████████████████████\n"
        "x[0] × w[0]    3 × 4 =  12   + ████████\n"
    )


def test_numbers_that_are_not_finite() -> None:
    x = Tensor([np.nan, np.inf, 1.0, -np.inf], name="x")
    lines = viz.zoom(x.sum(), ()).text().splitlines()[3:]
    assert [line.split()[0] for line in lines] == ["x[0]", "x[1]", "x[3]", "x[2]"]
    assert lines[0].endswith("?") and lines[1].endswith("█…") and "−" in lines[2]


def test_the_picture_ends_in_the_loss() -> None:
    given_ = Layered()
    given_.loss.name = "error"
    zoom = viz.zoom(given_.a, (4, 1), loss=given_.loss)
    view = zoom.draw().view
    (root,) = [node for node in view.nodes if node.id == view.root]
    assert root.name == "error" and root.value is not None
    assert root.value.values == pytest.approx((given_.loss.item(),))
    by_name = {node.name: node for node in view.nodes}
    for i in range(5):
        node = by_name[f"dense/kernel[{i}, 1]"]
        assert node.gradient is not None and node.gradient.values is not None
        assert node.gradient.values[0] == pytest.approx(given_.by_logits[4, 1] * given_.x[4, i])


def test_the_options_of_draw() -> None:
    zoom = viz.zoom(Tensor([3.0, 5.0]) @ Tensor([4.0, 6.0]), ())
    assert zoom.draw(edges="plain").view.detail == "plain"
    assert zoom.draw().view.detail == "receipt"
    with pytest.raises(TypeError):
        zoom.draw(edge="plain")


def test_arrays_without_a_name_are_told_apart() -> None:
    x = Tensor([1.0, 2.0]) * Tensor([3.0, 4.0]) + np.array([5.0, 6.0])
    (product, constant) = viz.zoom(x, 1).terms
    assert (product.label, constant.label) == ("multiply[1]", "input[1]")
    (term,) = viz.zoom(x.inputs[0], 1).terms
    assert term.label == "parameter[1] × parameter#2[1]"


def test_hostile_names_are_text() -> None:
    name = '<script>alert("x")</script>\\N\n' + "x" * 10_000
    zoom = viz.zoom(Tensor([1.0, 2.0], name=name) * 2.0, 1)
    assert all(len(line) < 200 for line in zoom.text().splitlines())
    assert len(zoom.text().splitlines()) == 3
    assert "<script>" not in zoom.draw().dot
    html = zoom._repr_mimebundle_().get("text/html", "")
    assert "<script>" not in html


def test_a_notebook_shows_bars_and_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    zoom = viz.zoom(Tensor([3.0, 5.0]) @ Tensor([4.0, 6.0]), ())
    bundle = zoom._repr_mimebundle_()
    assert bundle["text/plain"] == zoom.text()
    assert "<svg" in bundle["image/svg+xml"]
    assert bundle["text/html"].startswith('<pre tabindex="0"') and "<svg" in bundle["text/html"]
    assert list(zoom._repr_mimebundle_(include={"text/plain"})) == ["text/plain"]
    assert "text/html" not in zoom._repr_mimebundle_(exclude={"text/html"})
    monkeypatch.setattr(zooming, "can_render", lambda: False)
    bundle = zoom._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert bundle["text/plain"].startswith(zoom.text()) and "pip install" in bundle["text/plain"]


def test_the_picture_of_a_long_chain_is_folded() -> None:
    with scope("chain"):
        x: Any = Tensor(0.5, name="x")
        for _ in range(2000):
            x = np.tanh(x)
    zoom = viz.zoom(x, ())
    assert operations_of(zoom) == {"tanh": 2000}
    assert len(zoom.text().splitlines()[0]) < 200
    view = zoom.draw().view
    assert len(view.nodes) <= 5
    assert any(node.symbol == "(tanh) ×1998" for node in view.nodes)
    assert "×1998" in zoom._repr_mimebundle_()["image/svg+xml"]


def test_the_text_says_what_flows_back() -> None:
    x, w = Tensor([3.0, 5.0], name="x"), Tensor([4.0, 6.0], name="w")
    y = x @ w
    lines = viz.zoom(y, (), loss=y * 10).text().splitlines()
    assert "∂v2/∂v1 = 10" in lines
    assert lines[-2].endswith("back 60, 50") and lines[-1].endswith("back 40, 30")


def test_repr_says_what_to_do() -> None:
    zoom = viz.zoom(Tensor([3.0, 5.0]) @ Tensor([4.0, 6.0]), ())
    assert repr(zoom) == "<Zoom into matmul = 42: 2 terms, see .text() or .draw()>"


# ---------------------------------------------------------------------- nothing is touched


def test_nothing_is_touched() -> None:
    loss, _ = network()
    nodes = topological(loss)
    loss.backward()
    unit = next(n for n in nodes if n.scope == "dense_1" and n.operation is ops.sigmoid)
    kernel = next(n for n in nodes if n.name == "dense/kernel")
    grads = [None if n._grad is None else np.array(n._grad) for n in nodes]
    state = str(np.random.get_state()), clock.now
    wants = [n._requires_grad for n in nodes]
    data = [n._data.tobytes() for n in nodes]
    found = [
        viz.zoom(unit, (0, 3)),
        viz.zoom(unit, (0, 3), loss=loss),
        viz.zoom(kernel, (0, 3), of="gradient", loss=loss),
    ]
    for zoom in found:
        zoom.text()
        zoom.draw()
    assert (str(np.random.get_state()), clock.now) == state
    assert [n._requires_grad for n in nodes] == wants
    assert [n._data.tobytes() for n in nodes] == data
    assert all(np.array_equal(n._grad, g) for n, g in zip(nodes, grads, strict=True))


def test_without_recording_it_works_the_same() -> None:
    given_ = Layered()
    outside = viz.zoom(given_.a, (4, 1), loss=given_.loss)
    back = viz.zoom(given_.kernel, (3, 2), of="gradient", loss=given_.loss)
    with no_grad():
        inside = viz.zoom(given_.a, (4, 1), loss=given_.loss)
        assert inside.text() == outside.text()
        assert inside.draw().view == outside.draw().view
        within = viz.zoom(given_.kernel, (3, 2), of="gradient", loss=given_.loss)
        assert within.terms == back.terms
        assert not recording()
    assert recording()


# ---------------------------------------------------------------------- wrong calls


def test_what_may_be_zoomed_into() -> None:
    x = Tensor([[1.0, 2.0]], name="x")
    y = x * 2
    with pytest.raises(ArgumentTypeError, match="takes a Tensor, got ndarray"):
        viz.zoom(np.ones(3), 0)  # type: ignore[arg-type]
    with pytest.raises(StateError, match="'x' .*was given, not computed"):
        viz.zoom(x, (0, 1))
    with no_grad():
        unrecorded = x * 2
    with pytest.raises(StateError, match="no_grad"):
        viz.zoom(unrecorded, (0, 1))
    with pytest.raises(
        ArgumentError, match="'value' or 'gradient', got 'gradiant'.*mean 'gradient'"
    ):
        viz.zoom(y, (0, 1), of="gradiant")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="no argument `los`.*mean 'loss'"):
        viz.zoom(y, (0, 1), los=y)  # type: ignore[call-arg]


def test_the_index_names_one_element() -> None:
    y = Tensor(np.ones((2, 3)), name="x") * 2
    y.name = "y"
    assert viz.zoom(y, (-1, -1)).label == "y[1, 2]"
    assert viz.zoom(y, (np.int64(1), 2)).label == "y[1, 2]"
    for index in (1, (1, 2, 0), ()):
        with pytest.raises(ShapeError, match=r"'y' of shape \(2, 3\): give 2 integers"):
            viz.zoom(y, index)
    with pytest.raises(ArgumentError, match=r"\[1, 3\].*'y' of shape \(2, 3\): axis 1"):
        viz.zoom(y, (1, 3))
    for index in ((0, slice(2)), (0.0, 1), None, (True, 1), "01"):
        with pytest.raises(ArgumentTypeError, match="an integer for each of its 2 axes"):
            viz.zoom(y, index)
    with pytest.raises(ShapeError, match=r"give \(\)"):
        viz.zoom(y.sum(), 0)


def test_the_loss_must_be_a_scalar_that_depends_on_it() -> None:
    x = Tensor([1.0, 2.0], name="x")
    y = x * 2
    with pytest.raises(ArgumentError, match="needs `loss`"):
        viz.zoom(x, 0, of="gradient")
    with pytest.raises(ArgumentTypeError, match="scalar Tensor, got float"):
        viz.zoom(x, 0, of="gradient", loss=1.0)  # type: ignore[arg-type]
    with pytest.raises(StateError, match=r"scalar Tensor, got .*\(2,\)"):
        viz.zoom(x, 0, of="gradient", loss=y)
    with pytest.raises(StateError, match="not part of a recorded graph"):
        viz.zoom(x, 0, of="gradient", loss=Tensor(1.0, requires_grad=False))
    other = Tensor(3.0) * 2
    for of in ("value", "gradient"):
        with pytest.raises(ArgumentError, match="does not depend on"):
            viz.zoom(y, 0, of=of, loss=other)  # type: ignore[arg-type]
    constant = Tensor([1.0], requires_grad=False, name="c")
    with pytest.raises(StateError, match="'c' .*wants no gradient"):
        viz.zoom(constant, 0, of="gradient", loss=(constant * x).sum())


def test_data_changed_since_are_told() -> None:
    x = Tensor([1.0, 2.0], name="x")
    y = x * x
    x.data[0] = 5.0
    with pytest.raises(MutationError, match="'x' .*changed in place"):
        viz.zoom(y, 0)
    with pytest.raises(MutationError):
        viz.zoom(x, 0, of="gradient", loss=y.sum())


def test_truths_and_whole_numbers() -> None:
    x = Tensor([[1.0, -2.0], [3.0, 4.0]], name="x")
    y = Tensor([1.0, 2.0], name="y")
    masks = [x > y, (x > 0) & (y > 1), 1 - (x > 0), np.isnan(x), (x > 0).astype(float), x == y]
    for mask in [*masks, np.concatenate([~(x > 0)[0], np.array([True])])]:
        for index in np.ndindex(mask.shape):
            zoomed = viz.zoom(mask, index)
            assert zoomed.value == float(mask.data[index])
            assert zoomed.tensor.data == mask.data[index]
            assert zoomed.tensor.name in zoomed.draw().text()
    assert "greater[1, 0] = x[1, 0] > y[0]" in viz.zoom(x > y, (1, 0)).draw().text()


def test_random_draws_have_no_terms() -> None:
    x = Tensor([1.0, 2.0], name="x")
    with scope("noisy"):
        drawn = random.normal((2,), seed=random.generator(1))
        noisy = x + drawn
    assert viz.zoom(noisy, 1).total == pytest.approx(noisy.data[1])
    with pytest.raises(StateError, match="drawn at random"):
        viz.zoom(drawn, 0)
