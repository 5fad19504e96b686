"""Labels, numbers and local derivatives as LaTeX that MathJax and KaTeX both take."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import part
from autograd_nn.viz.formulas.symbol import piece_of, taken
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Product, Total, Tree
from autograd_nn.viz.formulas.typesetting import Style, stripped, written
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.rules import AppliedRule, key_text

_GREEK = frozenset(
    ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
    + ["lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"]
    + ["omega"]
)
# Written in math mode, because MathJax takes only a few escapes inside of \text.
_ESCAPED = {
    **{c: "\\" + c for c in "_$%{}#& "},
    "\\": r"\backslash{}",
    "^": r"\wedge{}",
    "~": r"\sim{}",
    "<": r"\lt{}",
    ">": r"\gt{}",
    "'": r"\prime{}",
}


def symbol(label: str) -> str:
    r"""A label as LaTeX: letters and Greek ones as they are, other names upright and escaped.

    >>> print(symbol("v12"), symbol("lambda"), symbol("dense_1/kernel"), symbol("-0.5"))
    v_{12} \lambda \mathrm{dense\_1/kernel} -0.5
    """
    if found := re.fullmatch(r"([A-Za-z]|[a-z]{2,7}?)_?(\d*)", label):
        stem, place = found.groups()
        if len(stem) == 1 or stem in _GREEK:
            letter = stem if len(stem) == 1 else f"\\{stem}"
            return f"{letter}_{{{place}}}" if place else letter
    if notation.looks_like_number(label):
        return number(float(label.replace(notation.MINUS, "-")))
    return rf"\mathrm{{{''.join(_ESCAPED.get(c, c) for c in label)}}}"


def number(x: float) -> str:
    r"""Four digits: ``-0.5``, ``1.2 \cdot 10^{-5}``."""
    text = notation.element(x).replace(notation.MINUS, "-")
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    digits, found, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if found else digits


def total(loss: str, w: str) -> str:
    """∂loss/∂w of two labels."""
    return rf"\frac{{\partial {symbol(loss)}}}{{\partial {symbol(w)}}}"


def slope(out: str, slot: int) -> str:
    """The derivative of a result by one input of its operation: a ∂ with the input's place."""
    return rf"\partial_{{{slot + 1}}} {symbol(out)}"


def factor(text: str) -> str:
    """A formula or a number as one factor of a product: in brackets where it needs them."""
    alone = re.fullmatch(r"[^-+]*", text.replace("{-", "{")) and "where" not in text
    return text if alone else rf"\left({text}\right)"


def product(factors: list[str]) -> str:
    """The factors with dots between them; one alone needs no brackets."""
    if len(factors) == 1:
        return factors[0]
    return r" \cdot ".join(factor(text) for text in factors)


def derivative(step: AppliedRule) -> str | None:
    """The local derivative where there is one: element by element, or where all is one number."""
    if step.formula is None or step.formula.local is None:
        return None
    return written(step.formula.local, style(lambda letter: symbol(step.label(letter))))


def local(step: AppliedRule) -> str:
    """The local derivative of one number by another; of an operation without a formula its name."""
    text = derivative(step)
    if text is not None:
        return text
    if step.operation is part:
        return "1"
    name = symbol(notation.clean(step.operation.name, 24))
    if len(step.inputs) == 1:
        return rf"{{{name}}}^{{\prime}}\left({symbol(step.input)}\right)"
    inputs = ", ".join(map(symbol, step.inputs[:4]))
    return rf"\partial_{{{step.slot + 1}}} {name} \left({inputs}\right)"


def chain(step: AppliedRule, root: str) -> str:
    """What a step does with the gradient of ``root``, for Tensors of any shape."""
    g, formula = total(root, step.out), step.formula
    if formula is None or (not formula.is_elementwise and not _is_mathematics(formula.tree)):
        return rf"\left({slope(step.out, step.slot)}\right)^{{\top}} {g}"
    if not formula.is_elementwise:
        text = _of_arrays(step, formula.tree, g)
    elif (found := derivative(step)) in ("1", "-1"):
        text = g if found == "1" else f"-{g}"
    else:
        assert found is not None
        times = r"\," if re.fullmatch(r"-?[\d.]+", found) else r"\odot"
        text = rf"{factor(found)} {times} {g}"
    wider = math.prod(step.raw) > math.prod(step.shape)
    return rf"\sum_{{\mathrm{{broadcast}}}} {text}" if wider else text


