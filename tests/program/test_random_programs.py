"""Laws that hold for the program of every graph, on random ones."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from autograd_nn import Tensor, gradients, ops
from autograd_nn.engine.graph import topological
from autograd_nn.jit.compiling import NotCompilable, compiled_step
from autograd_nn.optimizers import SGD, Adam, Optimizer, RMSprop
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.program.agreement import FORMS, assert_close, assert_equal, without_passes
from tests.program.graphs import Recipe, recipes


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where compiled programs are kept, so that none of an earlier run is taken."""
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))


def scale_of(loss: Tensor) -> float:
    """The largest number that a sweep comes by: what rounding errors are a part of."""
    nodes = topological(loss)
    numbers = [x for node in nodes for x in _arrays(node)]
    numbers += [d for d in gradients(loss, nodes) if d is not None and type(d) is not tuple]
    return max(1.0, *(float(np.max(np.abs(x), initial=0)) for x in numbers))


def in_single(loss: Tensor) -> bool:
    """Whether somewhere numbers of float32 are computed with."""
    return any(x.dtype == np.float32 for node in topological(loss) for x in _arrays(node))


def _arrays(node: Tensor) -> Any:
    return node._data if type(node._data) is tuple else (node._data,)


def assert_forms(program: Any, loss: Tensor, wrt: Any, inputs: dict[str, Any]) -> None:
    """Without passes bit for bit, and every form that was planned to rounding."""
    expected = loss._data, gradients(loss, wrt)
    assume(all(np.isfinite(x).all() for x in (loss._data,)))
    eps = float(np.finfo(np.float32 if in_single(loss) else np.float64).eps)
    assert_equal(without_passes(program, **inputs), expected)
    for run in FORMS:
        for _ in range(2):
            assert_close(run(program, inputs), expected, 1000 * eps, scale_of(loss))


@st.composite
def wanted(draw: Any, leaves: list[Tensor], nodes: list[Tensor]) -> Any:
    """A structure of leaves and results, some of them twice."""
    some = draw(st.lists(st.sampled_from([*leaves, *leaves, *nodes]), min_size=1, max_size=5))
    return draw(
        st.sampled_from(
            [some, tuple(some), {"first": some[0], "all": [(x,) for x in some]}, some[0]]
        )
    )


@settings(max_examples=150)
@given(recipes(), st.data())
def test_program_of_a_random_graph(recipe: Recipe, data: Any) -> None:
    leaves = recipe.tensors()
    pool = recipe.computed(leaves)
    loss = pool[-1]
    nodes = [x for x in pool if x.operation is not None and x.requires_grad]
    wrt = data.draw(wanted(leaves, nodes))
    assert_forms(loss.program(wrt), loss, wrt, {})


@settings(max_examples=80)
@given(recipes(), st.integers(0, 1000), st.data())
def test_program_on_other_data(recipe: Recipe, seed: int, data: Any) -> None:
    """Inputs are given with the call, and leaves are changed between calls."""
    leaves = recipe.tensors()
    loss = recipe.computed(leaves)[-1]
    used = set(topological(loss))
    inputs = {x.name: x for x in leaves if x in used and data.draw(st.booleans())}
    program = loss.program(leaves, inputs=inputs)
    others = recipe.other_data(seed)
    program()
    given_now = {}
    for leaf, other in zip(leaves, others, strict=True):
        if leaf.name in inputs:
            given_now[leaf.name] = other
        else:
            leaf.data = other
    anew = [Tensor(other, name=leaf.name) for leaf, other in zip(leaves, others, strict=True)]
    loss_anew = recipe.computed(anew)[-1]
    assert_forms(program, loss_anew, anew, given_now)


@settings(max_examples=6)
@given(recipes(steps=5))
def test_compiled_program_of_a_random_graph(recipe: Recipe) -> None:
    """To rounding; a graph with a call that has no compiled form is refused before it is run."""
    leaves = recipe.tensors()
    loss = recipe.computed(leaves)[-1]
    expected = gradients(loss, leaves)
    reached = [x for x, g in zip(leaves, expected, strict=True) if g is not None]
    memory = Memory(reached)
    try:
        made = plan(loss, reached, {}, memory, compile_steps=compiled_step)
    except NotCompilable:
        return
    memory.take_in()
    eps = float(np.finfo(np.float32 if in_single(loss) else np.float64).eps)
    for _ in range(2):
        value, *results = made.step()
        found = made.gradients(results)
        assert_close(
            (np.asarray(value)[()], [found.get(x) for x in leaves]),
            (loss._data, expected),
            1000 * eps,
            scale_of(loss),
        )


ACTIVATIONS = [np.tanh, ops.sigmoid, ops.softplus, ops.softmax, lambda x: x, lambda x: x * x.T.T]


