"""A reader of formulas as text, with NumPy: it knows nothing of how they were made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

_FUNCTIONS = {
    "σ": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "softplus": lambda x: np.log1p(np.exp(x)),
    "softmax": lambda x: np.exp(x) / np.exp(x).sum(-1, keepdims=True),
    "one_hot": lambda y, classes: y[..., None] == np.arange(classes),
    "max": np.maximum,
    "min": np.minimum,
    "abs": np.abs,
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "tanh", "sinh", "cosh")},
    **{name: getattr(np, name) for name in ("exp", "log", "sign", "hypot", "arctan", "log1p")},
}
_RELATIONS = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal,
    "≠": np.not_equal,
}  # fmt: skip


def number_of(text: str, values: Mapping[str, Any]) -> Any:
    """The numbers of a formula as it is printed: the lines below, then the first."""
    first, _, rest = text.partition("\n")
    known = dict(values)
    for line in reversed([line for line in rest.split("\n") if re.match(r"  [^ ]+ = ", line)]):
        letter, _, right = line.strip().partition(" = ")
        if found := re.fullmatch(r"(\d+), the number of examples", right):
            known[letter] = float(found[1])
        elif not re.search(r"\b(the|1 where)\b", right):
            known[letter] = _Reader(right, known).whole()
    return _Reader(first.partition(" = ")[2], known).whole()


class _Ones:
    """𝟏 beside a matrix: the sum over its columns, or with ᵀ before it over its rows."""

    def __init__(self, scale: Any = 1.0) -> None:
        self.scale = scale


class _Reader:
    def __init__(self, text: str, known: Mapping[str, Any]) -> None:
        self.known = known
        names = sorted([*known, *_FUNCTIONS], key=len, reverse=True)
        words = "|".join(map(re.escape, names))
        pattern = rf"\s*({words}|[0-9]+(?:\.[0-9]+)?(?:e[−+]?[0-9]+)?|𝟏\[|𝟏ᵀ|𝟏|\w+=|.)"
        self.tokens = re.findall(pattern, text)
        self.place = 0

    def whole(self) -> Any:
        found = self.sum()
        assert self.place == len(self.tokens), self.tokens[self.place :]
        return found

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.next()
        assert not expected or token == expected, (expected, self.tokens[self.place :])
        self.place += 1
        return token

    def sum(self) -> Any:
        is_negative = self.next() == "−"
        if is_negative:
            self.take()
        found = self.product()
        found = -found if is_negative else found
        while self.next() in ("+", "−"):
            sign = self.take()
            other = self.product()
            found = found + other if sign == "+" else found - other
        return found

    def product(self) -> Any:
        found = self.power()
        while self.next() not in ("", "+", "−", ")", "]", ",", *_RELATIONS):
            sign = self.take() if self.next() in ("⊙", "·", "/") else ""
            other = self.power()
            if sign == "/":
                found = found / other
            elif type(found) is _Ones:
                found = found.scale * other.sum(axis=0)
            elif type(other) is _Ones and not np.ndim(found):
                found = _Ones(found)
            elif type(other) is _Ones:
                found = found.sum(axis=1, keepdims=True)
            elif sign == "⊙" or not (np.ndim(found) and np.ndim(other)):
                found = found * other
            else:
                found = found @ other
        return found

    def power(self) -> Any:
        found = self.atom()
        while self.next() in ("ᵀ", "²", "³", "^"):
            sign = self.take()
            if sign == "ᵀ":
                found = np.transpose(found)
            else:
                found = found ** (self.atom() if sign == "^" else {"²": 2, "³": 3}[sign])
        return found

    def atom(self) -> Any:
        token = self.take()
        if token in self.known:
            return self.known[token]
        if token in _FUNCTIONS:
            return self.function(_FUNCTIONS[token])
        if token == "(":
            found = self.sum()
            self.take(")")
            return found
        if token == "𝟏[":
            left = self.sum()
            holds = _RELATIONS[self.take()](left, self.sum())
            self.take("]")
            return 1.0 * holds
        if token in ("𝟏", "𝟏ᵀ"):
            return _Ones()
        if token == "√":
            return np.sqrt(self.power())
        return float(token)

    def function(self, function: Any) -> Any:
        if self.next() != "(":
            return function(self.power())
        self.take()
        arguments, keywords = [], {}
        while True:
            name = self.take().removesuffix("=") if self.next().endswith("=") else ""
            if name:
                keywords[name] = int(self.sum())
            else:
                arguments.append(self.sum())
            if self.take() == ")":
                return function(*arguments, **keywords)
