"""Where mathematics leaves a choice, or has no derivative: what the gradient is."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """``of`` are the operations and NumPy's functions; the texts are those of the README."""

    of: str
    at: str
    gradient: str


CHOICES = [
    Choice(
        "max min maximum minimum fmax fmin ptp nanmax nanmin",
        "`max`, `min` with several equal, `maximum(a, a)`, `minimum(a, a)`, `fmax(a, a)`",
        "shared equally",
    ),
    Choice(
        "max min maximum minimum",
        "`max`, `min`, `maximum`, `minimum` where the result is NaN",
        "0",
    ),
    Choice("fmax fmin", "`fmax`, `fmin` with one NaN", "1 for the other"),
    Choice(
        "sort partition median quantile percentile nanmedian",
        "`sort`, `median`, `quantile` with several equal",
        "that of the place each is taken from, the earlier first",
    ),
    Choice(
        "max_pooling",
        "`max_pooling` with several equal in a window",
        "that of the first, row by row; a NaN counts as the largest",
    ),
    Choice("absolute fabs", "`abs` at 0", "0"),
    Choice("relu", "`relu` at 0", "0"),
    Choice(
        "relu6 hard_sigmoid hard_silu hard_tanh hard_shrink soft_shrink sparse_sigmoid threshold "
        "leaky_relu elu selu celu",
        "`relu6`, `hard_tanh` and their kin, `leaky_relu`, `selu` where two pieces meet",
        "that of the flat piece, else of the left one",
    ),
    Choice("clip", "`clip` at its ends", "1: the ends belong to the inside"),
    Choice("sqrt", "`sqrt` at 0", "infinite, and NumPy warns"),
    Choice("log log2 log10", "`log` at 0", "infinite, and NumPy warns"),
    Choice(
        "hypot root norm vector_norm std nanstd",
        "`hypot(0, 0)`, `norm` of zeros, `std` of equal numbers",
        "0, the smallest of the subgradients",
    ),
    Choice(
        "cbrt arcsin arccos arccosh arctanh",
        "`cbrt` at 0, `arcsin`, `arccos`, `arctanh` at ±1, `arccosh` at 1",
        "infinite, and NumPy warns",
    ),
    Choice("arctan2", "`arctan2(0, 0)`", "NaN: there every angle is a limit"),
    Choice("sinc", "`sinc` at 0", "0, its limit"),
    Choice(
        "power float_power",
        "`x ** 0` at 0, `x ** 2` at 0, `x ** 0.5` at 0",
        "0, 0, infinite",
    ),
    Choice("power float_power", "`(-2) ** y` with respect to y", "NaN"),
    Choice(
        "prod cumprod nanprod",
        "`prod`, `cumprod` with zeros",
        "the product of the other factors, never `out / x`",
    ),
    Choice("copysign", "`copysign(x, y)`", "sign x · sign y: 0 at x = 0; none with respect to y"),
    Choice(
        "remainder fmod divmod",
        "`remainder`, `fmod` at a multiple",
        "as beside it: 1, and minus the whole quotient with respect to y",
    ),
    Choice(
        "floor ceil trunc rint round sign floor_divide heaviside",
        "`floor`, `round`, `sign`, `//`, `heaviside` at a step",
        "0, as everywhere",
    ),
    Choice(
        "interp",
        "`interp` at a point between two slopes; beyond the ends",
        "the slope to the right, at the last point to the left; 0",
    ),
    Choice(
        "nan_to_num nansum nanmean nanprod nanmax nanmin",
        "`nan_to_num` where it puts a number, `nansum` and its kin at a NaN",
        "0",
    ),
    Choice("where select", "`where(c, x, y)`", "exactly 0 for the branch not taken"),
    Choice(
        "where",
        "`where(x > 0, sqrt(x), 0)` at 0 and below",
        "NaN, 0 · ∞ behind the branch: choose the input too, `sqrt(where(x > 0, x, 1))`",
    ),
    Choice("logsumexp", "`logsumexp` of all −∞", "0"),
    Choice("logaddexp logaddexp2", "`logaddexp(−∞, −∞)`", "shared equally"),
    Choice("xlogy xlog1py", "`special.xlogy(0, y)` with respect to y", "0, also at y = 0"),
    Choice("det", "`det` of a singular matrix", "its cofactors"),
    Choice(
        "inv solve slogdet",
        "`inv`, `solve`, `slogdet` of a singular matrix",
        "`LinearAlgebraError`, of `slogdet` in its rule",
    ),
    Choice("pinv lstsq", "`pinv` where the rank changes", "that for matrices of the same rank"),
    Choice(
        "eigh svd",
        "vectors of `eigh`, `svd` with equal values",
        "the part of equal pairs, which may turn freely, is 0",
    ),
    Choice(
        "eigvalsh svdvals norm",
        "`eigvalsh`, `svdvals` with equal values",
        "by the vectors that NumPy gives, one choice of many",
    ),
    Choice(
        "cholesky eigh eigvalsh",
        "`cholesky`, `eigh` of a symmetric matrix",
        "in the triangle that NumPy reads",
    ),
    Choice(
        "binary_cross_entropy categorical_cross_entropy sparse_categorical_cross_entropy",
        "a cross-entropy of probabilities, beyond its clip to [1e-7, 1 − 1e-7]",
        "that at the clip, not 0: `check_gradients` disagrees there",
    ),
]


def table() -> str:
    """The table as it stands in the README."""
    rows = [f"| {choice.at} | {choice.gradient} |" for choice in CHOICES]
    return "\n".join(["| at | the gradient is |", "|---|---|", *rows])


def choices_of(name: str) -> list[Choice]:
    """Those that an operation or a function has."""
    return [choice for choice in CHOICES if name in choice.of.split()]
