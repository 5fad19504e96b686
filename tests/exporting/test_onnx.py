"""ONNX files of all layers, run by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Operation, Sequential, export, layers
from autograd_nn.engine.errors import ExportError
from autograd_nn.exporting import onnx_file
from tests.exporting.samples import EVERY, MODELS, as_model, made, parts, structured
from tests.layers.samples.sample import Sample, numbers

pytestmark = pytest.mark.peers


def run(path: Path, arrays: list[Any]) -> list[Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [x.name for x in session.get_inputs()]
    found: list[Any] = session.run(None, dict(zip(names, arrays, strict=True)))
    return found


def assert_same(model: Any, path: Path, arrays: list[Any]) -> None:
    ours = [np.asarray(x.data) for x in parts(model(structured(model, arrays)))]
    for a, b in zip(ours, run(path, arrays), strict=True):
        assert (a.shape, a.dtype) == (b.shape, b.dtype)
        np.testing.assert_allclose(b, a, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("sample", EVERY)
def test_every_layer_runs_elsewhere_for_any_number_of_samples(
    sample: Sample, tmp_path: Path
) -> None:
    model, arrays = as_model(sample)
    path = export(model, tmp_path / "m.onnx")
    assert_same(model, path, arrays)
    assert_same(model, path, [x[[0, 1, 1, 0, 1]] for x in arrays])
    assert_same(model, path, [x[1:2] for x in arrays])


@pytest.mark.parametrize("name", MODELS)
def test_models_of_many_layers(name: str, tmp_path: Path) -> None:
    model, arrays = made(name)
    path = export(model, tmp_path / "m.onnx")
    assert_same(model, path, arrays)
    assert_same(model, path, [x[1:2] for x in arrays])


def test_weights_inputs_and_outputs_have_their_names(tmp_path: Path) -> None:
    import onnx

    model, _ = made("nested")
    graph = onnx.load(export(model, tmp_path / "m.onnx")).graph
    assert [x.name for x in graph.input] == ["left", "right"]
    assert [x.name for x in graph.output] == model.output_names
    kernels = {x.name: onnx.numpy_helper.to_array(x) for x in graph.initializer}
    np.testing.assert_array_equal(kernels["dense/kernel"], model.get_layer("dense").kernel.data)
    inner = model.get_layer("sequential").get_layer("dense_1").kernel
    np.testing.assert_array_equal(kernels["sequential/dense_1/kernel"], inner.data)


def test_sequences_of_any_length(tmp_path: Path) -> None:
    model = Sequential([
        Input((None, 3)),
        layers.LSTM(4, return_sequences=True),
        layers.Bidirectional(layers.GRU(3)),
    ])  # fmt: skip
    path = export(model, tmp_path / "m.onnx")
    for length in (1, 4, 9):
        assert_same(model, path, [numbers(2, length, 3).astype("float32")])


def test_an_operation_of_ones_own_is_written_as_what_it_is_made_of(tmp_path: Path) -> None:
    cube = Operation(
        "cube", value=lambda x: x * x * x, gradients=(lambda g, out, x: 3 * g * x * x,)
    )
    model = Sequential([Input((4,)), layers.Lambda(cube), layers.Dense(2)])
    path = export(model, tmp_path / "m.onnx")
    assert_same(model, path, [numbers(3, 4).astype("float32")])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", [np.remainder, np.floor_divide])
def test_division_with_a_remainder_is_numpys(function: Any, dtype: str, tmp_path: Path) -> None:
    """100 % 0.7 has few digits left where ⌊100 / 0.7⌋ · 0.7 is subtracted, 1e30 % 0.7 has none;
    1 // 0.1 is 9, and 1 / 0.1 is rounded up to 10."""
    numbers = [0.1, 0.7, 1, 3, 5.5, 6, 100, 1e10]
    signed = [s * n for n in numbers for s in (1, -1)]
    pairs = [(a, b) for a in [0, 1e30, -1e30, *signed] for b in signed]
    x = np.array(pairs, dtype)
    divided = layers.Lambda(lambda x: function(x[:, 0], x[:, 1]), dtype=dtype)
    path = export(Sequential([Input((2,), dtype=dtype), divided]), tmp_path / "m.onnx")
    (found,) = run(path, [x])
    right = function(x[:, 0], x[:, 1])
    assert np.isfinite(right).all() and found.dtype == right.dtype
    np.testing.assert_array_equal(found, right)


def test_a_file_has_two_gigabytes_at_most(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(onnx_file, "MOST_BYTES", 31)
    with pytest.raises(ExportError, match="have 32 bytes, and an ONNX file has at most 31"):
        export(Sequential([Input((3,)), layers.Dense(2)]), tmp_path / "m.onnx")
