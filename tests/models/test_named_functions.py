"""Functions in a functional model are found again by name, and a name leads to nothing else."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from scipy import special as scipy_special

from autograd_nn import Input, Model, Operation, ops, special
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.numpy_protocol import call_of
from autograd_nn.engine.operation import OF_NUMPY
from autograd_nn.models import architecture, model_from_json


def again(function: Any) -> Any:
    return architecture._made_function(architecture._written_function(function), {})


def test_all_functions_of_numpy_and_scipy_are_found_again() -> None:
    assert call_of(np.roots) is None  # loads the less usual ones
    assert len(OF_NUMPY) > 250
    for function in OF_NUMPY:
        assert again(function) == function
    assert again(np.add.reduce) == np.add.reduce
    assert again(np.multiply.outer) == np.multiply.outer


def test_all_operations_are_found_again() -> None:
    for module in (ops, special):
        for name in module.__all__:
            operation = getattr(module, name)
            if isinstance(operation, Operation):
                assert again(operation) is operation


def test_a_model_with_functions_of_scipy() -> None:
    x = Input((3,))
    model = Model(x, scipy_special.expit(x) + special.erf(x))
    values = np.array([[0.5, -1.0, 2.0]], np.float32)
    found = model_from_json(model.to_json()).predict(values)
    expected = scipy_special.expit(values) + scipy_special.erf(values)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "written",
    [
        {"numpy": "load"},
        {"numpy": "save"},
        {"numpy": "f2py.compile"},
        {"numpy": "os.system"},
        {"numpy": "ctypeslib.os.system"},
        {"numpy": "linalg.linalg.os"},
        {"numpy": "testing.measure"},
        {"numpy": "add.__class__"},
        {"numpy": "add.at"},
        {"numpy": "__builtins__"},
        {"operation": "__builtins__"},
        {"operation": "Operation"},
        {"scipy": "errstate"},
    ],
)
def test_no_name_leads_elsewhere(written: Any) -> None:
    x = Input((3,))
    text = json.loads(Model(x, np.exp(x)).to_json())
    (computation,) = (e for e in text["config"]["layers"] if e["class_name"] == "Computation")
    computation["config"]["function"] = written
    with pytest.raises(ArgumentError, match="There is no"):
        model_from_json(json.dumps(text))


@pytest.mark.parametrize("dtype", ["U1000000000", "O", "i4,i4", "(1000000000,)f8", "V9", 3, None])
def test_no_dtype_but_of_numbers(dtype: Any) -> None:
    x = Input((3,))
    text = json.loads(Model(x, x + np.ones(3, np.float32)).to_json())
    (call,) = (c for c in text["config"]["calls"] if len(c["arguments"]) == 2)
    call["arguments"][1]["dtype"] = dtype
    with pytest.raises(ArgumentError, match="no dtype"):
        model_from_json(json.dumps(text))
