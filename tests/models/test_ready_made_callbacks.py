"""The callbacks that are ready-made: what they write, set and stop."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, set_random_seed
from autograd_nn.callbacks import (
    Callback,
    CallbackList,
    CSVLogger,
    LambdaCallback,
    LearningRateScheduler,
    LogTo,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TensorBoard,
    TerminateOnNaN,
)
from autograd_nn.distribution import DataParallel
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.optimizers.schedules import ExponentialDecay

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


def model_of(optimizer: Any = "sgd", **compiled: Any) -> Sequential:
    set_random_seed(2)
    model = Sequential([Dense(2, "tanh"), Dense(1)])
    model.compile(optimizer, "mse", **compiled)
    return model


class Given(Callback):
    """Has a value among those of each epoch."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.values[epoch] is not None:
            logs["val_loss"] = self.values[epoch]


# ---------------------------------------------------------------------- learning rates


@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}], ids=["program", "eager"])
def test_a_rate_is_used_from_the_moment_on_that_it_is_set(how: dict[str, Any]) -> None:
    class Each(Callback):
        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.1 if batch % 2 else 0.0
            self.before = self.model.get_weights()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            moved = [
                (a != b).any() for a, b in zip(self.before, self.model.get_weights(), strict=True)
            ]
            assert any(moved) is (batch % 2 == 1)

    model_of(SGD(0.5), **how).fit(X, Y, batch_size=5, epochs=3, callbacks=[Each()], verbose=0)


@pytest.mark.parametrize("optimizer", [SGD(0.1, momentum=0.9), Adam(0.1)], ids=["SGD", "Adam"])
def test_programs_take_the_rates_of_a_scheduler(optimizer: Any) -> None:
    def losses(**how: Any) -> Any:
        made = type(optimizer).from_config(optimizer.get_config())
        scheduler = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        fitted = model_of(made, **how).fit(
            X, Y, epochs=6, batch_size=8, callbacks=[scheduler], verbose=0
        )
        rates = [0.1 / (n + 1) for n in range(6)]
        assert fitted.history["learning_rate"] == pytest.approx(rates)
        return fitted.history["loss"]

    np.testing.assert_allclose(losses(), losses(run_eagerly=True), rtol=1e-4)


def test_what_a_schedule_is_called_with(capsys: Any) -> None:
    model = model_of(SGD(0.5))
    calls: list[Any] = []

    def of_both(epoch: int, lr: float) -> float:
        calls.append((epoch, lr))
        return lr / 2

    model.fit(X, Y, epochs=2, callbacks=[LearningRateScheduler(of_both, verbose=1)], verbose=0)
    assert calls == [(0, 0.5), (1, 0.25)]
    assert type(calls[0][1]) is float
    assert capsys.readouterr().out.splitlines()[1] == "Epoch 2: the learning rate is set to 0.125."
    model.fit(X, Y, epochs=1, callbacks=[LearningRateScheduler(ExponentialDecay(1, 1, 0.5))])
    assert model.optimizer.learning_rate == 1.0


def test_schedules_that_cannot_be() -> None:
    def wrong(epoch: int) -> Any:
        raise TypeError("of its own")

    with pytest.raises(TypeError, match="of its own"):
        model_of().fit(X, Y, callbacks=[LearningRateScheduler(wrong)], verbose=0)
    with pytest.raises(ArgumentTypeError, match=r"schedule\(0\).*'a'"):
        model_of().fit(X, Y, callbacks=[LearningRateScheduler(lambda epoch: "a")], verbose=0)
    with pytest.raises(ArgumentTypeError, match="says the rate of every step"):
        scheduler = LearningRateScheduler(lambda epoch: 0.1)
        model_of(SGD(ExponentialDecay(0.1, 9, 0.9))).fit(X, Y, callbacks=[scheduler], verbose=0)
    with pytest.raises(ArgumentTypeError, match="schedule"):
        LearningRateScheduler(0.1)
    with pytest.raises(ArgumentError, match="factor"):
        ReduceLROnPlateau(factor=1.0)


def test_a_plateau(capsys: Any) -> None:
    model = model_of(SGD(0.4))
    plateau = ReduceLROnPlateau(factor=0.5, patience=1, verbose=1)
    given = Given([1.0, 1.0, 1.0, 0.5])
    fitted = model.fit(X, Y, epochs=4, callbacks=[given, plateau], verbose=0)
    assert fitted.history["learning_rate"] == [0.4, 0.4, 0.2, 0.1]
    assert capsys.readouterr().out.splitlines()[0] == (
        "Epoch 2: the learning rate is reduced to 0.2."
    )
    with pytest.warns(UserWarning, match="ReduceLROnPlateau watches 'val_loss'"):
        model.fit(X, Y, epochs=2, callbacks=[plateau], verbose=0)


