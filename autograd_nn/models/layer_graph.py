"""The graph of a functional model: the calls of layers between its inputs and its outputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd_nn.arrays import alone, as_array
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.input_layer import InputLayer
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import Computation, LayerCall
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.layers.shapes import Shape, flatten_shapes
from autograd_nn.settings import floatx
from autograd_nn.several import by_name


class LayerGraph:
    """What is computed between placeholders and placeholders.

    Parameters   inputs, outputs: a placeholder each, or nested lists, tuples and dicts of them
    Raises       ArgumentTypeError for what is no placeholder; ArgumentError where an output needs
                 an input that is not among the inputs, and for an input that stands there twice
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.inputs, self.inputs_outline = _placeholders(inputs, "inputs")
        self.outputs, self.outputs_outline = _placeholders(outputs, "outputs")
        for place, one in enumerate(self.inputs):
            if any(one is other for other in self.inputs[:place]):
                raise ArgumentError(
                    f"`inputs` has {one!r} twice: one placeholder takes one array of data."
                )
        # In the order in which one meets them on the way back from the outputs.
        self._met: dict[Layer, None] = {}
        self.calls = list(self._sorted())
        inputs = [x.call.layer for x in self.inputs if isinstance(x.call.layer, InputLayer)]
        self.unused = [layer for layer in inputs if layer not in self._met]
        self._met = {**dict.fromkeys(self.unused), **self._met}
        self._settle()

    def _sorted(self) -> Iterator[LayerCall]:
        """The calls between inputs and outputs, each once, those before others first."""
        given = set(map(id, self.inputs))
        done: set[int] = set()
        stack = [(output, False) for output in reversed(self.outputs)]
        while stack:
            placeholder, is_left = stack.pop()
            call = placeholder.call
            if is_left:
                yield call
                continue
            is_input = id(placeholder) in given
            if isinstance(call.layer, InputLayer) or not is_input:
                self._met.setdefault(call.layer)
            if not is_input and id(call) not in done:
                if isinstance(call.layer, InputLayer):
                    raise self._disconnected(placeholder)
                done.add(id(call))
                stack.append((placeholder, True))
                stack += [(x, False) for x in reversed(call.inputs)]

    def forget(self) -> None:
        """Have the layers forget their calls in this graph, which is to be made anew."""
        for call in self.calls:
            call.layer._calls.forget(call)

    def _disconnected(self, missing: Placeholder) -> ArgumentError:
        names = ", ".join(repr(x.name) for x in self.inputs)
        return ArgumentError(
            f"`outputs` cannot be computed from `inputs`, which are {names}: the input "
            f"{missing!r} is needed, too. Write it among the inputs, Model([…, {missing.name}], "
            "outputs), or start from those that are there."
        )

    def _settle(self) -> None:
        """What follows from inputs, outputs and calls: the layers in order, and how to run."""
        place = self._place = {id(x): n for n, x in enumerate(self.inputs)}
        self._steps: list[tuple[LayerCall, Any, Any]] = []
        for call in self.calls:
            sources = [place[id(x)] for x in call.inputs]
            for result in call.results:
                place.setdefault(id(result), len(place))
            targets = [place[id(x)] for x in call.results]
            # Most layers take one placeholder, and nothing else, and give one.
            simple = call.values == call.inputs[:1] and call.outline == ((0,), {})
            self._steps.append((
                call,
                sources[0] if simple and not isinstance(call.layer, Computation) else sources,
                targets[0] if type(call.outputs) is Placeholder else targets,
            ))  # fmt: skip
        self._results = [place[id(x)] for x in self.outputs]
        self._slots = len(place)
        self.operations = self._in_order()

    def _in_order(self) -> list[Layer]:
        """All layers and computations: those far from the outputs first, as Keras lists them."""
        depths: dict[LayerCall | Layer, int] = {}
        for call in reversed(self.calls):
            depth = max(depths.get(call, 0), depths.get(call.layer, 0))
            depths[call] = depths[call.layer] = depth
            for x in call.inputs:
                depths[x.call] = max(depths.get(x.call, 0), depth + 1)
        for x in self.inputs:
            if isinstance(x.call.layer, InputLayer):
                depths[x.call.layer] = depths.get(x.call, 0)
        return sorted(self._met, key=lambda layer: -depths[layer])

    # ------------------------------------------------------------------ names and shapes

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs: their keys in a dict, else those of their layers."""
        return _names(self.inputs, self.inputs_outline)

    @property
    def output_names(self) -> list[str]:
        """The names of the outputs: their keys in a dict, else those of their layers."""
        return _names(self.outputs, self.outputs_outline)

    def output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of this shape, or of these."""
        shapes, _ = flatten_shapes(input_shape)
        found: list[Any] = [*shapes, *[None] * (len(self._place) - len(shapes))]
        for call, _, _ in self._steps:
            given = [found[self._place[id(x)]] for x in call.inputs]
            for x, shape in zip(call.results, call.shapes_for(given)[0], strict=True):
                found[self._place[id(x)]] = shape
        return rebuild(self.outputs_outline, [found[place] for place in self._results])

    def number_of(self, placeholder: Placeholder) -> int:
        """The inputs are counted first, then what comes out of the calls in their order."""
        return self._place[id(placeholder)]

    # ------------------------------------------------------------------ copying

    def __getstate__(self) -> dict[str, Any]:
        """Layers, and the numbers of the placeholders they are called on: a copy makes its own."""

        def numbered(value: Any) -> Any:
            return _Number(self._place[id(value)]) if type(value) is Placeholder else value

        return {
            "inputs": [(x.call.layer, (x.shape, x.dtype)) for x in self.inputs],
            "calls": [
                (call.layer, [numbered(value) for value in call.values], call.outline,
                 flatten(call.outputs)[1],
                 [x.shape for x in call.results], [x.dtype for x in call.results])
                for call in self.calls
            ],
            "outputs": self._results,
            "outlines": (self.inputs_outline, self.outputs_outline),
        }  # fmt: skip

    def __setstate__(self, state: dict[str, Any]) -> None:
        made: list[Placeholder] = []

        def note(call: LayerCall, outline: Any, shapes: Any, dtypes: Any) -> None:
            call.give(shapes, outline, dtypes)
            made.extend(call.results)

        for layer, result in state["inputs"]:
            note(LayerCall(layer, (), {}), 0, *zip(result, strict=True))
        for layer, values, outline, *results in state["calls"]:
            given = [made[x.place] if type(x) is _Number else x for x in values]
            note(LayerCall(layer, *rebuild(outline, given)), *results)
        inputs, outputs = state["outlines"]
        self.__init__(  # type: ignore[misc]
            rebuild(inputs, made[: len(state["inputs"])]),
            rebuild(outputs, [made[n] for n in state["outputs"]]),
        )

    # ------------------------------------------------------------------ running

    def run(self, inputs: Any, training: bool) -> Any:
        """The outputs for values of the inputs, in the structure of the outputs."""
        values: list[Any] = [*self.fitted(inputs), *[None] * (self._slots - len(self.inputs))]
        for call, sources, targets in self._steps:
            layer = call.layer
            if type(sources) is int:
                found = layer(values[sources], training=training)
            else:
                found = _run(call, [values[place] for place in sources], training)
            if type(targets) is int:
                values[targets] = found
            else:
                for place, value in zip(targets, flatten(found)[0], strict=True):
                    values[place] = value
        results = (values[place] for place in self._results)
        # An input that is an output too may be an array.
        found = [x if isinstance(x, Tensor) else Tensor(x, requires_grad=False) for x in results]
        return rebuild(self.outputs_outline, found)

    def fitted(self, inputs: Any) -> list[Any]:
        """Values in the order of the inputs, checked: each has the shape of its placeholder."""
        values = self.in_order(inputs)
        for n, (placeholder, value) in enumerate(zip(self.inputs, values, strict=True)):
            wanted = placeholder.shape
            if len(value.shape) != len(wanted):
                values[n] = value = of_rank(value, wanted)
            shape = value.shape
            if len(shape) != len(wanted) or any(
                length is not None and length != found
                for length, found in zip(wanted, shape, strict=True)
            ):
                raise ShapeError(
                    f"The input {placeholder.name!r} has shape {wanted}, got shape {tuple(shape)}."
                )
            if placeholder.dtype.kind != "f" and value.dtype != placeholder.dtype:
                values[n] = value.astype(placeholder.dtype)
        return values

    def given(self, inputs: Any) -> Any:
        """What a list or a dict holds as arrays or Tensors: a list where there are several."""
        names = self.input_names
        if len(names) == 1 and not isinstance(inputs, dict):
            values = [alone(inputs, self.inputs[0].ndim)]
        else:
            values = self.in_order(inputs)
        found = [
            x if type(x) is Tensor else as_array(x, name, floatx())
            for x, name in zip(values, names, strict=True)
        ]
        return found if len(found) > 1 else found[0]

    def in_order(self, inputs: Any, what: str = "inputs") -> list[Any]:
        """Values given as the inputs are, as a list, or as a dict by name: one for each input."""
        names = self.input_names
        if isinstance(inputs, dict):
            return by_name(inputs, names, what, "inputs")
        if len(names) == 1:
            return [inputs]
        if isinstance(inputs, (list, tuple)):
            inputs = flatten(inputs)[0]
        return by_name(inputs, names, what, "inputs")


