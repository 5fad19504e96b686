"""Wrong calls, and what each must answer: the table `bad_inputs.json`, one test per row."""

from __future__ import annotations

import builtins
import json
import math
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.engine.recording import recording
from autograd_nn.engine.tensor import Tensor
from autograd_nn.models import Model

TABLE = json.loads(Path(__file__).with_name("bad_inputs.json").read_text(encoding="utf-8"))
AREAS = {"engine", "layers", "training", "losses", "optimizers", "state", "drawing", "files"}
CASES = TABLE["cases"]


def test_every_area_is_known() -> None:
    assert {case["area"] for case in TABLE["cases"]} == AREAS


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_bad_input(case: dict[str, Any], monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    space: dict[str, Any] = {}
    exec(TABLE["common_setup"] + "\n" + case.get("setup", ""), space)
    before = _state(space)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if case.get("expect_exception"):
            expected = _classes(case["expect_exception"])
            with pytest.raises(expected) as raised:
                eval(case["call"], space)
            _mentions(str(raised.value), case.get("message_should_mention", []))
            if case["id"] != "fit_keyboard_interrupt":
                assert _state(space) == before
                assert not list(tmp_path.iterdir())
        else:
            result = eval(case["call"], space)
    if case["area"] == "files":  # its rows leave open what they wrote themselves
        caught = [warning for warning in caught if warning.category is not ResourceWarning]
    if wanted := case.get("expect_warning"):
        assert any(re.search(wanted, str(warning.message)) for warning in caught)
    elif case["id"] not in _NUMPY_WARNS:
        assert not caught
    if "expect_result" in case:
        RESULTS[case["id"]](result, space)
    if case["id"] == "fit_keyboard_interrupt":
        model = space["m"]
        assert len(model.history.history["loss"]) == 4
        assert model.history.epoch == [0, 1, 2, 3]
        assert np.isfinite(model.predict(space["X"])).all()
    assert recording()


def _classes(text: str) -> tuple[type[BaseException], ...]:
    names = {"AxisError": np.exceptions.AxisError}
    return tuple(names.get(name) or getattr(builtins, name) for name in text.split("|"))


def _mentions(message: str, items: list[str]) -> None:
    for item in items:
        assert any(part.lower() in message.lower() for part in item.split("|")), (item, message)
    assert "\x1b" not in message


def _state(space: dict[str, Any]) -> Any:
    """Every weight of every model, and whether it is compiled and built."""
    return [
        (name, thing.built, [weight._data.tobytes() for weight in thing.weights], thing.history)
        for name, thing in space.items()
        if isinstance(thing, Model)
    ]


def _trains(history: Any, space: dict[str, Any]) -> None:
    assert math.isfinite(history.history["loss"][0])


def _no_update(optimizer: Any, space: dict[str, Any]) -> None:
    w = Tensor(2.0)
    optimizer.apply_gradients([(5.0, w)])
    assert w.item() == 2.0


def _seed_with_nan(result: Any, space: dict[str, Any]) -> None:
    np.testing.assert_array_equal(space["x"].grad, [np.nan, 2.0])


def _twice(result: Any, space: dict[str, Any]) -> None:
    assert space["x"].grad.tolist() == [4.0, 8.0]


def _infinite(result: Any, space: dict[str, Any]) -> None:
    assert result.data == np.inf


def _zero(result: Any, space: dict[str, Any]) -> None:
    assert result == 0.0


def _escaped(dot: str, space: dict[str, Any]) -> None:
    from autograd_nn.viz import draw

    assert "<script" not in dot.replace("\\<script", "")
    assert "x->y" not in re.sub(r'"(\\.|[^"\\])*"', '""', dot)  # outside of quoted strings
    picture = draw(space["named"]('a"];x->y[label=<<script>alert(1)</script>>'))
    assert "<script" not in picture.svg()


RESULTS: dict[str, Any] = {
    "fit_bool_x": _trains,
    "sgd_lr_zero": _no_update,
    "backward_seed_nan_ok": _seed_with_nan,
    "backward_twice": _twice,
    "pow_zero_negative": _infinite,
    "grad_fn_independent": _zero,
    "draw_hostile_label": _escaped,
}
# A division by zero is NumPy's own warning, and reaches the user.
_NUMPY_WARNS = {"pow_zero_negative"}
