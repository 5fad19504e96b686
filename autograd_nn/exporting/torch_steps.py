"""A module of PyTorch that goes through the recorded steps of a model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.structures import flatten_like, rebuild
from autograd_nn.exporting.recorded_model import RecordedModel, Repeated, Size
from autograd_nn.exporting.recorded_steps import Given, RecordedStep, Result, Weight
from autograd_nn.exporting.torch_arrays import DRAWS, OPERATIONS
from autograd_nn.settings import floatx


class TorchModel(torch.nn.Module):
    """What `to_torch` gives. It is called with tensors in the order of the model's inputs, or in
    their structure.

    Parameters   by_mode: the steps in training, and otherwise
    """

    def __init__(self, by_mode: dict[bool, RecordedModel]) -> None:
        super().__init__()
        self.by_mode = by_mode
        # A name has no dots there.
        weights = {name.replace(".", "%2E"): x for name, x in by_mode[True].weights.items()}
        self.weight_names = list(weights)
        floats = [x.dtype for x in weights.values() if x.dtype.kind == "f"]
        self.main_dtype = _of_torch(floats[0] if floats else np.dtype(floatx()))
        for name, weight in weights.items():
            data = torch.from_numpy(np.array(weight._data))
            if weight.requires_grad:
                self.register_parameter(name, torch.nn.Parameter(data))
            else:
                self.register_buffer(name, data)
        for training, found in by_mode.items():
            steps = [self._kept(step) for step in found.steps]
            by_mode[training] = found._replace(weights={}, steps=steps)

    def _kept(self, step: RecordedStep) -> RecordedStep:
        """A step whose arrays are buffers, which move with the module."""
        attributes = {key: x for key, x in step.attributes.items() if key != "source"}
        dtype = None if step.dtype is None else _of_torch(step.dtype)
        inputs = tuple(map(self._buffer, step.inputs))
        return step._replace(inputs=inputs, attributes=attributes, dtype=dtype)

    def _buffer(self, operand: Any) -> Any:
        if isinstance(operand, Repeated):
            return operand._replace(array=self._buffer(operand.array))
        if isinstance(operand, (np.ndarray, np.generic)):
            name = f"constant_{len(self._buffers)}"
            self.register_buffer(name, torch.from_numpy(np.array(operand)), persistent=False)
            return Buffer(name, np.shape(operand))
        return operand

    def forward(self, *inputs: Any) -> Any:
        """The outputs, in their structure."""
        found = self.by_mode[self.training]
        given = self._given(found, inputs)
        results: list[Any] = []
        # That which module.double() or module.half() chose.
        floats = [x.dtype for x in (*self._parameters.values(), *given) if x.is_floating_point()]
        now = floats[0] if floats else self.main_dtype

        def value(operand: Any) -> Any:
            if isinstance(operand, Given):
                return given[operand.place]
            if isinstance(operand, Result):
                return results[operand.place]
            if isinstance(operand, Weight):
                return getattr(self, self.weight_names[operand.place])
            if isinstance(operand, Buffer):
                return getattr(self, operand.name)
            if isinstance(operand, Repeated):
                lengths = list(operand.array.shape)
                lengths[operand.axis] = size(operand.size)
                return value(operand.array).expand(lengths)
            return size(operand)

        def size(n: Any) -> Any:
            if isinstance(n, Size):
                length = given[n.place].shape[n.axis]
                return length if n.factor == 1 else length * n.factor
            if type(n) in (tuple, list):
                return type(n)(map(size, n))
            if isinstance(n, slice):
                return slice(size(n.start), size(n.stop), size(n.step))
            return n

        for step in found.steps:
            operands = [value(x) for x in step.inputs]
            attributes = {name: size(x) for name, x in step.attributes.items()}
            if step.shape is not None:
                dtype = now if step.dtype is self.main_dtype else step.dtype
                step = step._replace(shape=size(step.shape), dtype=dtype)
            made = OPERATIONS[step.operation](step, *operands, **attributes)
            if step.operation in DRAWS:
                made = made.to(given[0].device)
            if step.dtype is not None:
                made = made.to(step.dtype)
            results.append(made.detach() if step.is_apart else made)
        with torch.no_grad():
            for weight, new in found.assignments:
                value(weight).copy_(value(new))
        outputs = [_as_output(value(x)) for x in found.outputs]
        return rebuild(found.outputs_outline, outputs)

    def _given(self, found: RecordedModel, inputs: tuple[Any, ...]) -> list[Any]:
        if len(inputs) == 1 and type(inputs[0]) in (list, tuple, dict):
            return flatten_like(found.inputs_outline, inputs[0], "inputs")
        if len(inputs) != len(found.inputs):
            names = ", ".join(x.name for x in found.inputs)
            raise ArgumentTypeError(f"The model takes {names}, got {len(inputs)} inputs.")
        return list(inputs)


class Buffer(NamedTuple):
    """A buffer."""

    name: str
    shape: tuple[int, ...]


def _as_output(x: Any) -> Any:
    return torch.tensor(x) if isinstance(x, (bool, int, float)) else x


def _of_torch(dtype: Any) -> torch.dtype:
    found: torch.dtype = getattr(torch, dtype.name)
    return found
