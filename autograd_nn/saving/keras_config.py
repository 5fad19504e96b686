"""Configurations as Keras writes them, made of those of this library, and read again.

Both describe a layer, a loss and so on by its class and its arguments, which have the same names.
Keras also says in which module the class is, and writes arrays, functions and dtypes as dicts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn import (
    activations,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
)
from autograd_nn.engine.errors import ArgumentError, FileFormatError, suggestion
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.inner import config_of
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.weights import inside
from autograd_nn.names import parameters_of
from autograd_nn.optimizers import schedules
from autograd_nn.own_classes import get_registered_name, get_registered_object
from autograd_nn.settings import floatx

_OF_MODULES = {"get", "serialize", "deserialize"}
# By the last part of Keras's name of the module.
MODULES: dict[str, Any] = {
    "layers": layers,
    "initializers": initializers,
    "regularizers": regularizers,
    "constraints": constraints,
    "losses": losses,
    "metrics": metrics,
    "optimizers": optimizers,
    "schedules": schedules,
}
KINDS: dict[str, type[Any]] = {
    "layers": Layer,
    "initializers": initializers.Initializer,
    "regularizers": regularizers.Regularizer,
    "constraints": constraints.Constraint,
    "losses": losses.Loss,
    "metrics": metrics.Metric,
    "optimizers": optimizers.Optimizer,
    "schedules": schedules.LearningRateSchedule,
}
_OF_ARGUMENTS = {
    "initializer": "initializers",
    "regularizer": "regularizers",
    "constraint": "constraints",
    "learning_rate": "schedules",
}
# What Keras has besides, by the value with which it computes the same; None where any does.
_ONLY_IN_KERAS: dict[str, Any] = {
    "quantization_config": (None,),
    "renorm": (False,),
    "renorm_clipping": None,
    "renorm_momentum": None,
    "synchronized": None,
    "rms_scaling": (False,),
    "sparse": (False,),
    "ragged": (False,),
    "optional": (False,),
    "lora_rank": (None,),
    "lora_alpha": None,
    "gptq_unpacked_column_size": None,
}
# What Keras's class does not take, though ours has it.
_ONLY_HERE = {
    "SimpleRNN": {"seed"},
    "SpatialDropout1D": {"trainable"},
    "SpatialDropout2D": {"trainable"},
    "SpatialDropout3D": {"trainable"},
}


# ---------------------------------------------------------------------- written


def entry_of(kind: type[Any], config: Mapping[str, Any], module: str) -> dict[str, Any]:
    """The dict by which Keras finds a class again, and makes an equal object.

    Parameters   config: in Keras's form
                 module: that of Keras, such as "layers", where the class is of this library
    """
    own = not kind.__module__.startswith("autograd_nn.")
    name = "keras" + (f".{module}" if module else "")
    if module == "schedules":
        name = "keras.optimizers.schedules"
    return {
        "module": kind.__module__ if own else name,
        "class_name": kind.__name__,
        "config": dict(config),
        "registered_name": get_registered_name(kind) if own else None,
    }


def layer_config(layer: Layer, written: Any) -> dict[str, Any]:
    """The arguments of a layer in Keras's form.

    Parameters   written: what gives the entry of a layer that is one of them
    """
    dropped = _ONLY_HERE.get(type(layer).__name__, set()) if not layer._is_own else set()
    config: dict[str, Any] = {}
    for key, value in config_of(layer).items():
        held = getattr(layer, "forward_layer" if _is_bidirectional(layer, key) else key, None)
        if key in dropped:
            continue
        if isinstance(held, Layer):
            config[key] = written(held)
        elif isinstance(held, list) and held and all(isinstance(part, Layer) for part in held):
            config[key] = [written(part) for part in held]
        else:
            config[key] = in_keras(value, key)
    takes_dtype = not layer._is_own or "dtype" in parameters_of(type(layer))
    if type(layer).__name__ != "InputLayer" and takes_dtype:
        config["dtype"] = _policy(layer.dtype)
    return config


def _is_bidirectional(layer: Layer, key: str) -> bool:
    return key == "layer" and hasattr(layer, "forward_layer")


def has_mask(layer: Any) -> bool:
    """Whether a mask begins with this layer, or with one in it."""
    return isinstance(layer, Layer) and any(
        getattr(one, "mask_zero", False) or type(one).__name__ == "Masking"
        for one, _ in inside(layer)
    )


def _policy(dtype: str) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": dtype},
        "registered_name": None,
    }


def in_keras(value: Any, key: str = "") -> Any:
    """A value of a configuration as Keras writes it.

    Parameters   key: the argument, by which it is known of which kind a class is
    """
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, (np.ndarray, Tensor)):
        return _array(np.asarray(value._data if isinstance(value, Tensor) else value))
    if isinstance(value, (list, tuple)):
        return [in_keras(part, key) for part in value]
    if isinstance(value, slice):
        parts = {name: getattr(value, name) for name in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": parts}
    if value is Ellipsis:
        return {"class_name": "__ellipsis__", "config": {}}
    if isinstance(value, Mapping):
        return _thing(value, key) if _is_entry(value) else {
            str(name): in_keras(part, str(name)) for name, part in value.items()
        }  # fmt: skip
    is_named = callable(value) and getattr(value, "__name__", "").isidentifier()
    if is_named or isinstance(value, Operation):
        return function_entry(value)
    raise ArgumentError(
        f"{value!r:.80} of type {type(value).__name__} cannot be written for Keras"
        + (f"; it is `{key}` of a layer." if key else ".")
    )


def function_entry(function: Any) -> dict[str, Any]:
    """A function by its name, by which it is found again among those of the user's own."""
    if isinstance(function, Operation):
        known = (name for name in activations.__all__ if getattr(activations, name) is function)
        name = next(known, function.name)
    else:
        name = get_registered_name(function)
    return {
        "module": "builtins",
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def _array(array: Any) -> dict[str, Any]:
    config = {"value": array.tolist(), "dtype": array.dtype.name}
    return {"class_name": "__numpy__", "config": config}


def _is_entry(value: Mapping[str, Any]) -> bool:
    return set(value) == {"class_name", "config"}


def _thing(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    """An initializer, loss and so on of which `serialize` told, as Keras writes it."""
    name, config = str(entry["class_name"]), entry["config"]
    if name == "FromArray":  # Keras has one for any value
        given = {name: in_keras(np.asarray(config[name])) for name in ("array",)}
        return entry_of(initializers.Constant, {"value": given["array"]}, "initializers")
    if name == "FromFunction" and not isinstance(config["function"], initializers.Initializer):
        return function_entry(config["function"])
    if name == "FromFunction":  # a class that is written as for Keras
        return _thing(initializers.serialize(config["function"]), key)
    module = next((m for end, m in _OF_ARGUMENTS.items() if key.endswith(end)), key)
    module = module if module in MODULES else "layers"
    own = get_registered_object(name)
    kind = own if own is not None else getattr(MODULES[module], name, None)
    found = {inner: in_keras(part, inner) for inner, part in config.items()}
    if module in ("losses", "metrics") and found.get("dtype", "") is None:
        del found["dtype"]
    if kind is None:  # of the user's own, and given as one of `custom_objects` to whoever reads it
        return {"module": None, "class_name": name, "config": found, "registered_name": name}
    return entry_of(kind, found, module)


# ---------------------------------------------------------------------- read


def from_keras(value: Any, made: Any) -> Any:
    """A value of a configuration as classes here take it.

    Parameters   made: what makes a layer of its entry
    """
    if isinstance(value, float):
        return _shortest(value)
    if isinstance(value, list):
        return [from_keras(part, made) for part in value]
    if not isinstance(value, dict):
        return value
    if "class_name" not in value or "config" not in value:
        return {key: from_keras(part, made) for key, part in value.items()}
    name, config = value["class_name"], value["config"]
    if name in ("__numpy__", "__tensor__"):
        return np.asarray(config["value"], config["dtype"])
    if name == "__slice__":
        return slice(*(_index(config[part]) for part in ("start", "stop", "step")))
    if name == "__ellipsis__":
        return Ellipsis
    if name == "__lambda__":
        raise FileFormatError(
            "it holds a lambda, which is code, and code of a file is never run. Write the function "
            "as def …, and save the model again."
        )
    if name == "function":
        return _function(value)
    if name in ("DTypePolicy", "FloatDTypePolicy"):
        return _dtype(config["name"])
    module = module_of(value)
    if module == "layers":
        return made(value)
    return {"class_name": name, "config": arguments(value, made)}


def module_of(entry: Mapping[str, Any]) -> str:
    """The module, of those here, in which the class of an entry is."""
    name, module = entry["class_name"], str(entry.get("module") or "")
    last = module.rpartition(".")[2]
    if module.startswith("keras.src.optimizers.schedules"):
        last = "schedules"
    if module.startswith("keras") and name in ("Sequential", "Functional", "Model"):
        return "layers"
    for part in (last, *module.split(".")):
        if module.startswith("keras") and part in MODULES:
            return part
    own = own_class(entry)
    if isinstance(own, type):
        for known, kind in KINDS.items():
            if issubclass(own, kind):
                return known
    raise ArgumentError(f"There is no class {name!r:.60} here.{_own_hint(name)}")


def _own_hint(name: str) -> str:
    return (
        f" For one of your own give custom_objects={{{name!r:.60}: …}}, or write "
        "@register_keras_serializable() above it."
    )


def own_class(entry: Mapping[str, Any]) -> Any:
    """The class of the user's own that an entry names, if it is one that is known."""
    for key in ("registered_name", "class_name"):
        name = entry.get(key)
        if isinstance(name, str) and (found := get_registered_object(name)) is not None:
            return found
    return None


def class_here(entry: Mapping[str, Any]) -> Any:
    """The class of a layer, of the user's own or of this library."""
    own = own_class(entry)
    if own is not None:
        return own
    name = entry["class_name"]
    if name == "Lambda":
        _refuse_code(entry)
    found = getattr(layers, name, None) if name in layers.__all__ else None
    if not isinstance(found, type) or found is Layer:
        from autograd_nn.missing_names import reason_for

        reason = reason_for("layers", name)
        way_out = f" {reason}" if reason else suggestion(name, layers.__all__) + _own_hint(name)
        raise ArgumentError(f"There is no layer {name!r:.60} here.{way_out}")
    return found


def _refuse_code(entry: Mapping[str, Any]) -> None:
    """Refuse a Lambda but of a function of the user's own that is known by its name."""
    config = entry["config"] if isinstance(entry["config"], dict) else {}
    function = config.get("function")
    if not (isinstance(function, dict) and function.get("class_name") == "function"):
        raise FileFormatError(
            f"its layer {_name_in(entry)} is a Lambda, which holds code, and code of a file is "
            "never run. Write its function as def …, or make a layer of your own with that `call`, "
            "and save the model again."
        )
    if not callable(_function(function)):
        raise ArgumentError(
            f"There is no function {function['config']!r:.60} here.{_own_hint(function['config'])}"
        )


def arguments(entry: Mapping[str, Any], made: Any) -> dict[str, Any]:
    """The configuration of an entry as the class here takes it."""
    config = entry["config"]
    if not isinstance(config, dict):
        raise FileFormatError(f"the configuration of {entry['class_name']!r:.60} is no dict.")
    if own_class(entry) is not None:
        return {key: from_keras(value, made) for key, value in config.items()}
    found: dict[str, Any] = {}
    for key, value in config.items():
        if key in _ONLY_IN_KERAS:
            same = _ONLY_IN_KERAS[key]
            if same is not None and value not in same:
                raise ArgumentError(
                    f"Keras's {entry['class_name']} {_name_in(entry)} has {key}={value!r:.60}, and "
                    "that of this library has no such argument."
                )
        else:
            found[key] = from_keras(value, made)
    if found.get("dtype") == np.dtype(floatx()).name or module_of(entry) in ("losses", "metrics"):
        found.pop("dtype", None)
    return found


def _name_in(entry: Mapping[str, Any]) -> str:
    config = entry["config"]
    return repr(config.get("name") if isinstance(config, dict) else None)[:60]


def _function(entry: Mapping[str, Any]) -> Any:
    """A function of the user's own, or one that is known here; else its name."""
    name = entry["config"]
    if not isinstance(name, str):
        raise FileFormatError("it names a function by something else than a text.")
    own = get_registered_object(name)
    if own is not None:
        return own
    for module in (activations, losses, metrics):
        found = getattr(module, name) if name in module.__all__ else None
        if callable(found) and not isinstance(found, type) and name not in _OF_MODULES:
            return found
    return name


def _dtype(name: Any) -> Any:
    if isinstance(name, str) and name in ("float16", "float32", "float64"):
        return name
    raise ArgumentError(
        f"The dtype policy {name!r:.40} is not known here: layers compute in float16, float32 or "
        "float64, all of one."
    )


def _index(value: Any) -> Any:
    if value is None or type(value) is int:
        return value
    raise FileFormatError(f"a slice of it has {value!r:.40}, which is no place.")


def _shortest(value: float) -> float:
    """A number that Keras kept in float32 as it was written: 0.001 for 0.0010000000474974513."""
    with np.errstate(over="ignore"):
        narrow = np.float32(value)
    return float(str(narrow)) if math.isfinite(narrow) and float(narrow) == value else value
