"""check_gradients: the derivative that the rules give against the one that differences give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.argument_checks import number_within, positive_integer
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentTypeError, GradientCheckError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor

# Relative tolerances by the precision of the arguments. A central difference in float64 with a
# step near the cube root of the rounding error is right to about 1e-10.
_TOLERANCE = {2: 1e-2, 4: 2e-3, 8: 1e-6}
_STEP = 6e-6
# Where that step is not the right one: relative to the number itself, and to 1.
_STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)


class GradientReport(NamedTuple):
    """What `check_gradients` compared: it agreed everywhere."""

    order: int
    compared: int
    largest_error: float

    def __str__(self) -> str:
        return (
            f"{self.compared} derivatives up to order {self.order} agree with central "
            f"differences; the largest relative error is {self.largest_error:.1e}."
        )


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 1,
    rtol: float | None = None,
    atol: float | None = None,
) -> GradientReport:
    """Compare the gradients of ``f`` at ``args`` with central differences, element by element.

    Formula      ∂(v·f)/∂x[i] against (v·f(x + h·e_i) − v·f(x − h·e_i)) / 2h, with fixed numbers v
                 between ½ and 1½ in place of the sum, so that no error cancels;
                 h = 6e-6 · max(1, |x[i]|), the differences computed in float64. Where the two
                 do not agree, h is sought at which the difference is known best, and its own
                 error, from rounding of f and from the length of h, is allowed for; it is that
                 of Im f(x + ih)/h, which has next to none, where f takes complex arrays and that
                 agrees with the difference
    Parameters   args: floating-point arrays, numbers, Tensors, or nested lists, tuples and dicts
                 of them; others are passed on as they are
                 order: 2 checks the derivatives of the gradient as well, and so on
                 rtol, atol: tolerances relative to the larger number, by default 1e-6 for
                 float64, 2e-3 for float32, 1e-2 for float16; and absolute, by default 0 for
                 float64, else the relative one of the largest gradient in an argument
    Raises       GradientCheckError (an AssertionError) naming the function, the input, the index
                 and both numbers
    Example

    >>> import numpy as np
    >>> from autograd_nn import check_gradients
    >>> check_gradients(lambda x: x ** 3, np.array([1.0, 2.0])).compared
    2
    """
    order = positive_integer("order", order)
    if not callable(f):
        raise ArgumentTypeError(f"check_gradients(f, *args) needs a function, got {f!r}.")
    values, outline = flatten(list(args))
    arrays, checked = [], []
    for place, value in enumerate(values):
        array = np.array(value._data if type(value) is Tensor else value)
        checked.append(array.dtype.kind == "f")
        arrays.append(array if checked[place] else value)
    if not any(checked):
        raise ArgumentTypeError("check_gradients needs a floating-point argument to vary.")
    sizes = [array.dtype.itemsize for array, on in zip(arrays, checked, strict=True) if on]
    tolerance = _TOLERANCE.get(min(sizes), 1e-6)
    rtol = tolerance if rtol is None else number_within("rtol", rtol, 0, np.inf, high_open=True)
    if atol is not None:
        atol = number_within("atol", atol, 0, np.inf, high_open=True)
    elif min(sizes) >= 8:
        atol = 0.0
    name = getattr(f, "name", None) or getattr(f, "__name__", type(f).__name__)

    def call(*numbers: Any) -> Any:
        return f(*rebuild(outline, list(numbers)))

    return _check(call, arrays, checked, order, rtol, atol, str(name))


def _check(
    f: Callable[..., Any],
    arrays: list[Any],
    checked: list[bool],
    order: int,
    rtol: float,
    atol: float | None,
    name: str,
) -> GradientReport:
    weights: list[Any] = []

    def weighted(numbers: list[Any]) -> list[tuple[Any, Any]]:
        """All results, each with its v, which is the same at every call."""
        results = f(*numbers)
        results = results if isinstance(results, (tuple, list)) else [results]
        if not weights:
            random = np.random.default_rng(0)
            weights.extend(0.5 + random.random(np.shape(result)) for result in results)
        return list(zip(results, weights, strict=True))

    def projected(numbers: list[Any]) -> Any:
        """v·f: one number from all results."""
        return sum((_plain(result) * v).sum() for result, v in weighted(numbers))

    def gradient(*numbers: Any) -> Any:
        """The gradients at Tensors, recorded, so that the next order can be checked.

        v is where the sweep starts: a product and a sum would bring in their own rules, and a
        mistake of theirs undoes itself.
        """
        wanted = [n for n, on in zip(numbers, checked, strict=True) if on]
        total: list[Any] = [np.zeros(n.shape) for n in wanted]
        for result, v in weighted(list(numbers)):
            if type(result) is Tensor and result.requires_grad:
                found = gradients(result, wanted, v, create_graph=order > 1)
                total = [t if g is None else g + t for t, g in zip(total, found, strict=True)]
        return total

    def by_complex_step(exact: list[Any], place: int, index: tuple[int, ...]) -> float | None:
        """Im f(x + ih)/h, None where f does not take complex numbers."""
        step = 1e-20 * max(1.0, abs(float(exact[place][index])))
        there = exact[place].astype(complex)
        there[index] += 1j * step
        try:
            with np.errstate(all="ignore"):
                found = projected([*exact[:place], there, *exact[place + 1 :]])
        except Exception:  # anything may go wrong in a function of real numbers
            return None
        return float(found.imag) / step if isinstance(found, np.complexfloating) else None

    def value_at(exact: list[Any]) -> float:
        tensors = [Tensor(a) if on else a for a, on in zip(exact, checked, strict=True)]
        return float(projected(tensors))

    with recorded():
        tensors = [Tensor(a) if on else a for a, on in zip(arrays, checked, strict=True)]
        by_rules = [np.asarray(_plain(g)) for g in gradient(*tensors)]
        exact = [a.astype(np.float64) if on else a for a, on in zip(arrays, checked, strict=True)]
        compared, largest = 0, 0.0
        for number, place in enumerate(p for p, on in enumerate(checked) if on):
            if by_rules[number].shape != exact[place].shape:
                raise GradientCheckError(
                    f"The gradient of {name} with respect to input {place} has shape "
                    f"{by_rules[number].shape}, the input {exact[place].shape}."
                )
            largest_here = float(np.max(np.abs(by_rules[number]), initial=0.0))
            near = rtol * largest_here if atol is None else atol
            for index in np.ndindex(exact[place].shape):
                by_rule = by_rules[number][index]
                error = _compare(
                    value_at, by_complex_step, exact, place, index, by_rule, rtol, near, name
                )
                largest = max(largest, error)
                compared += 1
    if order == 1:
        return GradientReport(order, compared, largest)
    higher = _check(gradient, arrays, checked, order - 1, rtol, atol, f"the gradient of {name}")
    return GradientReport(order, compared + higher.compared, max(largest, higher.largest_error))


def _compare(
    value_at: Callable[[list[Any]], float],
    by_complex_step: Callable[[list[Any], int, tuple[int, ...]], float | None],
    exact: list[Any],
    place: int,
    index: tuple[int, ...],
    by_rule: Any,
    rtol: float,
    atol: float,
    name: str,
) -> float:
    centre = exact[place]
    at = float(centre[index])

    def moved(by: float) -> float:
        there = centre.copy()
        there[index] += by
        return value_at([*exact[:place], there, *exact[place + 1 :]])

    step = _STEP * max(1.0, abs(at))
    by_difference = _difference(moved, at, step)[0]
    uncertain = 0.0
    if not _agree(by_rule, by_difference, rtol, atol):
        by_difference, uncertain, step = _best_difference(moved, at)
        by_complex = by_complex_step(exact, place, index)
        # Of what is not analytic, such as |x|, a part would be missing from it.
        near = 1e-4 * abs(by_difference) + uncertain
        if by_complex is not None and abs(by_complex - by_difference) <= near:
            by_difference, uncertain = by_complex, 0.0
    scale = max(abs(by_rule), abs(by_difference))
    if _agree(by_rule, by_difference, rtol, atol + uncertain):
        distance = abs(by_rule - by_difference)
        return float(distance / scale) if scale > atol + uncertain else 0.0
    here = moved(0.0)
    where = f"for input {place} at index {index}"
    if not np.isfinite(here):
        raise GradientCheckError(
            f"{name} gives {here} at the arguments, so nothing can be compared there ({where}). "
            "Check at another point."
        )
    if moved(0.0) != here:
        raise GradientCheckError(
            f"{name} gives other numbers when it is called again with the same arguments, so it "
            "has no gradient that could be checked. Draw random numbers outside of it."
        )
    raise GradientCheckError(
        f"The gradient of {name} is wrong {where}: its rule gives {float(by_rule):.10g}, the "
        f"central difference {by_difference:.10g}.{_kink(moved, here, step)}"
    )


def _kink(moved: Callable[[float], float], here: float, step: float) -> str:
    """What is said where the slopes to both sides differ, and do so for a shorter step too."""

    def slopes(step: float) -> tuple[float, float, float]:
        with np.errstate(all="ignore"):
            above, below = moved(step), moved(-step)
        rounded = 4 * np.finfo(float).eps * max(abs(above), abs(below), abs(here)) / step
        return (above - here) / step, (here - below) / step, rounded

    right, left, rounded = slopes(step)
    nearer_right, nearer_left, nearer_rounded = slopes(step / 8)
    # Between two slopes of a curve the difference would shrink with the step.
    if not (
        abs(right - left) > 1e-2 * max(abs(right), abs(left)) + rounded
        and abs(nearer_right - nearer_left) > abs(right - left) / 2 - nearer_rounded
    ):
        return ""
    return (
        f" The function looks like it has a kink here: from the right {right:.6g}, from the left "
        f"{left:.6g}. Check at another point."
    )


def _agree(by_rule: Any, by_difference: float, rtol: float, atol: float) -> bool:
    scale = max(abs(by_rule), abs(by_difference))
    return bool(np.isfinite(scale) and abs(by_rule - by_difference) <= atol + rtol * scale)


def _difference(
    moved: Callable[[float], float], at: float, step: float
) -> tuple[float, float, float]:
    """The central difference, and the values above and below."""
    with np.errstate(all="ignore"):  # it may step out of where the function is defined
        above, below = moved(step), moved(-step)
        # Far from 0 the numbers themselves are rounded, and the step with them.
        return (above - below) / np.float64((at + step) - (at - step)), above, below


def _best_difference(moved: Callable[[float], float], at: float) -> tuple[float, float, float]:
    """The central difference that is known best, how well it is known, and its step."""
    best = (np.nan, np.inf, _STEP * max(1.0, abs(at)))
    least = (np.inf, np.inf)
    for step in sorted({part * whole for part in _STEPS for whole in (abs(at), 1.0) if whole > 0}):
        found, above, below = _difference(moved, at, step)
        shorter, _, _ = _difference(moved, at, step / 2)
        # The values are rounded, and half of the step leaves a quarter of the error of its length.
        size = max(abs(above), abs(below))
        rounded = (2 * np.finfo(float).eps * size + np.finfo(float).tiny) / step
        uncertain = rounded + 2 * abs(found - shorter)
        # Known well relative to itself; where it is not known from 0, the least error.
        key = (uncertain / abs(found) if uncertain < abs(found) else 1.0, uncertain)
        if np.isfinite(uncertain) and key < least:
            least, best = key, (found, uncertain, step)
    return best


def _plain(value: Any) -> Any:
    return value._data if type(value) is Tensor else value
