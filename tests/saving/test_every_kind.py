"""Every layer, loss, metric, optimizer and schedule of the library is written and read again."""

from __future__ import annotations

import copy
import inspect
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, layers, losses, metrics, optimizers, settings
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.engine.structures import flatten
from autograd_nn.layers import Dense
from autograd_nn.models import load_model
from autograd_nn.optimizers import schedules
from tests.layers.samples import FAMILIES
from tests.layers.samples.reshaping import squared
from tests.training.test_every_loss import SAMPLES as LOSSES

SAMPLES = [
    pytest.param(sample, id=f"{name} {place}")
    for entries in FAMILIES.values()
    for name, samples in entries.items()
    for place, sample in enumerate(samples)
    if name not in ("Lambda", "Activation") or place == 0
]


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_layer(sample: Any, tmp_path: Path) -> None:
    inputs = [
        x.astype(settings.floatx()) if x.dtype.kind == "f" else x
        for x in map(np.asarray, sample.inputs)
    ]
    given = [Input(x.shape[1:], dtype=x.dtype) for x in inputs]
    model = Model(given, sample.called(sample.make(layers), given))
    model.save(tmp_path / "m.npz")
    given_by_name = {"squared": squared} if sample.no_config else None
    if given_by_name:
        with pytest.raises(FileFormatError, match="squared"):
            load_model(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", given_by_name)
    fed = inputs if len(inputs) > 1 else inputs[0]
    assert [w.name for w in model.weights] == [w.name for w in again.weights]
    for one, other in zip(flatten(model(fed))[0], flatten(again(fed))[0], strict=True):
        np.testing.assert_array_equal(np.asarray(one.data), np.asarray(other.data))
    assert model.to_json() == again.to_json()


X = np.random.default_rng(3).normal(size=(20, 5)).astype(np.float32)


def small(head: str = "linear") -> Model:
    return Sequential([Input((5,)), Dense(4, "tanh"), Dense(3, head)])


def goes_on(model: Model, y: Any, path: Path) -> None:
    """Train, write, read, train both on: they are equal bit for bit."""
    model.fit(X, y, epochs=2, verbose=0, shuffle=False)
    model.save(path)
    twins = [load_model(path), copy.deepcopy(model), pickle.loads(pickle.dumps(model))]
    logs = model.fit(X, y, epochs=2, verbose=0, shuffle=False).history
    for twin in twins:
        assert twin.fit(X, y, epochs=2, verbose=0, shuffle=False).history == logs
        for a, b in zip(model.get_weights(), twin.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("name", "arguments", "y", "head"), LOSSES)
def test_every_loss(name: str, arguments: Any, y: Any, head: str, tmp_path: Path) -> None:
    model = small(head)
    model.compile("sgd", getattr(losses, name)(**arguments), run_eagerly=True)
    goes_on(model, y[:20], tmp_path / "m.npz")


METRICS = {
    "MeanMetricWrapper": {"fn": losses.mean_squared_error},
    **{name: {"num_classes": 3, "target_class_ids": [0]} for name in ("IoU", "OneHotIoU")},
    "BinaryIoU": {"target_class_ids": [0]},
    **{name: {"num_classes": 3} for name in ("MeanIoU", "OneHotMeanIoU")},
    **{name: {"recall": 0.5} for name in ("PrecisionAtRecall",)},
    **{name: {"precision": 0.5} for name in ("RecallAtPrecision",)},
    **{name: {"specificity": 0.5} for name in ("SensitivityAtSpecificity",)},
    **{name: {"sensitivity": 0.5} for name in ("SpecificityAtSensitivity",)},
    "AUC": {"num_thresholds": 50, "curve": "PR"},
    "Precision": {"thresholds": [0.3, 0.6], "top_k": None},
}


@pytest.mark.parametrize("name", metrics._CLASSES)
def test_every_metric(name: str, tmp_path: Path) -> None:
    metric = getattr(metrics, name)(**METRICS.get(name, {}))
    model = small("softmax")
    model.compile("sgd", "mse", metrics=[metric], weighted_metrics=[metric])
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz")._training
    for (found,) in (again.plain, again.weighted):
        assert type(found) is type(metric) and found.name == metric.name
        assert found.get_config() == metric.get_config()


OPTIMIZERS = [
    *(getattr(optimizers, name)() for name in optimizers.__all__
      if inspect.isclass(getattr(optimizers, name)) and name != "Optimizer"),
    optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    optimizers.SGD(schedules.ExponentialDecay(0.1, 3, 0.9), momentum=0.9),
    optimizers.Adam(use_ema=True, ema_overwrite_frequency=3),
    optimizers.Adam(gradient_accumulation_steps=2, amsgrad=True),
    optimizers.Adam(0.01, weight_decay=0.01, clipnorm=0.1),
    optimizers.RMSprop(momentum=0.5, centered=True, global_clipnorm=1.0),
    optimizers.Adam(loss_scale_factor=8.0),
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer.name)
def test_every_optimizer_goes_on_bit_for_bit(optimizer: Any, tmp_path: Path) -> None:
    model = small()
    model.compile(copy.deepcopy(optimizer), "mse", metrics=["mae"])
    goes_on(model, X[:, :3], tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz").optimizer
    assert again.get_config() == optimizer.get_config()
    assert again.iterations == (1 if optimizer.gradient_accumulation_steps else 2)


@pytest.mark.parametrize("stop", [1, 2, 3])
def test_by_programs_and_with_dropout_too(stop: int, tmp_path: Path) -> None:
    def trained(stops: int) -> list[Any]:
        settings.set_random_seed(4)
        inner = [
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.GaussianNoise(0.1, seed=2),
        ]
        model = Sequential([Input((5,)), Dense(9, "sigmoid"), *inner, Dense(3)])
        model.compile("adam", "mse")
        model.fit(X, X[:, :3], batch_size=8, epochs=stops, verbose=0)
        if stops < 5:
            model.save(tmp_path / "m.npz")
            model = load_model(tmp_path / "m.npz")
            model.fit(X, X[:, :3], batch_size=8, epochs=5 - stops, verbose=0)
        return model.get_weights()

    for a, b in zip(trained(5), trained(stop), strict=True):
        np.testing.assert_array_equal(a, b)