class _Number(NamedTuple):
    """A placeholder among the arguments of a call, by its number."""

    place: int


def _run(call: LayerCall, found: list[Any], training: bool) -> Any:
    args, keywords = call.arguments(found)
    if isinstance(call.layer, Computation):
        return call.layer.call(*args, **keywords)
    return call.layer(*args, **{"training": training, **keywords})


def of_rank(value: Any, wanted: Shape) -> Any:
    """(N,) as the (N, 1) that is wanted, and the other way round, as in Keras."""
    shape = value.shape
    if shape and len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        return value.reshape((*shape, 1))
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return value.reshape(shape[:-1])
    return value


def _placeholders(structure: Any, what: str) -> tuple[list[Placeholder], Any]:
    if isinstance(structure, dict):
        # By their names, as Keras goes through them: layers, and so weights, come in its order.
        structure = dict(sorted(structure.items(), key=lambda item: str(item[0])))
    values, outline = flatten(structure)
    for value in values:
        if type(value) is not Placeholder:
            way_out = ""
            if isinstance(value, Layer):
                way_out = f" That is a layer: call it, {value.name}(x), and give what comes out."
            elif what == "inputs":
                way_out = " Write x = Input((features,))."
            raise ArgumentTypeError(
                f"`{what}` of a model are placeholders, or lists or dicts of them, got "
                f"{type(value).__name__}.{way_out}"
            )
    if not values:
        raise ArgumentError(f"`{what}` of a model is empty.")
    return values, outline


def _names(placeholders: list[Placeholder], outline: Any) -> list[str]:
    if isinstance(outline, dict) and all(type(part) is int for part in outline.values()):
        return list(outline)
    names: list[str] = []
    for placeholder in placeholders:
        stem = name = placeholder.name
        number = 0
        while name in names:
            number += 1
            name = f"{stem}_{number}"
        names.append(name)
    return names
