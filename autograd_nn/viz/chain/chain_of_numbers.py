"""The chain rule where all is one number: path by path, or node by node where paths are many."""

from __future__ import annotations

import math

import numpy as np

from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.chain import latex
from autograd_nn.viz.graph import letters, notation, rules, symbols
from autograd_nn.viz.graph.columns import in_columns, padded, width
from autograd_nn.viz.graph.path import (
    MOST_LINES,
    GradientPath,
    PathLabels,
    ends,
    local_derivative,
)
from autograd_nn.viz.wording.saying import say

FEW_PATHS = 8
"""Up to so many paths are written one by one; more are merged node by node."""

FEW_FACTORS = 60
"""Paths with more factors in all are merged too: nobody multiplies along such lines."""

WIDEST = 100
"""Longer lines of a product are continued on the next."""

Written = tuple[str, str]


def chain_of_numbers(way: GradientPath, labels: PathLabels) -> Written:
    """The text and the LaTeX."""
    paths = way.number_of_paths()
    if paths <= FEW_PATHS:
        found = _paths(way)
        if sum(map(len, found)) <= FEW_FACTORS:
            return _path_by_path(way, labels, found)
    return _node_by_node(way, labels, paths)


def _paths(way: GradientPath) -> list[list[Contribution]]:
    """Every path as its steps from the loss to ``w``, in the order of the sweep."""
    below: dict[Tensor, list[Contribution]] = {}
    for step in way.steps:
        if step.input in way.uses:
            below.setdefault(step.node, []).append(step)
    found: list[list[Contribution]] = []
    stack: list[list[Contribution]] = [[]]
    while stack:
        path = stack.pop()
        last = path[-1].input if path else way.loss
        if last is way.w:
            found.append(path)
        else:
            stack.extend([*path, step] for step in reversed(below.get(last, [])))
    return found


def _path_by_path(
    way: GradientPath, labels: PathLabels, paths: list[list[Contribution]]
) -> Written:
    loss, w = labels.label(way.loss), labels.label(way.w)
    total = _gradient(way)
    key = "chain.is_sum" if len(paths) > 1 else "chain.is"
    gradient, found = symbols.total(loss, w), notation.element(total)
    lines = [say(key, gradient=gradient, x=found, n=len(paths)), ""]
    rows: list[tuple[str, str]] = []
    products = []
    for place, path in enumerate(paths, 1):
        numbers = [local_derivative(step) for step in path]
        result = 1.0
        for x in numbers:
            result *= x
        products.append(result)
        words = [labels.words(step, step.contribution) for step in path]
        head = f"{say('chain.path', n=place)}   " if len(paths) > 1 else ""
        lines += _in_lines(
            head,
            [
                [each.slope for each in words] or [symbols.total(loss, w)],
                symbols.factors([rules.local(each) for each in words]),
                symbols.factors([notation.element(x) for x in numbers]) if len(path) > 1 else [],
                [notation.element(result)],
            ],
        )
        left = (
            latex.words(say("chain.path_before", n=place))
            if len(paths) > 1
            else latex.total(loss, w)
        )
        formula = latex.product([latex.local(each) for each in words])
        if len(path) == 1 and len(paths) == 1:  # what is chained is the left side itself
            rows.append((left, f"= {formula}"))
        else:
            sign = r"\quad" if len(paths) > 1 else "="
            rows.append((left, f"{sign} {_chained(words)}"))
            rows += [("", f"= {formula}")] if path else []
        filled = latex.product([latex.number(x) for x in numbers])
        if len(path) > 1 and filled != formula:
            rows.append(("", f"= {filled}"))
        if latex.number(result) != formula:
            rows.append(("", f"= {latex.number(result)}"))
    if len(paths) > 1:
        head = padded(say("chain.sum"), 9)
        lines += ["", f"{head}{notation.added(products)} = {found}"]
        added = " + ".join(
            latex.number(x) if x >= 0 else latex.factor(latex.number(x)) for x in products
        )
        rows += [(latex.total(loss, w), f"= {added}"), ("", f"= {latex.number(total)}")]
    lines += ["", *_with(way, labels)]
    lines += letters.below("\n".join(lines))
    return "\n".join(lines) + "\n", latex.aligned(rows)