@st.composite
def networks(draw: Any) -> tuple[Any, list[Any]]:
    """What dense layers make of x and their weights, and data for all of these."""
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    widths = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    acts = [draw(st.sampled_from(ACTIVATIONS)) for _ in widths[1:]]
    biased = [draw(st.integers(0, 3)) > 0 for _ in acts]
    again = draw(st.booleans())  # the first layer is used once more
    ending = draw(st.sampled_from(["square", "sigmoid", "softmax", "sum"]))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    batch = draw(st.sampled_from([1, 2, 5]))
    shapes: list[tuple[int, ...]] = [(batch, widths[0])]
    for inputs, units, bias in zip(widths, widths[1:], biased, strict=False):
        shapes += [(inputs, units)] + [(units,)] * bias
    target = random.uniform(0, 1, (batch, widths[-1])).astype(dtype)

    def computed(leaves: list[Tensor]) -> Any:
        out, *weights = leaves
        rest = iter(weights)
        logits: Any = None
        for act, bias in zip(acts, biased, strict=True):
            logits = out @ next(rest)
            if bias:
                logits = logits + next(rest)
            out = act(logits)
        extra = (np.tanh(leaves[0] @ weights[0]) ** 2).sum() if again else 0.0
        if ending == "sigmoid":
            return ops.sigmoid_cross_entropy(logits, target, out).mean() + extra
        if ending == "softmax":
            return ops.softmax_cross_entropy(logits, target).mean() + extra
        if ending == "sum":
            return (out * target).sum(axis=-1).mean() + extra
        return ((out - target) ** 2).mean() + extra

    return computed, [random.uniform(-1, 1, shape).astype(dtype) for shape in shapes]


@settings(max_examples=100)
@given(networks(), st.data())
def test_program_of_a_random_network(network: Any, data: Any) -> None:
    """Dense layers, which are laid out anew, with x given or wanted."""
    computed, arrays = network
    leaves = [Tensor(array, name=f"t{number}") for number, array in enumerate(arrays)]
    loss = computed(leaves)
    given_now = data.draw(st.booleans())
    wrt = leaves[1:] if given_now else data.draw(st.permutations(leaves))
    program = loss.program(wrt, inputs=leaves[:1] if given_now else None)
    if not given_now:
        assert_forms(program, loss, wrt, {})
        return
    program()
    other = [Tensor(np.flip(arrays[0]) * 0.5), *(Tensor(array) for array in arrays[1:])]
    assert_forms(program, computed(other), other[1:], {"t0": other[0]._data})


OPTIMIZERS = st.one_of(
    st.builds(
        SGD,
        learning_rate=st.sampled_from([0.01, 0.1]),
        momentum=st.sampled_from([0.0, 0.9]),
        weight_decay=st.sampled_from([None, 0.1]),
        clipnorm=st.sampled_from([None, 0.1]),
    ),
    st.builds(
        SGD,
        momentum=st.just(0.5),
        nesterov=st.just(True),
        global_clipnorm=st.sampled_from([None, 0.1]),
    ),
    st.builds(
        RMSprop,
        momentum=st.sampled_from([0.0, 0.5]),
        centered=st.booleans(),
        clipvalue=st.sampled_from([None, 0.05]),
    ),
    st.builds(
        Adam,
        amsgrad=st.booleans(),
        weight_decay=st.sampled_from([None, 0.1]),
        global_clipnorm=st.sampled_from([None, 0.2]),
    ),
)


@settings(max_examples=40)
@given(recipes(steps=8), OPTIMIZERS, st.data())
def test_steps_of_an_optimizer(recipe: Recipe, optimizer: Optimizer, data: Any) -> None:
    """Several steps: eager, without passes, with passes, and each of them in turn."""
    loss = recipe.computed(leaves := recipe.tensors())[-1]
    reached = [x for x, g in zip(leaves, gradients(loss, leaves), strict=True) if g is not None]
    chosen = [x for x in reached if data.draw(st.booleans())] or reached[:1]
    if not chosen:
        return
    places = [_place(leaves, x) for x in chosen]
    eager = _Run(recipe, places, optimizer)
    plain, planned, mixed = (_Run(recipe, places, optimizer) for _ in range(3))
    scale = scale_of(loss)
    tolerance = 1e-3 if in_single(loss) else 1e-9
    for step in range(4):
        expected = eager.eagerly()
        assert_equal(plain.without_passes(), expected)
        assert_close(planned.as_program(), expected, tolerance, scale)
        way = [mixed.eagerly, mixed.as_program, mixed.without_passes][(step + len(places)) % 3]
        assert_close(way(), expected, tolerance, scale)
        eager.optimizer.learning_rate *= 0.5
        for run in (plain, planned, mixed):
            run.optimizer.learning_rate = eager.optimizer.learning_rate
        for a, b, c, d in zip(
            eager.leaves, plain.leaves, planned.leaves, mixed.leaves, strict=True
        ):
            assert_equal(b._data, a._data)
            assert_close(c._data, a._data, tolerance, scale)
            assert_close(d._data, a._data, tolerance, scale)


def _place(leaves: list[Tensor], leaf: Tensor) -> int:
    return next(place for place, x in enumerate(leaves) if x is leaf)


class _Run:
    """Leaves with an optimizer of their own."""

    def __init__(self, recipe: Recipe, places: list[int], optimizer: Optimizer) -> None:
        self.recipe = recipe
        self.leaves = recipe.tensors()
        self.moved = [self.leaves[place] for place in places]
        self.optimizer = type(optimizer).from_config(optimizer.get_config())
        self.program = self._loss().program(self.moved, self.optimizer)

    def _loss(self) -> Any:
        return self.recipe.computed(self.leaves)[-1]

    def eagerly(self) -> Any:
        loss = self._loss()
        self.optimizer.apply_gradients(zip(gradients(loss, self.moved), self.moved, strict=True))
        return loss._data

    def without_passes(self) -> Any:
        return without_passes(self.program)

    def as_program(self) -> Any:
        return self.program()
