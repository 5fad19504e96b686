"""Convolution and pooling of windows with three axes, as loops over their places.

Those with one and two are opened into rows by the planner, before anything is compiled.
"""

from __future__ import annotations

from typing import Any

from autograd_nn.jit.compiled_form import CompiledForm, Former, by_name, refused, whole
from autograd_nn.program import Function, Instruction

# x (N, *S, C), kernel (*K, C, O), out (N, *L, O): of the three one is what is computed.
_PRODUCTS = """
def NAME_FLOAT(ARGUMENTS, strides, before, dilation, groups, FOUND):
    s1, s2, s3, channels = x.shape[-4:]
    k1, k2, k3, c, filters = kernel.shape
    l1, l2, l3 = out.shape[-4:-1]
    x = x.reshape((x.size // (s1 * s2 * s3 * channels), s1, s2, s3, channels))
    out = out.reshape((len(x), l1, l2, l3, filters))
    each = filters // groups
    FOUND[:] = 0
    for n in range(len(x)):
        for p1, i1 in np.ndindex(l1, k1):
            a1 = p1 * strides[0] + i1 * dilation[0] - before[0]
            if a1 < 0 or a1 >= s1:
                continue
            for p2, i2 in np.ndindex(l2, k2):
                a2 = p2 * strides[1] + i2 * dilation[1] - before[1]
                if a2 < 0 or a2 >= s2:
                    continue
                for p3, i3 in np.ndindex(l3, k3):
                    a3 = p3 * strides[2] + i3 * dilation[2] - before[2]
                    if a3 < 0 or a3 >= s3:
                        continue
                    for q in range(channels):
                        for o in range(q // c * each, (q // c + 1) * each):
                            STATEMENT
"""
_OUT, _X, _KERNEL = "out[n, p1, p2, p3, o]", "x[n, a1, a2, a3, q]", "kernel[i1, i2, i3, q % c, o]"

# What is read and written at each window of x, (N, *S, C), is (N, *L, C) or like x.
_WINDOWS = """
def NAME_FLOAT(ARGUMENTS, size, strides, before, FOUND):
    s1, s2, s3, channels = LIKE_X.shape[-4:]
    l1, l2, l3 = LIKE_OUT.shape[-4:-1]
    samples = LIKE_X.size // (s1 * s2 * s3 * channels)
RESHAPED
    FOUND[:] = 0
    for n in range(samples):
        for p1, p2, p3 in np.ndindex(l1, l2, l3):
            f1, f2, f3 = (
                p1 * strides[0] - before[0], p2 * strides[1] - before[1],
                p3 * strides[2] - before[2],
            )
            b1, e1 = max(f1, 0), min(f1 + size[0], s1)
            b2, e2 = max(f2, 0), min(f2 + size[1], s2)
            b3, e3 = max(f3, 0), min(f3 + size[2], s3)
            for c in range(channels):
BODY
"""
_LARGEST = """
largest, has_one, w1, w2, w3 = FLOAT(-np.inf), False, 0, 0, 0
for a1 in range(b1, e1):
    for a2 in range(b2, e2):
        for a3 in range(b3, e3):
            v = x[n, a1, a2, a3, c]
            if not has_one or (largest == largest and (v > largest or v != v)):
                largest, has_one, w1, w2, w3 = v, True, a1, a2, a3
"""
_ADDED = """
part = g[n, p1, p2, p3, c] / FLOAT((e1 - b1) * (e2 - b2) * (e3 - b3))
for a1 in range(b1, e1):
    for a2 in range(b2, e2):
        for a3 in range(b3, e3):
            out[n, a1, a2, a3, c] += part
"""
_TOTAL = """
total = 0.0
for a1 in range(b1, e1):
    for a2 in range(b2, e2):
        for a3 in range(b3, e3):
            total += x[n, a1, a2, a3, c]
out[n, p1, p2, p3, c] = FLOAT(total / ((e1 - b1) * (e2 - b2) * (e3 - b3)))
"""


def _of_windows(name: str, like_x: list[str], like_out: list[str], body: str) -> str:
    """The text of a function, by which of its arguments are like x and which like the result."""
    every = [(x, "s") for x in like_x] + [(x, "l") for x in like_out]
    reshaped = [f"    {x} = {x}.reshape((samples, {k}1, {k}2, {k}3, channels))" for x, k in every]
    lines = [f"{' ' * 16}{line}" for line in body.strip().splitlines()]
    given = [x for x in ("g", "h", "x") if x in like_x + like_out]
    text = _WINDOWS.replace("NAME", name).replace("ARGUMENTS", ", ".join(given))
    text = text.replace("LIKE_X", like_x[0]).replace("LIKE_OUT", like_out[0])
    text = text.replace("RESHAPED", "\n".join(reshaped)).replace("FOUND", "out")
    return text.replace("BODY", "\n".join(lines))


def _of_products(name: str, arguments: str, found: str, statement: str) -> str:
    text = _PRODUCTS.replace("NAME", name).replace("ARGUMENTS", arguments)
    return text.replace("FOUND", found).replace("STATEMENT", statement)


_PUT = f"{_LARGEST}if has_one:\n    out[n, w1, w2, w3, c] += g[n, p1, p2, p3, c]"
_TAKE = f"{_LARGEST}if has_one:\n    out[n, p1, p2, p3, c] = h[n, w1, w2, w3, c]"
_KEEP = f"{_LARGEST}out[n, p1, p2, p3, c] = largest"

TEXTS = by_name(
    _of_products("convolution", "x, kernel", "out", f"{_OUT} += {_X} * {_KERNEL}"),
    _of_products("convolution_input", "out, kernel", "x", f"{_X} += {_OUT} * {_KERNEL}"),
    _of_products("convolution_kernel", "x, out", "kernel", f"{_KERNEL} += {_X} * {_OUT}"),
    _of_windows("max_pooling", ["x"], ["out"], _KEEP),
    _of_windows("max_pooling_input", ["x", "out"], ["g"], _PUT),
    _of_windows("max_pooling_taken", ["x", "h"], ["out"], _TAKE),
    _of_windows("average_pooling", ["x"], ["out"], _TOTAL),
    _of_windows("average_pooling_input", ["out"], ["g"], _ADDED),
)


def _form(name: str) -> Former:
    is_product = name.startswith("convolution")

    def form(step: Instruction) -> CompiledForm:
        how: dict[str, Any] = step.attributes
        inputs = tuple(x for x in step.inputs if x is not None)
        size = tuple(how["size"]) if "size" in how else inputs[1].shape[:-2]
        if len(size) != 3:
            raise refused(step, f"of {len(size)} axes")
        once = (1,) * 3 if is_product else size
        strides = tuple(how.get("strides") or once)
        before = tuple(b for b, _ in how.get("padding") or ((0, 0),) * 3)
        dilation = tuple(how.get("dilation") or (1, 1, 1))
        last: tuple[Any, ...] = (size, strides, before)
        if is_product:
            last = strides, before, dilation, how.get("groups", 1)
        shape = step.output.shape
        given = (*inputs, *last)
        return CompiledForm(name, len(given), (shape,), whole(*shape), given=given)

    return form


FORMS: dict[Function | str, Former] = {name: _form(name) for name in TEXTS}