def test_warnings_point_to_the_line_that_trains(tmp_path: Path) -> None:
    model = model_of(distribution=DataParallel())
    watching = [ReduceLROnPlateau(), ModelCheckpoint(tmp_path / "m.npz", save_best_only=True)]
    with pytest.warns(UserWarning) as told:
        model.fit(X, Y, callbacks=watching, verbose=0)
        model.fit(iter([(X, Y)]), steps_per_epoch=2, verbose=0)
        model.trainable = False
        model.fit(X, Y, verbose=0)
    assert [warning.filename for warning in told] == 4 * [__file__]


# ---------------------------------------------------------------------- stopping


@pytest.mark.filterwarnings("ignore:The loss became NaN:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}], ids=["program", "eager"])
def test_training_ends_with_a_loss_that_is_none(how: dict[str, Any], capsys: Any) -> None:
    def spoil(batch: int, logs: Any) -> None:
        steps.append(batch)
        if len(steps) == 12:
            model.layers[0].kernel.assign(np.full((3, 2), np.nan, np.float32))

    steps: list[int] = []
    model = model_of(**how)
    told = [LambdaCallback(on_train_batch_begin=spoil), TerminateOnNaN()]
    fitted = model.fit(X, Y, batch_size=5, epochs=4, callbacks=told, verbose=0)
    assert len(steps) == 12
    assert fitted.epoch == [0, 1]
    assert capsys.readouterr().out == "Batch 3: the loss is nan: training is stopped.\n"
    with pytest.raises(StateError, match=r"Batch 0.*nan.*clipnorm"):
        model.fit(X, Y, epochs=4, callbacks=[TerminateOnNaN(raise_error=True)], verbose=0)


def test_stopping_in_a_hook_of_batches_is_stopping_there() -> None:
    class Stop(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 2

    model = model_of()
    fitted = model.fit(X, Y, batch_size=5, epochs=3, callbacks=[Stop()], verbose=0)
    assert model.optimizer.iterations == 3
    assert fitted.epoch == [0]


# ---------------------------------------------------------------------- telling


def test_a_table_of_epochs(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    logger = CSVLogger(path)
    fitted = model_of().fit(X, Y, epochs=2, callbacks=[Given([None, 0.25]), logger], verbose=0)
    loss = fitted.history["loss"]
    # Keras keeps room for what validation may bring later.
    expected = f"epoch,loss,val_loss\r\n0,{loss[0]},NA\r\n1,{loss[1]},0.25\r\n"
    assert path.read_bytes().decode() == expected
    again = CSVLogger(str(path), append=True)
    more = model_of().fit(X, Y, epochs=1, callbacks=[again], verbose=0).history["loss"]
    assert path.read_bytes().decode() == expected + f"0,{more[0]},NA\r\n"
    model_of().fit(X, Y, epochs=1, callbacks=[CSVLogger(path, separator=";")], verbose=0)
    assert path.read_text("utf-8").splitlines()[0] == "epoch;loss;val_loss"


def test_tables_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="cannot be written"):
        model_of().fit(X, Y, callbacks=[CSVLogger(tmp_path / "no" / "log.csv")], verbose=0)
    with pytest.raises(ArgumentTypeError, match="filename"):
        CSVLogger(5)
    with pytest.raises(ArgumentTypeError, match="separator"):
        CSVLogger("log.csv", separator=";;")


def test_functions_as_hooks() -> None:
    told: list[Any] = []
    hooks = {
        "on_train_begin": lambda logs: told.append("begin"),
        "on_batch_end": lambda batch, logs: told.append(batch),
        "on_epoch_end": lambda epoch, logs: told.append(sorted(logs)),
        "on_test_batch_end": lambda batch, logs: told.append("tested"),
        "on_predict_end": lambda logs: told.append("predicted"),
    }
    callback = LambdaCallback(on_train_end=None, **hooks)
    model = model_of()
    model.fit(X, Y, batch_size=20, epochs=1, callbacks=[callback], verbose=0)
    model.evaluate(X, Y, callbacks=[callback], verbose=0)
    model.predict(X, callbacks=[callback])
    assert told == ["begin", 0, 1, ["loss"], "tested", "tested", "predicted"]
    with pytest.raises(ArgumentTypeError, match="'on_epoch_end'"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(ArgumentTypeError, match="must be a function"):
        LambdaCallback(on_epoch_end=5)


def test_a_tracker_is_told() -> None:
    epochs: list[Any] = []
    batches: list[Any] = []
    fitted = model_of().fit(
        X,
        Y,
        batch_size=20,
        epochs=2,
        verbose=0,
        callbacks=[
            LogTo(lambda step, values: epochs.append((step, values))),
            LogTo(lambda step, values: batches.append(step), each="batch"),
        ],
    )
    losses = fitted.history["loss"]
    assert epochs == [(0, {"loss": losses[0]}), (1, {"loss": losses[1]})]
    assert batches == [1, 2, 3, 4]
    with pytest.raises(ArgumentTypeError, match="log"):
        LogTo("wandb")
    with pytest.raises(ArgumentError, match="each"):
        LogTo(print, each="step")


def test_several_as_one_in_a_loop_of_one_s_own() -> None:
    told: list[Any] = []

    class Tell(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append((batch, logs, self.model, self.params["epochs"]))

    model: Any = model_of()
    several = CallbackList([Tell()], add_history=True, model=model, epochs=2)
    several.on_train_begin()
    several.on_train_batch_end(0, {"loss": 0.5})
    several.on_epoch_end(0, logs={"loss": 0.25})
    several.on_train_end()
    assert told == [(0, {"loss": 0.5}, model, 2)]
    assert model.history.history == {"loss": [0.25]}


# ---------------------------------------------------------------------- TensorBoard


def events(folder: Path) -> list[Any]:
    """What stands in the files of a folder: of each record, behind its length and a check sum."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for path in sorted(folder.iterdir()):
        data, place = path.read_bytes(), 0
        while place < len(data):
            (length,) = struct.unpack_from("<Q", data, place)
            found.append(Event.FromString(data[place + 12 : place + 12 + length]))
            place += length + 16
    return found


def scalars(folder: Path) -> dict[tuple[str, int], float]:
    return {
        (value.tag, event.step): value.simple_value
        for event in events(folder)
        for value in event.summary.value
        if value.HasField("simple_value")
    }


def test_what_tensorboard_shows(tmp_path: Path) -> None:
    from tensorboardX.proto.graph_pb2 import GraphDef

    model = model_of(SGD(0.1))
    board = TensorBoard(tmp_path, histogram_freq=1, update_freq=2, write_steps_per_second=True)
    fitted = model.fit(
        X, Y, batch_size=10, epochs=2, validation_split=0.25, callbacks=[board], verbose=0
    )
    train, history = scalars(tmp_path / "train"), fitted.history
    for epoch in range(2):
        assert train["epoch_loss", epoch] == pytest.approx(history["loss"][epoch])
        assert train["epoch_learning_rate", epoch] == pytest.approx(0.1)
        assert train["epoch_steps_per_second", epoch] > 0
    assert {step for tag, step in train if tag == "batch_loss"} == {0, 2, 4}
    validation = scalars(tmp_path / "validation")
    assert validation["epoch_loss", 1] == pytest.approx(history["val_loss"][1])
    assert validation["evaluation_loss_vs_iterations", 6] == validation["epoch_loss", 1]
    seen = events(tmp_path / "train")
    histograms = {
        v.tag: v.histo for e in seen if e.step == 1 for v in e.summary.value if v.HasField("histo")
    }
    names = [w.name for w in model.weights]
    assert histograms.keys() == {f"{n}/{kind}" for n in names for kind in ("histogram", "gradient")}
    kernel = model.layers[0].kernel
    assert histograms["dense/kernel/histogram"].sum == pytest.approx(kernel.numpy().sum(), rel=1e-5)
    assert histograms["dense/kernel/gradient"].max == pytest.approx(kernel.grad.max(), rel=1e-5)
    (graph,) = (GraphDef.FromString(e.graph_def) for e in seen if e.graph_def)
    nodes = {node.name: node for node in graph.node}
    assert list(nodes["dense/matmul"].input) == ["x", "dense/kernel"]
    assert list(nodes["dense/tanh"].input) == ["dense/add"]
    assert nodes["dense_1/add"].op == "add"
    (shape,) = nodes["dense/kernel"].attr["_output_shapes"].list.shape
    assert [axis.size for axis in shape.dim] == [3, 2]


def test_tensorboard_of_an_evaluation_alone(tmp_path: Path) -> None:
    model = model_of()
    loss = model.evaluate(X, Y, callbacks=[TensorBoard(tmp_path)], verbose=0)
    found = scalars(tmp_path / "validation")
    assert found == {("evaluation_loss_vs_iterations", 0): pytest.approx(loss)}


def test_tensorboard_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(ImportError, match=r"pip install 'autograd-nn\[tensorboard\]'"):
        TensorBoard()


def test_the_graph_draws_and_changes_nothing(tmp_path: Path) -> None:
    def weights(callbacks: list[Any]) -> Any:
        model = model_of()
        model.fit(X, Y, epochs=2, callbacks=callbacks, verbose=0)
        return model.get_weights()

    for mine, right in zip(weights([TensorBoard(tmp_path)]), weights([]), strict=True):
        np.testing.assert_array_equal(mine, right)
