"""fit, evaluate and predict on data that come batch by batch."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

import autograd_nn.compat.tensorflow as tf
from autograd_nn import Input, Model, Sequential, utils
from autograd_nn.callbacks import Callback, LambdaCallback
from autograd_nn.data import Data
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers import Dense
from autograd_nn.several import Several

random = np.random.default_rng(0)
X = random.normal(size=(38, 4)).astype(np.float32)
Y = (X[:, :1] * 2 - X[:, 1:2]).astype(np.float32)
W = random.random(38)
SIZE = 8  # the last batch has 6


def parts(weighted: bool = False) -> list[Any]:
    cuts = [slice(start, start + SIZE) for start in range(0, len(X), SIZE)]
    return [(X[cut], Y[cut], W[cut]) if weighted else (X[cut], Y[cut]) for cut in cuts]


class Numbered(utils.PyDataset):
    def __init__(self, weighted: bool = False) -> None:
        super().__init__()
        self.parts = parts(weighted)
        self.begins = self.ends = 0

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, index: int) -> Any:
        return self.parts[index]

    def on_epoch_begin(self) -> None:
        assert self.begins == self.ends
        self.begins += 1

    def on_epoch_end(self) -> None:
        self.ends += 1


class Again:
    """Can be gone through again, and says not how often."""

    def __iter__(self) -> Iterator[Any]:
        return iter(parts())


class Number:
    """Has so many batches by number, as it says."""

    def __init__(self, batches: Any) -> None:
        self.batches = batches

    def __len__(self) -> int:
        return self.batches

    def __getitem__(self, index: int) -> Any:
        return self.parts()[index]

    def parts(self) -> list[Any]:
        return parts()


def endless(weighted: bool = False) -> Iterator[Any]:
    while True:
        yield from parts(weighted)


def dataset() -> Any:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(SIZE)


def model(**how: Any) -> Sequential:
    made = Sequential([Input((4,)), Dense(3, "tanh"), Dense(1)])
    start = np.random.default_rng(1)
    made.set_weights([start.normal(size=w.shape) for w in made.get_weights()])
    made.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mape"], **how)
    return made


def check(found: dict[str, Any], right: dict[str, Any]) -> None:
    assert found.keys() == right.keys()
    for name, values in right.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-5, err_msg=name)


FORMS: dict[str, tuple[Callable[[], Any], int | None]] = {
    "dataset": (dataset, None),
    "numbered": (Numbered, None),
    "again": (Again, None),
    "as many steps": (Again, 5),
    "endless": (endless, 5),
}


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_the_same_batches_give_the_same_training(form: str, eager: bool) -> None:
    make, steps = FORMS[form]
    right = model(run_eagerly=True).fit(
        X, Y, batch_size=SIZE, epochs=4, shuffle=False, verbose=0, validation_data=(X, Y)
    )
    trained = model(run_eagerly=eager)
    found = trained.fit(
        make(),
        steps_per_epoch=steps,
        validation_data=make(),
        validation_steps=steps,
        epochs=4,
        shuffle=False,
        verbose=0,
    )
    check(found.history, right.history)
    np.testing.assert_allclose(
        trained.evaluate(make(), steps=steps, verbose=0),
        trained.evaluate(X, Y, batch_size=SIZE, verbose=0),
        rtol=1e-6,
    )
    np.testing.assert_allclose(trained.predict(make(), steps=steps), trained.predict(X), rtol=1e-6)


@pytest.mark.parametrize("eager", [False, True])
def test_so_many_steps_of_arrays_are_those_of_the_same_batches(eager: bool) -> None:
    weight = np.linspace(0.5, 1.5, len(X)).astype("float32")
    cuts = [slice(start, start + SIZE) for start in range(0, len(X), SIZE)]
    by_hand = [(X[rows], Y[rows], weight[rows]) for rows in cuts]
    right, trained = model(run_eagerly=True), model(run_eagerly=eager)
    losses = [right.train_on_batch(*batch, return_dict=True)["loss"] for batch in [*by_hand] * 3]
    with pytest.warns(UserWarning, match="after 1 of 2 steps"):  # of five, the third time
        found = trained.fit(
            X, Y, SIZE, epochs=7, verbose=0, sample_weight=weight, shuffle=False, steps_per_epoch=2
        )
    ends = [0, 2, 4, 5, 7, 9, 10, 12]  # the data end an epoch, too
    sizes = [8, 8, 8, 8, 6] * 3
    for loss, start, stop in zip(found.history["loss"], ends, ends[1:], strict=False):
        expected = np.average(losses[start:stop], weights=sizes[start:stop])
        assert loss == pytest.approx(expected, rel=2e-5)
    assert trained.optimizer.iterations == 12
    of_two = right.evaluate(X[:16], Y[:16], verbose=0)
    assert right.evaluate(X, Y, SIZE, steps=2, verbose=0) == pytest.approx(of_two, rel=1e-6)
    np.testing.assert_array_equal(right.predict(X, SIZE, steps=2), right.predict(X)[:16])


@pytest.mark.parametrize("arrays", [False, True])
def test_so_many_steps_of_validation_are_always_the_same(arrays: bool) -> None:
    trained, right = model(), model()
    validation = (X, Y) if arrays else dataset()
    found = trained.fit(
        X, Y, SIZE, epochs=4, shuffle=False, verbose=0,
        validation_data=validation, validation_steps=2, validation_batch_size=SIZE,
    )  # fmt: skip
    expected = right.fit(
        X, Y, SIZE, epochs=4, shuffle=False, verbose=0, validation_data=(X[:16], Y[:16])
    )
    check(found.history, expected.history)


def test_weights_of_samples_come_with_the_batches_and_those_of_classes_beside_them() -> None:
    right = model().fit(X, Y, sample_weight=W, batch_size=SIZE, epochs=3, shuffle=False, verbose=0)
    found = model().fit(Numbered(weighted=True), epochs=3, shuffle=False, verbose=0)
    check(found.history, right.history)
    labels = (Y[:, 0] > 0).astype(int)

    def classifier() -> Sequential:
        made = Sequential([Input((4,)), Dense(1, "sigmoid", kernel_initializer="ones")])
        made.compile("sgd", "binary_crossentropy")
        return made

    cuts = [slice(start, start + SIZE) for start in range(0, len(X), SIZE)]
    balance = {0: 1.0, 1: 3.0}
    right = classifier().fit(
        X, labels, class_weight=balance, batch_size=SIZE, epochs=2, shuffle=False, verbose=0
    )
    found = classifier().fit(
        iter([(X[cut], labels[cut]) for cut in cuts] * 2),
        class_weight=balance, steps_per_epoch=5, epochs=2, verbose=0,
    )  # fmt: skip
    check(found.history, right.history)


def test_a_step_of_ones_own_takes_them_too() -> None:
    class Telling(Model):
        def train_step(self, data: Any) -> dict[str, Any]:
            return {**super().train_step(data), "rows": len(data[0])}

    x = Input((4,))
    telling = Telling(x, Dense(1)(x))
    telling.compile("sgd", "mse")
    found = telling.fit(Again(), epochs=2, validation_data=Again(), verbose=0).history
    assert found["rows"] == [6, 6]
    assert len(found["val_loss"]) == 2


def test_batches_by_number_come_in_a_new_order_and_epochs_end() -> None:
    seen: list[float] = []

    class Looks(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(logs["loss"])
            self.steps = self.params["steps"]

    numbered, looks = Numbered(), Looks()
    model().fit(numbered, epochs=3, verbose=0, callbacks=looks)
    assert numbered.begins == numbered.ends == 3 and looks.steps == 5 and len(seen) == 15
    plain = [model().evaluate(*part, verbose=0)[0] for part in parts()]
    firsts = {int(np.argmin(np.abs(np.array(plain) - seen[0])))}
    for _ in range(12):
        seen.clear()
        model().fit(numbered, epochs=1, verbose=0, callbacks=looks)
        firsts.add(int(np.argmin(np.abs(np.array(plain) - seen[0]))))
    assert len(firsts) > 1


def test_what_takes_long_to_start_is_started_once_an_epoch() -> None:
    class Slow(Again):
        started = 0

        def __iter__(self) -> Iterator[Any]:
            self.started += 1
            return super().__iter__()

    slow = Slow()
    model().fit(slow, epochs=3, verbose=0)
    assert slow.started == 3


def test_validation_after_every_so_many_epochs() -> None:
    options = {"validation_data": (X, Y), "verbose": 0}
    assert len(model().fit(X, Y, epochs=5, validation_freq=2, **options).history["val_loss"]) == 2
    found = model().fit(X, Y, epochs=5, validation_freq=[1, 4, 5], **options).history
    assert (len(found["loss"]), len(found["val_loss"])) == (5, 3)
    with pytest.raises(ValueError, match="validation_freq"):
        model().fit(X, Y, validation_freq=0, **options)


@pytest.mark.parametrize("form", FORMS)
def test_evaluate_comes_first(form: str) -> None:
    make, steps = FORMS[form]
    found = model().evaluate(make(), steps=steps, verbose=0, return_dict=True)
    right = model().evaluate(X, Y, batch_size=SIZE, verbose=0, return_dict=True)
    assert found == pytest.approx(right, rel=1e-6) and len(right) == 3


def test_what_ends_early_is_told(capsys: Any) -> None:
    with pytest.warns(UserWarning, match="after 5 of 7 steps") as seen:
        model().fit(iter(parts()), steps_per_epoch=7, verbose=0)
        model().fit(X, Y, verbose=0, validation_data=iter(parts()), validation_steps=7)
        model().evaluate(iter(parts()), steps=7, verbose=0)
    assert [one.filename for one in seen] == [__file__] * 3
    trained = model()
    with pytest.raises(ArgumentError, match="has ended.*gone through once"):
        trained.fit(iter(parts()), steps_per_epoch=5, epochs=2, verbose=0)
    assert len(trained.history.history["loss"]) == 1  # type: ignore[union-attr]
    with pytest.warns(UserWarning, match="after 5 of 7 steps"):
        assert len(trained.predict(iter(parts()), steps=7)) == len(X)
    with pytest.raises(ArgumentError, match="no batches"):
        trained.predict(iter([]))
    model().fit(iter(parts()), verbose=2)
    assert "5/5" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X, "y": Y, "steps_per_epoch": 0}, "`steps` must be a positive integer"),
        ({"x": X, "y": Y, "validation_data": (X, Y), "validation_steps": 0}, "`steps` must be"),
        ({"x": Again(), "y": Y}, "`y` cannot be given beside `x` that gives batches"),
        ({"x": endless}, r"is the function endless: call it, endless\(\)"),
        ({"x": iter([(X[0], Y[0])])}, r"batch 1 x` of shape \(4,\) is one sample.*batch\(32\)"),
        ({"x": Again(), "validation_split": 0.2}, "validation_split"),
        ({"x": Again(), "sample_weight": W}, "sample_weight"),
        ({"x": iter([])}, "no batches"),
        ({"x": partial(endless, True)}, r"is the function endless: call it, endless\(\)"),
        ({"x": Number(5).parts}, r"is the function parts"),
        ({"x": Number(len(X) / SIZE)}, r"`__len__` of Number must give.*math.ceil.*'float'"),
        ({"x": Number(-1)}, r"`__len__` of Number must give"),
        ({"x": parts()}, r"list of batches \(x, y\).*iter\(batches\)"),
        ({"x": Numbered}, "is the class Numbered"),
        ({"x": iter(parts()), "epochs": 3}, "gone through once.*3 epochs.*steps_per_epoch"),
        ({"x": X, "y": Y, "validation_data": iter(parts()), "epochs": 2}, "validation_steps"),
        ({"x": iter([1, 2])}, "batch is .x, y."),
        ({"x": iter([(X, Y, W, W)])}, "of 4"),
        ({"x": iter([(X, Y[:3])])}, "batch 1 x"),
        ({"x": iter([(X[:, :3], Y)])}, "`batch 1 x` of shape .*expects 4 features"),
        ({"x": Again(), "validation_data": iter([(X, Y[:3])])}, "validation batch 1 x"),
    ],
)
def test_what_is_refused_changes_nothing(arguments: dict[str, Any], message: str) -> None:
    trained = model()
    before = [w.data.tobytes() for w in trained.weights]
    with pytest.raises((ArgumentError, ArgumentTypeError, ValueError), match=message):
        trained.fit(**arguments, verbose=0)
    assert [w.data.tobytes() for w in trained.weights] == before
    assert trained.optimizer.iterations == 0


@pytest.mark.parametrize("eager", [False, True])
def test_a_bad_batch_is_named_and_takes_no_step(eager: bool) -> None:
    for bad, message in (
        ((X * np.nan, Y), "batch 4 x.*non-finite"),
        ((X, Y[:5]), "batch 4 x.*batch 4 y"),
        ((X[:, :3], Y), "`batch 4 x` of shape .38, 3.*features"),
        ((X, np.ones((38, 2))), "`batch 4 y` of shape"),
    ):
        trained = model(run_eagerly=eager)
        with pytest.raises(ValueError, match=message):
            trained.fit(iter([*parts()[:3], bad]), verbose=0)
        assert trained.optimizer.iterations == 3


def test_the_rows_of_a_mask_are_those_where_it_is_true() -> None:
    held = np.arange(len(X)) % 5 == 4
    for chosen in (held, np.flatnonzero(held), slice(4, None, 5)):
        x, y, weight = Data(X, Several(["a", "b"], [X, Y]), W).rows(chosen)
        np.testing.assert_array_equal(x, X[4::5])
        np.testing.assert_array_equal(y.arrays[1], Y[4::5])
        np.testing.assert_array_equal(weight, W[4::5])


@pytest.mark.parametrize("hook", ["on_epoch_end", "on_train_batch_end"])
def test_batches_that_were_taken_are_kept_by_nobody(hook: str) -> None:
    given: list[weakref.ref[Any]] = []

    class Wide(Number):
        def __getitem__(self, index: int) -> Any:
            x = X.astype(float)  # which is copied into float32
            given.append(weakref.ref(x))
            return x, Y.astype(float)

    alive = []

    def count(number: int, logs: Any) -> None:
        alive.append(sum(x() is not None for x in given))

    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(Wide(6), epochs=2, verbose=0, callbacks=LambdaCallback(**{hook: count}))
    assert len(given) > 12 and max(alive) <= 2, alive
