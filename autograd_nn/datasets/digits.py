"""The 1,797 handwritten digits that ship with the package."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError

_FILE = Path(__file__).with_name("digits.npz")
_TRAINING = 1437  # rows; the 360 rows after them are for testing

Split = tuple[np.ndarray, np.ndarray]


def load_digits(classes: Iterable[int] | None = None) -> tuple[Split, Split]:
    """Handwritten digits, 8 by 8 pixels, as ``(x_train, y_train), (x_test, y_test)``.

    Every call gives the same split. The 1,797 images are sorted by digit, and every fifth, from the
    first on, is for testing: 360 of them, one fifth of each digit; 1,437 are for training. Within
    either part they stand in the order of the source, in which the digits are mixed.

    Shapes       x (n, 64) float32, row by row of the image, 0 for paper to 1 for ink;
                 y (n,) int64, the digit
    Parameters   classes: the digits to keep, as (0, 1); all ten by default. Labels stay the digits
    Raises       ValueError when no digit is kept, or one is not of 0 to 9, or is named twice
    Source       E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
                 Learning Repository, 1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0:
                 its testing part, as scikit-learn carries it, in another order
    Example      The digits 0 and 1 are 178 and 182 images:

    >>> (x_train, y_train), (x_test, y_test) = load_digits(classes=(0, 1))
    >>> len(x_train), len(x_test)
    (288, 72)
    """
    kept = None if classes is None else _checked(classes)
    with np.load(_FILE, allow_pickle=False) as stored:
        x = stored["images"].astype(np.float32) / np.float32(16)
        y = stored["labels"].astype(np.int64)
    parts = (x[:_TRAINING], y[:_TRAINING]), (x[_TRAINING:], y[_TRAINING:])
    if kept is None:
        return parts
    (x_train, y_train), (x_test, y_test) = parts
    train, test = np.isin(y_train, kept), np.isin(y_test, kept)
    return (x_train[train], y_train[train]), (x_test[test], y_test[test])


def _checked(classes: Iterable[int]) -> list[int]:
    """The digits to keep, or an error that says which is none."""
    if isinstance(classes, str) or not isinstance(classes, Iterable):
        raise ArgumentTypeError(
            f"`classes` must be digits such as (0, 1), got {classes!r} "
            f"of type {type(classes).__name__}."
        )
    kept = [positive_integer("classes", digit, minimum=0) for digit in classes]
    if not kept:
        raise ArgumentError("`classes` is empty; name digits of 0 to 9, or leave it out for all.")
    strange = [digit for digit in kept if digit > 9]
    if strange:
        raise ArgumentError(f"`classes` must be digits of 0 to 9, got {strange[0]}.")
    if len(set(kept)) < len(kept):
        raise ArgumentError(f"`classes` names a digit twice: {kept}.")
    return kept
