"""The ledger of a run: what it was made with, so that it can be made again."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, final

import numpy as np

from autograd_nn.layers.inner import config_of, says_nothing
from autograd_nn.saving.named_weights import layers_of
from autograd_nn.saving.whole_files import whole_file
from autograd_nn.several import Several
from autograd_nn.sweeping.telling_apart import contents_of


@final
class Ledger(dict[str, Any]):
    """What a run was made with, as plain values by name; ``print`` shows it line by line.

    ``data`` has a SHA-256 of x, of y and of the weights of samples, as they go into the model. Of
    more than two megabytes it is that of as many samples, evenly chosen; of batches that of the
    first one.

    ``model`` has the arguments of every layer; ``weights`` is a SHA-256 of the weights before the
    first step, None of more than a million numbers. A seed that nobody set is told, too:
    ``set_random_seed`` takes it.
    """

    def json(self) -> str:
        """All of it as JSON."""
        return json.dumps(self, indent=2)

    def save(self, path: Any) -> None:
        """Write the JSON to a file, whole or not at all."""
        with whole_file(Path(path)) as unfinished:
            unfinished.write_text(self.json() + "\n", encoding="utf-8")

    def __str__(self) -> str:
        # A line for each layer, and not for each of its arguments.
        layers = {path: json.dumps(entry) for path, entry in (self.get("model") or {}).items()}
        lines = list(flat(self | {"model": layers}))
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {_shown(value)}" for name, value in lines)

    __repr__ = __str__


def ledger_of(history: Any) -> Ledger:
    """The ledger of the run that a History is of."""
    beginning = history.beginning
    told = beginning.told
    training = told["training"]
    in_batches = told["samples"] is None
    return Ledger(
        started=_date(told["time"]),
        ended=None if history.seconds is None else _date(told["time"] + history.seconds),
        seconds=history.seconds,
        versions=_versions(training.jit_compile),
        seed=told["seed"],
        data={
            "samples": told["samples"],
            "hashed": _hashed(beginning, in_batches),
            **{
                name: None if part is None else _of_arrays(part)
                for name, part in zip(("x", "y", "sample_weight"), beginning.data, strict=True)
            },
        },
        weights=None if beginning.weights is None else _of_weights(beginning.weights),
        model=_of_layers(history.model),
        optimizer={"class_name": type(training.optimizer).__name__, **plain(told["optimizer"])},
        loss=_named(training.given_loss),
        loss_weights=plain(training.loss_weights),
        metrics=[_named(one) for one in training.plain],
        weighted_metrics=[_named(one) for one in training.weighted],
        run_eagerly=training.run_eagerly,
        jit_compile=training.jit_compile,
        floatx=told["floatx"],
        fit={
            "batch_size": None if in_batches else beginning.batch_size,
            "epochs": told["epochs"].stop,
            "initial_epoch": told["epochs"].start,
            "steps": told["steps"],
            "shuffle": told["shuffle"],
            "validation_samples": told["validation_samples"],
            "callbacks": [type(callback).__name__ for callback in told["callbacks"]],
        },
    )


def went_on(first: Ledger, last: Ledger) -> Ledger:
    """The ledger of a run that another process went on with, of those of both.

    It is that of the first one, which began it.
    """
    return Ledger(first | {"went_on": last["started"], "ended": last["ended"]})


def flat(values: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """What is nested in dicts, by names with dots."""
    if not isinstance(values, dict) or not values:
        yield name, values
        return
    for key, value in values.items():
        yield from flat(value, f"{name}.{key}" if name else key)


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    value = contents_of(value)
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def _versions(with_numba: bool) -> dict[str, str]:
    import platform

    found = {
        "autograd_nn": sys.modules["autograd_nn"].__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.platform(),
    }
    if with_numba:
        import numba

        found["numba"] = numba.__version__
    return found


def _date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _hashed(beginning: Any, in_batches: bool) -> str:
    kept = len(beginning.data.x)
    if in_batches:
        return f"the first batch, {kept:,} samples"
    return "all samples" if beginning.is_whole else f"{kept:,} samples, evenly chosen"


def _of_arrays(part: Any) -> Any:
    if type(part) is Several:
        return {str(n): _of_arrays(x) for n, x in zip(part.names, part.arrays, strict=True)}
    array = np.asarray(part)
    return {
        "dtype": array.dtype.name,
        "shape": list(array.shape),
        "sha256": contents_of(array)[-1],
    }


def _of_weights(weights: list[Any]) -> str:
    return _digest(np.ascontiguousarray(weight).tobytes() for weight in weights)


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()


def _of_layers(model: Any) -> dict[str, Any]:
    """The class and the arguments of every layer, by its path."""
    found = {}
    for path, layer in layers_of(model).items():
        if path:
            try:
                arguments = plain(config_of(layer) if says_nothing(layer) else layer.get_config())
            except Exception:  # of one's own, which says nothing of itself
                arguments = {}
            arguments.pop("name", None)
            found[path] = {"class_name": type(layer).__name__, **arguments}
    return found


def _named(given: Any) -> Any:
    """A loss or a metric: its name, or its class and its arguments."""
    if isinstance(given, (list, tuple)):
        return [_named(one) for one in given]
    if isinstance(given, dict):
        return {str(name): _named(one) for name, one in given.items()}
    if given is None or isinstance(given, str):
        return given
    try:
        return {"class_name": type(given).__name__, **plain(given.get_config())}
    except Exception:  # a function, or one of one's own without a configuration
        return getattr(given, "__qualname__", type(given).__qualname__)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
