"""An answer as it was written down, as numbers: how exactly it was said goes with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises.typed_rules import read_expression, refuse_twofold

DIGITS = 0.00501
"""Three digits: 1.005 may have been rounded to 1.00 or to 1.01."""

CARRIED = 0.02
"""Who rounds on the way to three digits may be so far from the number at the end."""


@dataclass(frozen=True)
class Said:
    """The numbers of an answer, and for each half a unit of the last digit that was said."""

    values: Any
    half: Any


DEEPEST = 32
"""So many axes an array of NumPy may always have."""


def read_numbers(answer: Any, given: Mapping[str, Any] | None = None, depth: int = 0) -> Said:
    """An answer as numbers: a number, an array, a text such as "−0.25", "1/3" or "3,3e-1".

    ``given`` are numbers that a text may compute with, by name: "2*w".
    """
    if type(answer) is Tensor:
        answer = answer._data
    if isinstance(answer, str):
        return _read_text(answer, given or {})
    if isinstance(answer, np.ndarray) and answer.dtype.kind in "OUS":
        answer = answer.tolist()  # one by one, as they stand in a list
    if isinstance(answer, (list, tuple)):
        if depth == DEEPEST:
            raise ArgumentError(f"An answer has at most {DEEPEST} axes.")
        parts = [read_numbers(item, given, depth + 1) for item in answer]
        if len({part.values.shape for part in parts}) > 1:
            raise ArgumentError("The rows of an answer must be of one length.")
        stacked = np.array([part.values for part in parts], float)
        return Said(stacked, np.array([part.half for part in parts], float))
    values = plain_numbers(answer)
    return Said(values, _half_units(values, np.asarray(answer).dtype))


def plain_numbers(answer: Any) -> Any:
    """A number, or an array of them: no bool, which would count as 0 or 1, and no complex one."""
    try:
        given = np.asarray(answer)
        if given.dtype.kind not in "fiuO" or answer is None:
            raise _no_number(answer)
        return given.astype(np.float64)
    except OverflowError:
        raise ArgumentError(f"{answer!r:.60} is too large for a floating-point number.") from None
    except (TypeError, ValueError):
        raise _no_number(answer) from None


def _no_number(answer: Any) -> ArgumentError:
    return ArgumentError(
        f"An answer is a number, a list of numbers or a text with one, got {answer!r:.60}."
    )


def _half_units(values: Any, dtype: Any) -> Any:
    """Half a unit in the last digit of each: 0.333 was said with three digits."""
    if values.size > 4096:  # nobody wrote these by hand
        return np.zeros(values.shape)
    digits = 6 if dtype == np.float32 else 3 if dtype == np.float16 else 12
    found = [_half_of_text(f"{x:.{digits}g}") for x in values.ravel()]
    return np.array(found).reshape(values.shape)


def _half_of_text(text: str) -> float:
    """Half a unit of the last digit."""
    found = re.fullmatch(r"[+-]?\d*\.?(\d*)(?:e([+-]?\d+))?", text, re.IGNORECASE)
    return 0.0 if found is None else 0.5 * 10.0 ** (int(found[2] or 0) - len(found[1]))


_SIGNS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-", "×": "*", "·": "*", " ": ""})
_POWER = re.compile(r"\*10(?:\^|\*\*)\(?([+-]?\d+)\)?$")
_UNIT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)


_MIXED = re.compile(r"([+\-−]?)\s*(\d{1,9})\s+(\d{1,9})\s*/\s*(0*[1-9]\d{0,8})")
"""``1 1/5``: one and a fifth."""

_PARTED = re.compile(r"\d +\d")
_THOUSANDS = re.compile(r"[+\-−]?\s*\d{1,3}( +\d{3})+([.,]\d*)?")
"""``12 000``: a space may part thousands, and no other digits."""

_NOT_FINITE = ("nan", "inf", "infinity", "∞")


def _read_text(text: str, given: Mapping[str, Any]) -> Said:
    if text.strip().startswith("["):
        return read_numbers(_listed(text), given)
    if mixed := _MIXED.fullmatch(text.strip()):
        whole, part = float(mixed[2]), float(mixed[3]) / float(mixed[4])
        sign = -1 if mixed[1] in ("-", "−") else 1
        return Said(np.float64(sign * (whole + part)), np.float64(0))
    if _PARTED.search(text) and not _THOUSANDS.fullmatch(text.strip()):
        raise _no_number(text)
    plain = _POWER.sub(r"e\1", text.strip().translate(_SIGNS).replace("\u202f", ""))
    if plain.count(",") == 1 and "." not in plain and "(" not in plain:  # of no function
        refuse_twofold(plain)
        plain = plain.replace(",", ".")
    if re.sub("^[+-]", "", plain.lower()) in _NOT_FINITE:
        return Said(np.float64(plain.lower().replace("∞", "inf")), np.float64(0))
    if _UNIT.fullmatch(plain):
        if not np.isfinite(float(plain)):
            raise ArgumentError(f"{text!r:.60} is too large for a floating-point number.")
        return Said(np.float64(plain), np.float64(_half_of_text(plain)))
    above, slash, below = plain.partition("/")
    if slash and _UNIT.fullmatch(above) and _UNIT.fullmatch(below) and float(below):
        ratio = float(above) / float(below)
        if not np.isfinite(ratio):
            raise ArgumentError(f"{text!r:.60} is too large for a floating-point number.")
        exact = "." not in plain and "e" not in plain.lower()
        half = 0.0 if exact else abs(ratio) * DIGITS
        return Said(np.float64(ratio), np.float64(half))
    if plain.endswith("%") and _UNIT.fullmatch(plain[:-1]):
        said = _read_text(plain[:-1], {})
        return Said(said.values / 100, said.half / 100)
    return _computed(text, given)


_NO_ARITHMETIC = re.compile(r"^\s*[-+−]\s*[-+−]|[<>=≥≤!]|\b(True|False|if|where|else)\b")


def _computed(text: str, given: Mapping[str, Any]) -> Said:
    """``(−0.1)²``, ``2*3``, ``2*w``: what comes out, as exactly as its numbers were said."""
    names = {name: name for name in given if not name[:1].isdigit()}
    try:
        if _NO_ARITHMETIC.search(text):
            raise _no_number(text)
        with np.errstate(all="ignore"):
            values = plain_numbers(read_expression(text, names)(given))
    except Exception:  # what somebody typed may break off in any way
        values = np.asarray(np.nan)
    if not np.isfinite(values).all():
        raise ArgumentError(
            f"{text!r:.60} is no number. Write one such as −0.25, 3e−4, 1/3 or (−0.1)**2."
        )
    is_exact = not re.search(r"[.,]\d|\de", text)
    return Said(values, np.zeros(values.shape) if is_exact else np.abs(values) * DIGITS)


def _listed(text: str) -> list[Any]:
    """``[[1, 2], [3, 4]]`` as nested lists of texts; numbers in it have a point, no comma."""
    stack: list[list[Any]] = [[]]
    for token in re.findall(r"[\[\]]|[^\[\],;\s]+", text):
        if token == "[":
            stack.append([])
        elif token == "]":
            if len(stack) < 2:
                raise ArgumentError(f"{text!r:.60} closes more brackets than it opens.")
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        raise ArgumentError(f"{text!r:.60} opens more brackets than it closes.")
    return stack[0][0] if len(stack[0]) == 1 else stack[0]


# ---------------------------------------------------------------------- compared with a number


@dataclass(frozen=True)
class Truth:
    """A number, or an array, and how exactly the computer knows it."""

    values: Any
    floor: float

    @classmethod
    def of(cls, values: Any, scale: float = 0.0, share: float = 0.0) -> Truth:
        """With ``scale`` the size of the numbers around: 1e−17 beside them is 0.

        ``share`` of the largest number is what an answer may be off at least.
        """
        array = np.asarray(values)
        kind = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
        exact = 1e-9 if kind == np.float64 else 1e-4 if kind == np.float32 else 1e-2
        largest = float(np.max(np.abs(array), initial=0, where=np.isfinite(array)))
        return cls(array.astype(np.float64), max(exact, share) * largest + 1e-12 * scale)


def fits_shape(said: Said, truth: Truth) -> bool:
    """Whether the shapes are the same, up to axes of length 1."""
    one = tuple(n for n in said.values.shape if n != 1)
    return one == tuple(n for n in truth.values.shape if n != 1)


def is_said(said: Said, truth: Truth) -> bool:
    """Whether an answer is a number, as exactly as it was said but to three digits at least.

    Zeros at the end may be left out: 2 is taken as 2.00.
    """
    values = said.values.reshape(truth.values.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        third = 0.5 * 10.0 ** (np.floor(np.log10(np.abs(values))) - 2)
        half = np.minimum(said.half.reshape(truth.values.shape), third)
        is_near_enough = np.abs(values - truth.values) <= 1.000001 * half + truth.floor
    is_same = (values == truth.values) | (np.isnan(values) & np.isnan(truth.values))
    return bool(np.all(is_near_enough | is_same))


def is_near(said: Said, truth: Truth, share: float = CARRIED) -> bool:
    """Whether an answer is near a number: rounded on the way, or to too few digits."""
    values = said.values.reshape(truth.values.shape)
    with np.errstate(invalid="ignore"):
        off = np.abs(values - truth.values)
    is_finite = np.isfinite(truth.values)
    return bool(np.all(is_finite & (off <= share * np.abs(truth.values) + truth.floor)))


def is_rounded_too_far(said: Said, truth: Truth) -> bool:
    """Whether an answer is right as far as it goes, and that is less than three digits."""
    values = said.values.reshape(truth.values.shape)
    half = said.half.reshape(truth.values.shape)
    return bool(np.all((np.abs(values - truth.values) <= half + truth.floor) & (values != 0)))
