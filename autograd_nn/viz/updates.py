"""The third phase: what an optimizer makes of the gradients, parameter by parameter, in numbers.

Nothing is changed: the optimizer's own rule runs on copies of the parameters and of its state.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from autograd_nn.viz.graph import symbols
from autograd_nn.viz.graph.flows import Sweep, run_again
from autograd_nn.viz.graph.number_forms import Teller
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.wording.saying import say


class ParameterStep(NamedTuple):
    """One parameter before and after a step, with what the optimizer keeps for it.

    ``place`` is its index among all steps, and ``node`` the id of the parameter, in a page.
    """

    parameter: Tensor
    gradient: Any
    before: Any
    after: Any
    kept_before: dict[str, Any]
    kept_after: dict[str, Any]
    place: int
    node: str
    sentence: str

    @property
    def places(self) -> dict[str, str]:
        """Where its value, its gradient, and its new value are in a page."""
        return {"w": f"v:{self.node}", "g": f"g:{self.node}", "after": f"a:{self.place}"}

    def kept_place(self, name: str, when: str) -> str:
        """Where it is what the optimizer keeps: "before", or "kept" after the step."""
        return f"{when}:{self.place}:{quote(name)}"


def updates(
    walk: Walk, sweep: Sweep, optimizer: Optimizer, first: int, shown: Teller
) -> list[ParameterStep]:
    """What one step of the optimizer does to every parameter that got a gradient.

    ``first`` is the index of the first of these steps among all, ``shown`` how numbers are told.
    """
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
        found: list[ParameterStep] = []
        for twin, parameter in own.items():
            update = ParameterStep(
                parameter,
                sweep.gradients[parameter],
                parameter._data,
                twin._data,
                state.get(parameter, {}),
                acting._state.get(twin, {}),
                first + len(found),
                walk.ids[id(parameter)],
                "",
            )
            told = _sentence(walk, update, optimizer, shown)
            found.append(update._replace(sentence=told))
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


def _sentence(walk: Walk, update: ParameterStep, optimizer: Any, shown: Teller) -> str:
    label = walk.label(update.parameter)
    step = optimizer.iterations + 1
    lines = _lines(optimizer, step)
    if shown.as_holes and _may_differ(optimizer, update.parameter):
        lines = []
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
    is_single = np.size(update.after) == 1
    places = update.places | {"α": "rate", "t": f"count:{step}"}
    parts = []
    for line in lines:
        # What is kept of one parameter is not that of another.
        for kept in ("velocity", "momentum"):
            names[kept] = f"{kept}({label})"
            numbers.setdefault(kept, update.kept_before.get(kept, update.before * 0.0))
            places.setdefault(kept, update.kept_place(kept, "before"))
        told = f"{names[line.to]} ← {line.formula.format_map(names)}"
        result = line.compute(numbers)
        is_decay = line is _DECAY
        place = f"decayed:{update.node}:{numbers['λ']}" if is_decay else places["after"]
        if line.to != "w":
            place = update.kept_place(line.to, "kept")
        if is_single:
            told += _filled(line, numbers, places, shown)
            told += f" = {shown('element', (result, place))}"
        parts.append(told)
        numbers[line.to], places[line.to] = result, place
    sizes = _sizes(update, label, shown)
    if not lines or not np.allclose(
        numbers["w"], update.after, rtol=1e-5, atol=1e-8, equal_nan=True
    ):
        name = type(optimizer).__name__
        return say("steps.by_name", label=label, name=name, gradient=names["g"], sizes=sizes)
    letters = [x for x in ("t", *_NUMBERS) if any(_has(line.formula, x) for line in lines)]
    given = say("numbers.list").join(
        f"{x} = {shown('element', (numbers[x], places.get(x, '')))}" for x in letters
    )
    told = say("numbers.semicolon").join(parts)
    if is_single:
        return say("steps.assigned", lines=told, given=given)
    return say("steps.assigned_sizes", lines=told, given=given, sizes=sizes)


def _may_differ(optimizer: Any, parameter: Tensor) -> bool:
    """Whether with other numbers the step may not be what the rule alone makes."""
    clips = optimizer.clipnorm, optimizer.clipvalue, optimizer.global_clipnorm
    is_around = optimizer.kept_around or optimizer.constraint_of(parameter) is not None
    return is_around or any(limit is not None for limit in clips)


def _has(formula: str, letter: str) -> bool:
    return ("^t" in formula) if letter == "t" else letter in formula


def _filled(line: _Line, numbers: dict[str, Any], places: dict[str, str], shown: Teller) -> str:
    """`` = 2 − 0.1·0.24``, of single numbers."""
    single = {key: shown("factor", (x, places.get(key, ""))) for key, x in numbers.items()}
    filled = line.formula.format_map(single | {"g²": f"{single['g']}²"})
    for letter in _NUMBERS:
        filled = filled.replace(letter, single.get(letter, letter))
    filled = filled.replace("^t", f"^{single['t']}")
    return f" = {filled}"


def _sizes(update: ParameterStep, label: str, shown: Teller) -> str:
    """How the parameter changed, and what the optimizer keeps for it."""
    places = update.places
    change = shown("from_to", (update.before, places["w"]), (update.after, places["after"]))
    told = [say("steps.size", name=label, told=change)]
    for name, kept in update.kept_after.items():
        if np.size(kept) == np.size(update.after):
            before = update.kept_before.get(name), update.kept_place(name, "before")
            numbers = shown("kept_change", before, (kept, update.kept_place(name, "kept")))
            told.append(say("steps.size", name=f"{name}({label})", told=numbers))
    return say("numbers.semicolon").join(told)
