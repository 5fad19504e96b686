"""How a formula is set: letters stand side by side, as on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from autograd_nn.viz.chain import latex
from autograd_nn.viz.formulas.trees import Tree
from autograd_nn.viz.formulas.typesetting import Style, written
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.rules import attribute_text, text_style
from autograd_nn.viz.symbolic import algebra, short_names
from autograd_nn.viz.symbolic.derivation_of_loss import GRADIENT
from autograd_nn.viz.symbolic.parts import COUNT

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class LetterStyles:
    """What the letters of a derivation are called, in text and in LaTeX."""

    def __init__(self, words: dict[str, str], loss: str) -> None:
        self.words = words
        self.loss = loss
        text, tex = text_style(self.in_text), latex.style(self.in_latex)
        self._text = replace(
            text,
            bare=False,
            number=exact,
            options=_options(lambda text: text),
            times=_beside,
            elementwise=" ⊙ ".join,
            matrix_times=_beside,
            outer=" ⊗ ",
            iverson="𝟏[{}]".format,
            total=lambda text, axis: f"Σ{_axes(axis).translate(_LOW)} {text}",
        )
        self._latex: Style = replace(
            tex,
            bare=False,
            number=_exact_latex,
            options=_options(latex.symbol),
            times=_beside_in_latex,
            elementwise=r" \odot ".join,
            matrix_times=_beside_in_latex,
            iverson=r"\mathbf{{1}}\left[{}\right]".format,
            total=lambda text, axis: (
                rf"\sum_{{{_axes(axis)}}} {text}" if axis is not None else rf"\sum {text}"
            ),
        )

    def in_text(self, key: str) -> str:
        """A letter as text: ``W₁``, ``∂J/∂W₁``."""
        if key.startswith(algebra.ROW_OF_ONES):
            return algebra.ROW_OF_ONES
        if key.startswith(algebra.ONES):
            return algebra.ONES
        if key.startswith(GRADIENT):
            below = self.in_text(key.removeprefix(GRADIENT))
            return f"∂{short_names.shown(self.loss)}/∂{below}"
        return short_names.shown(self.words[key])

    def in_latex(self, key: str) -> str:
        """A letter as LaTeX."""
        if key.startswith(algebra.ROW_OF_ONES):
            return r"\mathbf{1}^{\top}"
        if key.startswith(algebra.ONES):
            return r"\mathbf{1}"
        if key.startswith(GRADIENT):
            below = self.in_latex(key.removeprefix(GRADIENT))
            return rf"\frac{{\partial {_tex(self.loss)}}}{{\partial {below}}}"
        return _tex(self.words[key])

    def text(self, tree: Tree) -> str:
        """A tree as text."""
        return written(tree, self._text)

    def latex(self, tree: Tree) -> str:
        """A tree as LaTeX."""
        return written(tree, self._latex)


def exact(x: float) -> str:
    """A number with all its digits, as a formula is the same for every reader."""
    x = float(x)
    return notation.with_minus(str(int(x)) if x.is_integer() and abs(x) < 1e15 else repr(x))


def _exact_latex(x: float) -> str:
    digits, found, exponent = exact(x).replace(notation.MINUS, "-").partition("e")
    if digits.lstrip("-") in ("inf", "nan"):
        return latex.number(x)
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if found else digits


def _tex(word: str) -> str:
    found = short_names.parted(word)
    names = {greek: f"\\{name}" for name, greek in short_names.ENGLISH.items()}
    if found is None:
        return latex.symbol(word)
    letter = names.get(found[0], found[0])
    return f"{letter}_{{{found[1]}}}" if found[1] else letter


def _axes(axis: Any) -> str:
    return "" if axis is None else "".join(map(str, np.atleast_1d(axis)))


def _options(written: Callable[[str], str]) -> Callable[[dict[str, Any]], list[str]]:
    def options(given: dict[str, Any]) -> list[str]:
        return [
            written(f"{name}={attribute_text(name, item)}")
            for name, item in given.items()
            if item is not None and item is not False
        ]

    return options


_LETTER = r"[^\W\d_][₀-₉]*[ᵀ²³]*"


def _beside(parts: list[str]) -> str:
    """Factors side by side where each is a letter or in brackets, else with a point between."""
    text = parts[0]
    for before, part in zip(parts, parts[1:], strict=False):
        is_open = re.search(rf"(^|[^\w∂/]){_LETTER}$|[)\]][ᵀ²³]*$|^𝟏ᵀ?$", before) is not None
        is_number = re.fullmatch(r"[0-9.]+", before) is not None
        is_short = re.fullmatch(rf"{_LETTER}|\(.*|𝟏ᵀ?|{_LETTER}\(.*", part) is not None
        has_quotient = "/∂" in before or "/∂" in part
        if has_quotient:
            text += f" · {part}"
        elif (is_open or is_number) and is_short:
            text += part
        else:
            text += f"·{part}"
    return text


def _beside_in_latex(parts: list[str]) -> str:
    text = parts[0]
    for part in parts[1:]:
        words = r"\mathrm" in text or r"\mathrm" in part
        text += rf" \cdot {part}" if words or part[:1].isdigit() else f" {part}"
    return text


COUNTS = ("m", "N", "n", "M")
"""Letters for the number of examples: the first that nothing else is called by."""


def count_letter(words: dict[str, str]) -> str:
    """The letter for the number of examples."""
    return next((c for c in COUNTS if c not in words.values()), COUNT + "#")
