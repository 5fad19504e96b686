"""Steps of training by programs: the same as those taken as they are written, up to rounding."""

import copy
import gc
import tracemalloc
import warnings
from typing import Any

import numpy as np
import pytest

from autograd_nn import Model, Operation, Sequential, Tensor, replayable, set_random_seed
from autograd_nn.callbacks import Callback, EarlyStopping
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Layer
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.optimizers import SGD, Adam, Optimizer, RMSprop
from autograd_nn.training import step_program

RANDOM = np.random.default_rng(7)
X = RANDOM.normal(size=(44, 6)).astype(np.float32)
BINARY = (X[:, :1] + X[:, 1:2] ** 2 > 0.5).astype(np.float32)
LABELS = np.abs(X[:, 0] * 2).astype(int) % 3
ROWS = np.eye(3, dtype=np.float32)[LABELS]
WEIGHTS = np.linspace(0.5, 2, len(X)).astype(np.float32)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))


def build(*layers: Layer, **options: Any) -> Sequential:
    model = Sequential(list(layers))
    model.compile(**options)
    return model


def small(**options: Any) -> Sequential:
    layers = [Dense(5, activation="sigmoid"), Dense(4, activation="tanh"), Dense(1, "sigmoid")]
    return build(*layers, **({"loss": BinaryCrossentropy()} | options))


def both(make: Any, *data: Any, eager: Any = None, **fit: Any) -> tuple[Any, Any]:
    """Two equal models trained alike, one by programs and one as it is written."""
    found = []
    for run_eagerly in (False, True):
        set_random_seed(11)
        model = make(run_eagerly=run_eagerly)
        model.fit(*data, **({"epochs": 6, "batch_size": 8, "verbose": 0} | fit))
        found.append(model)
    return found[0], found[1]


def is_replayed(model: Any, shapes: int = 2) -> bool:
    return len(programs_of(model)) == shapes


def programs_of(model: Any) -> list[Any]:
    return list(model._training.stepper.programs.values())


def agree(replayed: Any, eager: Any, rtol: float = 2e-5) -> None:
    for a, b in zip(replayed.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol)
    for a, b in zip(replayed.weights, eager.weights, strict=True):
        np.testing.assert_allclose(a.grad, b.grad, rtol=1e-3, atol=2e-6)
    for name, values in eager.history.history.items():
        np.testing.assert_allclose(replayed.history.history[name], values, rtol=rtol, atol=1e-7)
    assert replayed.optimizer.iterations == eager.optimizer.iterations
    for a, b in zip(replayed.weights, eager.weights, strict=True):
        ours, theirs = replayed.optimizer._state[a], eager.optimizer._state[b]
        assert ours.keys() == theirs.keys()
        for key in theirs:
            np.testing.assert_allclose(ours[key], theirs[key], rtol=1e-3, atol=1e-6)


OPTIMIZERS = [
    SGD(0.1),
    SGD(0.1, momentum=0.9),
    SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    SGD(0.1, clipnorm=0.05),
    RMSprop(),
    RMSprop(0.01, momentum=0.5, centered=True, clipvalue=0.01),
    Adam(0.01),
    Adam(0.01, amsgrad=True, global_clipnorm=0.05),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=repr)
def test_every_optimizer(optimizer: Optimizer) -> None:
    replayed, eager = both(
        lambda **how: small(optimizer=copy.deepcopy(optimizer), **how), X, BINARY
    )
    assert is_replayed(replayed)
    agree(replayed, eager)


