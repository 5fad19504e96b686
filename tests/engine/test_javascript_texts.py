"""What an own operation says of itself in JavaScript is read before it stands in a page."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_nn import Operation
from autograd_nn.engine.errors import ArgumentError


def own(javascript: Any) -> Any:
    rules = (lambda g, out, x, y: g * y, lambda g, out, x, y: g * x)
    return Operation("own", value=lambda x, y: x * y, gradients=rules, javascript=javascript)


@pytest.mark.parametrize(
    "text",
    ["x", "Math.max(x, 0)", "x / (y + Math.abs(x))", "x > 0 ? x : .1 * x", "-(x ** 2)", "2 ** -x",
     "x === 0 ? 1 : Math.sin(x) / x", "1e-3*x", "x<0 && x>-1 ? x : 0", "!(x > 0) * Math.E",
     "Math.max(-x, y ** 2)", "2 - -x", ("x * y", "g * y", None), ("x * y", "g * y", "g * out / y")],
)  # fmt: skip
def test_an_expression_of_elements_is_taken(text: Any) -> None:
    assert own(text).javascript[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x / (1 +", "ends too early"),
        ("x => x * 2", "cannot be read at '=> x"),
        ("foo(x)", "has 'foo', which is not known there"),
        ("z", "has 'z', which is not known there"),
        ("g * x", "of x, y, numbers and functions"),
        ("x</script><b>", "cannot be read at '/script"),
        ("alert(1)", "has 'alert'"),
        ("", "ends too early"),
        ("x y", "cannot be read at 'y'"),
        ("x; y", "cannot be read at '; y'"),
        ("x, y", "cannot be read at ', y'"),
        ("x--y", "cannot be read at '-y'"),
        ("-x ** 2", "cannot be read at"),
        ("Math.foo(x)", "has 'Math.foo'"),
        ("(x", "ends too early"),
        ("x ? 1", "has a . without its :"),
        ("x : x ? 1", "cannot be read at ': x"),
        (("x * y", "h * y"), "has 'h'"),
    ],
)
def test_anything_else_is_refused_in_words(text: Any, told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        own(text)
