"""Training: the step that every form of training takes, the loop of ``fit``, evaluation."""

from __future__ import annotations

import copy
import time
import warnings
from typing import Any

import numpy as np

from autograd_nn import losses, metrics, optimizers
from autograd_nn.callbacks import Callback, History, Hooks
from autograd_nn.data import Data
from autograd_nn.engine.errors import ArgumentError, ShapeError, StateError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.reverse import gradients
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.crossentropy import Crossentropy
from autograd_nn.ops import sigmoid, softmax
from autograd_nn.progress import Bar, line, shown
from autograd_nn.settings import generator

_OUTPUT = "the output of the model"


class Training:
    """What ``compile`` chose: the optimizer, the loss and the metrics."""

    def __init__(self, optimizer: Any, loss: Any, plain: Any, weighted: Any) -> None:
        self.optimizer = optimizers.get(optimizer)
        self.loss = None if loss is None else losses.get(loss)
        if self.loss is not None and self.loss.reduction == "none":
            raise ArgumentError(
                "A loss with reduction 'none' is not one number, so it cannot be made small. "
                "Use the default reduction, 'sum_over_batch_size'."
            )
        self.plain = _as_metrics(plain, "metrics")
        self.weighted = _as_metrics(weighted, "weighted_metrics")
        # "accuracy" means what fits the shapes, which are known with the first data only.
        self.metrics: list[tuple[str, metrics.Metric, bool]] | None = None
        self.named_by_user = not isinstance(optimizer, str)

    def needed_loss(self) -> losses.Loss:
        """The loss, or the way to give one."""
        if self.loss is None:
            raise ArgumentError(
                "The model was compiled without a `loss`, so there is nothing to make small. "
                "Write model.compile(loss='mse'), or loss=BinaryCrossentropy()."
            )
        return self.loss

    def resolve_metrics(self, y: Any, output: Any) -> None:
        """Settle what "accuracy" means, once."""
        if self.metrics is None:
            found: list[tuple[str, metrics.Metric, bool]] = []
            for given, weighted in ((self.plain, False), (self.weighted, True)):
                for identifier in given:
                    metric = metrics.resolve(identifier, y.shape, output.shape)
                    name = metric.name
                    if any(name == taken for taken, _, _ in found):
                        name = f"weighted_{name}" if weighted else name
                    found.append((name, metric, weighted))
            self.metrics = found


def _as_metrics(value: Any, argument: str) -> list[Any]:
    if value is None:
        return []
    given = list(value) if isinstance(value, (list, tuple)) else [value]
    names = [metrics.get(identifier).name for identifier in given]
    for name in names:
        if names.count(name) > 1:
            raise ArgumentError(f"`{argument}` has {name!r} twice: give one of them another name.")
        if name == "loss":
            raise ArgumentError(f"`{argument}` has the name 'loss', which is that of the loss.")
    return given


# ---------------------------------------------------------------------- one step


def recorded_loss(
    model: Any, loss: losses.Loss, x: Any, y: Any, weight: Any = None, training: bool = True
) -> tuple[Tensor, Any]:
    """The loss of one batch as a recorded Tensor, fused with the head, and the output."""
    output = model(x, training=training)
    return loss.reduced(loss.elements_of_output(y, output), weight), output


def step(
    model: Any, training: Training, parameters: list[Tensor], x: Any, y: Any, weight: Any
) -> tuple[Any, Any]:
    """Forward, loss, gradients, update. Gives the loss and the output as plain numbers."""
    loss, output = recorded_loss(model, training.loss, x, y, weight)  # type: ignore[arg-type]
    _descend(training, parameters, loss)
    return loss._data, output._data


def train_step(
    model: Any, training: Training, parameters: list[Tensor], data: Data
) -> tuple[Any, Data, Any]:
    """A step on data that the model has not seen: they are checked before the update."""
    loss = training.needed_loss()
    try:
        output = model(data.x if parameters else Tensor(data.x), training=True)
    except ShapeError as error:
        raise ShapeError(f"`x` of shape {data.x.shape}: {error}") from error
    y = targets(loss, data.y, output)
    value = loss.reduced(loss.elements_of_output(y, output), data.weight)
    _descend(training, parameters, value)
    return value._data, Data(data.x, y, data.weight), output._data


def _descend(training: Training, parameters: list[Tensor], loss: Tensor) -> None:
    if parameters:
        found = gradients(loss, parameters)
        training.optimizer.apply_gradients(zip(found, parameters, strict=True))
        for parameter, gradient in zip(parameters, found, strict=True):
            parameter._grad = gradient


