"""Labels, numbers and local derivatives as LaTeX that MathJax and KaTeX both take."""

from __future__ import annotations

import math
import re

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.viz.chain.symbols import HANDED_ON
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.rules import Step, lowered_exponent

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

# For each input the local derivative; <x> <y> <z> are the inputs, <out> is the result.
_ELEMENTWISE: dict[Operation, tuple[str, ...]] = {
    ops.add: ("1", "1"),
    ops.subtract: ("1", "-1"),
    ops.multiply: ("<y>", "<x>"),
    ops.divide: (r"\frac{1}{<y>}", r"-\frac{<out>}{<y>}"),
    ops.negative: ("-1",),
    ops.power: (r"<y> \cdot <x>^{<y> - 1}", r"<out> \cdot \log <x>"),
    ops.square: (r"2 \cdot <x>",),
    ops.sqrt: (r"\frac{1}{2 \cdot <out>}",),
    ops.absolute: (r"\mathrm{sign}(<x>)",),
    ops.exp: ("<out>",),
    ops.expm1: ("<out> + 1",),
    ops.log: (r"\frac{1}{<x>}",),
    ops.log1p: (r"\frac{1}{1 + <x>}",),
    ops.tanh: ("1 - <out>^{2}",),
    ops.sigmoid: (r"<out> \cdot (1 - <out>)",),
    ops.softplus: (r"\sigma(<x>)",),
    ops.relu: (r"[<x> \gt 0]",),
    ops.sin: (r"\cos <x>",),
    ops.cos: (r"-\sin <x>",),
    ops.maximum: (r"[<x> \gt <y>]", r"[<y> \gt <x>]"),
    ops.minimum: (r"[<x> \lt <y>]", r"[<y> \lt <x>]"),
    ops.copy: ("1",),
    ops.astype: ("1",),
    ops.sigmoid_cross_entropy: (r"\sigma(<x>) - <y>", "-<x>", ""),
    ops.binary_cross_entropy: (
        r"\frac{1 - <y>}{1 - <x>} - \frac{<y>}{<x>}",
        r"\log(1 - <x>) - \log <x>",
    ),
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
        return number(float(label))
    return rf"\mathrm{{{''.join(_ESCAPED.get(c, c) for c in label)}}}"


def number(x: float) -> str:
    r"""Four digits: ``-0.5``, ``1.2 \cdot 10^{-5}``."""
    text = notation.number(x)
    if text.lstrip("-") in ("inf", "nan"):
        return text.replace("inf", r"\infty").replace("nan", r"\mathrm{NaN}")
    digits, found, exponent = text.partition("e")
    return rf"{digits} \cdot 10^{{{int(exponent)}}}" if found else digits


def partial(of: str, by: str) -> str:
    """∂of/∂by of two labels."""
    return rf"\frac{{\partial {symbol(of)}}}{{\partial {symbol(by)}}}"


def factor(text: str) -> str:
    """A formula or a number as one factor of a product: in brackets where it needs them."""
    alone = re.fullmatch(r"-?[^-+]*", text.replace("{-", "{")) and not text.startswith("-")
    return text if alone else rf"\left({text}\right)"


def product(factors: list[str]) -> str:
    """The factors with dots between them; one alone needs no brackets."""
    if len(factors) == 1:
        return factors[0]
    return r" \cdot ".join(factor(text) for text in factors)


def derivative(step: Step) -> str | None:
    """The local derivative where the operation works element by element and is one of ours."""
    templates = _ELEMENTWISE.get(step.operation, ())
    if step.slot >= len(templates):
        return None
    if (exponents := lowered_exponent(step)) is not None:
        return _of_power(symbol(step.input), *exponents)
    places = dict(zip(("x", "y", "z"), step.inputs, strict=False)) | {"out": step.out}
    template = templates[step.slot]

    def filled(found: re.Match[str]) -> str:
        text = symbol(places[found[1]])
        needs_brackets = text.startswith("-") or r"\cdot" in text
        is_alone = found[0] == template
        return rf"\left({text}\right)" if needs_brackets and not is_alone else text

    return re.sub(r"<(x|y|z|out)>", filled, template) or None


def _of_power(base: str, n: float, lower: float) -> str:
    """The derivative of a power by its base, where the exponent n is a number."""
    if n in (0, 1):
        return number(n)
    raised = factor(base) if lower == 1 else f"{factor(base)}^{{{number(lower)}}}"
    return rf"{number(n)} \cdot {raised}"


def local(step: Step) -> str:
    """The local derivative of one number by another; of an operation without a formula its name."""
    text = derivative(step)
    if text is not None:
        return text
    if step.operation is ops.matmul:
        return symbol(step.inputs[1 - step.slot])
    if step.operation in HANDED_ON:
        return "1"
    name = symbol(notation.clean(step.operation.name, 24))
    if len(step.inputs) == 1:
        return rf"{{{name}}}^{{\prime}}\left({symbol(step.input)}\right)"
    return rf"\frac{{\partial {name}}}{{\partial {symbol(step.input)}}}"


def chain(step: Step, root: str) -> str:
    """What a step does with the gradient of ``root``, for Tensors of any shape."""
    g = partial(root, step.out)
    if step.operation is ops.matmul and all(len(shape) == 2 for shape in step.input_shapes):
        left, right = (symbol(label) for label in step.inputs)
        return rf"{g} \, {right}^{{\top}}" if step.slot == 0 else rf"{left}^{{\top}} {g}"
    if step.operation is ops.mean:
        return rf"\frac{{1}}{{{math.prod(step.shape) // math.prod(step.out_shape)}}} \, {g}"
    if step.operation is ops.sum and step.out_shape == ():
        return rf"\mathbf{{1}} \, {g}"
    formula = derivative(step)
    if formula is None:
        return rf"\left({partial(step.out, step.input)}\right)^{{\top}} {g}"
    if formula in ("1", "-1"):
        text = g if formula == "1" else f"-{g}"
    else:
        times = r"\," if re.fullmatch(r"-?[\d.]+", formula) else r"\odot"
        text = rf"{factor(formula)} {times} {g}"
    return rf"\sum_{{\mathrm{{broadcast}}}} {text}" if step.raw != step.shape else text


def space(shape: tuple[int, ...]) -> str:
    r"""Where an array lives: ``\in \mathbb{R}^{64 \times 25}``; nothing for a number."""
    lengths = r" \times ".join(str(n) for n in shape)
    return rf"\in \mathbb{{R}}^{{{lengths}}}" if shape else ""


def aligned(rows: list[tuple[str, str]]) -> str:
    """Rows of a left and a right side, aligned between them; a left side may be empty."""
    lines = " \\\\\n".join(f"{left} &{right}" for left, right in rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"
