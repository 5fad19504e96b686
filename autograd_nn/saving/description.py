"""What a model is, without its numbers: one description for every kind of file."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn import losses, metrics, optimizers
from autograd_nn.engine.errors import ArgumentError, FileFormatError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.recurrent import Recurrent
from autograd_nn.layers.room import reading
from autograd_nn.layers.shapes import flatten_shapes
from autograd_nn.models.architecture import made_layer, made_value, written_layer, written_value
from autograd_nn.models.model import Model
from autograd_nn.models.network import Network, with_models
from autograd_nn.saving.named_weights import kept_of, layers_of, tensors_of
from autograd_nn.saving.plain_values import library
from autograd_nn.settings import floatx, take_state

FORMAT_VERSION = 1
_OF_COMPILE = ("loss_weights", "run_eagerly", "jit_compile")


def described(model: Any, with_compile: bool = True) -> dict[str, Any]:
    """A model as plain values: its configuration, and what this does not say.

    Parameters   with_compile: whether what ``compile`` chose is part of it
    """
    training = model._training if with_compile else None
    return {
        "format_version": FORMAT_VERSION,
        "library": library(),
        "floatx": floatx(),
        "model": written_layer(model),
        **progress_of(model),
        "compile": None if training is None else described_compile(model, training),
    }


def progress_of(model: Any) -> dict[str, Any]:
    """What its layers are by now, and their configurations do not say."""
    return {
        "layers": {
            path: entry for path, layer in layers_of(model).items() if (entry := _state_of(layer))
        },
        "fixed_weights": _fixed(model),
    }


def _state_of(layer: Any) -> dict[str, Any]:
    """What a layer is by now, and its configuration does not say."""
    found: dict[str, Any] = {}
    if layer._built and layer._input_shape is not None:
        found["built_on"] = written_value(layer._input_shape)
    if whole := getattr(layer, "_whole", None):
        found["whole_numbers"] = [None if dtype is None else dtype.name for dtype in whole]
    if not layer._trainable:
        found["trainable"] = False
    draws = {
        name: source.bit_generator.state
        for name, source in vars(layer).items()
        if isinstance(source, np.random.Generator)
    }
    if draws:
        found["draws"] = draws
    if isinstance(layer, Recurrent) and layer.states:  # made by its first call
        tensors, outline = flatten(layer.states)
        found["states"] = written_value(rebuild(outline, [x.shape for x in tensors]))
        found["dtype_of_states"] = tensors[0].dtype.name
    return found


def _fixed(model: Any) -> list[str]:
    """What is told to want no gradient: weights of layers that train, and Tensors beside them."""
    wanting = {
        weight.tensor
        for layer in layers_of(model).values()
        for weight in layer._own_weights
        if weight.trainable and layer._trainable
    }
    return [
        name
        for name, tensor in tensors_of(model).items()
        if tensor in wanting and not tensor.requires_grad
    ] + [name for name, tensor in kept_of(model).items() if tensor.dtype.kind == "f"]


def model_of(description: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """A new model, with weights of no value yet, and not compiled, of what `described` gave."""
    if description["floatx"] != floatx():
        # Layers that were told no dtype follow it whenever they are called.
        raise ArgumentError(
            f"It was made where floatx was {description['floatx']!r:.40}, and here it is "
            f"{floatx()!r}, in which it would give other numbers. Call "
            f"keras.backend.set_floatx({description['floatx']!r:.40}) first."
        )
    made = made_layer(description["model"], with_models(custom_objects))
    if not isinstance(made, Model):
        raise FileFormatError(f"it describes {type(made).__name__}, which is no model.")
    _build(made, description["layers"])
    put_progress(made, description)
    return made


def put_progress(made: Any, description: Mapping[str, Any]) -> None:
    """Put in what `progress_of` gave."""
    entries, layers = description["layers"], layers_of(made)
    for path in entries.keys() - layers.keys():
        raise FileFormatError(f"it speaks of a layer {path!r:.60}, which the model has not.")
    for path, layer in layers.items():
        entry = entries.get(path, {})
        layer._trainable = entry.get("trainable", True) is not False
        for weight in layer._own_weights:
            weight.tensor.requires_grad = weight.trainable and layer._trainable
        for name, state in entry.get("draws", {}).items():
            source = vars(layer)[name]
            if not isinstance(source, np.random.Generator):
                raise FileFormatError(f"`{name}` of layer {path!r} draws no numbers.")
            take_state(source.bit_generator, state)
        if "states" in entry:
            shapes, outline = flatten_shapes(made_value(entry["states"]))
            layer.states = rebuild(outline, [_state(x, entry["dtype_of_states"]) for x in shapes])
    tensors = tensors_of(made) | kept_of(made)
    for name in description["fixed_weights"]:
        tensors[name].requires_grad = False


def _state(shape: Any, dtype: Any) -> Tensor:
    room = reading.get()
    assert room is not None
    return Tensor(room.zeros(shape, np.dtype(str(dtype))), requires_grad=False, name="state")


def _build(model: Any, entries: Mapping[str, Any]) -> None:
    """Make the weights that were there, layers before those in them."""
    layers = layers_of(model)
    for path, entry in entries.items():
        if "built_on" not in entry:
            continue
        layer = layers.get(path)
        if layer is None:
            raise FileFormatError(f"it speaks of a layer {path!r}, which the model has not.")
        if layer._built:
            continue
        if isinstance(layer, Network):
            layer._whole = tuple(n and np.dtype(n) for n in entry.get("whole_numbers", ()))
        layer.build(made_value(entry["built_on"]))
        layer._built = True
        layers = layers_of(model)  # it may have made some when it was built


# ---------------------------------------------------------------------- compile


def described_compile(model: Any, training: Any) -> dict[str, Any]:
    """The arguments of ``compile``, the optimizer as it is now."""
    found = {name: getattr(training, name) for name in _OF_COMPILE}
    if found["loss_weights"] is not None:
        found["loss_weights"] = written_value(found["loss_weights"])
    found["optimizer"] = optimizers.serialize(training.optimizer)
    found["loss"] = written_choice(training.given_loss, losses)
    found["metrics"] = written_choice(training.plain, metrics)
    found["weighted_metrics"] = written_choice(training.weighted, metrics)
    return found | progress_of_training(model, training)


def progress_of_training(model: Any, training: Any) -> dict[str, Any]:
    """How far ``fit`` was, and what was said to the optimizer since."""
    found: dict[str, Any] = {"steps": training.taken}
    undecayed = training.optimizer._undecayed
    if undecayed is not None:
        names = {tensor: name for name, tensor in tensors_of(model).items()}
        parameters, pattern = undecayed
        found["undecayed"] = [sorted(names[t] for t in parameters if t in names), pattern]
    return found


def compile_as_described(model: Any, described: Mapping[str, Any], custom_objects: Any) -> bool:
    """Call ``compile`` as it was called; False where the model has its own, which takes others."""
    weights = described["loss_weights"]
    arguments = {
        "optimizer": optimizers.deserialize(described["optimizer"], custom_objects),
        "loss": _made(described["loss"], losses),
        "metrics": _made(described["metrics"], metrics),
        "weighted_metrics": _made(described["weighted_metrics"], metrics),
        "loss_weights": None if weights is None else made_value(weights),
        "run_eagerly": described["run_eagerly"],
        "jit_compile": described["jit_compile"],
    }
    try:
        inspect.signature(model.compile).bind(**arguments)
    except TypeError as error:
        warn_outside(
            f"{model.name!r} is not compiled: its class {type(model).__name__} has a compile of "
            f"its own, {error}. Call it before you train on.",
        )
        return False
    model.compile(**arguments)
    steps = described["steps"]
    if not all(times in (1, 2) for times in steps.values()):
        raise FileFormatError("its `steps` are not numbers of steps.")
    model._training.taken_before = dict(steps)
    if "undecayed" in described:
        names, pattern = described["undecayed"]
        tensors = tensors_of(model)
        model.optimizer._undecayed = frozenset(tensors[name] for name in names), str(pattern)
    return True


def written_choice(given: Any, module: Any) -> Any:
    """Losses, or metrics, in the structure in which ``compile`` takes them."""
    if given is None or isinstance(given, str):
        return given
    if isinstance(given, (list, tuple)):
        return [written_choice(part, module) for part in given]
    if isinstance(given, dict):
        return {"of_outputs": {name: written_choice(part, module) for name, part in given.items()}}
    if isinstance(given, type):
        given = given()
    if isinstance(given, losses.FunctionLoss):
        given = given.function
    if isinstance(given, (losses.Loss, metrics.Metric)):
        return module.serialize(given)
    if callable(given):
        return given
    raise ArgumentError(f"The model was compiled with {given!r}, which cannot be written.")


def _made(written: Any, module: Any) -> Any:
    if isinstance(written, list):
        return [_made(part, module) for part in written]
    if isinstance(written, dict):
        if set(written) == {"of_outputs"}:
            parts = written["of_outputs"].items()
            return {name: _made(part, module) for name, part in parts}
        return module.deserialize(written)
    return written


def refuse_newer(description: Any) -> None:
    """Refuse what is no description, and what a later version of the library wrote."""
    if not isinstance(description, dict) or "format_version" not in description:
        raise FileFormatError("it does not say of which version its format is.")
    version = description["format_version"]
    if type(version) is not int or version < 1:
        raise FileFormatError(f"its format has the version {version!r:.40}, a whole number from 1.")
    if version > FORMAT_VERSION:
        raise FileFormatError(
            f"its format has the version {version}, written by {description.get('library')!r:.60}, "
            f"and {library()} knows versions up to {FORMAT_VERSION}. "
            "Install a newer one: pip install -U autograd-nn."
        )
