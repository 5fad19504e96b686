"""The pictures of the README: drawn anew, and compared with those that it shows.

python examples/gallery.py                      # into ./pictures
python examples/gallery.py examples/pictures    # from a checkout: replace those of the README
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from graphviz import Digraph

from autograd_nn import Sequential, Tensor, set_random_seed, viz
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.viz.pictures.rendering import render

SHOWN = Path(__file__).parent / "pictures"


def expression():
    """L = (tanh(w·x + b) − y)² + λ·w²: w is used three times, twice of them by w·w."""
    w, b = Tensor(2.0, name="w"), Tensor(-0.1, name="b")
    x = Tensor(0.3, name="x", requires_grad=False)
    error = (w * x + b).tanh() - 0.8
    loss = error**2 + 0.1 * (w * w)
    loss.name = "L"
    return loss


def by_the_tutorial_recipe(loss):
    """A box "name | data | grad" for each value, an oval for its operation, a set of edges."""
    loss.backward()
    nodes, edges = set(), set()

    def visit(node):
        if node not in nodes:
            nodes.add(node)
            for child in node.inputs:
                if isinstance(child, Tensor):
                    edges.add((child, node))
                    visit(child)

    visit(loss)
    order = viz.steps(loss)
    number = {loss: "n"}
    for step in order:
        for tensor in (step.node, *step.node.inputs):
            if isinstance(tensor, Tensor):
                number.setdefault(tensor, f"n{len(number)}")
    picture = Digraph(graph_attr={"rankdir": "LR"}, node_attr={"fontname": "Arial"})
    for node in sorted(nodes, key=number.get):
        name, grad = node.name or "", 0.0 if node.grad is None else node.grad
        label = f"{{ {name} | data {node.item():.4f} | grad {grad:.4f} }}"
        picture.node(number[node], label, shape="record")
        if node.operation is not None:
            picture.node(f"{number[node]}o", node.operation.symbol)
            picture.edge(f"{number[node]}o", number[node])
    for child, node in sorted(edges, key=lambda edge: (number[edge[1]], number[edge[0]])):
        picture.edge(number[child], f"{number[node]}o")
    return picture.source


def tutorial_step():
    """One step of the tutorial network on 32 digits, before any training."""
    (x, y), _ = load_digits(classes=(0, 1))
    set_random_seed(0)
    model = Sequential(
        [
            Dense(units=25, activation="sigmoid"),
            Dense(units=15, activation="sigmoid"),
            Dense(units=1, activation="sigmoid"),
        ]
    )
    model.compile(loss=BinaryCrossentropy())
    return model, x[:32], y[:32]


def pictures():
    """Every picture of the README, as SVG by name."""
    model, x, y = tutorial_step()
    return {
        "recipe": render(by_the_tutorial_recipe(expression()), "svg").decode(),
        "receipt": viz.draw(expression(), edges="receipt").svg(),
        "layers": model.draw(x, y, depth=1).svg(),
        "one_layer": model.draw(x, y, focus="dense_2", edges="receipt").svg(),
        "check": viz.draw(expression(), edges="check").svg(),
    }


NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def told(svg):
    """What a picture says: its words, and its numbers. Where they stand is Graphviz's affair."""
    root = ElementTree.fromstring(svg)
    texts = [e.text or "" for e in root.iter("{http://www.w3.org/2000/svg}text")]
    return [NUMBER.sub("#", t) for t in texts], [float(n) for t in texts for n in NUMBER.findall(t)]


folder = Path(sys.argv[1] if len(sys.argv) > 1 else "pictures")
folder.mkdir(parents=True, exist_ok=True)
for name, svg in pictures().items():
    (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    words, numbers = told(svg)
    shown_words, shown_numbers = told((SHOWN / f"{name}.svg").read_text(encoding="utf-8"))
    assert words == shown_words, f"{name}.svg of the README is not what is drawn today"
    # The last of four digits may differ where another processor adds in another order; how exact
    # a check came out is left to it.
    if name != "check":
        assert np.allclose(numbers, shown_numbers, rtol=2e-3, atol=1e-9), f"numbers in {name}.svg"
    print(f"{folder / name}.svg: {len(words)} texts, {len(numbers)} numbers, as in the README")
