"""`formula`: the derivative of a loss by a Tensor as mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.engine.reverse import check_output
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import say_what_was_taken
from autograd_nn.viz.chain import latex
from autograd_nn.viz.formulas.symbol import NoFormula
from autograd_nn.viz.formulas.trees import MOST, Tree
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.columns import in_columns
from autograd_nn.viz.graph.letters import explained
from autograd_nn.viz.graph.path import GradientPath, check_arguments
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.symbolic import short_names
from autograd_nn.viz.symbolic.derivation_of_loss import Derivation, OneResult, OwnRule
from autograd_nn.viz.symbolic.parts import COUNT, letters_in
from autograd_nn.viz.symbolic.styles import LetterStyles, count_letter
from autograd_nn.viz.wording.saying import say


@checked_keywords
def formula(loss: Any, w: Any, *, names: Mapping[str, Any] | None = None) -> Formula:
    """The derivative of ``loss`` by ``w`` as mathematics: simplified, as text, LaTeX and SymPy.

    The rules of the graph are run on symbols. Of numbers the whole derivative is one formula;
    of arrays it is one of matrices, in which what would be read several times, and the results of
    layers, have lines of their own. What no formula says is named.

    Parameters   loss: a scalar Tensor; w: any Tensor that it was computed from
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentTypeError for what is no Tensor, StateError where loss is not a recorded
                 scalar, ArgumentError where the formula would fill pages, MutationError where
                 data were changed since (compute the loss again)
    Example      (w·x − y)² has the derivative 2·x·(w·x − y) by w

    >>> from autograd_nn import Tensor, viz
    >>> w, x, y = Tensor(2.0, name="w"), Tensor(3.0, name="x"), Tensor(5.0, name="y")
    >>> viz.formula((w * x - y) ** 2, w)
    ∂J/∂w = 2x(wx − y)
    """
    check_arguments("formula", loss, w)
    check_output(loss)
    way = GradientPath(loss, w)
    walk = Walk(loss, checked_names(names))
    words = short_names.letters_of(walk)
    root = words[walk.ids[id(loss)]]
    if not way.reached:
        return _nothing(root, words.get(walk.ids.get(id(w), ""), w.name or "w"))
    words[COUNT] = count_letter(words)
    try:
        derivation, labels = Derivation(way, walk), LetterStyles(words, root)
    except NoFormula:
        raise ArgumentError(
            f"The formula of ∂{root}/∂{words[walk.ids[id(w)]]} would fill pages: something on the "
            f"way is used more often than {MOST} times. Take the loss of fewer steps, or compute "
            "with whole arrays, of which one letter stands for all elements."
        ) from None
    say_what_was_taken(derivation.tensors, {})
    lines = list(derivation.lines.items())
    lines = [*lines[-1:], *reversed(lines[:-1])]
    rows = [(labels.in_latex(key), f"= {labels.latex(tree)}") for key, tree in lines]
    typeset = latex.aligned(rows) if len(rows) > 1 else " ".join(rows[0])
    return Formula(_text(derivation, labels, lines), typeset, derivation, words)


class Formula:
    """A derivative as ``text``, as ``latex`` and, by ``sympy()``, as an expression of SymPy.

    Printed it is its text, in a notebook it is typeset.
    """

    __slots__ = ("_derivation", "_words", "latex", "text")

    def __init__(
        self, text: str, latex: str, derivation: Derivation | None, words: dict[str, str]
    ) -> None:
        self.text = text
        self.latex = latex
        self._derivation = derivation
        self._words = words

    def sympy(self) -> Any:
        """The formula in what was given, without lines between, as an expression of SymPy.

        Numbers are real symbols with the names of the text (``W1`` for W₁), arrays of one or two
        axes are ``MatrixSymbol``, an array of one axis a row.

        Raises       MissingPackageError without SymPy: pip install 'autograd-nn[sympy]';
                     ArgumentError naming what SymPy has no form for; StateError where there is
                     no gradient
        """
        from autograd_nn.viz.symbolic.in_sympy import expression

        if self._derivation is None:
            raise StateError(self.text)
        return expression(self._derivation, self._words)

    def __repr__(self) -> str:
        return self.text

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the formula typeset, or the text."""
        bundle = {"text/plain": self.text, "text/latex": self._repr_latex_()}
        return asked_for(bundle, include, exclude)


def _nothing(loss: str, w: str) -> Formula:
    derivative = f"∂{short_names.shown(loss)}/∂{short_names.shown(w)}"
    text = say("formula.nothing", derivative=derivative, loss=loss, w=w)
    return Formula(text, latex.total(loss, w) + r" = \mathrm{?}", None, {})


# ---------------------------------------------------------------------- the text


def _text(derivation: Derivation, labels: LetterStyles, lines: list[tuple[str, Tree]]) -> str:
    told = [f"{labels.in_text(key)} = {labels.text(tree)}" for key, tree in lines]
    below = [*_given(derivation, labels), *_meanings(derivation, "\n".join(told))]
    text = told[0]
    if told[1:] or below:
        text += f"\n\n{say('formula.where')}"
    if told[1:]:
        text += "\n" + "\n".join(f"  {line}" for line in told[1:])
    return text + "".join(f"\n  {line}" for line in below)


def _given(derivation: Derivation, labels: LetterStyles) -> list[str]:
    """The arrays that the formula reads, by their shapes, and the letters that stand for names."""
    read = {name for tree in derivation.lines.values() for name in letters_in(tree)}
    rows = []
    for item in derivation.walk.order:
        key = derivation.walk.ids[id(item)]
        if key not in read or key in derivation.lines:
            continue
        data = item._data if type(item) is Tensor else item.data
        label, word = derivation.walk.label(item), labels.words[key]
        own = f"= {label}" if derivation.walk.name(item) and label != word else ""
        if own or np.ndim(data):
            shape = notation.shape(np.shape(data)) if np.ndim(data) else ""
            rows.append((labels.in_text(key), shape, own))
    found = in_columns(rows) if rows else []
    if COUNT in read:
        count = f"{labels.in_text(COUNT)} = {derivation.count}"
        found.append(say("numbers.and", first=count, second=say("formula.examples")))
    return found


def _meanings(derivation: Derivation, text: str) -> list[str]:
    """The signs that are not known from school, and the rules that are only named."""
    found = []
    of_arrays = not derivation.as_numbers
    if of_arrays and re.search(r"⊙|[²³^/]|\w\(", text):
        found.append(say("formula.each"))
    if re.search(r"𝟏(?!\[)", text):
        found.append(say("formula.ones"))
    if "𝟏[" in text:
        found.append(say("formula.holds"))
    if " at [" in text:
        found.append(say("formula.placed"))
    if re.search(r"Σ[₀-₉]", text):
        found.append(say("formula.axes"))
    found += [
        line for line in explained(text) if not line.startswith(("∂L", "∂₁", "⊙", "[…]", "⊙"))
    ]
    for call in derivation.calls():
        name = getattr(call.function, "__name__", "")
        if isinstance(call.function, OwnRule):
            operation, slot = call.function.operation, call.function.slot + 1
            found.append(say("formula.own", name=name, operation=operation, slot=slot))
        elif isinstance(call.function, OneResult):
            found.append(say("formula.one", name=name, operation=call.function.operation))
    return list(dict.fromkeys(found))