def evaluation_step(model: Any, training: Training, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
    """The loss and the output of one batch, with the loss fused as in training."""
    loss, output = recorded_loss(model, training.loss, x, y, weight, training=False)  # type: ignore[arg-type]
    return loss._data, output._data


class RunningValues:
    """The loss and the metrics over the batches so far."""

    def __init__(self, training: Training) -> None:
        self.metrics = training.metrics or []
        for _, metric, _ in self.metrics:
            metric.reset_state()
        self.total = 0.0
        self.samples = 0

    def add(self, loss: Any, y: Any, output: Any, weight: Any) -> None:
        """One more batch."""
        samples = len(y)
        self.total += float(loss) * samples
        self.samples += samples
        for _, metric, weighted in self.metrics:
            metric.update_state(y, output, weight if weighted else None)

    def logs(self) -> dict[str, float]:
        """The values by name, the loss first."""
        logs = {"loss": self.total / self.samples}
        for name, metric, _ in self.metrics:
            logs[name] = float(metric.result())
        return logs


# ---------------------------------------------------------------------- checks before the first


def checked(model: Any, training: Training, data: Data, batch_size: int, name: str = "") -> Data:
    """The data with y as the loss wants it, tried on the model; nothing is changed on an error."""
    loss = training.needed_loss()
    output = _tried(model, data.x, batch_size, name)
    if not output.ndim or len(output._data) != min(len(data.x), batch_size):
        raise ShapeError(
            f"The model must give one output for each sample, {min(len(data.x), batch_size)}, "
            f"got an output of shape {output.shape}."
        )
    shape = (len(data.x), *output.shape[1:])
    like = np.broadcast_to(output.dtype.type(0.5), shape)  # no memory is taken
    y = targets(loss, data.y, like, name)
    if isinstance(loss, Crossentropy):
        loss.check_probabilities(output, _OUTPUT)
        _warn_of_logits(loss, output)
    training.resolve_metrics(y, output)
    # The whole way once, so that a loss or a metric that cannot take these data says so now.
    tried = Data(data.x, y, data.weight).rows(slice(0, batch_size))
    value = loss.reduced(loss.elements_of_output(tried.y, output), tried.weight)
    if value.shape != ():
        raise ShapeError(f"The loss {loss.name} must give one number, got shape {value.shape}.")
    RunningValues(training).add(value._data, tried.y, output._data, tried.weight)
    return Data(data.x, y, data.weight)


def build_on(model: Any, x: Any) -> None:
    """Make the weights of a model that was so far tried on a copy."""
    if not model.built:
        with recorded():
            model(x[:1])


def targets(loss: losses.Loss, y: Any, like: Any, name: str = "") -> Any:
    """y in the form that the loss takes beside an output like this one."""
    if like.ndim == 1 and y.shape == (*like.shape, 1):
        y = y[:, 0]
    return loss.prepared(y, like, (f"{name}y", _OUTPUT))[0]


def _tried(model: Any, x: Any, batch_size: int, name: str) -> Any:
    """The output for the first batch; of a copy where the model is not built yet."""
    random = generator("weights")
    state: Any = random.bit_generator.state
    trial = model
    if not model.built:
        # A look at the shapes must not build a model that then turns out not to fit.
        try:
            trial = copy.deepcopy(model)
        except Exception:  # what a user's layer holds may not be copyable; then it is built
            state = None
    with recorded():
        try:
            return trial(Tensor(x[:batch_size]), training=False)
        except ShapeError as error:
            raise ShapeError(f"`{name}x` of shape {x.shape}: {error}") from error
        finally:
            if trial is not model and state is not None:
                random.bit_generator.state = state


def _warn_of_logits(loss: Any, output: Any) -> None:
    operation = output.operation
    if loss.from_logits and operation in (sigmoid, softmax):
        warnings.warn(
            f"from_logits=True, but the model ends in {operation.name}: the loss takes its "
            f"probabilities for logits and puts them through {operation.name} once more. Leave "
            f"out from_logits=True, or the activation of the last layer.",
            stacklevel=5,
        )


# ---------------------------------------------------------------------- fit


class Run:
    """The loop of one ``fit``: epochs, batches, validation, callbacks."""

    def __init__(
        self,
        model: Any,
        training: Training,
        data: Data,
        validation: Data | None,
        batch_size: int,
        validation_batch_size: int,
        shuffle: bool,
    ) -> None:
        self.model = model
        self.training = training
        self.data = data
        self.validation = validation
        self.batch_size = batch_size
        self.validation_batch_size = validation_batch_size
        self.shuffle = shuffle
        self.parameters = model.trainable_weights
        self.has_warned = False

    def train(self, epochs: range, callbacks: list[Callback], verbose: int) -> History:
        """Every epoch, until the last or until ``model.stop_training``."""
        steps = -(-len(self.data.x) // self.batch_size)
        history = self.model.history = History()
        bars = shown(verbose)
        params = {"verbose": verbose, "epochs": epochs.stop, "steps": steps}
        hooks = Hooks([*callbacks, *bars], self.model, params)
        history.set_model(self.model)
        history.set_params(params)
        self.model.stop_training = False
        logs: dict[str, float] = {}
        if not self.parameters:
            warnings.warn(
                "The model has no trainable weights: nothing will change. "
                "Set layer.trainable = True where it should.",
                stacklevel=4,
            )
        try:
            with recorded():
                hooks.call("on_train_begin")
                for epoch in epochs:
                    hooks.call("on_epoch_begin", epoch)
                    logs = self.epoch(epoch, hooks)
                    # The history is complete also where a callback raises, and holds what they add.
                    try:
                        hooks.call("on_epoch_end", epoch, logs)
                    finally:
                        history.on_epoch_end(epoch, logs)
                    if self.model.stop_training:
                        break
                hooks.call("on_train_end", logs)
        finally:
            for bar in bars:
                getattr(bar, "close", int)()
        return history

    def epoch(self, epoch: int, hooks: Hooks) -> dict[str, float]:
        """One pass over the data, and over those for validation."""
        x, y, weight = self.data
        samples, size = len(x), self.batch_size
        order = generator("shuffle").permutation(samples) if self.shuffle else None
        values = RunningValues(self.training)
        watching = hooks.for_train_batches
        w = None
        for batch, start in enumerate(range(0, samples, size)):
            for callback in watching:
                callback.on_train_batch_begin(batch)
            if order is None:
                rows: Any = slice(start, start + size)
                x_batch, y_batch = x[rows], y[rows]
                if weight is not None:
                    w = weight[rows]
            else:
                rows = order[start : start + size]
                x_batch, y_batch = x.take(rows, axis=0), y.take(rows, axis=0)
                if weight is not None:
                    w = weight.take(rows, axis=0)
            if not self.parameters:
                x_batch = Tensor(x_batch)
            loss, output = step(self.model, self.training, self.parameters, x_batch, y_batch, w)
            values.add(loss, y_batch, output, w)
            if loss != loss and not self.has_warned:
                self._warn_nan(epoch, batch)
            if watching:
                logs = values.logs()
                for callback in watching:
                    callback.on_train_batch_end(batch, logs)
        logs = values.logs()
        if self.validation is not None:
            hooks.call("on_test_begin")
            found = evaluated(
                self.model, self.training, self.validation, self.validation_batch_size, hooks
            )
            hooks.call("on_test_end", found)
            logs.update({f"val_{name}": value for name, value in found.items()})
        return logs

    def _warn_nan(self, epoch: int, batch: int) -> None:
        self.has_warned = True
        warnings.warn(
            f"The loss became NaN in epoch {epoch + 1}, batch {batch + 1}: the weights are of no "
            "use from here on. A smaller learning_rate or clipnorm=1.0 may help; draw the model "
            "to see where.",
            RuntimeWarning,
            stacklevel=5,
        )


def evaluated(
    model: Any,
    training: Training,
    data: Data,
    batch_size: int,
    hooks: Hooks | None = None,
    bar: Bar | None = None,
) -> dict[str, float]:
    """The loss and the metrics over all of the data, by name."""
    x, y, weight = data
    values = RunningValues(training)
    parameters = model.trainable_weights
    watching = hooks.for_test_batches if hooks is not None else []
    with recorded():
        for batch, start in enumerate(range(0, len(x), batch_size)):
            for callback in watching:
                callback.on_test_batch_begin(batch)
            rows = slice(start, start + batch_size)
            w = None if weight is None else weight[rows]
            # A Tensor where nothing else would be recorded, and so no loss be fused.
            x_batch = x[rows] if parameters else Tensor(x[rows])
            loss, output = evaluation_step(model, training, x_batch, y[rows], w)
            values.add(loss, y[rows], output, w)
            for callback in watching:
                callback.on_test_batch_end(batch, values.logs())
            if bar is not None:
                bar.step(values.logs)
    return values.logs()


def evaluate(
    model: Any,
    training: Training,
    data: Data,
    batch_size: int,
    verbose: int,
    callbacks: list[Callback],
) -> dict[str, float]:
    """``evaluated``, with callbacks, and shown as ``verbose`` says."""
    steps = -(-len(data.x) // batch_size)
    hooks = Hooks(callbacks, model, {"verbose": verbose, "epochs": 1, "steps": steps})
    bar = Bar(steps) if verbose == 1 else None
    start = time.perf_counter()
    hooks.call("on_test_begin")
    logs: dict[str, float] = {}
    try:
        logs = evaluated(model, training, data, batch_size, hooks, bar)
    finally:
        if bar is not None:
            bar.close(logs)
    hooks.call("on_test_end", logs)
    if verbose == 2:
        print(line(steps, time.perf_counter() - start, logs))
    return logs


def refuse_uncompiled(training: Training | None, method: str) -> Training:
    """What ``compile`` chose, or the call of it to copy."""
    if training is None:
        raise StateError(
            f"Compile the model before {method}(…): "
            "model.compile(optimizer='sgd', loss=BinaryCrossentropy())."
        )
    return training
