"""The third phase: what an optimizer makes of the gradients, parameter by parameter, in numbers.

Nothing is changed: the optimizer's own rule runs on copies of the parameters and of its state.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from autograd_nn.viz.graph import notation, symbols
from autograd_nn.viz.graph.flows import Sweep, run_again
from autograd_nn.viz.graph.path import norm
from autograd_nn.viz.graph.walk import Walk


class ParameterStep(NamedTuple):
    """One parameter before and after a step, with what the optimizer keeps for it."""

    parameter: Tensor
    gradient: Any
    before: Any
    after: Any
    kept_before: dict[str, Any]
    kept_after: dict[str, Any]
    sentence: str


def updates(walk: Walk, sweep: Sweep, optimizer: Optimizer) -> list[ParameterStep]:
    """What one step of the optimizer does to every parameter that got a gradient."""
    parameters = [
        item
        for item in walk.order
        if type(item) is Tensor and item.operation is None and item in sweep.gradients
    ]
    if not parameters:
        return []
    twins = [Tensor(p._data, requires_grad=True, name=p.name) for p in parameters]
    own = dict(zip(twins, parameters, strict=True))
    state = optimizer._state
    acting = copy.copy(optimizer)
    acting._state = {t: dict(state[p]) for t, p in own.items() if p in state}
    # Of its parameters it knows the names and identities: those of the twins are not theirs.
    vars(acting)["decays"] = lambda twin: optimizer.decays(own[twin])
    vars(acting)["constraint_of"] = lambda twin: optimizer.constraint_of(own[twin])
    with np.errstate(all="ignore"):
        acting.apply_unscaled([(sweep.gradients[p], t) for t, p in own.items()])
        found = []
        for twin, parameter in own.items():
            update = ParameterStep(
                parameter,
                sweep.gradients[parameter],
                parameter._data,
                twin._data,
                state.get(parameter, {}),
                acting._state.get(twin, {}),
                "",
            )
            found.append(update._replace(sentence=_sentence(walk, update, optimizer)))
    return found


def loss_with(walk: Walk, found: list[ParameterStep]) -> Any:
    """The root computed once more with the new parameters; None where that cannot be done."""
    values: dict[int, Any] = {id(update.parameter): update.after for update in found}
    try:
        with run_again():
            for node in walk.order:
                if type(node) is not Tensor or node.operation is None or not node.inputs:
                    continue  # what was drawn at random stays
                inputs = [
                    values.get(id(x), x._data) if type(x) is Tensor else x for x in node.inputs
                ]
                values[id(node)] = node.operation.value(*inputs, **node.attributes or {})
    except Exception:  # an own operation may refuse
        return None
    return values.get(id(walk.root))


# ---------------------------------------------------------------------- in words


class _Line(NamedTuple):
    """One assignment: what is set, how it is written, and how it is computed."""

    to: str
    formula: str
    compute: Callable[[dict[str, Any]], Any]


_DESCENT = _Line("w", "{w} − α·{g}", lambda n: n["w"] - n["α"] * n["g"])
_DECAY = _Line("w", "{w} − λ·α·{w}", lambda n: n["w"] - n["λ"] * n["α"] * n["w"])


def _lines(optimizer: Any, step: int) -> list[_Line]:
    """The rule of an optimizer of ours as it is written on paper; none of others."""
    kind = type(optimizer)
    if kind is SGD and not optimizer.momentum:
        return [_DESCENT]
    if kind is SGD:
        velocity = _Line(
            "velocity",
            "μ·{velocity} − α·{g}",
            lambda n: n["μ"] * n["velocity"] - n["α"] * n["g"],
        )
        if optimizer.nesterov:
            ahead = _Line(
                "w",
                "{w} + μ·{velocity} − α·{g}",
                lambda n: n["w"] + n["μ"] * n["velocity"] - n["α"] * n["g"],
            )
            return [velocity, ahead]
        return [velocity, _Line("w", "{w} + {velocity}", lambda n: n["w"] + n["velocity"])]
    if kind in (Adam, AdamW) and not optimizer.amsgrad:
        return [
            _Line(
                "momentum",
                "β₁·{momentum} + (1 − β₁)·{g}",
                lambda n: n["β₁"] * n["momentum"] + (1 - n["β₁"]) * n["g"],
            ),
            _Line(
                "velocity",
                "β₂·{velocity} + (1 − β₂)·{g²}",
                lambda n: n["β₂"] * n["velocity"] + (1 - n["β₂"]) * n["g"] ** 2,
            ),
            _Line(
                "w",
                "{w} − α·√(1 − β₂^t)/(1 − β₁^t)·{momentum}/(√{velocity} + ε)",
                lambda n: (
                    n["w"]
                    - n["α"]
                    * np.sqrt(1 - n["β₂"] ** step)
                    / (1 - n["β₁"] ** step)
                    * n["momentum"]
                    / (np.sqrt(n["velocity"]) + n["ε"])
                ),
            ),
        ]
    if kind is RMSprop and not optimizer.centered and not optimizer.momentum:
        return [
            _Line(
                "velocity",
                "ρ·{velocity} + (1 − ρ)·{g²}",
                lambda n: n["ρ"] * n["velocity"] + (1 - n["ρ"]) * n["g"] ** 2,
            ),
            _Line(
                "w",
                "{w} − α·{g}/√({velocity} + ε)",
                lambda n: n["w"] - n["α"] * n["g"] / np.sqrt(n["velocity"] + n["ε"]),
            ),
        ]
    return []


_NUMBERS = {
    "α": "learning_rate",
    "λ": "weight_decay",
    "μ": "momentum",
    "β₁": "beta_1",
    "β₂": "beta_2",
    "ρ": "rho",
    "ε": "epsilon",
}
"""The letters of the formulas, and what an optimizer calls them."""


def _sentence(walk: Walk, update: ParameterStep, optimizer: Any) -> str:
    label = walk.label(update.parameter)
    step = optimizer.iterations + 1
    lines = _lines(optimizer, step)
    if lines and optimizer.weight_decay and optimizer.decays(update.parameter):
        lines = [_DECAY, *lines]
    numbers: dict[str, Any] = {
        letter: float(getattr(optimizer, name) or 0.0)
        for letter, name in _NUMBERS.items()
        if hasattr(optimizer, name)
    }
    numbers |= {"t": float(step), "w": update.before, "g": update.gradient}
    names = {"w": label, "g": symbols.total(walk.label(walk.root), label)}
    names["g²"] = f"({names['g']})²"
    parts = []
    for line in lines:
        # What is kept of one parameter is not that of another.
        for kept in ("velocity", "momentum"):
            names[kept] = f"{kept}({label})"
            numbers.setdefault(kept, update.kept_before.get(kept, update.before * 0.0))
        parts.append(_assigned(line, names, numbers))
        numbers[line.to] = line.compute(numbers)
    if not lines or not np.allclose(
        numbers["w"], update.after, rtol=1e-5, atol=1e-8, equal_nan=True
    ):
        return _by_its_name(update, label, names["g"], type(optimizer).__name__)
    letters = [x for x in ("t", *_NUMBERS) if any(_has(line.formula, x) for line in lines)]
    given = ", ".join(f"{x} = {notation.element(numbers[x])}" for x in letters)
    text = f"{'; '.join(parts)}, with {given}"
    if np.size(update.after) > 1:
        text += f". {_sizes(update, label)}"
    return f"{text}."


def _has(formula: str, letter: str) -> bool:
    return ("^t" in formula) if letter == "t" else letter in formula


def _assigned(line: _Line, names: dict[str, str], numbers: dict[str, Any]) -> str:
    """``w ← w − α·∂L/∂w = 2 − 0.1·0.24 = 1.976``; of arrays without numbers."""
    told = f"{names[line.to]} ← {line.formula.format_map(names)}"
    if np.size(numbers["w"]) != 1:
        return told
    single = {
        key: symbols.factor(notation.element(float(np.asarray(x).item())))
        for key, x in numbers.items()
    }
    filled = line.formula.format_map(single | {"g²": f"{single['g']}²"})
    for letter in _NUMBERS:
        filled = filled.replace(letter, single.get(letter, letter))
    filled = filled.replace("^t", f"^{single['t']}")
    result = notation.element(float(np.asarray(line.compute(numbers)).item()))
    return f"{told} = {filled} = {result}"


def _by_its_name(update: ParameterStep, label: str, gradient: str, name: str) -> str:
    """What a rule that has no formula here did, by its results."""
    return f"{label} ← {name}({label}, {gradient}). {_sizes(update, label)}."


def _sizes(update: ParameterStep, label: str) -> str:
    told = [f"{label}: {_from_to(update.before, update.after)}"]
    for name, after in update.kept_after.items():
        if np.size(after) == np.size(update.after):
            before = update.kept_before.get(name)
            numbers = _size(after) if before is None else _from_to(before, after)
            told.append(f"{name}({label}): {'new, ' if before is None else ''}{numbers}")
    return "; ".join(told)


def _size(array: Any) -> str:
    numbers = notation.summarise(array)
    return notation.amount(numbers) if np.size(array) == 1 else notation.norm(numbers)


def _from_to(before: Any, after: Any) -> str:
    if np.size(after) == 1:
        return " → ".join(notation.amount(notation.summarise(x)) for x in (before, after))
    change = np.asarray(after, np.float64) - before
    sizes = [notation.number(norm(x)) for x in (before, after, change)]
    return f"norm {sizes[0]} → {sizes[1]}, the change {sizes[2]}"
