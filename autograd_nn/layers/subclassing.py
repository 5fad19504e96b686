"""What is noted of the methods that a subclass of `Layer` writes."""

from __future__ import annotations

import functools
import inspect
from typing import Any

from autograd_nn.layers.weights import inside, not_initialized
from autograd_nn.settings import generator


def taken(method: Any) -> tuple[tuple[str, ...], bool]:
    """The names of what a method takes, and whether it takes any other name too."""
    code = getattr(method, "__code__", None)
    if code is None or hasattr(method, "__wrapped__"):
        parameters = inspect.signature(method).parameters
        return tuple(parameters)[1:], any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    # Fifty times as fast, at every class that is imported.
    count = code.co_argcount + code.co_kwonlyargcount
    return code.co_varnames[1:count], bool(code.co_flags & inspect.CO_VARKEYWORDS)


def default_of(method: Any, name: str) -> Any:
    """What a method takes where an argument is not given, None where it has no such default."""
    parameter = inspect.signature(method).parameters.get(name)
    return None if parameter is None or parameter.default is parameter.empty else parameter.default


def remembering(build: Any) -> Any:
    """Note that a layer is built, also where its ``build`` is called by hand."""

    @functools.wraps(build)
    def built(self: Any, input_shape: Any, *others: Any, **shapes: Any) -> None:
        if "_built" not in vars(self):
            raise not_initialized(self)
        before, source = _as_before(self), generator("weights").bit_generator
        drawn = source.state
        try:
            build(self, input_shape, *others, **shapes)
            self._input_shape = input_shape if isinstance(input_shape, dict) else tuple(input_shape)
            self._built = True
            if self._first_weights is not None and self.built:
                self._take_first_weights()
        except BaseException:  # built whole or not at all
            for layer, weights, attributes in before:
                layer._own_weights[:] = weights
                vars(layer).clear()
                vars(layer).update(attributes)
            source.state = drawn
            raise

    return built


def _as_before(layer: Any) -> list[tuple[Any, list[Any], dict[str, Any]]]:
    """A layer and those in it that are not built, each with its weights and attributes."""
    parts = [part for part, _ in inside(layer) if part is layer or not part._built]
    return [(part, list(part._own_weights), dict(vars(part))) for part in parts]
