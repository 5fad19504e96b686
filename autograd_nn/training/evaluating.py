"""What a model gives for data that it is not trained on: its outputs, and how good they are."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.callbacks.callback import Callback, Hooks
from autograd_nn.data import Data
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.recording import no_grad, recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.progress import Bar, line
from autograd_nn.several import as_called, as_tensors
from autograd_nn.training.batches import Arrays, Batches, epoch_of
from autograd_nn.training.configuration import Training
from autograd_nn.training.one_step import RunningValues, held_metrics, recorded_loss
from autograd_nn.training.validation import let_in_between, of_all


def predicted(model: Any, inputs: Arrays | Batches, verbose: int, callbacks: list[Callback]) -> Any:
    """The outputs, batch by batch, without recording: an array, or several in their structure."""
    steps = inputs.steps
    hooks = Hooks(callbacks, model, {"verbose": verbose, "epochs": 1, "steps": steps})
    bar = Bar(steps) if verbose else None
    parts: list[Any] = []
    outline: Any = 0
    is_own = model.has_own("predict_step")
    told = hooks.of_batches("predict_batch") if callbacks else []
    try:
        hooks.call("on_predict_begin")
        for batch, part in enumerate(inputs.inputs()):
            for callback in told:
                callback.on_predict_batch_begin(batch, {})
            try:
                with no_grad():
                    rows = as_called(part)
                    output = model.predict_step(rows) if is_own else model(rows, training=False)
            except ShapeError as error:
                if isinstance(inputs, Arrays):
                    raise of_all(model, inputs.data.x, "x", error) from error
                raise of_all(model, part, f"batch {batch + 1} x", error) from error
            outputs, outline = flatten(output)
            parts.append([part._data for part in outputs])
            for callback in told:
                callback.on_predict_batch_end(batch, {"outputs": rebuild(outline, parts[-1])})
            if bar is not None:
                bar.step(dict)
        hooks.call("on_predict_end")
    finally:
        if bar is not None:
            bar.close({})
    return rebuild(outline, [np.concatenate(batches) for batches in zip(*parts, strict=True)])


def batches_of(model: Any, training: Training, data: Arrays | Batches) -> Iterator[Data]:
    """The data batch by batch; what has not been seen before is checked."""
    each = epoch_of(data, training.shared)
    if data.is_checked:
        yield from each
        return
    for number, batch in enumerate(each, 1):
        name = f"{data.name}batch {number} "
        yield let_in_between(model, training, batch, name) if len(batch.x) else batch


def evaluated(
    model: Any,
    training: Training,
    data: Arrays | Batches,
    hooks: Hooks | None = None,
    bar: Bar | None = None,
) -> dict[str, float]:
    """The loss and the metrics over all of the data, by name."""
    if model.has_own("test_step"):
        from autograd_nn.training.own_steps import evaluated_by_steps

        return evaluated_by_steps(model, batches_of(model, training, data), hooks, bar)
    loss_function = training.loss
    held = held_metrics(model)
    for metric in held:
        metric.reset_state()
    values = RunningValues(training, held)
    parameters = model.trainable_weights
    watching = hooks.of_batches("test_batch") if hooks is not None else []
    shared = training.shared
    with recorded():
        for batch, rows in enumerate(batches_of(model, training, data)):
            x, y, weight = rows
            for callback in watching:
                callback.on_test_batch_begin(batch, {})
            # A Tensor where nothing else would be recorded, and so no loss be fused.
            x_batch = x if parameters else as_tensors(x)
            loss: Any = None
            output: Any = None
            if len(x):  # a process that shares them with others may have none
                value, given = recorded_loss(
                    model, loss_function, x_batch, y, weight, training=False
                )
                loss, output = value._data, given._data
            if shared is not None:
                loss, (_, y, weight), output = shared.whole(loss, rows, output)
            values.add(loss, y, output, weight)
            for callback in watching:
                callback.on_test_batch_end(batch, values.logs())
            if bar is not None:
                bar.step(values.logs)
    return values.logs()


def evaluate(
    model: Any,
    training: Training,
    data: Arrays | Batches,
    verbose: int,
    callbacks: list[Callback],
) -> dict[str, float]:
    """``evaluated``, with callbacks, and shown as ``verbose`` says."""
    steps = data.steps
    hooks = Hooks(callbacks, model, {"verbose": verbose, "epochs": 1, "steps": steps})
    bar = Bar(steps) if verbose == 1 else None
    start = time.perf_counter()
    hooks.call("on_test_begin")
    logs: dict[str, float] = {}
    try:
        logs = evaluated(model, training, data, hooks, bar)
    finally:
        if bar is not None:
            bar.close(logs)
    hooks.call("on_test_end", logs=logs)
    if verbose == 2:
        print(line(steps, time.perf_counter() - start, logs))
    return logs
