"""The chain rule of arrays: the rule of every step, with its shapes and what comes out."""

from __future__ import annotations

import numpy as np

from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.chain import latex
from autograd_nn.viz.graph import letters, notation, rules, symbols
from autograd_nn.viz.graph.columns import in_columns, padded
from autograd_nn.viz.graph.flows import is_elementwise, result_of_rule
from autograd_nn.viz.graph.path import MOST_LINES, GradientPath, PathLabels, ends, norm
from autograd_nn.viz.wording.saying import say


def chain_of_arrays(
    way: GradientPath, labels: PathLabels, index: tuple[int, ...] | None
) -> tuple[str, str]:
    """The text and the LaTeX, and the number of one element."""
    loss, w = labels.label(way.loss), labels.label(way.w)
    of_w = way.gradients[way.w]
    size = notation.size_of(notation.summarise(of_w)) if np.size(of_w) else say("chain.empty")
    whole, lengths = symbols.total(loss, w), notation.shape(np.shape(of_w))
    told = (
        say("chain.array", gradient=whole, shape=lengths, told=size)
        if np.ndim(of_w)
        else say("chain.is", gradient=whole, x=size)
    )
    lines = [told, say("chain.from_to", loss=loss, w=w), ""]
    table = [(symbols.total(loss, loss), "= 1", "")]
    rows = [(latex.total(loss, loss), "= 1")]
    nodes = [node for node in reversed(way.nodes) if node is not way.loss]
    for node in ends(nodes):
        if node is None:
            left_out = notation.count(len(nodes) - MOST_LINES, "numbers.nodes")
            table.append(("…", say("chain.own_rules", nodes=left_out), ""))
            rows.append((r"\vdots", ""))
            continue
        own, uses, formulas = labels.label(node), way.uses[node], []
        for place, step in enumerate(uses):
            words, text = _rule(step, labels)
            formulas.append(latex.chain(words, loss))
            sign = "+ " if place else ""
            size = say("numbers.norm", x=notation.number(norm(step.contribution)))
            head = "" if place else symbols.total(loss, own)
            way_here = symbols.way(words.out, words.operation, step.slot, len(words.inputs))
            table.append((head, say("chain.step", way=f"{sign}{way_here}", rule=text), size))
        gradient = way.gradients.get(node)
        if len(uses) > 1 and gradient is not None:
            size = say("numbers.norm", x=notation.number(norm(gradient)))
            table.append(("", say("chain.the_sum"), size))
        where = latex.space(np.shape(gradient)) if gradient is not None else ""
        rows.append((latex.total(loss, own), rf"= {' + '.join(formulas)} \;{where}"))
    lines += [*in_columns(table), "", *_with(way, labels)]
    if index is not None:
        number = notation.number(float(of_w[index]))
        text = notation.index(index)
        lines += [
            "",
            say("chain.element", place=text, gradient=whole, x=number),
            say("chain.opens", call=f"viz.zoom(w, {index}, of='gradient', loss=loss)"),
        ]
        at = ", ".join(map(str, index))
        rows.append(
            (rf"\left({latex.total(loss, w)}\right)_{{{at}}}", f"= {latex.number(of_w[index])}")
        )
    rows.append(
        (
            rf"\left\Vert {latex.total(loss, w)} \right\Vert",
            f"= {latex.number(norm(of_w))}",
        )
    )
    lines += letters.below("\n".join(lines))
    return "\n".join(lines) + "\n", latex.aligned(rows)


def _rule(step: Contribution, labels: PathLabels) -> tuple[rules.AppliedRule, str]:
    """A step for `rules`, and what it does in words."""
    if step.node.operation is part:
        words = labels.words(step, step.contribution)
        return words, rules.rule(words)[0]
    words = labels.words(step, result_of_rule(step.node, step.slot, step.upstream))
    rule, shapes = rules.rule(words)
    text = f"{rule} : {shapes}" if shapes else rule
    formula = rules.derivative(words) if is_elementwise(step.node, step.slot) else None
    if formula:
        text = text.replace(words.slope, symbols.factor(rules.local(words)))
    return words, text


def _with(way: GradientPath, labels: PathLabels) -> list[str]:
    """How each Tensor on the way was computed, and in which layer."""
    shown = {}
    for node in ends(way.nodes):
        if node is None:
            shown["…"] = ("…", "", "")
        elif node.operation is not None:
            layer = f"[{scope}]" if (scope := labels.scope(node)) else ""
            own = labels.label(node)
            shown[own] = (f"{own} = {labels.expression(node)}", _shape(node), layer)
    lines = in_columns(shown.values())
    return [
        f"{padded('' if place else say('chain.with'), 6)}{line}" for place, line in enumerate(lines)
    ]


def _shape(node: Tensor) -> str:
    return "" if type(node._data) is tuple else notation.shape(node.shape)
