"""Modules of PyTorch of all layers: what they compute, and a step of training."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, Tensor, layers, stop_gradient, to_torch
from autograd_nn.engine.derivatives import gradients
from autograd_nn.exporting import torch_module
from autograd_nn.layers.weights import constraint_of
from autograd_nn.optimizers import SGD
from autograd_nn.saving.named_weights import tensors_of
from tests.exporting.samples import (
    EVERY,
    MODELS,
    as_model,
    chain,
    made,
    parts,
    structured,
    with_weights,
)
from tests.layers.samples.sample import Sample, numbers, weighting

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:the constraint of 'p_re_lu"),
]


def tensors(arrays: list[Any]) -> list[Any]:
    import torch

    return [torch.tensor(x) for x in arrays]


def assert_same(model: Any, module: Any, arrays: list[Any]) -> None:
    ours = [np.asarray(x.data) for x in parts(model(structured(model, arrays)))]
    module.eval()
    for a, b in zip(ours, parts(module(*tensors(arrays))), strict=True):
        found = b.detach().numpy()
        assert (a.shape, a.dtype) == (found.shape, found.dtype)
        np.testing.assert_allclose(found, a, rtol=1e-6, atol=1e-6)


def assert_step_is_the_same(model: Any, module: Any, arrays: list[Any], training: bool) -> None:
    """One step of SGD on a sum of all outputs, after which all weights are compared, and the
    gradients of the inputs before."""
    import torch

    xs = [Tensor(x) if x.dtype.kind == "f" else x for x in arrays]
    outputs = parts(model(structured(model, xs), training=training))
    loss = sum((x * weighting(x.shape, n).astype(x.dtype)).sum() for n, x in enumerate(outputs))
    floats = [x for x in xs if type(x) is Tensor]
    slopes = gradients(loss, [*floats, *model.trainable_weights])
    if model.trainable_weights:
        of_weights = slopes[len(floats) :]
        SGD(0.1).apply_gradients(zip(of_weights, model.trainable_weights, strict=True))

    module.train(training)
    theirs = [x.requires_grad_(x.is_floating_point()) for x in tensors(arrays)]
    outputs = parts(module(*theirs))
    total = sum(
        (x * torch.tensor(weighting(tuple(x.shape), n), dtype=x.dtype)).sum()
        for n, x in enumerate(outputs)
    )
    if total.requires_grad:
        total.backward()
    found = [x.grad for x in theirs if x.requires_grad]
    for ours, grad in zip(slopes[: len(floats)], found, strict=True):
        grad = np.zeros_like(ours) if grad is None else grad.numpy()
        np.testing.assert_allclose(grad, ours, rtol=1e-5, atol=1e-5)
    if parameters := list(module.parameters()):
        torch.optim.SGD(parameters, 0.1).step()
        module.zero_grad()
    state = module.state_dict()
    weights = tensors_of(model)
    assert state.keys() == weights.keys()
    for name, weight in weights.items():
        found = state[name].numpy()
        if (constraint := constraint_of(weight)) is not None:  # which is not part of the module
            found = constraint(found)
        np.testing.assert_allclose(found, weight.data, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("sample", EVERY)
def test_every_layer_computes_and_learns_the_same(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, arrays = as_model(sample)
    module = to_torch(model)
    assert_same(model, module, arrays)
    assert_same(model, module, [x[[0, 1, 1, 0, 1]] for x in arrays])
    if sample.draws:
        draw_the_same(monkeypatch)
    for training in sample.modes:
        assert_step_is_the_same(model, module, arrays, training)


def draw_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers that depend on nothing but the shape, on both sides."""
    import torch

    from autograd_nn import random
    from autograd_nn.exporting import torch_arrays

    def uniform(shape: Any) -> Any:
        return np.random.default_rng([1, *shape]).random(shape)

    def normal(shape: Any) -> Any:
        return np.random.default_rng([2, *shape]).normal(size=shape)

    monkeypatch.setattr(
        random._bernoulli, "value",
        lambda shape, dtype, source, p: (uniform(shape) >= 1 - p).astype(dtype),
    )  # fmt: skip
    monkeypatch.setattr(
        random._normal, "value",
        lambda shape, dtype, source, mean, stddev: (normal(shape) * stddev + mean).astype(dtype),
    )  # fmt: skip
    monkeypatch.setattr(torch_arrays.torch, "rand", lambda s, **_: torch.tensor(uniform(s)))
    monkeypatch.setattr(torch_arrays.torch, "randn", lambda s, **_: torch.tensor(normal(s)))


