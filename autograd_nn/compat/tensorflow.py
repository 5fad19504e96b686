"""TensorFlow's names on ours, for lessons that begin with ``import tensorflow as tf``.

``import autograd_nn.compat.tensorflow as tf`` has what they call, with TensorFlow's arguments.
Every result is a `Tensor`, recorded as always; Python's numbers become int32 and ``floatx``, which
is float32. Nothing is compiled: ``tf.function`` gives back the function that it is given.

>>> import autograd_nn.compat.tensorflow as tf
>>> w = tf.Variable(3.0)
>>> with tf.GradientTape() as tape:
...     cost = (w * 1.0 - 1.0) ** 2
>>> float(tape.gradient(cost, w))
4.0
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograd_nn import activations, keras
from autograd_nn import random as draws
from autograd_nn.compat import keras_ops as ops
from autograd_nn.compat import tensorflow_more as more
from autograd_nn.compat.gradient_tape import GradientTape
from autograd_nn.compat.modules import Module
from autograd_nn.compat.own_gradients import clip_by_global_norm, clip_by_norm, custom_gradient
from autograd_nn.compat.tensorflow_calls import Family, named, of, reduction
from autograd_nn.compat.tensors import RECORDED, convert_to_tensor, raw
from autograd_nn.engine.errors import suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import stop_gradient
from autograd_nn.initializers import TruncatedNormal
from autograd_nn.ops import log_softmax, logsumexp, softmax
from autograd_nn.ops import sigmoid_cross_entropy as binary_cross_entropy
from autograd_nn.ops import softmax_cross_entropy as cross_entropy
from autograd_nn.ops import sparse_softmax_cross_entropy as sparse_cross_entropy
from autograd_nn.samples import Dataset, array_of
from autograd_nn.settings import generator, set_random_seed

__all__ = [
    "GradientTape", "Module", "Tensor", "Variable", "clip_by_global_norm", "clip_by_norm",
    "constant", "convert_to_tensor", "custom_gradient", "function",
]  # fmt: skip

float16, float32, float64 = np.dtype("float16"), np.dtype("float32"), np.dtype("float64")
int32, int64, uint8, bool = np.dtype("int32"), np.dtype("int64"), np.dtype("uint8"), np.dtype("?")
newaxis = None
__version__ = keras.__version__
keras.lay(f"{__name__}.keras")
sys.modules[f"{__name__}.keras"] = keras


def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """A Tensor that wants no gradient; with ``shape`` one number fills it."""
    made = convert_to_tensor(value, dtype)
    if shape is None:
        return made
    whole: Any = made if made.size > 1 else np.broadcast_to(made, shape)
    return convert_to_tensor(np.reshape(whole, shape))


def Variable(
    initial_value: Any, trainable: Any = True, name: str | None = None, dtype: Any = None
) -> Tensor:
    """A leaf of its own, which wants a gradient where it is trainable and of floating point."""
    data = convert_to_tensor(initial_value, dtype).numpy()
    return Tensor(data, requires_grad=trainable and data.dtype.kind == "f", name=name)


def function(func: Any = None, **options: Any) -> Any:
    """The function as it is; a decorator with and without arguments."""
    return func if func is not None else lambda given: given


# ---------------------------------------------------------------------- NumPy under other names


def _product(a: Tensor, b: Tensor, transpose_a: Any = False, transpose_b: Any = False) -> Any:
    a = a.swapaxes(-1, -2) if transpose_a else a
    return a @ (b.swapaxes(-1, -2) if transpose_b else b)


def _normalized(x: Tensor, axis: Any = None, epsilon: float = 1e-12) -> Any:
    return x / np.sqrt(np.maximum(np.sum(x * x, axis=axis, keepdims=True), epsilon))


def _of_labels(compute: Callable[..., Any]) -> Any:
    return lambda labels, logits: compute(convert_to_tensor(logits), array_of(labels))


def _slice(x: Tensor, begin: Any, size: Any) -> Any:
    return x[tuple(slice(a, None if n == -1 else a + n) for a, n in zip(begin, size, strict=True))]


def _top_k(x: Tensor, k: int = 1, sorted: Any = True) -> tuple[Any, Any]:
    places = np.argsort(-x, axis=-1)[..., :k]
    return np.take_along_axis(x, places, axis=-1), places


_SQUARE = "inv det cholesky pinv"
_REDUCED = "sum mean max min prod any all std"
_ACTIVATIONS = "relu relu6 sigmoid tanh softplus elu selu gelu softsign silu swish"

math = Family(
    "math",
    **named("abs exp expm1 log log1p sqrt square sin cos tan asin=arcsin acos=arccos atan=arctan"),
    **named("sinh cosh tanh sign floor ceil round=rint reciprocal negative"),
    **named("is_nan=isnan is_inf=isinf is_finite=isfinite logical_not"),
    **named("add subtract multiply divide truediv=divide floordiv=floor_divide pow=power mod", 2),
    **named("maximum minimum atan2=arctan2 equal not_equal greater less greater_equal", 2),
    **named("less_equal logical_and logical_or", 2),
    **{f"reduce_{name}": reduction(getattr(np, name)) for name in _REDUCED.split()},
    reduce_variance=reduction(np.var),
    reduce_logsumexp=reduction(logsumexp),
    argmax=of(
        lambda x, axis=0, output_type=int64: convert_to_tensor(np.argmax(x, axis), output_type)
    ),
    argmin=of(
        lambda x, axis=0, output_type=int64: convert_to_tensor(np.argmin(x, axis), output_type)
    ),
    rsqrt=of(lambda x: 1 / np.sqrt(x)),
    squared_difference=of(lambda x, y: (x - y) ** 2, 2),
    top_k=lambda input, *how, **more: _top_k(convert_to_tensor(input), *how, **more),
    add_n=lambda inputs: sum(map(convert_to_tensor, inputs)),
    l2_normalize=of(_normalized),
    sigmoid=of(activations.get("sigmoid")),
    softplus=of(activations.get("softplus")),
    **more.MATH,
)
linalg = Family(
    "linalg",
    **named("diag trace"),
    **{name: of(getattr(np.linalg, name)) for name in _SQUARE.split()},
    solve=of(np.linalg.solve, 2),
    matmul=of(_product, 2),
    matrix_transpose=of(lambda x: x.swapaxes(-1, -2)),
    norm=of(
        lambda x, ord=None, axis=None: np.linalg.norm(x, {"euclidean": None}.get(ord, ord), axis)
    ),
    l2_normalize=math.l2_normalize,
    einsum=lambda equation, *inputs: np.einsum(equation, *map(convert_to_tensor, inputs)),
    **more.LINALG,
)
nn = Family(
    "nn",
    **{name: of(activations.get(name)) for name in _ACTIVATIONS.split()},
    softmax=of(lambda x, axis=-1: softmax(x, axis=axis)),
    log_softmax=of(lambda x, axis=-1: log_softmax(x, axis=axis)),
    leaky_relu=of(lambda x, alpha=0.2: np.where(x > 0, x, alpha * x)),
    sigmoid_cross_entropy_with_logits=_of_labels(binary_cross_entropy),
    softmax_cross_entropy_with_logits=_of_labels(cross_entropy),
    sparse_softmax_cross_entropy_with_logits=_of_labels(sparse_cross_entropy),
    l2_loss=of(lambda x: np.sum(x * x) / 2),
    l2_normalize=math.l2_normalize,
    bias_add=math.add,
    embedding_lookup=of(lambda params, ids: params[ids], 2),
    moments=lambda x, axes: (math.reduce_mean(x, axes), math.reduce_variance(x, axes)),
    top_k=math.top_k,
    **more.NN,
)
random = Family(
    "random",
    set_seed=set_random_seed,
    normal=lambda shape, *how, **more: draws.normal(tuple(shape), *how, **more),
    uniform=lambda shape, *how, **more: draws.uniform(tuple(shape), *how, **more),
    truncated_normal=lambda shape, mean=0.0, stddev=1.0, seed=None: convert_to_tensor(
        TruncatedNormal(mean, stddev, seed)(tuple(shape))
    ),
    shuffle=of(lambda x, seed=None: x[generator("shuffle", seed).permutation(len(x))]),
)
UnconnectedGradients = SimpleNamespace(NONE="none", ZERO="zero")
data = Family("data", Dataset=Dataset, AUTOTUNE=-1)
config = Family("config", list_physical_devices=lambda kind=None: [], run_functions_eagerly=int)

_NAMES = {
    **named("reshape expand_dims zeros_like ones_like tile repeat fill=full"),
    **named("broadcast_to roll reverse=flip rank=ndim size"),
    **more.TOP,
    "transpose": of(lambda a, perm=None: np.transpose(a, perm)),
    "squeeze": of(
        lambda input, axis=None: np.squeeze(input, tuple(np.ravel(axis)) if axis else axis)
    ),
    "shape": lambda x: convert_to_tensor(list(convert_to_tensor(x).shape)),
    "cast": lambda x, dtype: convert_to_tensor(x, np.dtype(dtype)),
    "identity": convert_to_tensor,
    "stop_gradient": of(stop_gradient),
    "concat": lambda values, axis: np.concatenate([convert_to_tensor(v) for v in values], axis),
    "stack": lambda values, axis=0: np.stack([convert_to_tensor(v) for v in values], axis),
    "unstack": lambda x, axis=0: [
        convert_to_tensor(part) for part in np.moveaxis(convert_to_tensor(x), axis, 0)
    ],
    "gather": of(lambda params, indices, axis=0: np.take(params, indices, axis), 2),
    "gather_nd": of(lambda x, indices: x[tuple(np.moveaxis(indices.numpy(), -1, 0))], 2),
    "boolean_mask": of(lambda x, mask: x[mask], 2),
    "where": lambda condition, *parts: (
        np.where(convert_to_tensor(condition), *map(raw, parts))
        if parts
        else convert_to_tensor(np.argwhere(array_of(condition)))
    ),
    "meshgrid": lambda *args, indexing="xy": list(
        np.meshgrid(*map(convert_to_tensor, args), indexing=indexing)
    ),
    "is_tensor": lambda x: isinstance(x, RECORDED),
    "clip_by_value": of(np.clip),
    "tensordot": of(np.tensordot, 2),
    "one_hot": lambda indices, depth, on_value=1, off_value=0, axis=-1, dtype=float32: (
        ops.one_hot(indices, depth, axis, dtype) * (on_value - off_value) + off_value
    ),
    "slice": lambda input_, begin, size: _slice(convert_to_tensor(input_), begin, size),
    "sort": of(
        lambda x, axis=-1, direction="ASCENDING": (
            np.sort(x, axis) if direction == "ASCENDING" else -np.sort(-x, axis)
        )
    ),
    "argsort": of(
        lambda x, axis=-1, direction="ASCENDING": np.argsort(
            x if direction == "ASCENDING" else -x, axis
        )
    ),
    "pad": lambda tensor, paddings, mode="CONSTANT", constant_values=0: np.pad(
        convert_to_tensor(tensor),
        paddings,
        mode.lower(),
        **({"constant_values": constant_values} if mode.upper() == "CONSTANT" else {}),
    ),
    "zeros": lambda shape, dtype=float32: convert_to_tensor(np.zeros(shape, dtype)),
    "ones": lambda shape, dtype=float32: convert_to_tensor(np.ones(shape, dtype)),
    "eye": lambda num_rows, num_columns=None, dtype=float32: convert_to_tensor(
        np.eye(num_rows, num_columns, dtype=dtype)
    ),
    "range": lambda *ends, dtype=None: convert_to_tensor(np.arange(*ends).tolist(), dtype),
    "linspace": lambda start, stop, num: convert_to_tensor(np.linspace(start, stop, num).tolist()),
    "print": print,
}


def __getattr__(name: str) -> Any:
    """TensorFlow has most of `math`, and some of `linalg` and `nn`, at its top, too."""
    for place in (_NAMES, vars(math), vars(linalg), vars(nn)):
        if name in place:
            return place[name]
    if name in ("initializers", "losses", "metrics", "optimizers"):
        return getattr(keras, name)
    known = [*_NAMES, *vars(math), *globals()]
    raise AttributeError(f"There is no {name!r} of TensorFlow here.{suggestion(name, known)}")
