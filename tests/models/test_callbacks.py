"""Callbacks and what training shows."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import callbacks
from autograd_nn.callbacks import Callback, EarlyStopping
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.recording import recording
from autograd_nn.layers import Dense, Input
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD
from tests.reference import recorded

X, Y = np.array([[1.0], [2.0], [3.0]]), np.array([2.0, 4.0, 6.0])


def model_of(rate: float = 0.01, **compiled: Any) -> Sequential:
    model = Sequential([Input((1,)), Dense(1)])
    model.compile(SGD(rate), "mse", **compiled)
    return model


class Diary(Callback):
    """Writes down which hooks were called."""

    def __init__(self) -> None:
        self.entries: list[str] = []


def _noting(hook: str) -> Any:
    def note(self: Diary, *arguments: Any) -> None:
        self.entries.append(hook)

    return note


for _hook in [name for name in vars(Callback) if name.startswith("on_")]:
    setattr(Diary, _hook, _noting(_hook.removeprefix("on_")))


def test_the_order_of_the_hooks() -> None:
    diary = Diary()
    model_of().fit(X, Y, validation_data=(X, Y), callbacks=[diary], verbose=0)
    assert diary.entries == [
        "train_begin",
        "epoch_begin",
        "train_batch_begin",
        "train_batch_end",
        "test_begin",
        "test_batch_begin",
        "test_batch_end",
        "test_end",
        "epoch_end",
        "train_end",
    ]
    assert diary.params == {"verbose": 0, "epochs": 1, "steps": 1}
    assert isinstance(diary.model, Sequential)


def test_the_hooks_of_evaluate_and_predict() -> None:
    diary = Diary()
    model_of().evaluate(X, Y, batch_size=2, callbacks=diary, verbose=0)
    batch = ["test_batch_begin", "test_batch_end"]
    assert diary.entries == ["test_begin", *batch, *batch, "test_end"]
    diary = Diary()
    model_of().predict(X, batch_size=2, callbacks=[diary])
    batch = ["predict_batch_begin", "predict_batch_end"]
    assert diary.entries == ["predict_begin", *batch, *batch, "predict_end"]


def test_every_hook_gets_a_dict_with_what_is_known() -> None:
    seen: dict[str, Any] = {}

    class Wants(Callback):
        """Hooks without a default for ``logs``, as many are written for Keras."""

    def taking(hook: str) -> Any:
        if "batch" in hook or "epoch" in hook:
            return lambda self, number, logs: seen.setdefault(hook, logs)
        return lambda self, logs: seen.setdefault(hook, logs)

    hooks = [name for name in vars(Callback) if name.startswith("on_")]
    for hook in hooks:
        if "train_batch" not in hook:  # the other name of `on_batch_…`
            setattr(Wants, hook, taking(hook))
    model = model_of()
    model.fit(X, Y, validation_data=(X, Y), callbacks=[Wants()], verbose=0)
    outputs = model.predict(X, callbacks=Wants())
    assert set(seen) == {hook for hook in hooks if "train_batch" not in hook}
    assert all(type(logs) is dict for logs in seen.values())
    for hook, logs in seen.items():
        wanted = {"on_epoch_end": {"loss", "val_loss"}, "on_predict_batch_end": {"outputs"}}
        with_loss = {"on_batch_end", "on_test_batch_end", "on_test_end", "on_train_end"}
        known = wanted.get(hook, {"loss"} if hook in with_loss else set())
        assert set(logs) - {"val_loss"} == known - {"val_loss"}, hook
    np.testing.assert_array_equal(seen["on_predict_batch_end"]["outputs"], outputs)


def test_stop_training_and_logs() -> None:
    class Stop(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["mine"] = float(epoch)
            self.model.stop_training = epoch == 1

    history = model_of().fit(X, Y, epochs=9, callbacks=Stop(), verbose=0)
    assert history.epoch == [0, 1] and history.history["mine"] == [0.0, 1.0]


@pytest.mark.parametrize("moment", ["on_train_batch_end", "on_epoch_end", "on_test_end"])
def test_interrupted(moment: str) -> None:
    def interrupt(count: int, logs: Any = None) -> None:
        seen.append(model.get_weights()[0])
        if len(seen) == 3:
            raise KeyboardInterrupt

    seen: list[Any] = []
    callback = Callback()
    hook = interrupt if moment != "on_test_end" else lambda logs=None: interrupt(0)
    setattr(callback, moment, hook)
    model = model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=9, validation_data=(X, Y), callbacks=[callback], verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], seen[-1])
    assert model.history is not None
    assert model.history.epoch == ([0, 1, 2] if moment == "on_epoch_end" else [0, 1])
    assert model.optimizer.iterations == 3 and recording()


def losses_of(values: list[float], stopping: EarlyStopping) -> int:
    """The number of epochs that ran when the monitored value was as given."""
    model = model_of()

    class Given(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs["val_loss"] = values[epoch]

    history = model.fit(X, Y, epochs=len(values), callbacks=[Given(), stopping], verbose=0)
    return len(history.epoch)


def test_early_stopping() -> None:
    values = [1.0, 0.5, 0.6, 0.4, 0.45, 0.44, 0.43, 0.1]
    assert losses_of(values, EarlyStopping()) == 3
    assert losses_of(values, EarlyStopping(patience=2)) == 6
    assert losses_of(values, EarlyStopping(patience=9)) == 8
    assert losses_of(values, EarlyStopping(min_delta=0.7)) == 2
    assert losses_of(values, EarlyStopping(mode="max")) == 2
    assert losses_of(values, EarlyStopping(start_from_epoch=3)) == 5
    assert losses_of(values, EarlyStopping(baseline=0.2, patience=3)) == 3


class Stub:
    """What callbacks look at of a model."""

    def __init__(self) -> None:
        self.optimizer = self
        self.learning_rate = 0.1
        self.stop_training = False


@pytest.mark.parametrize("case", recorded.callbacks()["cases"], ids=str)
def test_values_of_epochs_have_the_effect_that_they_have_in_keras(case: Any) -> None:
    callback: Any = getattr(callbacks, case["callback"])(**case["arguments"])
    model, rates = Stub(), []
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(recorded.callbacks()["series"][case["series"]]):
        callback.on_epoch_end(epoch, {"val_loss": np.nan if value is None else value})
        rates.append(model.learning_rate)
        if model.stop_training:
            break
    assert rates == pytest.approx(case["rates"], rel=1e-12)
    assert len(rates) == case["epochs"]


def test_the_best_weights_come_back() -> None:
    kept: list[Any] = []

    class Keep(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            kept.append(self.model.get_weights()[0])

    model = model_of(0.25)  # so large that the loss grows
    stopping = EarlyStopping("loss", patience=3, restore_best_weights=True)
    model.fit(X, Y, epochs=20, callbacks=[Keep(), stopping], verbose=0)
    assert len(kept) == 4
    np.testing.assert_array_equal(model.get_weights()[0], kept[0])


def test_early_stopping_without_its_value() -> None:
    with pytest.warns(UserWarning, match="'val_loss'.*loss.*validation_split"):
        model_of().fit(X, Y, epochs=3, callbacks=[EarlyStopping()], verbose=0)
    with pytest.raises(ArgumentError, match="mode"):
        EarlyStopping("speed")
    with pytest.raises(ArgumentTypeError, match="That|class"):
        model_of().fit(X, Y, callbacks=[EarlyStopping])


def test_one_line_for_each_epoch_and_the_defaults_once(capsys: Any) -> None:
    model = Sequential([Dense(1)])
    model.compile(loss="mse", metrics=["mae"])
    model.fit(X, Y, epochs=2, validation_data=(X, Y))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "Defaults in force: optimizer RMSprop(learning_rate=0.001), batch_size 32, shuffle on."
    )
    assert lines[1] == "Epoch 1/2" and lines[3] == "Epoch 2/2"
    number = r"\d+\.\d{4}"
    assert re.fullmatch(
        rf"1/1 - 0s - \d+(us|ms)/step - loss: {number} - mae: {number} - val_loss: {number} "
        rf"- val_mae: {number}",
        lines[2],
    )
    model.fit(X, Y, verbose=2)
    assert len(capsys.readouterr().out.splitlines()) == 1
    model.evaluate(X, Y)
    assert re.match(r"1/1 - 0s - .*loss: ", capsys.readouterr().out)
    model.predict(X)
    model.fit(X, Y, verbose=0)
    assert capsys.readouterr().out == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_in_a_terminal(monkeypatch: Any) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    model = model_of(metrics=["mae"])
    model.fit(X, Y, batch_size=1, epochs=2, validation_data=(X, Y))
    model.predict(X)
    text = screen.getvalue()
    assert "Epoch 2/2" in text and "3/3" in text and "val_mae: " in text


def test_tiny_numbers_keep_their_digits() -> None:
    from autograd_nn.progress import named_values

    assert named_values({"loss": 0.00012345678, "a": 0.5}) == " - loss: 1.2346e-04 - a: 0.5000"