@pytest.mark.parametrize("name", MODELS)
def test_models_of_many_layers(name: str) -> None:
    model, arrays = made(name)
    module = to_torch(model)
    assert_same(model, module, arrays)
    assert_step_is_the_same(model, module, arrays, False)
    assert_same(model, module, [x[1:2] for x in arrays])


def test_one_filter_of_two_channels() -> None:
    """Of which PyTorch wants the gradient in one piece of memory."""
    model = with_weights(Sequential([Input((3, 4, 2)), layers.Conv2D(1, (1, 2))]))
    arrays = [numbers(1, 3, 4, 2).astype("float32")]
    assert_step_is_the_same(model, to_torch(model), arrays, True)


def test_moving_averages_of_a_layer_that_is_called_twice() -> None:
    model, arrays = made("nested")
    for layer in [model, *model.layers]:
        for inner in getattr(layer, "layers", []):
            if isinstance(inner, layers.Dropout):
                inner.rate = 0.0
    assert_step_is_the_same(model, to_torch(model), arrays, True)


def test_dropout_draws_in_training_and_not_otherwise() -> None:
    import torch

    module = to_torch(Sequential([Input((1000,)), layers.Dropout(0.25)]))
    x = torch.ones(4, 1000)
    assert torch.equal(module.eval()(x), x)
    first, second = module.train()(x), module(x)
    assert not torch.equal(first, second)
    assert {round(v, 4) for v in first.unique().tolist()} == {0.0, 1.3333}
    assert abs((first == 0).float().mean().item() - 0.25) < 0.05


def test_what_is_frozen_wants_no_gradient() -> None:
    model = chain()
    model.layers[0].trainable = False
    names = [name for name, _ in to_torch(model).named_parameters()]
    assert names == [
        "batch_normalization/gamma", "batch_normalization/beta", "dense_1/kernel", "dense_1/bias",
    ]  # fmt: skip


def test_it_is_copied_pickled_made_wider_and_exported() -> None:
    import torch

    model, arrays = made("chain")
    module, (x,) = to_torch(model).eval(), tensors(arrays)
    expected = module(x)
    assert torch.equal(copy.deepcopy(module)(x), expected)
    assert torch.equal(pickle.loads(pickle.dumps(module))(x), expected)
    plain = torch.export.export(
        module, (x,), dynamic_shapes={"inputs": ({0: torch.export.Dim.DYNAMIC},)}
    )
    assert torch.equal(plain.module()(x[:2]), expected[:2])
    wide = module.double()(x.double())
    assert wide.dtype == torch.float64
    np.testing.assert_allclose(wide.detach(), expected.detach(), atol=1e-6)


def test_a_gradient_that_is_stopped_stays_stopped() -> None:
    import torch

    stops = layers.Lambda(lambda x: x * stop_gradient(x))
    module = to_torch(Sequential([Input((1,)), stops]))
    x = torch.tensor([[3.0]], requires_grad=True)
    module(x).sum().backward()
    assert x.grad.tolist() == [[3.0]]


def test_what_does_not_come_along_is_told() -> None:
    model = Sequential([Input((2,)), layers.Dense(1, kernel_regularizer="l2")])
    with pytest.warns(UserWarning, match="the regularizer of 'dense/kernel'"):
        torch_module.to_torch(model)


def test_the_number_of_inputs_is_checked() -> None:
    module = to_torch(MODELS["nested"][0]())
    with pytest.raises(TypeError, match="takes left, right, got 3 inputs"):
        module(*tensors([numbers(1, 4)] * 3))
