"""Lambda: a function as a layer."""

from __future__ import annotations

import inspect
from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers.layer import Layer
from autograd_nn.own_classes import get_registered_name, get_registered_object


@final
class Lambda(Layer):
    """Apply a function of your own: ``Lambda(lambda x: x ** 2)``.

    The function takes Tensors and gives one; NumPy's functions and operators are recorded. Weights
    that it uses are not found: what has weights is a layer of your own. ``fit`` runs it as it is
    written, unless it is declared with ``replayable``.

    Formula      a = function(x, **arguments)
    Parameters   function: of the inputs, or of a list of them
                 output_shape: the shape of a sample, or a function of the input shape; None: found
                 by a run on zeros
                 mask: of what comes out, or a function of inputs and mask
                 arguments: a dict of further arguments
                 name, trainable and the like: see Layer
    Raises       ArgumentTypeError where ``function`` is none
    Example

    >>> Lambda(lambda x, by: x * by, arguments={"by": 3.0})([[1.0, 2.0]]).tolist()
    [[3.0, 6.0]]
    """

    _takes_several = None

    @checked_keywords
    def __init__(
        self,
        function: Any,
        output_shape: Any = None,
        mask: Any = None,
        arguments: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        if not callable(function):
            raise ArgumentTypeError(f"`function` must be a function, got {function!r}.")
        self.function = function
        self.output_shape = output_shape
        self.mask = mask
        self.supports_masking = mask is not None
        self.arguments = dict(arguments or {})

    def call(self, inputs: Any, training: bool = False) -> Any:
        """function(inputs, **arguments)."""
        given = self.arguments
        if "training" in _arguments_of(self.function) and "training" not in given:
            given = {**given, "training": training}
        return self.function(inputs, **given)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """``mask``, or what it gives."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def compute_output_shape(self, input_shape: Any) -> Any:
        """What ``output_shape`` says, or what a run on zeros shows."""
        if callable(self.output_shape):
            return tuple(self.output_shape(input_shape))
        if self.output_shape is None:
            return super().compute_output_shape(input_shape)
        first = input_shape[0] if isinstance(input_shape[0], (tuple, list)) else input_shape
        shape = self.output_shape
        return (first[0], *(shape if isinstance(shape, (tuple, list)) else (shape,)))

    def get_config(self) -> dict[str, Any]:
        """The arguments; a function that was made by ``def`` is told by its name."""
        functions = {
            "function": self.function,
            "output_shape": self.output_shape,
            "mask": self.mask,
        }
        found = {
            name: self._told(value) if callable(value) else value
            for name, value in functions.items()
        }
        return {**super().get_config(), **found, "arguments": self.arguments}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Lambda:
        """A new layer; its functions are found among `custom_objects` and what is registered."""
        return cls(**{name: _found(value) for name, value in config.items()})

    def _told(self, function: Any) -> dict[str, Any]:
        if not (inspect.isfunction(function) and function.__name__.isidentifier()):
            raise ArgumentError(
                f"Layer {self.name!r} holds a function, which cannot be written down as plain "
                "values. Write it as def …, at the top level of a module, or make a layer of "
                "your own with that `call`, and write its get_config."
            )
        known = get_registered_name(function)
        return {"class_name": "function", "config": function.__name__, "registered_name": known}


def _found(value: Any) -> Any:
    """A function by what was told of it; anything else as it is."""
    if not (isinstance(value, dict) and value.get("class_name") == "function"):
        return value
    name = str(value["config"])
    found = get_registered_object(str(value.get("registered_name"))) or get_registered_object(name)
    if found is None:
        raise ArgumentError(
            f"There is no function {name!r:.60} here. For one of your own give "
            f"custom_objects={{{name!r:.60}: …}}, or write @register_keras_serializable() above it."
        )
    return found


def _arguments_of(function: Any) -> tuple[str, ...]:
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()
