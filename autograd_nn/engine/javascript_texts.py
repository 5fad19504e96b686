"""What an own operation says of itself in JavaScript: read before it is put into a page."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)"
    r"|(?P<name>(?:Math\.)?[A-Za-z_$][\w$]*)"
    r"|(?P<sign>\*\*|[=!]==?|[<>]=|&&|\|\||[-+*/%<>!?:,])|(?P<open>\()|(?P<close>\)))"
)
_MATH = {
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "ceil", "cos"),
    *("cosh", "exp", "expm1", "floor", "hypot", "log", "log10", "log1p", "log2", "max", "min"),
    *("pow", "round", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trunc"),
}
_CONSTANTS = {"Infinity", "NaN", "Math.PI", "Math.E", "Math.LN2", "Math.LN10", "Math.SQRT2"}


def checked_texts(name: str, javascript: Any, rules: Any) -> tuple[str | None, ...]:
    """The texts of the value and of the rules of an operation, as far as they are given."""
    texts = javascript if isinstance(javascript, tuple) else (javascript,)
    if not all(text is None or isinstance(text, str) for text in texts):
        raise ArgumentTypeError(
            f"`javascript` of {name!r} must be an expression of JavaScript such as "
            f"'Math.max(x, 0)', or a tuple of such texts, got {javascript!r}."
        )
    inputs = "xyz"[: len(rules)] if isinstance(rules, tuple) and rules else "xyz"
    for place, text in enumerate(texts):
        # What has no rules may be a rule itself.
        names = (*inputs, "g", "out") if place or not rules else (*inputs,)
        if text is not None:
            _check_expression(name, text, names)
    return texts


def _check_expression(operation: str, text: str, names: Iterable[str]) -> None:
    """Refuse what is no expression of the given names, numbers, signs and functions of Math."""

    def refused(what: str) -> ArgumentError:
        return ArgumentError(
            f"`javascript` of {operation!r} must be an expression of JavaScript for single "
            f"elements, of {', '.join(known)}, numbers and functions such as Math.exp: "
            f"{text!r:.60} {what}."
        )

    known = list(names)
    at, depth, asked, before, signed = 0, 0, 0, "open", set[int]()
    rest = text.rstrip()
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None:
            raise refused(f"cannot be read at {rest[at:].lstrip()[:12]!r}")
        kind, token = str(found.lastgroup), found[0].strip()
        if kind == "name" and token.removeprefix("Math.") in _MATH and "." in token:
            kind = "function"
        elif kind == "name" and token not in known and token not in _CONSTANTS:
            raise refused(f"has {token!r}, which is not known there")
        is_prefix = token in ("-", "+", "!")
        begins = kind in ("number", "name", "function", "open") or is_prefix
        ended = before in ("number", "name", "close")
        follows = kind == "open" if before == "function" else begins != ended or is_prefix
        # What JavaScript reads otherwise, or not at all: x--y, x ! y, -x ** 2; and a, b at the top.
        is_twice = token in ("-", "+") and rest[: found.end() - 1].endswith(token)
        is_signed = token == "**" and depth in signed
        is_outside = (token == "!" and ended) or (token == "," and not depth)
        if kind == "sign":
            (signed.add if is_prefix and not ended else signed.discard)(depth)
        depth += (kind == "open") - (kind == "close")
        asked += (token == "?") - (token == ":")
        signed = {d for d in signed if d <= depth}
        if not follows or min(depth, asked) < 0 or is_twice or is_signed or is_outside:
            raise refused(f"cannot be read at {rest[found.start() :].lstrip()[:12]!r}")
        before, at = kind, found.end()
    if depth or before not in ("number", "name", "close"):
        raise refused("ends too early")
    if asked:
        raise refused("has a ? without its :")
