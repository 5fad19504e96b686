"""Operations on single elements, by functions of PyTorch."""

from __future__ import annotations

import operator
from typing import Any

import torch
from torch.nn import functional

from autograd_nn import ops
from autograd_nn.exporting.recorded_steps import RecordedStep


def as_tensor(x: Any, dtype: Any) -> Any:
    """A tensor of this dtype; a number is one too."""
    return x.to(dtype) if hasattr(x, "to") else torch.tensor(x, dtype=dtype)


def _of_elements(function: Any) -> Any:
    """Of tensors, all as those that come out."""

    def rule(out: RecordedStep, *inputs: Any) -> Any:
        return function(*(as_tensor(x, out.dtype) for x in inputs))

    return rule


def plain(function: Any) -> Any:
    """Of tensors and numbers as they are."""
    return lambda out, *inputs, **attributes: function(*inputs, **attributes)


def _bits(of_truths: Any, function: Any) -> Any:
    return lambda out, *x: (of_truths if out.dtype == torch.bool else function)(*x)


def _where(out: RecordedStep, condition: Any, x: Any, y: Any) -> Any:
    x, y = (as_tensor(a, out.dtype) for a in (x, y))
    return torch.where(as_tensor(condition, torch.bool), x, y)


def _root(out: RecordedStep, x: Any) -> Any:
    """The square root, with the slope 0 at 0."""
    is_zero = x == 0
    return torch.where(is_zero, 0, torch.sqrt(torch.where(is_zero, 1, x)))


def _relu(
    out: RecordedStep,
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Any:
    if not (negative_slope or threshold):
        return torch.relu(x) if max_value is None else functional.hardtanh(x, 0.0, max_value)
    y = x if max_value is None else functional.hardtanh(x, 0.0, max_value)
    return torch.where(x > threshold, y, negative_slope * (x - threshold))


def _gelu(out: RecordedStep, x: Any, approximate: bool = False) -> Any:
    return functional.gelu(x, approximate="tanh" if approximate else "none")


_SAME_NAME = """
arccos arccosh arcsin arcsinh arctan arctan2 arctanh ceil copysign cos cosh exp exp2 expm1 floor
fmax fmin fmod hypot isfinite isinf isnan log log10 log1p log2 logaddexp logaddexp2 logical_and
logical_not logical_or logical_xor maximum minimum negative reciprocal sigmoid sign signbit sin
sinc sinh sqrt square tan tanh trunc
"""

ELEMENTS = {
    **{getattr(ops, name): _of_elements(getattr(torch, name)) for name in _SAME_NAME.split()},
    **{
        operation: _of_elements(function)
        for operation, function in {
            ops.absolute: torch.abs, ops.divide: torch.true_divide, ops.power: torch.pow,
            ops.floor_divide: torch.floor_divide, ops.remainder: torch.remainder,
            ops.rint: torch.round, ops.add: torch.add, ops.subtract: torch.subtract,
            ops.multiply: torch.multiply,
        }.items()
    },
    **{
        operation: plain(function)
        for operation, function in {
            ops.equal: operator.eq, ops.not_equal: operator.ne, ops.less: operator.lt,
            ops.less_equal: operator.le, ops.greater: operator.gt,
            ops.greater_equal: operator.ge, ops.isfinite: torch.isfinite, ops.isinf: torch.isinf,
            ops.isnan: torch.isnan, ops.signbit: torch.signbit,
            ops.relu6: functional.relu6, ops.selu: functional.selu, ops.silu: functional.silu,
            ops.mish: functional.mish, ops.softsign: functional.softsign,
            ops.log_sigmoid: functional.logsigmoid, ops.hard_sigmoid: functional.hardsigmoid,
            ops.hard_silu: functional.hardswish, ops.hard_tanh: functional.hardtanh,
            ops.normal_cdf: torch.special.ndtr,
        }.items()
    },
    **{
        operation: lambda out, *x, function=function: function(
            *(as_tensor(a, torch.bool) for a in x)
        )
        for operation, function in {
            ops.logical_and: torch.logical_and, ops.logical_not: torch.logical_not,
            ops.logical_or: torch.logical_or, ops.logical_xor: torch.logical_xor,
        }.items()
    },
    ops.bitwise_and: _bits(torch.logical_and, torch.bitwise_and),
    ops.bitwise_or: _bits(torch.logical_or, torch.bitwise_or),
    ops.bitwise_xor: _bits(torch.logical_xor, torch.bitwise_xor),
    ops.invert: _bits(torch.logical_not, torch.bitwise_not),
    ops.where: _where,
    ops.astype: lambda out, x, dtype: x.to(out.dtype),
    ops.clip: lambda out, x, min=None, max=None: torch.clamp(x, min, max),
    ops.copy: lambda out, x: as_tensor(x, out.dtype).clone(),
    ops.root: _root,
    ops.relu: _relu,
    ops.gelu: _gelu,
    # PyTorch takes x itself beyond a threshold.
    ops.softplus: lambda out, x: functional.softplus(x, threshold=40.0),
    ops.elu: lambda out, x, alpha=1.0: functional.elu(x, alpha),
    ops.celu: lambda out, x, alpha=1.0: functional.celu(x, alpha),
    ops.leaky_relu: lambda out, x, negative_slope=0.2: functional.leaky_relu(x, negative_slope),
    ops.hard_shrink: lambda out, x, threshold=0.5: functional.hardshrink(x, threshold),
    ops.soft_shrink: lambda out, x, threshold=0.5: functional.softshrink(x, threshold),
}  # fmt: skip
"""How each is computed: rule(step, *inputs, **attributes)."""
