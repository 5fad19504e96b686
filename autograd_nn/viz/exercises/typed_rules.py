"""A formula as somebody types it, read without running it: names, numbers, signs and functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.exercises.typed_functions import FUNCTIONS, function_named

LONGEST = 500
"""Characters; what is longer is no rule."""

Value = Callable[[Mapping[str, Any]], Any]
"""A formula: what it gives for the values of its letters."""

_NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_NAME = re.compile(r"(?:np\.|math\.)?([^\W\dᵀ⁰¹²³⁴⁵⁶⁷⁸⁹][^\Wᵀ⁰¹²³⁴⁵⁶⁷⁸⁹]*)")
_RAISED = {"⁰": 0, "¹": 1, "²": 2, "³": 3, "⁴": 4, "⁵": 5, "⁶": 6, "⁷": 7, "⁸": 8, "⁹": 9}
_AFTER_NAMES = {*_RAISED, "⁻", "ᵀ"}
_COMPARED: dict[str, Any] = {
    ">=": np.greater_equal, "<=": np.less_equal, "≥": np.greater_equal, "≤": np.less_equal,
    "==": np.equal, "!=": np.not_equal, ">": np.greater, "<": np.less, "=": np.equal,
}  # fmt: skip
_COMMANDS = {r"\cdot": "·", r"\times": "×"}
_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UP = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_PLAIN = str.maketrans({"−": "-", "–": "-", "－": "-", "（": "(", "）": ")", "，": ",", "÷": "/"})


_CONSTANTS = {"pi": np.pi, "π": np.pi, "e": np.e, "True": 1.0, "False": 0.0}
_METHODS = {"sum", "mean", "max", "min", "dot", "prod", "transpose"}


def refuse_twofold(text: str) -> None:
    """Refuse a comma that is a point for some readers, and parts thousands for others."""
    if re.search(r"(?<![\d.,])[1-9]\d{0,2},\d{3}(?![\de])", text, re.IGNORECASE):
        point, whole = text.replace(",", "."), text.replace(",", "")
        raise ArgumentError(
            f"{text!r:.60} can be read as {point:.60} or as {whole:.60}: write one of these."
        )


def read_expression(text: str, letters: Mapping[str, str]) -> Value:
    """A text as a formula of letters.

    Parameters   letters: what may stand in it, and the letter that it stands for
    Raises       ArgumentError for what is no formula: it says where it stopped reading
    """
    if len(text) > LONGEST:
        raise ArgumentError(f"A rule has at most {LONGEST} characters, got {len(text)}.")
    if not any("#" in label for label in letters):
        text = text.partition("#")[0]  # a comment
    for command, sign in _COMMANDS.items():
        text = re.sub(re.escape(command) + r"(?![a-z])", sign, text)
    try:
        return _Reader(text.translate(_PLAIN), letters).whole()
    except RecursionError:
        raise ArgumentError(f"The rule {text!r:.60} has too many brackets in brackets.") from None


def _other_spellings(labels: Mapping[str, str]) -> dict[str, str]:
    """``v₃``, ``v_3`` and ``v_{3}`` for v3, where they mean one thing alone."""
    found: dict[str, set[str]] = {}
    for label, letter in labels.items():
        plain = label.translate(_UP)
        if parts := re.fullmatch(r"(.*[^\W\d_])_?([0-9]+)", plain):
            word, digits = parts[1], parts[2]
            for spelling in (f"{word}{digits}", f"{word}_{digits}", f"{word}_{{{digits}}}",
                             word + digits.translate(_LOW)):  # fmt: skip
                found.setdefault(spelling, set()).add(letter)
    return {spelling: min(meant) for spelling, meant in found.items() if len(meant) == 1}


class _Reader:
    """Reads from left to right; each method reads one kind of thing, the weakest sign first."""

    def __init__(self, text: str, letters: Mapping[str, str]) -> None:
        self.text, self.at, self.calls = text, 0, 0
        self.letters = letters
        plain = {label.translate(_PLAIN): letter for label, letter in letters.items()}
        self.labels = sorted(
            (_other_spellings(plain) | plain).items(), key=lambda item: -len(item[0])
        )
        self.conditions: set[Value] = set()

    # ------------------------------------------------------------------ what stands next

    def _skip(self) -> str:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        return self.text[self.at :]

    def _took(self, *signs: str) -> str:
        """The sign that stands here, taken; nothing where it is none of these."""
        rest = self._skip()
        for sign in signs:
            if rest.startswith(sign):
                self.at += len(sign)
                return sign
        return ""

    def _took_word(self, word: str) -> bool:
        rest = self._skip()
        if rest.startswith(word) and not rest[len(word) : len(word) + 1].isalnum():
            self.at += len(word)
            return True
        return False

    def _refused(self, expected: str) -> ArgumentError:
        rest = self._skip()
        here = f"at {rest[:12]!r}" if rest else "at its end"
        names = ", ".join(self.letters)
        return ArgumentError(
            f"The rule {self.text!r:.60} cannot be read {here}: expected {expected}. It may have "
            f"{names}, numbers, + - * / ** @ and functions such as exp, sum(…, axis=0)."
        )

    # ------------------------------------------------------------------ formulas

    def whole(self) -> Value:
        found = self.choice()
        if self._skip():
            raise self._refused("a sign")
        return found

    def choice(self) -> Value:
        """``a if c else b``, and ``a where c, b where d, else e`` (nothing: 0)."""
        first = self.either()
        if not (self._took_word("if") or self._took_word("where")):
            return first
        condition = self.either()
        goes_on = not self.calls and self._took(",")
        if self._took_word("else") or goes_on:
            self._took_word("else")
            other = self.choice()
        else:
            other = _constant(0.0)
        return lambda values: np.where(condition(values), first(values), other(values))

    def either(self) -> Value:
        found = self.both()
        while self._took_word("or"):
            found = self._connected("or", np.maximum, found, self.both())
        return found

    def both(self) -> Value:
        found = self.comparison()
        while self._took_word("and"):
            found = self._connected("and", np.minimum, found, self.comparison())
        return found

    def _connected(self, word: str, function: Any, left: Value, right: Value) -> Value:
        if not {left, right} <= self.conditions:
            raise ArgumentError(
                f"The rule {self.text!r:.60} cannot be read: `{word}` stands between two "
                "conditions such as x > 0. Write cases as g if x > 0 else 0."
            )
        found = _of_two(function, left, right)
        self.conditions.add(found)
        return found

    def comparison(self) -> Value:
        """``x > 0``, and ``0 < x < 1`` for both: 1 where it holds, else 0."""
        left = self.sum()
        found: Value | None = None
        while sign := self._took(*_COMPARED):
            right = self.sum()
            holds = _of_one(_float, _of_two(_COMPARED[sign], left, right))
            found = holds if found is None else _of_two(np.minimum, found, holds)
            left = right
        if found is None:
            return left
        self.conditions.add(found)
        return found

    def sum(self) -> Value:
        found = self.product()
        while sign := self._took("+", "-"):
            found = _of_two(np.add if sign == "+" else np.subtract, found, self.product())
        return found

    def product(self) -> Value:
        found = self.signed()
        while True:
            if self._skip().startswith("**"):
                return found
            if self._took("*", "×", "⊙"):
                found = _of_two(np.multiply, found, self.signed())
            elif self._took("@"):
                found = _of_two(np.matmul, found, self.signed())
            elif self._took("·"):
                found = _dotted(found, self.signed())
            elif self._took("⊗"):
                found = _of_two(np.outer, found, self.signed())
            elif self._took("/"):
                found = _of_two(np.divide, found, self.signed())
            elif self._begins_a_factor():
                found = _dotted(found, self.power())
            else:
                return found

    def _begins_a_factor(self) -> bool:
        """Whether a factor follows without a sign: ``2x``, ``a(1 − a)``."""
        rest = self._skip()
        if re.match(r"(if|else|and|or)\b|where\b(?!\()", rest):
            return False
        return bool(rest) and (
            rest[0] == "(" or self._label() is not None or _NAME.match(rest) is not None
        )

    def signed(self) -> Value:
        if self._took("-"):
            inside = self.signed()
            return lambda values: -inside(values)
        if self._took("+"):
            return self.signed()
        return self.power()

    def power(self) -> Value:
        base = self.postfixed()
        if self._took("**", "^"):
            if self._skip().startswith("T") and self.text[self.at - 1] == "^":
                self.at += 1
                return lambda values: np.swapaxes(base(values), -1, -2)
            exponent = self.signed()
            return lambda values: np.power(np.asarray(base(values), float), exponent(values))
        return base

    def postfixed(self) -> Value:
        found = self.atom()
        while True:
            if self._took("ᵀ", ".T"):
                found = _of_one(_turned, found)
            elif exponent := self._raised():
                found = _of_two(np.power, _of_one(_float, found), _constant(exponent))
            elif (rest := self._skip()).startswith(".") and (name := _NAME.match(rest[1:])):
                if name[1] not in _METHODS:
                    raise self._refused(f"one of the methods {', '.join(sorted(_METHODS))}")
                self.at += 1 + name.end()
                if not self._took("("):
                    raise self._refused("(")
                found = self.call(name[1], found)
            else:
                return found

    def _raised(self) -> float:
        """``²``, ``⁻¹``: the exponent; 0 where there is none."""
        rest = self.text[self.at :]
        found = re.match(r"(⁻?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)", rest)
        if found is None:
            return 0.0
        self.at += found.end()
        size = float("".join(str(_RAISED[digit]) for digit in found[2]))
        return -size if found[1] else size

    def _label(self) -> tuple[str, str] | None:
        """The longest name of the graph that stands here, no part of a longer word."""
        rest = self._skip()
        for label, letter in self.labels:
            if rest.startswith(label):
                after = rest[len(label) :]
                goes_on = re.match(r"[\w]", after) and after[0] not in _AFTER_NAMES
                if not (label[-1].isalnum() and goes_on) and not (
                    after.lstrip().startswith("(") and label in FUNCTIONS
                ):
                    return label, letter
        return None

    def atom(self) -> Value:
        rest = self._skip()
        if (found := self._label()) is not None:
            label, letter = found
            self.at += len(label)
            return lambda values: values[letter]
        if number := _NUMBER.match(rest):
            self.at += number.end()
            text = number[0]
            decimals = re.match(r",(\d+)", self.text[self.at :])
            if not self.calls and text.isdecimal() and decimals:
                self.at += decimals.end()
                refuse_twofold(number[0] + decimals[0])
                text = f"{text}.{decimals[1]}"
            if not np.isfinite(float(text)):
                raise ArgumentError(f"{text:.60} is too large for a floating-point number.")
            return _constant(float(text))
        for start, end in ("()", "[]", "{}", "||"):
            if rest.startswith(start):
                return self._bracketed(start, end)
        if rest.startswith("√"):
            self.at += 1
            return _of_one(np.sqrt, self.postfixed())
        if name := _NAME.match(rest):
            return self._named(name)
        raise self._refused("a name, a number or a bracket")

    def _bracketed(self, start: str, end: str) -> Value:
        self.at += 1
        calls, self.calls = self.calls, 0
        inside = self.choice()
        self.calls = calls
        if not self._took(end):
            raise self._refused(end)
        return _of_one(np.abs, inside) if start == "|" else inside

    def _named(self, name: re.Match[str]) -> Value:
        self.at += name.end()
        function = function_named(name[1])
        if function is not None:
            exponent = self._raised()  # ``tanh²(x)`` is (tanh x)²
            if exponent < 0:
                raise self._refused(f"{name[1]} to no negative power, as f⁻¹ may be its inverse")
            if exponent:
                if not (self._skip().startswith("(") or self._begins_a_factor()):
                    raise self._refused("what the function is taken of")
                inside = self.postfixed()
                of_one = _of_one(_float, _of_one(function, inside))
                return _of_two(np.power, of_one, _constant(exponent))
            if self._took("("):
                called = self.call(name[1])
                if name[1].startswith("is"):  # isnan(x) holds or does not
                    self.conditions.add(called)
                return called
            if self._begins_a_factor():  # ``log x``
                return _of_one(function, self.power())
        if name[1] in _CONSTANTS:
            return _constant(_CONSTANTS[name[1]])
        self.at -= name.end()
        known = "|".join(re.escape(label) for label, _ in self.labels)
        if re.fullmatch(f"(?:{known}){{2,}}", name[1]):
            names = " * ".join(re.findall(known, name[1]))
            raise self._refused(f"a sign between names, such as {names}")
        raise self._refused("a name that is known here")

    def call(self, name: str, *before: Value) -> Value:
        """What stands in the brackets of a function; axis= and keepdims= are its only options."""
        function, given, options = function_named(name), list(before), {}
        self.calls += 1
        while not self._took(")"):
            if option := re.match(r"\s*(axis|keepdims)\s*=\s*", self.text[self.at :]):
                self.at += option.end()
                options[option[1]] = self._option()
            else:
                given.append(self.choice())
            if not self._took(",") and not self._skip().startswith(")"):
                raise self._refused(")")
        self.calls -= 1

        def called(values: Mapping[str, Any]) -> Any:
            arguments = [part(values) for part in given]
            if name in _AXIS_SECOND and len(arguments) > 1:
                arguments[1] = int(arguments[1])
            return function(*arguments, **options)

        return called

    def _option(self) -> Any:
        for word, value in (("True", True), ("False", False), ("None", None)):
            if self._took_word(word):
                return value
        found = re.match(r"\(\s*(-?\d)\s*,\s*(-?\d)?\s*\)|(-?\d)", self._skip())
        if found is None:
            raise self._refused("an axis such as 0, -1 or (0, 1)")
        self.at += found.end()
        if found[3] is not None:
            return int(found[3])
        return tuple(int(n) for n in (found[1], found[2]) if n is not None)


_AXIS_SECOND = {"sum", "mean", "max", "min", "prod", "Σ", "expand_dims"}


def _constant(x: Any) -> Value:
    return lambda values: x


def _of_one(function: Any, inside: Value) -> Value:
    return lambda values: function(inside(values))


def _of_two(function: Any, left: Value, right: Value) -> Value:
    return lambda values: function(left(values), right(values))


def _dotted(left: Value, right: Value) -> Value:
    """``x·y``: as mathematics writes it, of matrices their product where that is meant.

    What is meant ("·") stands among the values: 1 for the product of matrices.
    """

    def found(values: Mapping[str, Any]) -> Any:
        x, y = left(values), right(values)
        as_matrices = values.get("·") and np.ndim(x) and np.ndim(y)
        return np.matmul(x, y) if as_matrices else np.multiply(x, y)

    return found


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2) if np.ndim(x) > 1 else x


def _float(x: Any) -> Any:
    return np.asarray(x, float)
