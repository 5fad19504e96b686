"""Nodes of an ONNX graph, one after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.exporting.recorded_model import Repeated, Size

# Of 2022, with all that is needed; what reads newer ones reads it too.
OPSET = 18


class OnnxValue(NamedTuple):
    """A value of the graph: its name, lengths (a Size or None where not fixed), and dtype."""

    name: str
    shape: tuple[Any, ...]
    dtype: Any

    @property
    def ndim(self) -> int:
        return len(self.shape)


class OnnxWriter:
    """What is written so far. Each method that gives a OnnxValue has written a node for it."""

    def __init__(self) -> None:
        import onnx

        self._onnx = onnx
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self.inputs: list[OnnxValue] = []
        self.scope = ""
        self._names: dict[str, int] = {}
        self._constants: dict[Any, OnnxValue] = {}

    def name(self, stem: str) -> str:
        """A name that nothing else has."""
        number = self._names.get(stem, 0)
        self._names[stem] = number + 1
        return f"{stem}_{number}" if number else stem

    def node(self, kind: str, inputs: Any, shape: Any, dtype: Any, **attributes: Any) -> OnnxValue:
        """A node that gives one value."""
        (value,) = self.nodes_of(kind, inputs, [(shape, dtype)], **attributes)
        return value

    def nodes_of(self, kind: str, inputs: Any, results: Any, **attributes: Any) -> list[OnnxValue]:
        """A node that gives several values, of these shapes and dtypes."""
        stem = f"{self.scope}/{kind}" if self.scope else kind
        names = [x.name if type(x) is OnnxValue else x for x in inputs]
        made = [OnnxValue(self.name(stem), tuple(shape), np.dtype(d)) for shape, d in results]
        node = self._onnx.helper.make_node(
            kind, names, [x.name for x in made], name=made[0].name, **attributes
        )
        self.nodes.append(node)
        return made

    def constant(self, data: Any, name: str = "constant") -> OnnxValue:
        """An array, or a number, that never changes."""
        array = np.asarray(data)
        key = (array.shape, array.dtype.str, array.tobytes()) if array.size < 100 else id(data)
        if key not in self._constants:
            self._constants[key] = self.initializer(name, array)
        return self._constants[key]

    def initializer(self, name: str, array: Any) -> OnnxValue:
        """A weight, or another array, in the file."""
        name = self.name(name)
        self.initializers[name] = array
        return OnnxValue(name, array.shape, array.dtype)

    def integers(self, numbers: Any) -> OnnxValue:
        """Whole numbers as an array of one axis; a Size among them is computed."""
        numbers = list(numbers)
        if all(type(n) is not Size for n in numbers):
            return self.constant(np.array(numbers, np.int64).reshape(-1), "integers")
        parts = [self._length(n) if type(n) is Size else self.integers([n]) for n in numbers]
        return self.node("Concat", parts, (len(parts),), np.int64, axis=0)

    def length(self, size: Size) -> OnnxValue:
        """A Size as a whole number."""
        one = self._length(size)
        return self.node("Squeeze", [one, self.integers([0])], (), np.int64)

    def _length(self, size: Size) -> OnnxValue:
        given = self.inputs[size.place]
        start, end = size.axis, size.axis + 1
        length = self.node("Shape", [given], (1,), np.int64, start=start, end=end)
        if size.factor == 1:
            return length
        return self.node("Mul", [length, self.integers([size.factor])], (1,), np.int64)

    def repeated(self, constant: Repeated) -> OnnxValue:
        """An array that is as long as an axis of an input."""
        one = self.constant(constant.array)
        shape = list(constant.array.shape)
        shape[constant.axis] = constant.size
        return self.node("Expand", [one, self.integers(shape)], shape, one.dtype)

    # ------------------------------------------------------------------ what many need

    def cast(self, x: OnnxValue, dtype: Any) -> OnnxValue:
        """With another dtype, where it has not that one already."""
        dtype = np.dtype(dtype)
        if x.dtype == dtype:
            return x
        return self.node("Cast", [x], x.shape, dtype, to=self.type_of(dtype))

    def type_of(self, dtype: Any) -> int:
        """The number that ONNX has for a dtype."""
        return int(self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def transposed(self, x: OnnxValue, axes: Any) -> OnnxValue:
        """With its axes in another order."""
        axes = [axis % x.ndim for axis in axes]
        if axes == sorted(axes):
            return x
        return self.node("Transpose", [x], [x.shape[a] for a in axes], x.dtype, perm=axes)

    def reshaped(self, x: OnnxValue, shape: Any) -> OnnxValue:
        """With another shape, in which one length may be -1, or not be fixed."""
        shape = list(shape)
        open_ = [place for place, n in enumerate(shape) if type(n) is Size]
        form = [-1 if type(n) is Size else n for n in shape]
        told = self.integers(form if len(open_) < 2 and form.count(-1) < 2 else shape)
        # A 0 would stand for the length that there was.
        how = {"allowzero": 1} if 0 in form else {}
        return self.node("Reshape", [x, told], shape, x.dtype, **how)

    def sliced(self, x: OnnxValue, axis: int, start: int, stop: int, shape: Any) -> OnnxValue:
        """A stretch of one axis."""
        ends = [self.integers([n]) for n in (start, stop, axis)]
        return self.node("Slice", [x, *ends], shape, x.dtype)