@pytest.mark.parametrize(
    ("loss", "y", "outputs"),
    [
        ("mse", X[:, :2], Dense(2)),
        ("mae", X[:, :2], Dense(2)),
        ("binary_crossentropy", BINARY, Dense(1, "sigmoid")),
        (BinaryCrossentropy(from_logits=True, label_smoothing=0.1), BINARY, Dense(1)),
        ("categorical_crossentropy", ROWS, Dense(3, "softmax")),
        ("sparse_categorical_crossentropy", LABELS, Dense(3, "softmax")),
        (replayable(lambda y, p: ((y - p) ** 4).mean(axis=-1)), X[:, :2], Dense(2)),
    ],
)
@pytest.mark.parametrize("weight", [None, WEIGHTS])
def test_every_loss_with_metrics_and_weights(
    loss: Any, y: Any, outputs: Layer, weight: Any
) -> None:
    replayed, eager = both(
        lambda **how: build(
            Dense(5, activation="relu"),
            copy.deepcopy(outputs),
            optimizer="adam",
            loss=loss,
            metrics=["mae"] if y is not LABELS else ["accuracy"],
            **how,
        ),
        X,
        y,
        sample_weight=weight,
    )
    assert is_replayed(replayed)
    agree(replayed, eager)


def test_dropout_draws_anew_in_every_step_and_as_it_would_eagerly() -> None:
    replayed, eager = both(
        lambda **how: build(
            Dense(8, activation="relu"),
            Dropout(0.4),
            Dense(8, activation="tanh"),
            Dropout(0.2, seed=5),
            Dense(1, activation="sigmoid"),
            optimizer="adam",
            loss="binary_crossentropy",
            **how,
        ),
        X,
        BINARY,
        epochs=12,
    )
    assert is_replayed(replayed)
    agree(replayed, eager, rtol=1e-4)


def test_pictures_of_several_axes_are_captured_from_the_data_on() -> None:
    pictures = X.reshape(len(X), 2, 3)
    replayed, eager = both(
        lambda **how: build(Flatten(), Dense(1), optimizer="sgd", loss="mse", **how),
        pictures,
        BINARY,
    )
    assert is_replayed(replayed)
    agree(replayed, eager)


class Gated(Model):
    """Two ways with a residual, a comparison, and a layer that is used twice."""

    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.inner = Dense(6, activation="tanh")
        self.outer = Dense(1, activation="sigmoid")

    def call(self, inputs: Any) -> Any:
        h = inputs + self.inner(inputs)
        h = np.where(h > 0.2, h, 0.1 * h) + self.inner(h) * (h < 0)
        return self.outer(h)


def test_a_model_of_ones_own_with_comparisons() -> None:
    def make(**how: Any) -> Gated:
        model = Gated()
        model.compile("adam", "binary_crossentropy", **how)
        return model

    replayed, eager = both(make, X, BINARY)
    assert is_replayed(replayed)
    agree(replayed, eager)


def test_float64() -> None:
    from autograd_nn import settings

    before = settings.floatx()
    settings.set_floatx("float64")
    try:
        replayed, eager = both(lambda **how: small(optimizer="adam", **how), X, BINARY)
    finally:
        settings.set_floatx(before)
    assert replayed.weights[0].dtype == np.float64
    agree(replayed, eager, rtol=1e-12)


# ---------------------------------------------------------------------- who looks in between


@pytest.mark.parametrize("limit", [pytest.param("AT_ONCE", marks=pytest.mark.slow), "OF_A_BATCH"])
def test_large_data_are_taken_batch_by_batch(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"autograd_nn.training.step_program.{limit}", 10)
    for weight, metrics, shuffle in ((None, None, True), (WEIGHTS, ["accuracy"], False)):
        replayed, eager = both(
            lambda metrics=metrics, **how: small(optimizer="adam", metrics=metrics, **how),
            X,
            BINARY,
            sample_weight=weight,
            shuffle=shuffle,
        )
        assert is_replayed(replayed)
        agree(replayed, eager)
    set_random_seed(11)
    compiled = small(optimizer="adam", jit_compile=True)
    compiled.fit(X, BINARY, epochs=6, batch_size=11, verbose=0)
    _, eager = both(lambda **how: small(optimizer="adam", **how), X, BINARY, batch_size=11)
    agree(compiled, eager, rtol=1e-4)


