"""Calls of layers on placeholders: what a functional model is made of."""

from __future__ import annotations

import inspect
from typing import Any, final

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.layers.ends import Calls
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.layers.shapes import Shape, flatten_shapes, found_by_runs
from autograd_nn.settings import floatx

Found = tuple[list[Shape], Any, list[Any]]
"""Shapes, their structure, and dtypes."""


class LayerCall:
    """One call of a layer on placeholders, and those that came out.

    Parameters   layer: what was called
                 args, keywords: what with, placeholders among constants
    """

    def __init__(self, layer: Layer, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.layer = layer
        self.values, self.outline = flatten((args, keywords))
        self.inputs = [value for value in self.values if type(value) is Placeholder]
        self.outputs: Any = None

    @property
    def results(self) -> list[Placeholder]:
        """The placeholders that came out, from left to right."""
        return flatten(self.outputs)[0]

    def arguments(self, values: list[Any]) -> tuple[Any, dict[str, Any]]:
        """What it was called with, with these values in place of the placeholders."""
        given = iter(values)
        return rebuild(
            self.outline, [next(given) if type(x) is Placeholder else x for x in self.values]
        )

    def give(self, shapes: list[Shape], outline: Any, dtypes: list[Any]) -> Any:
        """The placeholders that come out, which the layer knows from now on."""
        pairs = zip(shapes, dtypes, strict=True)
        made = [Placeholder(*pair, self, n) for n, pair in enumerate(pairs)]
        self.outputs = rebuild(outline, made)
        layer = self.layer
        if layer._calls is None:
            layer._calls = Calls()
        layer._calls.all.append(self)
        return self.outputs

    def shapes_for(self, given: list[Shape]) -> Found:
        """What comes out where the placeholders that it was called on have these shapes."""
        layer = self.layer
        args, keywords = self.arguments(given)
        if (
            isinstance(layer, Computation)
            or type(layer).compute_output_shape is Layer.compute_output_shape
            or _have_settings(keywords)
        ):
            places = (n for n, x in enumerate(self.values) if type(x) is Placeholder)
            pairs = zip(given, (x.dtype for x in self.inputs), strict=True)
            specs = dict(zip(places, pairs, strict=True))
            function = layer.call if isinstance(layer, Computation) else layer
            return found_by_runs(function, self.values, self.outline, specs, layer.name)
        named = shapes_by_name(layer.compute_output_shape, keywords)
        with undone():
            shapes, outline = flatten_shapes(layer.compute_output_shape(args[0], **named))
        return shapes, outline, [layer._dtype or floatx()] * len(shapes)

    # A placeholder asks the call that it comes out of, so that its file need not know this one.

    def then(self, layer: Layer, inputs: Any, keywords: dict[str, Any]) -> Any:
        """What a layer gives for placeholders."""
        values, outline = flatten(inputs)
        for value in values:
            if type(value) is not Placeholder:
                raise ArgumentTypeError(
                    f"Layer {layer.name!r} is called on placeholders and on {_shown(value)}. Make "
                    "a placeholder of what changes with the data, Input(shape); what does not "
                    "change belongs into a layer, or is added by an operator: x + array."
                )
        shapes = [value.shape for value in values]
        call = LayerCall(layer, (inputs,), keywords)
        given = [x.shape for x in call.inputs]
        if not layer._built:
            named = shapes_by_name(layer.build, call.arguments(given)[1])
            layer.build(rebuild(outline, shapes), **named)
            layer._built = True
        return call.give(*call.shapes_for(given))

    def computed(self, function: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """What a function gives for placeholders."""
        if keywords.get("out") is not None:
            raise ArgumentTypeError(
                "`out` cannot be used with a placeholder: it has no memory to write into."
            )
        call = LayerCall(Computation(function), args, keywords)
        return call.give(*call.shapes_for([x.shape for x in call.inputs]))


@final
class Computation(Layer):
    """A function that was called on placeholders, such as ``np.exp`` or an operator."""

    _opens_scope = False
    _is_computation = True
    _takes_several = None

    def __init__(self, function: Any, name: str | None = None) -> None:
        super().__init__(name=name)
        self.function = function
        self._built = True

    @property
    def _stem(self) -> str:
        found = getattr(self.function, "name", None) or getattr(self.function, "__name__", "")
        return found if isinstance(found, str) and found.isidentifier() else "function"

    def call(self, *args: Any, **keywords: Any) -> Any:
        """What the function gives."""
        return self.function(*args, **keywords)


def shapes_by_name(function: Any, shapes: dict[str, Any]) -> dict[str, Any]:
    """Of shapes by the names of arguments those that a function takes, as ``value_shape`` say."""
    names = inspect.signature(function).parameters
    found = {f"{name}_shape": shape for name, shape in shapes.items()}
    return {name: shape for name, shape in found.items() if name in names}


def _have_settings(keywords: dict[str, Any]) -> bool:
    """Whether something beside the shapes may decide what comes out, as a layer is called."""
    return any(
        isinstance(x, (bool, int, str)) for name, x in keywords.items() if name != "training"
    )


def _shown(value: Any) -> str:
    if hasattr(value, "shape"):
        return f"an array of shape {tuple(value.shape)}"
    return f"{value!r} of type {type(value).__name__}"
