"""Random graphs with the numbers of another engine, and a reader of what is said about them.

The other engine evaluates a graph with complex numbers: a step of 1e-30 along the imaginary axis
gives a derivative to all digits, and none of it knows how this library differentiates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import Tensor, ops
from autograd_nn.viz.graph.walk import Walk

STEP = 1e-30


class Node(NamedTuple):
    """A leaf with its value, or a function of nodes before."""

    value: Any
    function: Callable[..., Any] | None = None
    inputs: tuple[int, ...] = ()


def _sigmoid(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


# What each side computes: this library on Tensors, NumPy on complex numbers.
ONE: list[tuple[Any, Any]] = [
    (np.tanh, np.tanh), (np.sin, np.sin), (ops.sigmoid, _sigmoid), (lambda x: -x, lambda x: -x),
    (lambda x: x**2.0, lambda x: x**2.0), (lambda x: x * 0.5, lambda x: x * 0.5),
    (lambda x: 1.5 - x, lambda x: 1.5 - x), (np.exp, np.exp),
]  # fmt: skip
TWO: list[tuple[Any, Any]] = [
    (np.add, np.add), (np.multiply, np.multiply), (np.subtract, np.subtract),
    (np.multiply, np.multiply), (lambda x, y: x / (2.5 + y * y), None),
]  # fmt: skip
ARRAYS: list[tuple[Any, Any]] = [*TWO[:4], (np.matmul, np.matmul), (np.matmul, np.matmul)]
NAMES = ("h", "v2", "u1", "L", "z", "h", "loss", "dense/a", "u 3", "λ")


class Case(NamedTuple):
    """A loss, its Tensors with their values and slopes by the other engine, and their labels."""

    loss: Tensor
    tensors: list[Tensor]
    nodes: list[Node]
    labels: dict[Tensor, str]

    def place(self, tensor: Tensor) -> int:
        """Where a Tensor stands among those of the graph."""
        return next(place for place, t in enumerate(self.tensors) if t is tensor)

    def values(self, at: int = -1, step: Any = 0) -> list[Any]:
        """The value of every node, with ``step`` added to that of node ``at``."""
        found: list[Any] = []
        for place, node in enumerate(self.nodes):
            if node.function is None:
                value = node.value
            else:
                value = node.function(*(found[i] for i in node.inputs))
            found.append(value + step if place == at else value)
        return found

    def total(self, at: int) -> Any:
        """The gradient of the last node by node ``at``."""
        shape = np.shape(self.values()[at])
        found = np.zeros(shape)
        for place in np.ndindex(shape):
            step = np.zeros(shape, complex)
            step[place] = STEP * 1j
            found[place] = np.imag(self.values(at, step)[-1]) / STEP
        return found

    def contribution(self, at: int, slot: int, upstream: Any = None) -> Any:
        """What node ``at`` sends back to its input number ``slot``; of 1 its slope."""
        node, values = self.nodes[at], self.values()
        upstream = self.total(at) if upstream is None else upstream
        before = sum(type(x) is Tensor for x in self.tensors[at].inputs[:slot])
        operands = [values[i] for i in node.inputs]
        found = np.zeros(np.shape(operands[before]))
        for place in np.ndindex(found.shape):
            step = np.zeros(found.shape, complex)
            step[place] = STEP * 1j
            moved = [x + step if i == before else x for i, x in enumerate(operands)]
            assert node.function is not None
            found[place] = (np.imag(node.function(*moved)) / STEP * upstream).sum()
        return found

    def symbols(self) -> dict[str, Any]:
        """What every symbol stands for: labels, slopes by a slot, gradients of the loss."""
        from autograd_nn.viz.graph.symbols import slope, total

        found: dict[str, Any] = {}
        values = self.values()
        root = self.labels[self.loss]

        def take(symbol: str, value: Any) -> None:
            assert symbol not in found, f"{symbol} stands for two things"
            found[symbol] = value

        for place, tensor in enumerate(self.tensors):
            label = self.labels[tensor]
            take(label, values[place])
            take(total(root, label), self.total(place))
            for slot, operand in enumerate(tensor.inputs):
                if type(operand) is Tensor and not tensor.shape and not operand.shape:
                    take(slope(label, slot), self.contribution(place, slot, 1.0))
        return found


def case(seed: int, arrays: bool) -> Case:
    """A random graph: one number, or 2 × 2 arrays summed up at the end."""
    random = np.random.default_rng(seed)
    shape = (2, 2) if arrays else ()
    tensors: list[Tensor] = []
    nodes: list[Node] = []

    def leaf(name: str | None) -> None:
        value = np.round(random.uniform(-1.5, 1.5, shape), 3)
        tensors.append(Tensor(value, name=name))
        nodes.append(Node(value))

    def result(functions: tuple[Any, Any], inputs: tuple[int, ...]) -> None:
        ours, theirs = functions
        tensor = ours(*(tensors[i] for i in inputs))
        tensors.append(tensor)
        nodes.append(Node(None, theirs, inputs))
        if random.random() < 0.3:
            tensor.name = str(random.choice(NAMES))

    for name in random.choice(["w", "x", "b", None, "v1"], size=random.integers(1, 4)):
        leaf(name)
    for _ in range(random.integers(2, 10)):
        size = float(np.max(np.abs(tensors[-1]._data)))
        one = ONE if size < 3 else ONE[:3]
        near = [max(0, len(tensors) - int(random.integers(1, 4))) for _ in range(2)]
        if random.random() < 0.45:
            result(one[random.integers(len(one))], (near[0],))
        else:
            two = ARRAYS if arrays else TWO[:4]
            result(two[random.integers(len(two))], (near[0], near[1]))
    if arrays:
        result((ops.sum, np.sum), (len(tensors) - 1,))
    return _reached(tensors, nodes)


def _reached(tensors: list[Tensor], nodes: list[Node]) -> Case:
    """What the last one was computed from, results of several operations taken apart."""
    loss = tensors[-1]
    walk = Walk(loss)
    known = {id(t): place for place, t in enumerate(tensors)}
    order = [item for item in walk.order if type(item) is Tensor]
    places = {id(item): place for place, item in enumerate(order)}
    found: list[Node] = []
    for item in order:
        if item.operation is None:
            found.append(Node(nodes[known[id(item)]].value))
        else:
            node = nodes[known[id(item)]]
            # An operation with a number among its inputs has the Tensor alone as input here.
            inputs = tuple(places[id(x)] for x in item.inputs if type(x) is Tensor)
            found.append(Node(None, node.function, inputs))
    return Case(loss, order, found, {item: walk.label(item) for item in order})


# ---------------------------------------------------------------------- reading

NUMBER = r"−?(?:inf|nan|\d+(?:\.\d+)?(?:e[−+]\d+)?)"


def number(text: str) -> float:
    """The number of a text, which has a true minus."""
    return float(text.replace("−", "-"))


def value_of(side: str, symbols: dict[str, Any]) -> Any:
    """What one side of an equation comes to, each symbol with the other engine's number."""
    names: dict[str, Any] = {}
    text = side
    for symbol in sorted(symbols, key=len, reverse=True):
        if symbol in text:
            name = f"_{len(names)}_"
            names[name] = symbols[symbol]
            text = re.sub(rf"(?<![\w.]){re.escape(symbol)}(?![A-Za-z0-9_#])", name, text)
    text = text.replace("·", "*").replace("×", "*").replace("−", "-").replace("÷", "/")
    text = text.replace("²", "**2").replace("³", "**3").replace("^", "**").replace("⊙", "*")
    text = re.sub(r"\b(sin|cos) (\w+)", r"\1(\2)", text).replace("σ(", "sigmoid(")
    known = {"sigmoid": _sigmoid, **{n: getattr(np, n) for n in ("sin", "cos", "tanh", "exp")}}
    return eval(text, known | names)


def check_equation(text: str, symbols: dict[str, Any]) -> int:
    """``A = B = C``: all sides must come to the same number. How many there were."""
    sides = [side.strip() for side in text.split(" = ")]
    found = [(side, np.asarray(value_of(side, symbols), float)) for side in sides]
    printed = [abs(number(x)) for side in sides for x in re.findall(NUMBER, side)]
    (_, exact), *others = found
    added = re.search(rf"{NUMBER} [+−] ", text) is not None
    for side, value in others:
        # Four digits; where they are added or multiplied, of the largest among them.
        close = max([1e-4, *printed, float(np.max(np.abs(exact)))])
        alone = re.fullmatch(NUMBER, side) is not None and not added
        allowed = 6e-4 * (abs(exact) if alone else close * max(1, side.count("·") + 1))
        assert np.all(np.abs(value - exact) <= allowed + 1e-12), (text, side, value, exact)
    return len(sides)


def numbers_told(text: str) -> Iterator[float]:
    """Every number in a text."""
    return map(number, re.findall(NUMBER, text))