class Tells(Callback):
    """Notes what a callback sees after every batch."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        w = self.model.weights[0]
        self.seen.append((logs["loss"], w.data.copy(), w.grad.copy(), w.grad))
        assert self.model.optimizer.iterations == len(self.seen)


def test_a_callback_sees_weights_and_gradients_of_every_step() -> None:
    watchers = [Tells(), Tells()]
    for watcher, run_eagerly in zip(watchers, (False, True), strict=True):
        set_random_seed(2)
        model = small(optimizer="rmsprop", run_eagerly=run_eagerly)
        model.fit(X, BINARY, epochs=4, batch_size=16, verbose=0, callbacks=[watcher])
    for ours, theirs in zip(watchers[0].seen, watchers[1].seen, strict=True):
        for a, b in zip(ours[:3], theirs[:3], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
        np.testing.assert_array_equal(ours[2], ours[3])  # no later step writes into it


class Halves(Callback):
    """A schedule by hand."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 0.4 / (1 + epoch)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if batch == 2:
            self.model.optimizer.learning_rate *= 0.5


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_learning_rate_that_is_changed_during_training(optimizer: str) -> None:
    replayed, eager = both(
        lambda **how: small(optimizer=optimizer, **how), X, BINARY, callbacks=[Halves()]
    )
    assert is_replayed(replayed)
    agree(replayed, eager)


class Sets(Callback):
    """Changes what a program depends on, once."""

    def __init__(self, change: Any) -> None:
        self.change = change

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 3:
            self.change(self.model)


class SetsWithinAnEpoch(Callback):
    def __init__(self, change: Any) -> None:
        self.change = change

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if self.model.optimizer.iterations == 20:
            self.change(self.model)


@pytest.mark.filterwarnings("ignore:No gradient for")  # of a layer that was just frozen
@pytest.mark.parametrize("moment", [Sets, SetsWithinAnEpoch])
@pytest.mark.parametrize(
    "change",
    [
        lambda model: model.set_weights([0.5 * w for w in model.get_weights()]),
        lambda model: model.layers[0].kernel.data.fill(0.25),
        lambda model: setattr(model.layers[1], "activation", model.layers[0].activation),
        lambda model: setattr(model.layers[0], "trainable", False),
        lambda model: setattr(model.optimizer, "clipvalue", 0.001),
        lambda model: model.optimizer._state.clear(),
        lambda model: setattr(model.loss, "label_smoothing", 0.3),
    ],
)
def test_a_change_between_two_steps_counts(change: Any, moment: Any) -> None:
    replayed, eager = both(
        lambda **how: small(optimizer=RMSprop(0.01), **how), X, BINARY, callbacks=[moment(change)]
    )
    for a, b in zip(replayed.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_early_stopping_and_validation() -> None:
    replayed, eager = both(
        lambda **how: small(optimizer="adam", metrics=["accuracy"], **how),
        X,
        BINARY,
        epochs=20,
        validation_split=0.25,
        callbacks=[EarlyStopping(patience=2, restore_best_weights=True)],
    )
    assert replayed.history.epoch == eager.history.epoch
    np.testing.assert_allclose(
        replayed.history.history["val_loss"], eager.history.history["val_loss"], rtol=1e-4
    )


def test_recorded_norms_of_gradients() -> None:
    replayed, eager = both(
        lambda **how: small(optimizer=SGD(0.1, clipnorm=0.01), **how),
        X,
        BINARY,
        record_gradients=True,
    )
    for name, values in eager.history.history.items():
        np.testing.assert_allclose(replayed.history.history[name], values, rtol=1e-3)


def test_train_on_batch_takes_the_same_steps() -> None:
    losses = []
    for run_eagerly in (False, True):
        set_random_seed(3)
        model = small(optimizer=Adam(0.05), metrics=["accuracy"], run_eagerly=run_eagerly)
        losses.append(
            [model.train_on_batch(X[i % 4 :: 4], BINARY[i % 4 :: 4, 0]) for i in range(20)]
        )
        grads = [w.grad for w in model.weights]
        model.train_on_batch(X[:11], BINARY[:11])
        assert all(g is not w.grad for g, w in zip(grads, model.weights, strict=True))
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4, atol=1e-6)