def _of_arrays(step: AppliedRule, tree: Tree, g: str) -> str:
    """A rule as a whole, with ``g`` in its place."""
    written_in = style(lambda letter: g if letter == "g" else symbol(step.label(letter)))
    if type(tree) is Product and len(tree.factors) == 1 and tree.above == 1:
        scaled = stripped(tree.factors[0][0])
        if type(scaled) is Letter and tree.below != 1:
            return rf"\frac{{1}}{{{number(tree.below)}}} \, {g}"
    whole = type(stripped(tree)) is Letter and math.prod(step.raw) < math.prod(step.shape)
    text = written(tree, replace(written_in, elementwise=r" \odot ".join))
    return rf"\mathbf{{1}} \, {text}" if whole else text


def _is_mathematics(tree: Any) -> bool:
    """Whether a tree consists of what mathematics has signs for: no pieces and places of arrays."""
    match tree:
        case Call():
            if tree.function in _OF_PLACES and stripped(tree) is tree:
                return False
            return all(map(_is_mathematics, tree.operands))
        case Product():
            return all(_is_mathematics(part) for part, _ in tree.factors)
        case Total():
            return all(map(_is_mathematics, tree.terms))
        case Cases():
            inside = [part for branch in tree.branches for part in branch]
            return all(map(_is_mathematics, (*inside, tree.otherwise)))
        case tuple():
            return all(map(_is_mathematics, tree))
    return True


_OF_PLACES = (taken, piece_of, np.concatenate, ops.getitem, ops.scatter, ops.set_at)

_SIGNS = {
    np.greater: r"\gt", np.greater_equal: r"\geq", np.less: r"\lt", np.less_equal: r"\leq",
    np.equal: "=", np.not_equal: r"\neq",
}  # fmt: skip

_WORDS = ("sin", "cos", "tan", "tanh", "sinh", "cosh", "log", "exp", "max", "min")


def _closed(text: str) -> str:
    """A fraction in brackets, so that what stands above belongs to the whole of it."""
    return rf"\left({text}\right)" if text.startswith(r"\frac") else text


def _name(name: str) -> str:
    if name in _WORDS:
        return rf"\{name}"
    if name.startswith("σ"):
        return name.replace("σ", r"\sigma").replace("′", r"^{\prime}")
    return symbol(notation.clean(name, 24))


def style(letter: Callable[[str], str]) -> Style:
    """The style of LaTeX, with these labels of the letters."""
    return Style(
        letter=letter,
        number=number,
        index=lambda key: symbol(key_text(key)),
        name=_name,
        options=lambda options: [],
        signs=_SIGNS,
        times=r" \cdot ".join,
        elementwise=r" \cdot ".join,
        matrix_times=r" \, ".join,
        outer=r" \otimes ",
        fraction=r"\frac{{{}}}{{{}}}".format,
        is_flat=False,
        bare=True,
        brackets=r"\left({}\right)".format,
        iverson=r"\left[{}\right]".format,
        power="{}^{{{}}}".format,
        transposed=lambda text: rf"{_closed(text)}^{{\top}}",
        inverse="{}^{{-1}}".format,
        inverse_transposed=r"{}^{{-\top}}".format,
        root=r"\sqrt{{{}}}".format,
        placed=r"{} \;\mathrm{{at}}\; [{}]".format,
        total=lambda text, axis: rf"\sum {text}",
        minus="-",
        where=r"{} \;\mathrm{{where}}\; {}".format,
        otherwise=r"\;\mathrm{{else}}\; {}".format,
        conjunction=r" \;\mathrm{and}\; ",
        disjunction=r" \;\mathrm{or}\; ",
    )


def words(text: str) -> str:
    r"""A remark among formulas: ``\mathrm{not\ computed}``."""
    if text.isascii():
        return rf"\mathrm{{{text.replace(' ', chr(92) + ' ')}}}"
    return rf"\text{{{text}}}"


def space(shape: tuple[int, ...]) -> str:
    r"""Where an array lives: ``\in \mathbb{R}^{64 \times 25}``; nothing for a number."""
    lengths = r" \times ".join(str(n) for n in shape)
    return rf"\in \mathbb{{R}}^{{{lengths}}}" if shape else ""


def aligned(rows: list[tuple[str, str]]) -> str:
    """Rows of a left and a right side, aligned between them; a left side may be empty."""
    lines = " \\\\\n".join(f"{left} &{right}" for left, right in rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
