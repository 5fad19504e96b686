"""From a recorded graph to steps: forward as it was recorded, backward by the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.engine.composing import CALLED
from autograd_nn.engine.contributions import ruled
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import changed_since, made_by, source_of
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.reverse import Contribution, as_seed, sweep
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.program.calls import DOT, with_ones_column
from autograd_nn.program.dense_layers import DenseLayer, dense_layers
from autograd_nn.program.inputs import OF_LABELS, are_at_hand, class_labels
from autograd_nn.program.memory import Block
from autograd_nn.program.refusals import NotTraceable, check_shape
from autograd_nn.program.tracing import Forms, Trace, Traced, in_own_memory, is_near, now
from autograd_nn.program.values import BACKWARD, Instructions, Value

Assignments = Sequence[tuple[Tensor, Tensor, int]]


class Reading:
    """A recorded graph, read once, node by node.

    Parameters   root: the recorded Tensor that is computed, such as a loss
                 inputs: by name, the Tensors and arrays of which a call may give others
                 forms: see Trace
                 blocks: memory in which parameters lie one after the other
                 constants: leaves that were made on the way, and never change
                 assignments: see `Looks`
    """

    def __init__(
        self,
        root: Tensor,
        inputs: Mapping[str, Any],
        forms: Forms | None = None,
        blocks: Sequence[Block] = (),
        constants: Collection[Tensor] = (),
        assignments: Assignments = (),
    ) -> None:
        self.trace = Trace(forms)
        self._fixed = set(constants)
        self.root = root
        self.blocks = [self.trace.leaf("parameters", block.array, "parameter") for block in blocks]
        self._in_block = {
            tensor: (whole, start)
            for whole, block in zip(self.blocks, blocks, strict=True)
            for tensor, start in zip(block.tensors, block.starts, strict=True)
        }
        self.nodes = topological(root)
        self.layers = dense_layers(self.nodes, self._in_block) if self._in_block else []
        self._totals = {layer.total: layer for layer in self.layers}
        self._products = {layer.product: layer for layer in self.layers}
        self._given = {id(x): name for name, x in inputs.items()}
        self._places = {name: place for place, name in enumerate(self._given.values())}
        self.inputs: dict[str, Traced] = {}
        self._arrays: dict[int, Any] = {}  # the user's, which a program reads where they live
        self._ones: dict[Any, Any] = {}
        self._several: dict[
            int, Any
        ] = {}  # by the inputs of an operation its results, of constants
        self._made_in_rule: set[Value] = set()
        self._rule_begins = 0
        # The arrays that live on: of leaves in a block as views of it, and of others that are not
        # given.
        self.views: dict[Tensor, Traced] = {}
        self.held: dict[Tensor, Value] = {}
        self.made: dict[Any, Any] = {}
        # Where leaves were changed since, what was recorded says nothing of the present numbers.
        self.is_fresh = not any(
            changed_since(x, node)
            for node in self.nodes
            for x in node.inputs
            if type(x) is Tensor and x.operation is None
        )
        # A generator is drawn from in the order in which it was.
        drawn = [x for x in self.nodes if x.operation is not None and draws(x)]
        with np.errstate(all="ignore"):
            self._read(sorted(drawn, key=lambda node: node._clock))
            self._read(self.nodes)
            self.assigned = self._assigned(assignments)

    def _read(self, nodes: list[Tensor]) -> None:
        for node in nodes:
            if node not in self.made:
                self.made[node] = self._leaf(node) if node.operation is None else self._step(node)

    def _assigned(self, assignments: Assignments) -> list[tuple[Value, Value]]:
        """The arrays of weights that get other data at the end of a call, and what they get."""
        found: dict[Tensor, tuple[Value, Value]] = {}
        for weight, value, _ in assignments:
            self._read(topological(value))
            self._read([weight])
        for weight, value, time in assignments:
            for node in self.made:
                if node._clock >= time and any(x is weight for x in node.inputs):
                    raise NotTraceable(
                        f"{described(weight)} is read after it was assigned to in the same step. "
                        "Read it before, or use what is assigned."
                    )
            new = self.made[value]
            if new.value.kind != "array" and weight.ndim == 0:
                new = self.trace.call(np.full, ((), new))
            if new.dtype != weight.dtype:
                new = new.astype(weight.dtype)
            found[weight] = (self.held[weight], new.value)
        return list(found.values())

    def _leaf(self, leaf: Tensor) -> Any:
        data = leaf._data
        name = self._given.get(id(leaf))
        if name is not None:
            return self._given_leaf(name, data)
        if (source := source_of(leaf)) is not None:
            return self._operand(source)
        if (computed := made_by(leaf)) is not None:
            operation, inputs, attributes, index = computed
            self._read([x for x in inputs if type(x) is Tensor])
            operands = tuple(self._operand(x) for x in inputs)
            if index is None:
                return in_own_memory(self.trace.apply(operation, operands, attributes or {}))
            if id(inputs) not in self._several:
                self._several[id(inputs)] = self.trace.apply(operation, operands, attributes or {})
            return in_own_memory(self._several[id(inputs)][index])
        name = leaf.name or "parameter"
        if leaf in self._fixed:
            made = self.trace.constant(np.asarray(data), leaf.name or "constant")
            return made if type(data) is np.ndarray else made[()]
        if leaf in self._in_block:
            whole, start = self._in_block[leaf]
            view = whole[start : start + leaf.size]
            if leaf.ndim != 1:
                view = view.reshape(leaf.shape)
            view.value.call(name)
            self.views[leaf] = view
            if type(data) is np.ndarray:
                return view
            taken = view[()]
            taken.value.name = name
            return taken
        if type(data) is np.ndarray:
            made = self.trace.leaf(name, data, "parameter")
            self.held[leaf] = made.value
            return made
        # What a program keeps is an array; a scalar is taken out of it.
        kept = self.trace.leaf(name, np.asarray(data), "parameter")
        self.held[leaf] = kept.value
        taken = kept[()]
        taken.value.name = name
        return taken

    def _given_leaf(self, name: str, data: Any) -> Traced:
        self.inputs[name] = made = self.trace.leaf(name, data, "input")
        made.value.place = self._places[name]
        return made

    def _step(self, node: Tensor) -> Any:
        inputs = tuple(self._operand(x) for x in node.inputs)
        attributes = self._attributes(node)
        self.trace.scope = node.scope or ""
        if node.operation in OF_LABELS and not are_at_hand(node.inputs[1]):
            labels = self.trace.call(class_labels, (inputs[1], node.inputs[0].shape[-1]))
            inputs = (inputs[0], labels, *inputs[2:])
        if node.operation is part:
            return inputs[0][attributes["index"]]
        known = node._data if self.is_fresh or draws(node) else None
        if node in self._totals:
            made = self._layer(self._totals[node], known)
        else:
            made = self.trace.apply(node.operation, inputs, attributes, known=known)  # type: ignore[arg-type]
        check_shape(node, now(made))
        if type(made) is Traced and made.value.role == "temporary":
            made.value.call(node.name or self._named(node))
        return made

    def _layer(self, layer: DenseLayer, known: Any) -> Traced:
        """A dense layer as one product by feature: [kernel; bias]ᵀ with [xᵀ; 1]."""
        kernel = layer.kernel
        block, start = self._in_block[kernel]
        rows, units = kernel.shape
        matrix = block[start : start + (rows + 1) * units].reshape((rows + 1, units))
        matrix.value.call(f"{self.made[kernel].value.name}_and_bias")
        x = self._operand(layer.product.inputs[0])
        wide = layer.wide = self.trace.call(with_ones_column, (x,))
        wide.value.name = f"{x.value.name}_and_ones"
        product: Traced = self.trace.call(
            DOT, (matrix.T, wide.T), known=None if known is None else known.T
        )
        return product.T

    def _named(self, node: Tensor) -> str:
        if node is self.root:
            return "loss"
        name = node.operation.name  # type: ignore[union-attr]
        return f"{node.scope.removesuffix(CALLED)}_{name}" if node.scope else name

    def _attributes(self, node: Tensor) -> dict[str, Any]:
        """Arrays among them stay arrays, unless they are given: a rule may ask what they are."""
        attributes = node.attributes or {}
        for item in attributes.values():
            for operand in item if type(item) is tuple else (item,):
                self._operand(operand)  # what is written down of it is the array, where it lives
        return {
            key: self._operand(x) if id(x) in self._given else x for key, x in attributes.items()
        }

    def _operand(self, operand: Any) -> Any:
        if type(operand) is Tensor:
            return self.made[operand]
        if type(operand) is not np.ndarray:
            return operand
        found = self._arrays.get(id(operand))
        if found is None:
            found = self._arrays[id(operand)] = self._array(operand)
        return found

    def _array(self, array: np.ndarray[Any, Any]) -> Any:
        name = self._given.get(id(array))
        if name is not None:
            return self._given_leaf(name, array)
        made = self.trace.constant(array if array.ndim else array.reshape(1), role="array")
        return made if array.ndim else made[0]

    def value_of(self, result: Any) -> Value:
        """The Value of a recorded Tensor, also one beside the root, or of a plain result."""
        if type(result) is Tensor and result not in self.made:
            self._read(topological(result))
        return self.trace.valued(self._operand(result))

    # ------------------------------------------------------------------ backward

    def differentiated(self, wrt: Sequence[Tensor]) -> list[Any]:
        """The gradient of the root for every Tensor in ``wrt``, None where it is not reached.

        The same sweep as on numbers, with the same sums in the same order.
        """
        pending = {step.input: step.total for step in self.swept(wrt)}
        pending.setdefault(self.root, self.seed)
        return [pending.get(x) if x._requires_grad else None for x in wrt]

    def swept(self, wanted: Sequence[Tensor] | None = None) -> list[Contribution]:
        """Every contribution to a gradient, and what the input has received with it: on the way
        to the wanted Tensors, or to all."""
        self.trace.phase = BACKWARD
        found = []
        with np.errstate(all="ignore"):
            for step in sweep(self.root, self.seed, self._contributions, wanted):
                found.append(step)
                self._call_gradient(step.total, step.input)
        self.trace.scope = ""
        return found

    @cached_property
    def seed(self) -> Any:
        """What the backward pass starts from."""
        seed = as_seed(self.root, None)
        return self.trace.constant(seed, "seed") if type(seed) is np.ndarray else seed

    def _contributions(self, node: Tensor, g: Any, slots: list[int]) -> Iterator[tuple[int, Any]]:
        """What a node sends back, as values of the program."""
        self.trace.scope = node.scope or ""
        self._made_in_rule.clear()
        self._rule_begins = len(self.trace.steps)
        if node in self._totals:
            yield from self._back_through_bias(self._totals[node], g)
            return
        if node in self._products:
            yield 1, self._products[node].gradient[:-1]
            slots = [slot for slot in slots if slot == 0]
        for slot, d in self.of_rules(node, g, slots).items():
            x = node.inputs[slot]._data
            yield slot, d if node.operation is part else unbroadcast(d, x, node, slot, self)

    def of_rules(self, node: Tensor, g: Any, slots: list[int]) -> dict[int, Any]:
        """What the rules of a node make of a gradient, before broadcasting is undone."""
        values = tuple(self._operand(x) for x in node.inputs)
        return dict(self._ruled(node, g, values, self._attributes(node), slots))

    def _back_through_bias(self, layer: DenseLayer, g: Any) -> Iterator[tuple[int, Any]]:
        """The gradient of kernel and bias is [x, 1]ᵀ @ g; that of the product is g."""
        layer.gradient = layer.wide.T.dot(g)
        layer.gradient.value.call(f"grad_{self.made[layer.kernel].value.name}_and_bias")
        for slot, x in enumerate(layer.total.inputs):
            yield slot, g if x is layer.product else layer.gradient[-1]

    def _ruled(
        self, node: Tensor, g: Any, values: Any, attributes: dict[str, Any], slots: list[int]
    ) -> list[tuple[int, Any]]:
        """What the rules return for the slots: step by step, or where that says something else
        than the rules say of numbers, by calls of the rules."""
        operation, out, steps = node.operation, self.made[node], self.trace.steps
        before = len(steps)
        plain = {key: now(x) for key, x in attributes.items()}
        self.trace.runs_own = operation.is_own  # type: ignore[union-attr]
        try:
            found = list(ruled(operation, g, out, values, attributes, slots))
            if not operation.is_own:  # type: ignore[union-attr]
                return found
            numbers = ruled(operation, now(g), now(out), now(values), plain, slots)
            if all(is_near(now(d), n) for (_, d), (_, n) in zip(found, numbers, strict=True)):
                return found
        except ShapeError:  # wrong on numbers too
            raise
        except Exception:  # anything may go wrong in a rule that was written for arrays
            pass
        finally:
            self.trace.runs_own = False
        del steps[before:]
        if len(slots) > 1 and isinstance(operation.gradients, tuple):  # type: ignore[union-attr]
            alone = (self._ruled(node, g, values, attributes, [slot]) for slot in slots)
            return [found for of_slot in alone for found in of_slot]
        return self._called_rules(operation, (g, out, *values), attributes, slots)

    def _called_rules(
        self, operation: Any, given: tuple[Any, ...], attributes: dict[str, Any], slots: list[int]
    ) -> list[tuple[int, Any]]:
        """The rules as functions that the program calls."""
        name, rules = f"{operation.name}_rule", operation.gradients
        if isinstance(rules, tuple):
            texts = dict(enumerate(operation.javascript[1:]))
            called = {
                slot: Operation(name, value=rule, gradients=(), javascript=texts.get(slot))
                for slot in slots
                if (rule := rules[slot]) is not None
            }
            return [
                (slot, self.trace.call(rule, given, attributes)) for slot, rule in called.items()
            ]

        def wanted(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
            return tuple(d for _, d in ruled(operation, g, out, inputs, attributes, slots))

        plain = {key: now(x) for key, x in attributes.items()}
        numbers = now(given)
        found = ruled(operation, numbers[0], numbers[1], numbers[2:], plain, slots)
        known = [slot for slot, _ in found]
        made = self.trace.call(Operation(name, value=wanted, gradients=()), given, attributes)
        return list(zip(known, made, strict=True))

    def _call_gradient(self, d: Any, x: Tensor) -> None:
        """Name what was just made after the value whose gradient it is."""
        steps = self.trace.steps
        self._made_in_rule.update(step.output for step in steps[self._rule_begins :])
        self._rule_begins = len(steps)
        if type(d) is Traced and d.value in self._made_in_rule:
            made = self.made[x]
            if type(made) is Traced:
                d.value.call(f"grad_{made.value.name}")

    # What un-broadcasting asks of this kind of value: the same calls as of numbers.

    def value(self, d: Any, node: Tensor, slot: int) -> Any:
        """What a rule returned as a value of the program, a number for an input that is one."""
        if type(d) is not Traced:
            d = self.trace.constant(np.array(d))
        is_number = d.value.kind == "array" and not d.shape and not node.inputs[slot].shape
        return d[()] if is_number else d

    def row_sum(self, d: Any) -> Any:
        """The sum of the rows of a matrix."""
        length, dtype = d.shape[0], d.dtype
        if (length, dtype) not in self._ones:
            self._ones[length, dtype] = self.trace.constant(np.ones(length, dtype), "ones")
        return self._ones[length, dtype].dot(d)

    def spread(self, d: Any, shape: tuple[int, ...]) -> Any:
        """``d`` in a larger shape."""
        return self.trace.call(np.full, (shape, d))


def as_steps(
    reading: Reading, gradients: Sequence[Any], outputs: Sequence[Any] = (), loss: Any = None
) -> Instructions:
    """What was read so far as a program that gives the root, gradients, and ``outputs``.

    Parameters   loss: what is given in place of the root
    """
    trace = reading.trace
    return Instructions(
        trace.steps,
        reading.value_of(reading.root if loss is None else loss),
        [None if d is None else trace.valued(d) for d in gradients],
        [reading.value_of(output) for output in outputs],
    )


def draws(node: Tensor) -> bool:
    """Whether computing it anew would draw from a generator of the user."""
    return any(isinstance(x, np.random.Generator) for x in (node.attributes or {}).values())