def test_gradients_left_by_a_program_are_the_readers_own() -> None:
    model = small(optimizer=SGD(0.0))
    for _ in range(4):
        model.train_on_batch(X[:8], BINARY[:8])
    kernel = model.trainable_weights[0]
    kernel.grad[...] = 2.0  # and stays, for a step by hand
    assert kernel.grad.tolist() == np.full(kernel.shape, 2.0).tolist()
    before = kernel.data.copy()
    SGD(0.5).step([kernel])
    np.testing.assert_allclose(kernel.data, before - 1.0, rtol=1e-6)
    kernel.data = before
    model.train_on_batch(X[:8], BINARY[:8])
    assert abs(kernel.grad).max() < 1.0  # computed anew, not what was written over it
    twin = copy.deepcopy(kernel)
    model.train_on_batch(X[8:16], BINARY[8:16])
    assert not np.array_equal(twin.grad, kernel.grad)


def test_train_on_batch_checks_what_it_is_given_also_when_it_replays() -> None:
    model = small(optimizer="sgd")
    for _ in range(4):
        model.train_on_batch(X[:8], BINARY[:8])
    before = model.get_weights()
    for x, y, words in (
        (np.full((8, 6), np.nan, np.float32), BINARY[:8], "non-finite"),
        (X[:8], 3 * BINARY[:8] + 2, "from 0 to 1|0 and 1"),
        (X[:8], BINARY[:7], "samples"),
        (X[:8, :5], BINARY[:8], "features"),
    ):
        with pytest.raises(ValueError, match=words):
            model.train_on_batch(x, y)
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_equal_seeds_give_equal_runs() -> None:
    runs = []
    for _ in range(2):
        set_random_seed(21)
        model = small(optimizer="adam")
        model.fit(X, BINARY, epochs=5, batch_size=8, verbose=0)
        runs.append(model.get_weights())
    for a, b in zip(*runs, strict=True):
        assert a.tobytes() == b.tobytes()


# ---------------------------------------------------------------------- what cannot be captured


class Branches(Layer):
    replayable = True

    def call(self, inputs: Any) -> Any:
        return inputs if np.asarray(inputs.data).mean() > -1000 else -inputs


class PerParameter(Optimizer):
    """A rule that looks at each parameter as a whole."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        size = np.sqrt((gradient * gradient).sum()) + 1e-6
        return parameter - self.learning_rate * gradient / size, {}


class Sloppy(Optimizer):
    """A rule that branches on numbers."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        if float(np.abs(gradient).max()) > 0.01:
            return parameter - self.learning_rate * np.sign(gradient), {}
        return parameter, {}


@pytest.mark.parametrize("kind", [PerParameter, Sloppy])
def test_optimizers_of_ones_own(kind: Any) -> None:
    replayed, eager = both(lambda **how: small(optimizer=kind(0.01), **how), X, BINARY)
    assert is_replayed(replayed)
    agree(replayed, eager)


def test_parameters_that_the_loss_does_not_reach_stay() -> None:
    class Idle(Layer):
        replayable = True

        def build(self, input_shape: Any) -> None:
            self.idle = self.add_weight((2,), "ones", "idle")

        def call(self, inputs: Any) -> Any:
            return inputs

    model = build(Dense(3), Idle(), Dense(1), optimizer="adam", loss="mse")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, BINARY, epochs=4, batch_size=8, verbose=0)
    assert is_replayed(model)
    idle = next(w for w in model.weights if w.name.endswith("idle"))
    np.testing.assert_array_equal(idle.data, [1.0, 1.0])
    assert idle.grad is None


