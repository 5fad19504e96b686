"""`export`: a model as an ONNX file."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ExportError, MissingPackageError
from autograd_nn.engine.structures import paths_of
from autograd_nn.exporting.recorded_model import (
    RecordedModel,
    Repeated,
    Size,
    recorded_model,
)
from autograd_nn.exporting.recorded_steps import Given, Result, Weight
from autograd_nn.files import checked_path
from autograd_nn.saving.whole_files import whole_file

INSTALL = "pip install 'autograd-nn[onnx]'"


# What a message of protobuf, as the file is one, can have.
MOST_BYTES = 2**31 - 1


@checked_keywords
def export(model: Any, path: str | os.PathLike[str], input_shape: Any = None) -> Path:
    """Write what a model computes, outside of training, into a file that ONNX runtimes run.

    The weights are in it, under their names; the number of samples is free. The graph is written
    from the operations that the model is made of, those of layers of your own too. Most runtimes
    compute much of it in float32 alone.

    Parameters   path: ends in ".onnx"
                 input_shape: in place of that which the model was built for, such as
                 (None, 10, 3); lengths that are None are free in the file
    Raises       ExportError naming what has no counterpart: what looks at its own numbers,
                 draws at random, keeps a state from call to call;
                 MissingPackageError without the extra: pip install 'autograd-nn[onnx]'

    >>> from autograd_nn import Input, Sequential, layers
    >>> model = Sequential([Input((4,)), layers.Dense(2, "softmax")])
    >>> export(model, "m.onnx")                                           # doctest: +SKIP
    PosixPath('m.onnx')
    """
    path = checked_path(path, "onnx")
    try:
        import onnx
    except ImportError:
        raise MissingPackageError(f"export writes a file by the package onnx: {INSTALL}.") from None
    from autograd_nn.exporting.onnx_networks import knows  # which reads every operation

    found = recorded_model(model, knows, input_shape=input_shape)
    if found.assignments:
        names = ", ".join(repr(list(found.weights)[w.place]) for w, _ in found.assignments)
        raise ExportError(
            f"The model {model.name!r} changes {names} when it predicts, and what ONNX computes "
            "changes no weight."
        )
    size = sum(x._data.nbytes for x in found.weights.values())
    if size > MOST_BYTES:
        raise ExportError(
            f"The weights of {model.name!r} have {size:,} bytes, and an ONNX file has at most "
            f"{MOST_BYTES:,}."
        )
    proto = _written(model, found)
    onnx.checker.check_model(proto, full_check=True)
    with whole_file(path) as unfinished:
        unfinished.write_bytes(proto.SerializeToString())
    return path


def _written(model: Any, found: RecordedModel) -> Any:
    from onnx import helper, numpy_helper

    from autograd_nn.exporting.onnx_networks import OPERATIONS
    from autograd_nn.exporting.onnx_writer import OPSET, OnnxValue, OnnxWriter

    w = OnnxWriter()
    w.inputs = [OnnxValue(w.name(x.name), x.shape, x.dtype) for x in found.inputs]
    names = output_names(model, found)
    taken = [w.name(name) for name in names]
    weights = list(found.weights.items())
    written: dict[int, OnnxValue] = {}
    results: list[Any] = []

    def value(operand: Any) -> Any:
        if isinstance(operand, Given):
            return w.inputs[operand.place]
        if isinstance(operand, Result):
            return results[operand.place]
        if isinstance(operand, Weight):
            if operand.place not in written:
                name, weight = weights[operand.place]
                written[operand.place] = w.initializer(name, np.asarray(weight._data))
            return written[operand.place]
        if isinstance(operand, Size):
            return w.length(operand)
        if isinstance(operand, Repeated):
            return w.repeated(operand)
        return w.constant(operand) if isinstance(operand, np.ndarray) else operand

    for step in found.steps:
        w.scope = step.scope
        inputs = [value(x) for x in step.inputs]
        results.append(OPERATIONS[step.operation](w, step, *inputs, **step.attributes))
    w.scope = ""
    outputs = []
    for operand, name in zip(found.outputs, taken, strict=True):
        made = value(operand)
        made = made if type(made) is OnnxValue else w.constant(made)
        w.nodes.append(helper.make_node("Identity", [made.name], [name], name=f"{name}/output"))
        outputs.append(made._replace(name=name))
    graph = helper.make_graph(
        w.nodes,
        model.name,
        [_described(w, x, found) for x in w.inputs],
        [_described(w, x, found) for x in outputs],
        [numpy_helper.from_array(array, name) for name, array in w.initializers.items()],
    )
    opset = helper.make_opsetid("", OPSET)
    made = helper.make_model(graph, opset_imports=[opset], producer_name="autograd_nn")
    made.ir_version = 8  # that of the same year
    return made


def output_names(model: Any, found: RecordedModel) -> list[str]:
    """What the outputs are called."""
    if names := model.output_names:
        return list(names)
    found_parts = [re.findall(r"\w+", path) for path in paths_of(found.outputs_outline)]
    return [
        "_".join(parts if parts and not parts[0].isdigit() else ["output", *parts])
        for parts in found_parts
    ]


def _described(w: Any, x: Any, found: RecordedModel) -> Any:
    """A name with its lengths; those that are free have names, too."""
    from onnx import helper

    lengths: list[Any] = []
    for axis, n in enumerate(x.shape):
        if n is None and x in w.inputs:
            n = Size(w.inputs.index(x) if axis else 0, axis, 1)
        if type(n) is Size:
            of = "batch" if n.axis == 0 else f"{w.inputs[n.place].name}_{n.axis}"
            n = of if n.factor == 1 else f"{n.factor}*{of}"
        lengths.append(n)
    return helper.make_tensor_value_info(x.name, w.type_of(x.dtype), lengths)
