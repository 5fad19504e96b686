"""A recorded loss as a program that its page runs, and where in its memory every number is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn import optimizers
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.javascript import Unwritable
from autograd_nn.javascript.encoded import Encoded
from autograd_nn.javascript.opened_forms import forms
from autograd_nn.program import (
    ITERATION,
    LEARNING_RATE,
    OF_LABELS,
    Reading,
    Traced,
    Value,
    moved,
)
from autograd_nn.viz.elements.jacobians import is_floating, maker
from autograd_nn.viz.graph.flows import Sweep, terms_of_elements
from autograd_nn.viz.graph.walk import Item, Walk
from autograd_nn.viz.live.leaves import is_leaf, leaves_of
from autograd_nn.viz.live.local_slopes import local_slope
from autograd_nn.viz.live.predicting import prediction
from autograd_nn.viz.live.rates_ahead import Rates, rates_ahead

RECEIPT = "receipt"
"""The phase of what no step of training needs: slopes, and sums in the order of the telling."""

LOSS_AHEAD = -1
"""The place of the loss with the parameters that the update makes: of a pass of its own."""

RATE = 0.1
"""The learning rate of the page where no optimizer was given."""

LARGEST_LEAVES = 3_000_000
"""Bytes: parameters and inputs travel whole, and a larger page would help nobody."""


class NotLive(Exception):
    """Why a page does not compute: the key of a phrase, and what fills its holes."""

    def __init__(self, key: str, **holes: str) -> None:
        super().__init__(key)
        self.key, self.holes = key, holes


class LiveProgram:
    """The passes of a walk and the update of an optimizer as calls on places in memory.

    The backward pass comes from the rules, run on values of a program. Every number that the page
    shows has its place: what a node is, and of an edge the local slope, the contribution, and the
    sum that the input has with it.

    Parameters   optimizer: None takes steps of gradient descent with the learning rate 0.1
    Raises       NotLive where the page cannot compute it
    """

    def __init__(self, walk: Walk, sweep: Sweep, optimizer: Any = None) -> None:
        self._walk, self._sweep = walk, sweep
        self._leaves = leaves_of(walk)
        given = self._leaves.inputs
        if sum(np.size(_data(x)) * 8 for x in given.values()) > LARGEST_LEAVES:
            raise NotLive("computing.large")
        try:
            self._reading = Reading(walk.root, given, forms())
            if not self._reading.is_fresh:  # what was recorded is not what would be computed
                raise NotLive("computing.changed")
            self._values = dict(self._values_of_nodes())
            self._contributions: dict[tuple[Tensor, int], Any] = {}
            self._totals: dict[tuple[Tensor, int], Any] = {}
            self._locals: dict[tuple[Tensor, int], Any] = {}
            self._gradients: dict[Any, Any] = {}
            self._after: dict[Tensor, Value] = {}
            self._updates: list[tuple[Value, Value]] = []
            self._settings: dict[str, Value] = {}
            self._states: dict[Value, Any] = {}
            self._kept: dict[Tensor, dict[str, tuple[Value, Value, bool]]] = {}
            self.rates: Rates | None = None
            if not sweep.why_none:
                self._read_backward()
                own = optimizers.SGD(RATE) if optimizer is None else optimizers.get(optimizer)
                self._read_update(own)
            self._probes = dict(self._read_probes())
            self._prediction = prediction(walk, self._reading)
            self._encoded = self._encode()
        except NotLive:
            raise
        except Unwritable as error:
            raise NotLive("computing.call", name=error.call) from None
        except Exception as error:  # anything may go wrong in what was written for arrays
            raise NotLive("computing.error", error=type(error).__name__) from None

    # ------------------------------------------------------------------ reading

    def _values_of_nodes(self) -> Iterator[tuple[int, Value]]:
        reading = self._reading
        for item in self._walk.order:
            data = _data(item)
            if type(item) is Tensor:
                made = reading.made[item]
                if type(data) is tuple:
                    continue
                yield id(item), reading.trace.valued(made)
            elif is_leaf(item):
                yield id(item), reading.value_of(data)

    def _read_backward(self) -> None:
        reading, sweep = self._reading, self._sweep
        sums: dict[tuple[Any, Any], Any] = {}
        gradients: dict[Any, Any] = {self._walk.root: reading.seed}
        for step in reading.swept():
            self._contributions[step.node, step.slot] = step.contribution
            if step.node.operation is not part:
                sums[id(gradients.get(step.input)), id(step.contribution)] = step.total
                gradients[step.input] = step.total
        self._gradients = gradients
        reading.trace.phase = RECEIPT
        so_far: dict[Tensor, list[Any]] = {}
        for flow in sweep.steps:
            edge = flow.node, flow.slot
            d = self._contributions[edge]
            if flow.node.operation is part:
                continue
            told = so_far.setdefault(flow.input, [])
            if not told:
                total = d
            elif len(told) + 1 == len(sweep.received[flow.input]):
                total = gradients[flow.input]
            else:
                total = sums.get((id(told[-1]), id(d)))
                total = told[-1] + d if total is None else total
            told.append(total)
            self._totals[edge] = total
            if (local := local_slope(reading, flow)) is not None:
                self._locals[edge] = local

    def _read_update(self, optimizer: Any) -> None:
        reading = self._reading
        names = {id(x): name for name, x in self._leaves.inputs.items()}
        tensors = [
            x
            for x in self._walk.order
            if type(x) is Tensor and x.operation is None and x in self._gradients
        ]
        if not tensors:
            return
        pairs = [
            (reading.inputs[names[id(t)]], _as_traced(reading, self._gradients[t])) for t in tensors
        ]
        self.rates = rates_ahead(optimizer)
        moves, changes, states = moved(reading.trace, optimizer, tensors, pairs)
        self._updates = [change for move in moves for change in move.changes] + changes
        self._after = {t: move.changes[0][1] for t, move in zip(tensors, moves, strict=True)}
        read = {x for step in reading.trace.steps for x in step.read() if x.role == "setting"}
        self._settings = {x.name: x for x in read}
        for value, (tensor, key) in states.items():
            known = optimizer._state.get(tensor, {})
            self._states[value] = known.get(key, np.zeros(value.shape))
        for old, new in self._updates:
            if old in states:
                tensor, key = states[old]
                is_new = key not in optimizer._state.get(tensor, {})
                self._kept.setdefault(tensor, {})[key] = old, new, is_new
        self._numbers = {
            LEARNING_RATE: float(optimizer.learning_rate),
            ITERATION: optimizer._iterations + 1,
        }

    def _read_probes(self) -> Iterator[tuple[str, tuple[Value, dict[int, Value]]]]:
        """Rules with a gradient that the page sets: the local derivatives of what has no simpler
        terms."""
        trace = self._reading.trace
        for node in self._walk.order:
            if type(node) is not Tensor or not node.inputs or type(node._data) is tuple:
                continue
            if terms_of_elements(node):
                continue
            name = self._walk.ids[id(node)]
            trace.phase = name
            seed = trace.leaf("seed", np.ones_like(node._data)[()], "input")
            for wants in (_any, _wants_gradient):
                before = len(trace.steps)
                try:
                    results = self._of_seed(node, seed, wants)
                except Exception:  # no sweep has ever tried the rule of a constant
                    del trace.steps[before:]
                else:
                    found = {slot: trace.valued(d) for slot, d in results.items()}
                    yield name, (seed.value, found)
                    break

    def _of_seed(self, node: Tensor, seed: Any, wants: Any) -> dict[int, Any]:
        made_of, result = maker(node)
        g = seed
        if result is not None:
            g = tuple(seed if i == result else None for i in range(len(made_of._data)))
        inputs = [x._data if type(x) is Tensor else x for x in made_of.inputs]
        slots = [
            slot for slot, x in enumerate(made_of.inputs) if is_floating(inputs[slot]) and wants(x)
        ]
        found = self._reading.of_rules(made_of, g, slots)
        return {
            slot: unbroadcast(d, inputs[slot], made_of, slot, self._reading)
            for slot, d in found.items()
        }

    # ------------------------------------------------------------------ as data

    def _encode(self) -> Encoded:
        reading = self._reading
        drawn = {
            made.value: made.now
            for node, made in reading.made.items()
            if node.operation is not None and not node.inputs and type(made) is Traced
        }
        self.is_drawn = bool(drawn)
        encoded = Encoded(drawn)
        shown = [*self._contributions.values(), *self._totals.values(), *self._locals.values()]
        results = [*self._values.values(), *map(reading.trace.valued, shown)]
        results += [new for _, new in self._updates]
        results += [x for _, found in self._probes.values() for x in found.values()]
        if self._prediction is not None:
            results.append(self._prediction.result)
        for x in reading.inputs.values():
            encoded.place(x.value)
        encoded.write(reading.trace.steps, results)
        for value in [*results, reading.trace.valued(reading.seed)] if self._gradients else results:
            encoded.place(value)
        for value, content in self._states.items():
            encoded.contents[encoded.place(value)] = np.asarray(content)
        for name, value in self._settings.items():
            encoded.contents[encoded.place(value)] = np.asarray(self._numbers[name])
        return encoded

    def data(self) -> dict[str, Any]:
        """The program for the page, with arrays as they are."""
        encoded, reading = self._encoded, self._reading
        place = encoded.place
        inputs = {name: place(x.value) for name, x in reading.inputs.items()}
        shown = set(self._walk.ids.values())
        for name, at in inputs.items():
            if name not in shown:  # it does not travel as the value of a node
                encoded.contents[at] = np.asarray(_data(self._leaves.inputs[name]))
        found: dict[str, Any] = {
            "leaves": {name: at for name, at in inputs.items() if name in shown},
            "parts": {
                name: [inputs[whole], places]
                for name, (whole, places) in self._leaves.parts.items()
                if whole in inputs
            },
            "root": place(self._values[id(self._walk.root)]),
            "updates": [[place(old), place(new)] for old, new in self._ordered()],
            "settings": {name: place(x) for name, x in self._settings.items()},
            "probes": {
                name: [place(seed), {str(slot): place(x) for slot, x in results.items()}]
                for name, (seed, results) in self._probes.items()
            },
            "predicts": self._predicts(),
            "classes": dict(self._classes()),
        }
        return found | {
            "functions": encoded.functions,
            "own": encoded.own,
            "shapes": encoded.shapes,
            "seen": {str(place): of for place, of in encoded.seen.items()},
            "contents": {str(place): data for place, data in encoded.contents.items()},
            "calls": encoded.calls,
        }

    def _classes(self) -> Iterator[tuple[str, int]]:
        """The labels that are numbers of classes, and how many classes there are."""
        for node in self._walk.order:
            if type(node) is Tensor and node.operation in OF_LABELS:
                scores, labels = node.inputs[:2]
                if id(labels) in self._walk.ids:
                    yield self._walk.ids[id(labels)], np.shape(_data(scores))[-1]

    def _predicts(self) -> dict[str, Any] | None:
        """The nodes and places of the prediction."""
        if self._prediction is None:
            return None
        batch, labels, output, given, result = self._prediction
        ids = self._walk.ids
        return {
            "batch": ids[id(batch)],
            "labels": None if labels is None else ids[id(labels)],
            "output": ids[id(output)],
            "given": self._encoded.place(given),
            "result": self._encoded.place(result),
        }

    def _ordered(self) -> list[tuple[Value, Value]]:
        """First what gets the numbers of something else that lives on."""
        return sorted(self._updates, key=lambda change: change[1].role == "temporary")

    # ------------------------------------------------------------------ where the numbers are

    def value(self, item: Item) -> int | None:
        """The place of a node; None of what is given, and of a number in a formula, which stays."""
        if self._walk.ids[id(item)] in self._leaves.inputs:
            return None
        found = self._values.get(id(item))
        return None if found is None else self._encoded.place(found)

    def of_edge(self, node: Tensor, slot: int, what: str) -> int:
        """The place of the "contribution" of an edge, of its "local" slope, or of the sum "after"
        it."""
        known = {"contribution": self._contributions, "local": self._locals, "after": self._totals}
        return self._place(known[what][node, slot])

    def start(self) -> int:
        """The place of dL/dL."""
        return self._place(self._reading.seed)

    def after(self, parameter: Tensor) -> int:
        """The place of what the update makes of a parameter, and of the loss with all of these."""
        made = self._after.get(parameter)
        return LOSS_AHEAD if made is None else self._encoded.place(made)

    def kept(self, parameter: Tensor) -> dict[str, tuple[tuple[int, ...], int, int, bool]]:
        """What the optimizer keeps for a parameter, by names: the shape, the places before and
        after the step, and whether there was nothing before."""
        place = self._encoded.place
        return {
            name: (old.shape, place(old), place(new), is_new)
            for name, (old, new, is_new) in self._kept.get(parameter, {}).items()
        }

    def _place(self, item: Any) -> int:
        return self._encoded.place(self._reading.trace.valued(item))


def _any(_: Any) -> bool:
    return True


def _wants_gradient(x: Any) -> bool:
    return type(x) is Tensor and x._requires_grad


def _data(item: Any) -> Any:
    if type(item) is Tensor:
        return item._data
    return item.data if not isinstance(item, np.ndarray) else item


def _as_traced(reading: Reading, gradient: Any) -> Traced:
    if type(gradient) is Traced:
        return gradient
    return reading.trace.constant(np.asarray(gradient)[()])