def test_an_interrupt_leaves_whole_steps() -> None:
    class Stops(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.iterations == 17:
                raise KeyboardInterrupt

    found = []
    for run_eagerly in (False, True):
        set_random_seed(8)
        model = small(optimizer="adam", run_eagerly=run_eagerly)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, BINARY, epochs=9, batch_size=8, verbose=0, callbacks=[Stops()])
        found.append(model)
        assert model.optimizer.iterations == 17
    for a, b in zip(found[0].get_weights(), found[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    for model in found:
        assert all(w.grad is not None for w in model.weights)


def test_a_loss_that_becomes_nan_is_told() -> None:
    model = build(Dense(1), optimizer=SGD(1e30), loss="mse")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.fit(X, BINARY, epochs=6, batch_size=44, verbose=0)
    assert sum("became NaN" in str(w.message) for w in told) == 1


def test_two_models_that_share_a_layer() -> None:
    found = []
    for run_eagerly in (False, True):
        set_random_seed(6)
        shared = Dense(4, activation="tanh")
        models = [
            build(shared, Dense(1), optimizer=Adam(0.01), loss="mse", run_eagerly=run_eagerly)
            for _ in range(2)
        ]
        for _ in range(3):
            for model in models:
                model.fit(X, BINARY, epochs=2, batch_size=8, verbose=0)
        found.append([model.get_weights() for model in models])
    for ours, theirs in zip(*found, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_a_graph_recorded_before_training_is_not_differentiated_with_later_data() -> None:
    from autograd_nn.engine.errors import MutationError

    model = small(optimizer="sgd")
    model.fit(X, BINARY, epochs=3, batch_size=8, verbose=0)
    loss = (model(X[:4]) ** 2).sum()
    model.fit(X, BINARY, epochs=1, batch_size=8, verbose=0)
    with pytest.raises(MutationError):
        loss.backward()


@pytest.mark.slow
def test_memory_does_not_grow_with_epochs() -> None:
    model = small(optimizer="adam")
    model.fit(X, BINARY, epochs=5, batch_size=8, verbose=0)

    def held(epochs: int) -> int:
        model.fit(X, BINARY, epochs=epochs, batch_size=8, verbose=0)
        model.history = None
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        held(600)  # until Python has kept as many floats for later as it does
        sizes = [held(300) for _ in range(4)]
        # What is kept grows every time: 1,800 steps, one object for each would be 50,000.
        assert min(np.diff(sizes)) < 8_000
    finally:
        tracemalloc.stop()


def test_arguments_of_compile() -> None:
    with pytest.raises(ArgumentTypeError, match="run_eagerly"):
        small(run_eagerly="yes")
    with pytest.raises(ArgumentError, match="jit_compile"):
        small(run_eagerly=True, jit_compile=True)


def test_weights_stay_the_tensors_of_the_user() -> None:
    model = small(optimizer="sgd")
    model.fit(X, BINARY, epochs=1, batch_size=22, verbose=0)
    weights = list(model.weights)
    data = [w.data for w in weights]
    model.fit(X, BINARY, epochs=4, batch_size=22, verbose=0)
    for w, now, array in zip(weights, model.weights, data, strict=True):
        assert w is now
        np.testing.assert_array_equal(array, w.data)  # a look at the data follows training
    assert type(weights[0]) is Tensor


def test_an_activation_layer_and_no_bias() -> None:
    replayed, eager = both(
        lambda **how: build(
            Dense(5, use_bias=False),
            Activation("softplus"),
            Dense(1),
            optimizer="adam",
            loss="mse",
            **how,
        ),
        X,
        BINARY,
    )
    assert is_replayed(replayed)
    agree(replayed, eager)


# ---------------------------------------------------------------------- model.program


def test_the_program_of_a_model_takes_its_training_steps() -> None:
    found = []
    for by_program in (True, False):
        set_random_seed(9)
        model = build(
            Dense(5, activation="sigmoid"),
            Dropout(0.3),
            Dense(1, activation="sigmoid"),
            optimizer="rmsprop",
            loss="binary_crossentropy",
            run_eagerly=True,
        )
        model.evaluate(X[:8], BINARY[:8], verbose=0)
        step = model.program(X[:8], BINARY[:8]) if by_program else None
        losses = []
        for i in range(10):
            x, y = X[i : i + 8], BINARY[i : i + 8]
            losses.append(step(x=x, y=y) if step is not None else model.train_on_batch(x, y))
        found.append((losses, model.get_weights(), model.optimizer.iterations))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-5)
    for a, b in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert found[0][2] == found[1][2] == 10


def test_the_program_of_a_model_takes_y_in_the_forms_that_fit_takes() -> None:
    set_random_seed(1)
    model = small(optimizer=SGD(0.0))
    labels = BINARY[:8, 0].astype(int)
    step = model.program(X[:8], labels)
    losses = [step(y=y) for y in (labels, BINARY[:8], BINARY[:8, 0])]
    assert losses[0] == losses[1] == losses[2]
    classes = build(Dense(3, "softmax"), optimizer=SGD(0.0), loss="sparse_categorical_crossentropy")
    step = classes.program(X[:8], LABELS[:8, None])
    assert step(y=LABELS[:8]) == step(y=LABELS[:8, None])


def test_a_model_that_cannot_become_a_program_is_refused_with_the_reason() -> None:
    model = build(Dense(4), Branches(), Dense(1), optimizer="sgd", loss="mse")
    with pytest.raises(StateError, match=r"cannot become a program.*\.data"):
        model.program(X[:8], BINARY[:8])
    with pytest.raises(StateError, match="Compile the model before program"):
        Sequential([Dense(1)]).program(X[:8], BINARY[:8])


def test_jit_compile_without_the_extra_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    from autograd_nn.engine.errors import MissingPackageError

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-nn\[jit\]'"):
        small(jit_compile=True)


def test_compiled_steps_are_those_of_the_model() -> None:
    found = []
    for how in ({"jit_compile": True}, {"run_eagerly": True}):
        set_random_seed(12)
        model = small(optimizer=Adam(0.02), metrics=["accuracy"], **how)
        model.fit(X, BINARY, epochs=6, batch_size=22, verbose=0)
        found.append(model)
    assert is_replayed(found[0], shapes=1)
    agree(found[0], found[1], rtol=1e-4)


@pytest.mark.parametrize(
    "optimizer",
    [
        pytest.param(Adam(0.02), id="adam"),
        pytest.param(SGD(0.5, clipnorm=0.05), id="clipnorm", marks=pytest.mark.slow),
        pytest.param(SGD(0.5, global_clipnorm=0.05), id="global_clipnorm", marks=pytest.mark.slow),
    ],
)
def test_compiled_epochs_are_those_of_the_model(optimizer: Optimizer) -> None:
    """Without metrics, the steps of an epoch are one call, that of the last batch another."""
    found = []
    for how in ({"jit_compile": True}, {"run_eagerly": True}):
        set_random_seed(12)
        model = small(optimizer=copy.deepcopy(optimizer), **how)
        model.fit(X, BINARY, sample_weight=WEIGHTS, epochs=6, batch_size=8, verbose=0)
        found.append(model)
    assert is_replayed(found[0])
    assert all(p.made.many is not None for p in programs_of(found[0]))
    agree(found[0], found[1], rtol=1e-4)


def compiled_model() -> Any:
    """A model of which the steps are compiled already, each epoch of two calls."""
    set_random_seed(12)
    model = small(optimizer=SGD(0.5), jit_compile=True)
    model.fit(X, BINARY, epochs=3, batch_size=8, verbose=0)
    return model


def counted(many: Any, calls: list[int]) -> Any:
    """The same function, which writes down how many steps each call takes."""

    def called(count: int, *given: Any) -> Any:
        calls.append(count)
        return many(count, *given)

    return called


@pytest.mark.slow
def test_how_many_steps_are_one_call_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for seconds in (1e-9, 10.0):  # one step a call; all steps in one
        monkeypatch.setattr(step_program, "SECONDS", seconds)
        model = compiled_model()
        calls: list[int] = []
        for program in programs_of(model):
            monkeypatch.setattr(program.made, "many", counted(program.made.many, calls))
        model.fit(X, BINARY, epochs=2, batch_size=8, verbose=0)
        steps = -(-len(X) // 8)
        assert sum(calls) == 2 * steps
        assert len(calls) == (2 * steps if seconds < 1 else 4)
        found.append(model)
    for a, b in zip(found[0].get_weights(), found[1].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[0].history.history == found[1].history.history


def test_an_interrupted_epoch_leaves_whole_compiled_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_program, "SECONDS", 1e-9)
    model = compiled_model()
    start, before = model.get_weights(), model.optimizer.iterations
    program = programs_of(model)[0]
    many, left = program.made.many, [2]

    def interrupted(*given: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return many(*given)

    with monkeypatch.context() as patch:
        patch.setattr(program.made, "many", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, BINARY, epochs=1, batch_size=8, verbose=0, shuffle=False)
    assert model.optimizer.iterations == before + 2
    found = [*model.get_weights(), *(w.grad.copy() for w in model.weights)]
    model.set_weights(start)
    model.fit(X[:16], BINARY[:16], epochs=1, batch_size=8, verbose=0, shuffle=False)
    whole = [*model.get_weights(), *(w.grad for w in model.weights)]
    for a, b in zip(found, whole, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_compiled_epoch_tells_where_the_loss_became_nan() -> None:
    model = compiled_model()

    class Spoils(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                for weight in self.model.weights:
                    weight.data[...] = np.nan

    with pytest.warns(RuntimeWarning, match="NaN in epoch 3, batch 1:"):
        model.fit(X, BINARY, epochs=3, batch_size=8, verbose=0, callbacks=[Spoils()])
    assert np.isnan(model.history.history["loss"][-1])


def test_what_cannot_be_compiled_is_replayed_without_and_that_is_said() -> None:
    def looked_up(x: Any) -> Any:
        return np.apply_along_axis(np.copy, 1, x)

    opaque = Operation("opaque", value=looked_up, gradients=(lambda g, out, x: g,))

    class Opaque(Layer):
        replayable = True

        def call(self, inputs: Any) -> Any:
            return opaque(inputs)

    model = build(Dense(3), Opaque(), Dense(1), optimizer="sgd", loss="mse", jit_compile=True)
    with pytest.warns(UserWarning, match="replayed without being compiled.*no compiled form of"):
        model.fit(X, BINARY, epochs=6, batch_size=22, verbose=0)
    assert is_replayed(model, shapes=1)


def test_steps_on_like_arrays_look_at_every_one_of_them() -> None:
    x, y = np.ones((4, 3), np.float32), np.ones((4, 1), np.float32)
    model = Sequential([Dense(1, "sigmoid")])
    model.compile(SGD(0.1), "binary_crossentropy")
    for _ in range(4):
        model.train_on_batch(x, y)
    before = model.get_weights()
    for wrong_x, wrong_y, told in (
        (x * np.nan, y, "`x` has 12 values"),
        (x, y * np.inf, "`y` has 4 values"),
        (x, y * 2, "must be from 0 to 1"),
    ):
        with pytest.raises(ArgumentError, match=told):
            model.train_on_batch(wrong_x, wrong_y)
    for was, now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(was, now)
    kernel = model.trainable_weights[0]
    model.train_on_batch(x, y)
    first = kernel.grad
    kept = first.copy()
    model.optimizer.learning_rate = 0.0
    held = kernel.data.copy()
    model.train_on_batch(x, 1 - y)
    np.testing.assert_array_equal(first, kept)
    np.testing.assert_array_equal(kernel.data, held)
    assert not np.array_equal(kernel.grad, kept)
    assert model.optimizer.iterations == 6
    # The same values in another shape, which the loss brings into its own.
    assert model.train_on_batch(x, y[:, 0]) == model.train_on_batch(x, y)
