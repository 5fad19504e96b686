"""Whatever changes between two steps counts from the next one on, as it does for eager steps."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Model, Sequential, Tensor, replayable, set_random_seed
from autograd_nn.callbacks import Callback, LambdaCallback
from autograd_nn.engine.errors import StateError
from autograd_nn.layers import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    GaussianNoise,
    Layer,
    Reshape,
    SimpleRNN,
)
from autograd_nn.losses import Loss
from autograd_nn.optimizers import SGD, Adam, RMSprop

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(24, 6)).astype(np.float32)
Y = (X[:, :1] + X[:, 1:2] ** 2 > 0.5).astype(np.float32)
BATCH = 8

TABLE = np.ones(10, np.float32)
SCALE = Tensor(np.ones(10), requires_grad=False, dtype=np.float32)


def numbers(size: int) -> Any:
    return np.linspace(0.5, 1.5, size, dtype=np.float32)


class Scaled(Layer):
    """Uses an array of its own, one in a list of its own, and a Tensor, all directly."""

    replayable = True
    power = 1.0

    def __init__(self, size: int = 10) -> None:
        super().__init__()
        self.table = numbers(size)
        self.listed = [numbers(size)]
        self.tensor = Tensor(numbers(size), requires_grad=False)
        self.shift = 0.0

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((), "ones", "factor")

    def call(self, inputs: Any) -> Any:
        scale = (self.factor * self.table * self.listed[0] + self.factor * self.tensor).mean()
        return inputs * scale**self.power + self.shift


@replayable
def of_a_global(y: Any, p: Any) -> Any:
    return ((TABLE * SCALE * (y - p)) ** 2).mean(axis=-1)


def helped(difference: Any) -> Any:
    return TABLE.mean() * HOLDER.scale * difference


class Holder:
    def __init__(self) -> None:
        self.scale = np.ones(1, np.float32)


HOLDER = Holder()


@replayable
def of_a_helper(y: Any, p: Any) -> Any:
    """Reaches an array through a function, and one through an object that this uses."""
    return (helped(y[:, :1] - p[:, :1]) ** 2).mean()


def of_a_closure(size: int) -> Any:
    array, number = numbers(size), Tensor(0.5, requires_grad=False, dtype=np.float32)

    @replayable
    def loss(y: Any, p: Any) -> Any:
        return (number * (array * (y[:, :1] - p[:, :1]).mean()) ** 2).mean()

    def rebind() -> None:
        nonlocal array
        array = array * np.float32(3)

    loss.array, loss.rebind = array, rebind  # type: ignore[attr-defined]
    return loss


class Weighted(Loss):
    replayable = True

    def __init__(self, size: int = 10) -> None:
        super().__init__()
        self.array = numbers(size)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (self.array * ((y_true - y_pred) ** 2).mean(axis=-1, keepdims=True)).mean(axis=-1)


def model_with(size: int = 10, loss: Any = None, optimizer: Any = None, **how: Any) -> Sequential:
    layers = [Dense(4, "tanh"), Scaled(size), Dropout(0.2), Dense(1)]
    model = Sequential(layers)
    model.compile(optimizer or SGD(0.05, momentum=0.5), "mse" if loss is None else loss, **how)
    return model


def scaled(model: Any) -> Any:
    return model.layers[1]


# ------------------------------------------------------------------ the moments of a change


class At(Callback):
    """Changes something once, at the begin of an epoch or of a batch in it."""

    def __init__(self, change: Callable[[Any], None]) -> None:
        self.change = change

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            self.change(self.model)


class AtBatch(At):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        if (self.epoch, batch) == (1, 1):
            self.change(self.model)


def between_fits(model: Any, change: Any) -> None:
    fit = {"epochs": 2, "batch_size": BATCH, "verbose": 0}
    model.fit(X, Y, **fit)
    change(model)
    model.fit(X, Y, **fit)


def between_batches(model: Any, change: Any) -> None:
    for step in range(8):
        if step == 5:
            change(model)
        model.train_on_batch(X[:BATCH], Y[:BATCH])


def in_a_callback(model: Any, change: Any) -> None:
    model.fit(X, Y, epochs=4, batch_size=BATCH, verbose=0, callbacks=[At(change)])


def in_a_callback_of_batches(model: Any, change: Any) -> None:
    model.fit(X, Y, epochs=3, batch_size=BATCH, verbose=0, callbacks=[AtBatch(change)])


MOMENTS = [between_fits, between_batches, in_a_callback, in_a_callback_of_batches]


def trained(make: Any, moment: Any, change: Any, **how: Any) -> Any:
    global TABLE, SCALE
    TABLE, SCALE = np.ones(10, np.float32), Tensor(np.ones(10, np.float32), requires_grad=False)
    HOLDER.scale = np.ones(1, np.float32)
    set_random_seed(4)
    model = make(**how)
    moment(model, change)
    return model


def check(make: Any, moment: Any, change: Any, is_replayed: bool = True, **how: Any) -> None:
    ours = trained(make, moment, change, **how)
    eager = trained(make, moment, change, run_eagerly=True)
    assert ours.optimizer.iterations == eager.optimizer.iterations
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
    assert is_replayed == (not ours._training.stepper.as_written)


# ------------------------------------------------------------------ arrays and Tensors


def fill(array: Any) -> None:
    array *= np.float32(3)


def rebind_global(_: Any) -> None:
    global TABLE
    TABLE = TABLE * np.float32(3)


def rebind_tensor(_: Any) -> None:
    global SCALE
    SCALE = Tensor(3 * np.ones(10, np.float32), requires_grad=False)


def rebind(model: Any) -> None:
    scaled(model).table = 3 * scaled(model).table


IN_PLACE = {
    "array of a layer": (None, lambda model: fill(scaled(model).table)),
    "array in a list": (None, lambda model: fill(scaled(model).listed[0])),
    "tensor of a layer": (None, lambda model: fill(scaled(model).tensor.data)),
    "array of a loss": (Weighted, lambda model: fill(model.loss.array)),
    "array of a closure": (of_a_closure, lambda model: fill(model.loss.function.array)),
}
OTHERS = {
    "array of a layer rebound": (None, rebind),
    "array in a list rebound": (None, lambda m: scaled(m).listed.__setitem__(0, numbers(10) * 3)),
    "tensor assigned": (None, lambda model: setattr(scaled(model).tensor, "data", numbers(10) * 3)),
    "array of a closure rebound": (of_a_closure, lambda model: model.loss.function.rebind()),
    "array of a global": (lambda size: of_a_global, lambda model: fill(TABLE)),
    "array of a global rebound": (lambda size: of_a_global, rebind_global),
    "tensor of a global": (lambda size: of_a_global, lambda model: fill(SCALE.data)),
    "tensor of a global rebound": (lambda size: of_a_global, rebind_tensor),
    "attribute of an object of a helper rebound": (
        lambda size: of_a_helper,
        lambda model: setattr(HOLDER, "scale", 3 * HOLDER.scale),
    ),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("what", [*IN_PLACE, *OTHERS])
def test_small_arrays(what: str, moment: Any) -> None:
    loss, change = (IN_PLACE | OTHERS)[what]
    check(lambda **how: model_with(10, loss and loss(10), **how), moment, change)


@pytest.mark.parametrize("what", IN_PLACE)
def test_arrays_of_five_thousand_elements(what: str) -> None:
    loss, change = IN_PLACE[what]
    for moment in MOMENTS:
        check(lambda **how: model_with(5000, loss and loss(5000), **how), moment, change)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("what", IN_PLACE)
def test_arrays_of_ten_million_elements(what: str, moment: Any) -> None:
    loss, change = IN_PLACE[what]
    size = 10_000_000 if loss is None else 10_000_000 // BATCH
    check(lambda **how: model_with(size, loss and loss(size), **how), moment, change)


# ------------------------------------------------------------------ settings


SETTINGS: dict[str, Callable[[Any], None]] = {
    "number of a layer": lambda model: setattr(scaled(model), "shift", 0.5),
    "number of a class": lambda model: setattr(type(scaled(model)), "power", 2.0),
    "number of a library layer": lambda model: setattr(model.layers[2], "rate", 0.0),
    "activation": lambda model: setattr(model.layers[0], "activation", Activation("relu")),
    "frozen": lambda model: setattr(model.layers[0], "trainable", False),
    "frozen by hand": lambda model: setattr(scaled(model).factor, "requires_grad", False),
    "thawed": lambda model: setattr(model.layers[3], "trainable", True),
    "weights": lambda model: model.set_weights([w / 2 for w in model.get_weights()]),
    "weight in place": lambda model: fill(model.layers[0].kernel.data),
    "momentum": lambda model: setattr(model.optimizer, "momentum", 0.9),
    "clipping": lambda model: setattr(model.optimizer, "clipnorm", 0.01),
    "rate": lambda model: setattr(model.optimizer, "learning_rate", 0.01),
    "state": lambda model: model.optimizer._state.clear(),
}


@pytest.mark.filterwarnings("ignore:No gradient for")  # of a weight that was just frozen
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("what", SETTINGS)
def test_settings(what: str, moment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(**how: Any) -> Sequential:
        monkeypatch.setattr(Scaled, "power", 1.0)
        model = model_with(**how)
        model.layers[3].trainable = what != "thawed"
        return model

    check(make, moment, SETTINGS[what])


def test_a_library_layer_whose_activation_becomes_ones_own_runs_as_it_is_written() -> None:
    def change(model: Any) -> None:
        model.layers[0].activation = lambda t: t * TABLE[0]

    with pytest.warns(UserWarning, match=r"layer 'dense' \(`<lambda>`\)"):
        check(model_with, between_fits, change, is_replayed=False)


def test_momentum_is_kept_where_a_change_is_noticed() -> None:
    for optimizer in (SGD(0.1, momentum=0.9), Adam(0.01), RMSprop(0.01, momentum=0.9)):
        for moment in MOMENTS:
            check(
                lambda optimizer=optimizer, **how: model_with(
                    optimizer=type(optimizer).from_config(optimizer.get_config()), **how
                ),
                moment,
                lambda model: setattr(scaled(model), "shift", 0.1),
            )


def test_two_models_that_share_a_layer() -> None:
    found = []
    for how in ({}, {"run_eagerly": True}):
        set_random_seed(6)
        shared, optimizer = Scaled(), Adam(0.01)
        models = [Sequential([shared, Dense(1)]) for _ in range(2)]
        for model in models:
            model.compile(optimizer, "mse", **how)
        for step in range(12):
            model = models[step % 2]
            if step == 7:
                shared.shift = 0.3
            if step % 3:
                model.train_on_batch(X[:BATCH], Y[:BATCH])
            else:
                model.fit(X, Y, epochs=1, batch_size=BATCH, verbose=0, shuffle=False)
        found.append([w for model in models for w in model.get_weights()])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


def test_data_that_a_callback_changes() -> None:
    class Augments(Callback):
        def set_data(self, data: Any) -> None:
            self.data = data

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.data.x[...] *= np.float32(0.9)

    found = []
    for how in ({}, {"run_eagerly": True}):
        for shuffle in (False, True):
            set_random_seed(6)
            model = Sequential([Dense(4, "tanh"), Dense(1)])
            model.compile(SGD(0.1), "mse", **how)
            fit = {"epochs": 5, "batch_size": BATCH, "verbose": 0, "shuffle": shuffle}
            model.fit(X.copy(), Y, callbacks=[Augments()], **fit)
            found.append(model.get_weights())
    for ours, eager in (found[::2], found[1::2]):
        for a, b in zip(ours, eager, strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


# What fit copies, as it computes in float32 and row by row; and how much validation takes of it.
COPIED: dict[str, tuple[Any, dict[str, Any]]] = {
    "float32": (np.float32, {}),
    "float64": (np.float64, {}),
    "whole numbers": (np.int64, {}),
    "objects": (object, {}),
    "by columns": (lambda x: np.asfortranarray(x, np.float32), {}),
    "a part": (np.float64, {"validation_split": 0.25}),
    "a part of every class": (np.float32, {"validation_split": 0.25, "stratify": True}),
}


@pytest.mark.parametrize("what", COPIED)
@pytest.mark.parametrize("weighted", ["sample_weight", "class_weight", "validation_data"])
def test_data_of_any_dtype_that_a_callback_changes(what: str, weighted: str) -> None:
    kind, part = COPIED[what]
    if weighted == "validation_data":
        part = {}
    rng = np.random.default_rng(0)
    steps = {"batch_size": 10, "verbose": 0, "shuffle": False} | part

    def arrays() -> dict[str, Any]:
        x, labels = rng.integers(-4, 5, (40, 3)), np.tile([0, 1], 20)[:, None]
        of_kind = kind if not isinstance(kind, type) else lambda a: np.array(a, kind)
        return {name: of_kind(array) for name, array in (("x", x), ("y", labels), ("w", labels))}

    def change(given: dict[str, Any]) -> None:
        given["x"][:20] = given["x"][:20] * 2
        given["y"][[0, 1]] = given["y"][[1, 0]]
        given["w"][3] = 2

    def trained(at_once: bool) -> Any:
        nonlocal rng
        rng = np.random.default_rng(0)
        given = arrays()
        more: dict[str, Any] = {}
        if weighted == "sample_weight":
            more = {"sample_weight": given["w"]}
        elif weighted == "class_weight":
            more = {"class_weight": {0: 1.0, 1: 3.0}}
        else:
            more = {"validation_data": (given["x"], given["y"])}
        set_random_seed(0)
        model = Sequential([Dense(1, "sigmoid")])
        model.compile(SGD(0.05), "binary_crossentropy")
        if at_once:
            changes = LambdaCallback(on_epoch_end=lambda epoch, logs: change(given))
            run = model.fit(given["x"], given["y"], epochs=4, callbacks=[changes], **steps, **more)
            return model.get_weights(), run.history
        told: dict[str, list[float]] = {}
        for _ in range(4):  # what is given anew is read anew
            for key, values in model.fit(given["x"], given["y"], **steps, **more).history.items():
                told[key] = told.get(key, []) + values
            change(given)
        return model.get_weights(), told

    (ours, seen), (right, told) = trained(True), trained(False)
    for a, b in zip(ours, right, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    for key in told:
        np.testing.assert_allclose(seen[key], told[key], rtol=1e-5)


# ------------------------------------------------------------------ random trainings


CHANGES = [change for _, change in [*IN_PLACE.values(), *OTHERS.values()][:3]]
CHANGES += [rebind, *(change for name, change in SETTINGS.items() if name != "thawed")]


def check_at_random(seed: int) -> None:
    draw = random.Random(seed)
    optimizers = [
        lambda: SGD(0.05, momentum=draw_number),
        lambda: SGD(0.05, momentum=0.5, nesterov=True, weight_decay=0.01),
    ]
    draw_number = draw.choice([0.0, 0.9])
    optimizer = draw.choice(optimizers)
    units, size = draw.randint(1, 5), draw.choice([1, 3, 10, 40])
    activation = draw.choice(["relu", "sigmoid", "tanh", None])
    loss = draw.choice(["mse", "mae", "binary_crossentropy"])
    inner = draw.random() < 0.4

    def make(**how: Any) -> Sequential:
        Scaled.power = 1.0
        layers: list[Layer] = [Dense(units, activation), Scaled(size), Dropout(0.3)]
        layers += [Dense(3, "relu")] if inner else []
        model = Sequential([*layers, Dense(1, "sigmoid")])
        if draw_rate:
            model.compile(optimizer(), loss, metrics=["mae"], **how)
        else:
            model.compile(optimizer(), loss, **how)
        return model

    draw_rate = draw.random() < 0.3
    changes = draw.sample(CHANGES, 2)

    def change(model: Any) -> None:
        for one in changes:
            one(model)

    check(make, draw.choice(MOMENTS), change)


@pytest.mark.filterwarnings("ignore:No gradient for")
def test_random_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scaled, "power", 1.0)
    for seed in range(30):
        check_at_random(seed)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:No gradient for")
def test_many_random_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scaled, "power", 1.0)
    for seed in range(30, 530):
        check_at_random(seed)


# ------------------------------------------------------------------ code of one's own


class Branches(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2.0 if float(inputs.sum().item()) > 0 else inputs * 0.5


class Counts(Layer):
    calls = 0

    def call(self, inputs: Any) -> Any:
        self.calls += 1
        return inputs * (1 + 1 / self.calls)


class Draws(Layer):
    def call(self, inputs: Any, training: bool = False) -> Any:
        return inputs * (np.random.random(inputs.shape[1:]) + 0.5) if training else inputs


NUMBER = [1.0]


class ReadsAround(Layer):
    def call(self, inputs: Any) -> Any:
        NUMBER[0] += 0.25
        return inputs * NUMBER[0]


class Reads(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * (2.0 if "-" in f"{inputs.sum():.1f}" else 0.5)


class Net(Model):
    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = Dense(4, "tanh"), Dense(1)

    def call(self, inputs: Any) -> Any:
        h = self.hidden(inputs)
        return self.out(h * h if h.data.mean() > 0 else h)


KINDS = [Branches, Counts, Draws, ReadsAround, Reads]


def two_trained(make: Any) -> list[Any]:
    found = []
    for how in ({}, {"run_eagerly": True}):
        set_random_seed(4)
        np.random.seed(4)
        NUMBER[0] = 1.0
        model = make()
        model.compile(SGD(0.05, momentum=0.5), "mse", **how)
        model.fit(X, Y, epochs=3, batch_size=BATCH, verbose=0)
        for _ in range(4):
            model.train_on_batch(X[:BATCH], Y[:BATCH])
        found.append(model)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_undeclared_layers_run_as_they_are_written_which_is_said_once(kind: Any) -> None:
    with pytest.warns(UserWarning, match=f"replayable = True in {kind.__name__}") as told:
        ours, eager = two_trained(lambda: Sequential([Dense(4, "tanh"), kind(), Dense(1)]))
    assert len(told) == 1
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_undeclared_models_losses_and_activations_run_as_they_are_written() -> None:
    with pytest.warns(UserWarning, match=r"class Net.*replayable = True in Net"):
        ours, eager = two_trained(Net)
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)

    class Branching(Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return (y_true - y_pred) ** 2 * (1.0 if y_pred.data.mean() > 0.1 else 3.0)

    def squared(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) ** 2

    for loss, words in ((Branching(), "in Branching"), (squared, "@replayable above squared")):
        model = Sequential([Dense(1)])
        model.compile("sgd", loss)
        with pytest.warns(UserWarning, match=words):
            model.fit(X, Y, epochs=2, batch_size=BATCH, verbose=0)
    model = Sequential([Dense(1, activation=lambda t: t * t)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match=r"replayable\(lambda …\)"):
        model.fit(X, Y, epochs=2, batch_size=BATCH, verbose=0)


def test_a_class_that_only_makes_layers_of_the_library_is_replayed() -> None:
    class Small(Sequential):
        def __init__(self) -> None:
            super().__init__([Dense(4, "tanh"), Dense(1)])

    ours, eager = two_trained(Small)
    assert not ours._training.stepper.as_written
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Branches, r"item\(\).*branches.*test_nothing_stale.py, line"),
        (Counts, "`calls` of layer 'branches' is changed by the call itself"),
        (Draws, "differs from batch to batch"),
        (ReadsAround, "differs from batch to batch"),
        (Reads, "looked at"),
    ],
)
@pytest.mark.parametrize("by_jit", [False, True])
def test_a_false_declaration_is_an_error_that_names_what_differs(
    kind: Any, words: str, by_jit: bool
) -> None:
    declared = type(kind.__name__, (kind,), {"replayable": True})
    layer = (kind if by_jit else declared)(name="branches")
    model = Sequential([Dense(4, "tanh"), layer, Dense(1)])
    model.compile(SGD(0.05, momentum=0.5), "mse", jit_compile=by_jit)
    for _ in range(2):  # it stays an error
        with pytest.raises(StateError, match=words) as caught:
            for _ in range(3):
                model.train_on_batch(X[:BATCH], Y[:BATCH])
        assert kind.__name__ in str(caught.value)
    steps = model.optimizer.iterations
    assert steps <= 2


def test_a_declared_layer_that_fills_a_cache_is_replayed() -> None:
    class Caches(Layer):
        replayable = True
        cache: Any = None

        def call(self, inputs: Any) -> Any:
            if self.cache is None:
                self.cache = np.full(4, 0.5, np.float32)
            return inputs * self.cache

    ours, eager = two_trained(lambda: Sequential([Dense(4, "tanh"), Caches(), Dense(1)]))
    assert not ours._training.stepper.as_written
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


class ByKey(Layer):
    """A position as the key of a dict, which finds no Tensor."""

    def call(self, inputs: Any) -> Any:
        return inputs * {0: 0.5, 1: 2.0, 2: 3.0, 3: 4.0}.get(np.argmax(inputs.sum(0)), 9.0)


class InSet(Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * (2.0 if (inputs > 0).sum() in set(range(1, 100)) else 0.5)


@pytest.mark.parametrize("kind", [ByKey, InSet])
def test_what_is_not_recorded_as_it_is_written_is_an_error_before_the_first_update(
    kind: Any,
) -> None:
    declared = type(kind.__name__, (kind,), {"replayable": True})
    model = Sequential([Dense(4, "tanh"), declared(), Dropout(0.3), Dense(1)])
    model.compile("sgd", "mse")
    model.build((None, 6))
    before = model.get_weights()
    with pytest.raises(StateError, match="where it is recorded.*not found in a dict or a set"):
        model.fit(X, Y, batch_size=BATCH, verbose=0)
    with pytest.raises(StateError, match="not found in a dict or a set"):
        model.program(X[:BATCH], Y[:BATCH])
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.warns(UserWarning, match="run as it is written"):
        two_trained(lambda: Sequential([Dense(4, "tanh"), kind(), Dense(1)]))


def test_a_declared_layer_beside_draws_and_states_is_replayed() -> None:
    """That it is compared with what is written leaves draws and states as they were."""

    class Doubles(Layer):
        replayable = True

        def call(self, inputs: Any) -> Any:
            return inputs * 2.0

    def made() -> Sequential:
        shaped = [Reshape((2, 2)), SimpleRNN(3, stateful=True)]
        normal = [BatchNormalization(), Dropout(0.3), GaussianNoise(0.1)]
        return Sequential([Dense(4, "tanh"), Doubles(), *normal, *shaped, Dense(1)])

    ours, eager = two_trained(made)
    assert not ours._training.stepper.as_written
    for a, b in zip(ours.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)
