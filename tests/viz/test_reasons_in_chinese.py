"""What `why` says in Chinese: whole sentences, with no English but names, code and formulas."""

import re
import warnings
from collections.abc import Callable
from string import Formatter
from typing import Any

import pytest

from autograd_nn import viz
from autograd_nn.engine.operation import Operation
from autograd_nn.viz.wording.phrases import AREAS
from tests.viz.test_reasons import PLANTED, Case

NAMES = (
    "NaN nan inf Tensor False True None dtype float data item numpy detach no_grad z x f y e "
    "requires_grad w trainable layer backward grad zero_grad optimizer parameters logits softmax "
    "sigmoid relu tanh softplus glorot_uniform he_normal clipnorm mean std min max sum axis "
    "BinaryCrossentropy activation from_logits predictions reshape kernel_initializer ln log exp "
    "np clip isfinite argwhere where condition logsumexp sqrt gradients float32"
)
CODE = set(NAMES.split())
"""Names of the library and of NumPy that a sentence may have, and letters of formulas."""

WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")


def foreign_in(phrase: str) -> list[str]:
    """English words in a Chinese phrase, and punctuation that is not fullwidth."""
    chinese = "".join(text for text, *_ in Formatter().parse(phrase))
    words = [word for word in WORD.findall(chinese) if word not in CODE]
    return words + re.findall(r"[\u4e00-\u9fff] ?[,;:?!.](?=\s|$)", chinese)


def test_a_phrase_has_no_english_words() -> None:
    found = {
        (area, key): foreign_in(chinese)
        for area in ("causes", "faults", "verdict", "wires")
        for key, (_, chinese) in AREAS[area].items()
    }
    assert {place: foreign for place, foreign in found.items() if foreign} == {}


@pytest.mark.parametrize("foreign", ["梯度 is 0", "梯度。vanishes", "梯度, 为", "梯度."])
def test_what_is_foreign_is_seen(foreign: str) -> None:
    assert foreign_in("{name} 的梯度为 NaN。" + foreign) != []


@pytest.mark.parametrize(
    ("plant", "cause"),
    [(plant, cause) for plant, cause, _ in PLANTED],
    ids=[plant.__name__ for plant, _, _ in PLANTED],
)
def test_a_planted_fault_is_told_in_chinese(plant: Callable[[], Case], cause: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, where the fault is a NaN
        loss, w = plant()
    with viz.language("zh"):
        reason = viz.why(loss, w)
    assert reason.cause == cause
    text = " ".join([reason.text, *reason.suggestions])
    names = {word for name in _names(loss, w) for word in WORD.findall(name)}
    numbered = {re.sub(r"\d+$", "", word) for word in names}
    words = {re.sub(r"(?<=[a-z])_?\d+$", "", word) for word in WORD.findall(text)}
    # A label such as v3 or dense_1/z; e of 1e−07.
    assert words <= CODE | names | numbered | {"v", "z", "a", "dense", "h", "conv", "u"}, text
    assert "可以尝试：" in reason.text


def _names(loss: Any, w: Any) -> set[str]:
    """The names of Tensors, operations and layers of a graph."""
    found = {w.name or ""}
    seen, waiting = set(), [loss, w]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not hasattr(node, "inputs"):
            continue
        seen.add(id(node))
        operation: Operation | None = node.operation
        found |= {node.name or "", node.scope or "", operation.name if operation else ""}
        waiting += node.inputs
    return found