def _in_lines(head: str, forms: list[list[str]]) -> list[str]:
    """Equal products on one line where they fit, else one below the other."""
    forms = [form for form in forms if form]
    # Symbols that are the numbers themselves are written once.
    forms = [form for place, form in enumerate(forms) if not place or form != forms[place - 1]]
    written = [" · ".join(form) for form in forms]
    one = f"{head}{' = '.join(written)}"
    if width(one) <= WIDEST:
        return [one]
    indent = " " * width(head)
    lines = []
    for place, form in enumerate(forms):
        line = (head if not place else indent) + ("  " if not place else "= ")
        for at, piece in enumerate(form):
            addition = piece if not at else f" · {piece}"
            if width(line) + width(addition) > WIDEST:
                lines.append(line)
                line = f"{indent}   "
            line += addition
        lines.append(line)
    return lines


def _chained(words: list[rules.AppliedRule]) -> str:
    return r" \, ".join(latex.slope(each.out, each.slot) for each in words) or "1"


def _with(way: GradientPath, labels: PathLabels) -> list[str]:
    """The values behind the symbols: what goes in, then every node on the way."""
    shown: dict[str, tuple[str, str]] = {}
    tensors: list[Tensor] = []
    for node in way.nodes:
        inputs = [x for x in node.inputs if type(x) is Tensor and type(x._data) is not tuple]
        tensors += [x for x in inputs if x.operation is None and x.size == 1]
        tensors += [x for x in inputs if x.operation is not None and x.size == 1]
    for tensor in [*tensors, *way.nodes]:
        name = labels.label(tensor)
        how = labels.expression(tensor) if tensor.operation is not None else ""
        shown.setdefault(name, (how, notation.element(np.asarray(tensor._data).item())))
    cells = in_columns(
        [
            (f"{name} = {how}", f"= {value}" if how else f"  {value}")
            for name, (how, value) in shown.items()
        ],
        "  ",
    )
    return [
        f"{padded('' if place else say('chain.with'), 9)}{line}" for place, line in enumerate(cells)
    ]


# ---------------------------------------------------------------------- numbers, node by node


def _node_by_node(way: GradientPath, labels: PathLabels, paths: int) -> Written:
    loss, w = labels.label(way.loss), labels.label(way.w)
    total = notation.element(_gradient(way))
    # A number of more digits than Python writes out is no news.
    many = (
        f"{paths:,}"
        if paths < 10**9
        else say("chain.about", n=int(paths.bit_length() * math.log10(2)))
    )
    gradient, key = symbols.total(loss, w), "chain.is_merged" if paths > 1 else "chain.is"
    lines = [
        say(key, gradient=gradient, x=total, n=many),
        say("chain.merging"),
        "",
        f"{symbols.total(loss, loss)} = 1",
    ]
    rows = [(latex.total(loss, loss), "= 1")]
    nodes = [node for node in reversed(way.nodes) if node is not way.loss]
    for node in ends(nodes):
        if node is None:
            left_out = notation.count(len(nodes) - MOST_LINES, "numbers.nodes")
            lines.append(say("chain.same_rule", nodes=left_out))
            rows.append((r"\vdots", ""))
            continue
        own = labels.label(node)
        terms, numbers, tex, tex_numbers = [], [], [], []
        for step in way.uses[node]:
            words = labels.words(step, step.contribution)
            local, upstream = local_derivative(step), float(np.asarray(step.upstream).item())
            above = symbols.total(loss, words.out)
            terms.append(f"{symbols.factor(rules.local(words))} · {above}")
            pair = [symbols.factor(notation.element(x)) for x in (local, upstream)]
            numbers.append(" · ".join(pair))
            above = latex.total(loss, words.out)
            tex.append(rf"{latex.factor(latex.local(words))} \, {above}")
            tex_numbers.append(latex.product([latex.number(local), latex.number(upstream)]))
        value = float(np.asarray(way.gradients[node]).item())
        lines += _in_lines(
            f"{symbols.total(loss, own)} = ",
            [[" + ".join(terms)], [" + ".join(numbers)], [notation.element(value)]],
        )
        rows.append((latex.total(loss, own), f"= {' + '.join(tex)}"))
        rows.append(("", f"= {' + '.join(tex_numbers)} = {latex.number(value)}"))
    lines += letters.below("\n".join(lines))
    return "\n".join(lines) + "\n", latex.aligned(rows)


def _gradient(way: GradientPath) -> float:
    return float(np.asarray(way.gradients[way.w]).item())
