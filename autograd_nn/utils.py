"""What Keras keeps in ``keras.utils``: labels, sequences and series as arrays for training."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.arrays import as_array
from autograd_nn.backend import clear_session
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.missing_names import missing
from autograd_nn.own_classes import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from autograd_nn.samples import Dataset
from autograd_nn.saving.objects import deserialize_keras_object, serialize_keras_object
from autograd_nn.settings import floatx, generator, set_random_seed
from autograd_nn.targets import to_categorical

__all__ = [
    "CustomObjectScope",
    "clear_session",
    "PyDataset",
    "Sequence",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "is_keras_tensor",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "plot_model",
    "register_keras_serializable",
    "serialize_keras_object",
    "set_random_seed",
    "split_dataset",
    "standardize_dtype",
    "timeseries_dataset_from_array",
    "to_categorical",
    "unpack_x_y_sample_weight",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        raise missing(__name__, name, __all__)


class PyDataset:
    """Batches by number, for ``fit``, ``evaluate`` and ``predict``: a class with two methods.

    ``len(dataset)`` says how many batches there are, and ``dataset[i]`` gives (x, y) or
    (x, y, sample_weight). ``on_epoch_begin`` and ``on_epoch_end`` are called around each epoch.

    Parameters   workers, use_multiprocessing, max_queue_size: taken as in Keras; batches are made
                 one after the other, in this process
    Example

    >>> class Halves(PyDataset):
    ...     def __len__(self):
    ...         return 2
    ...     def __getitem__(self, i):
    ...         return np.array([[0.0], [1.0]]) + 2 * i, np.array([1.0, 3.0]) + 4 * i
    >>> from autograd_nn import Sequential, layers
    >>> model = Sequential([layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> len(model.fit(Halves(), epochs=3, verbose=0).history["loss"])
    3
    """

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError("Write __getitem__(self, index), which gives a batch (x, y).")

    def __len__(self) -> int:
        return self.num_batches

    @property
    def num_batches(self) -> int:
        """How many batches there are, where ``__len__`` is not written."""
        raise NotImplementedError("Write __len__(self): how many batches there are.")

    def on_epoch_begin(self) -> None:
        """Nothing; to be written where something is to happen before an epoch."""

    def on_epoch_end(self) -> None:
        """Nothing; to be written where something is to happen after an epoch."""


Sequence = PyDataset  # its older name


@checked_keywords
def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray[Any, Any]:
    """Each vector along an axis divided by its norm; one of zeros stays as it is.

    Example      (3, 4) / 5

    >>> normalize([[3.0, 4.0]]).tolist()
    [[0.6, 0.8]]
    """
    array = as_array(x, "x")
    norms = np.atleast_1d(np.linalg.norm(array, order, axis))
    return array / np.expand_dims(np.where(norms == 0, 1, norms), axis)


@checked_keywords
def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float = 0.0,
) -> np.ndarray[Any, Any]:
    """Sequences of different lengths as one array, cut or filled up to one length.

    Shapes       lists of length ≤ T → (N, T, …)
    Parameters   maxlen: T; None takes the longest
                 dtype: of the array
                 padding, truncating: "pre" or "post", at which end it is filled and cut
                 value: what it is filled with
    Raises       ArgumentError for another end; ArgumentTypeError naming an entry without a length;
                 ShapeError where the steps of two sequences have different shapes
    Example

    >>> pad_sequences([[1], [2, 3]]).tolist()
    [[0, 1], [2, 3]]
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in ("pre", "post"):
            raise ArgumentError(f"`{name}` must be 'pre' or 'post', got {end!r}.")
    rows = []
    for place, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__") or isinstance(sequence, str):
            raise ArgumentTypeError(
                f"`sequences` must be a list of lists, got {sequence!r} at index {place}."
            )
        rows.append(np.asarray(sequence))
    longest = max((len(row) for row in rows), default=0)
    length = longest if maxlen is None else positive_integer("maxlen", maxlen)
    shapes = {row.shape[1:] for row in rows if len(row)} or {()}
    if len(shapes) > 1:
        raise ShapeError(f"The steps of all sequences must have one shape, got {sorted(shapes)}.")
    padded = np.full((len(rows), length, *shapes.pop()), value, dtype)
    for row, place in zip(rows, padded, strict=True):
        kept = row[max(0, len(row) - length) :] if truncating == "pre" else row[:length]
        if len(kept):
            place[slice(length - len(kept), None) if padding == "pre" else slice(len(kept))] = kept
    return padded


@checked_keywords
def split_dataset(
    dataset: Any,
    left_size: float | None = None,
    right_size: float | None = None,
    shuffle: bool = False,
    seed: int | None = None,
) -> tuple[Any, Any]:
    """Arrays (or a tuple, list or dict of them) in two parts along their first axis.

    Parameters   left_size, right_size: a part from 0 to 1, or a number of samples; one is enough
                 shuffle, seed: whether the samples are mixed first
    Raises       ArgumentError where a part is empty or both are too large
    Example

    >>> [part.tolist() for part in split_dataset(np.arange(5), left_size=0.6)]
    [[0, 1, 2], [3, 4]]
    """
    if isinstance(dataset, dict):
        arrays = [as_array(part, "dataset") for part in dataset.values()]
    elif isinstance(dataset, (tuple, list)) and hasattr(dataset[0], "__len__"):
        arrays = [as_array(part, "dataset") for part in dataset]
    else:
        arrays = [as_array(dataset, "dataset")]
    samples = len(arrays[0])
    if any(len(array) != samples for array in arrays):
        shapes = ", ".join(str(array.shape) for array in arrays)
        raise ShapeError(f"All arrays of `dataset` must have the same number of samples: {shapes}.")
    left, right = _sizes(samples, left_size, right_size)
    order = np.arange(samples)
    if shuffle:
        order = generator("shuffle", seed).permutation(samples)
    parts: list[Any] = []
    for rows in (order[:left], order[samples - right :] if right else order[:0]):
        taken = [array[rows] for array in arrays]
        if isinstance(dataset, dict):
            parts.append(dict(zip(dataset, taken, strict=True)))
        else:
            parts.append(taken[0] if len(arrays) == 1 else type(dataset)(taken))
    return parts[0], parts[1]


def _sizes(samples: int, left: float | None, right: float | None) -> tuple[int, int]:
    """How many samples go into each part."""
    if left is None and right is None:
        raise ArgumentError("Give `left_size` or `right_size`, a part such as 0.8 or a number.")
    counts: list[int | None] = []
    for name, size in (("left_size", left), ("right_size", right)):
        if isinstance(size, float):
            if not 0 < size < 1:
                raise ArgumentError(f"`{name}` as a part must be between 0 and 1, got {size!r}.")
            size = (
                round(size * samples)
                if name == "left_size"
                else samples - round((1 - size) * samples)
            )
        elif size is not None:
            size = positive_integer(name, size)
        counts.append(size)
    first = samples - counts[1] if counts[0] is None and counts[1] is not None else counts[0]
    assert first is not None
    second = samples - first if counts[1] is None else counts[1]
    if first < 1 or second < 1 or first + second > samples:
        raise ArgumentError(
            f"{samples} samples cannot be split into {first} and {second}: each part needs one."
        )
    return first, second


@checked_keywords
def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> Dataset:
    """Windows of a series, batch by batch, with the target of each: a Dataset of pairs (x, y).

    Shapes       data (T, …) → x (B, sequence_length, …); targets (T, …) → y (B, …)
    Parameters   targets: ``targets[i]`` belongs to the window that starts at i; None for none
                 sequence_stride: steps from one window to the next
                 sampling_rate: steps from one entry of a window to the next
                 batch_size: windows in a batch; None gives them one by one
                 shuffle: a new order each time the Dataset is gone through
                 start_index, end_index: the part of the data that is used
    Example      Two steps of a series say the third

    >>> series = np.arange(5.0)
    >>> for x, y in timeseries_dataset_from_array(series[:-1], series[2:], 2, batch_size=2):
    ...     print(x.tolist(), y.tolist())
    [[0.0, 1.0], [1.0, 2.0]] [2.0, 3.0]
    [[2.0, 3.0]] [4.0]
    """
    values = as_array(data, "data")
    length = positive_integer("sequence_length", sequence_length)
    stride = positive_integer("sequence_stride", sequence_stride)
    rate = positive_integer("sampling_rate", sampling_rate)
    first = 0 if start_index is None else positive_integer("start_index", start_index, 0)
    last = len(values) if end_index is None else positive_integer("end_index", end_index)
    values = values[first:last]
    goals = None if targets is None else as_array(targets, "targets")[first:last]
    starts = np.arange(0, len(values) - (length - 1) * rate, stride)
    if goals is not None:
        starts = starts[starts < len(goals)]
    if len(starts) == 0:
        raise ArgumentError(
            f"A window of {length} entries, {rate} apart, needs {(length - 1) * rate + 1} steps: "
            f"`data` has {len(values)}."
        )
    size = len(starts) if batch_size is None else positive_integer("batch_size", batch_size)
    source = generator("shuffle", seed) if shuffle else None

    def batches() -> Iterator[Any]:
        order = starts if source is None else source.permutation(starts)
        for begin in range(0, len(order), size):
            rows = order[begin : begin + size]
            x = values[rows[:, None] + np.arange(length) * rate]
            yield x if goals is None else (x, goals[rows])

    windows = Dataset(batches, -(-len(starts) // size))
    return windows.unbatch() if batch_size is None else windows


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """What ``train_step`` is given: x alone, (x, y), or all three."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    return x if y is None else (x, y)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of what ``train_step`` is given, None for what is not there."""
    parts = data if isinstance(data, tuple) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ArgumentError(f"`data` must be x, (x, y) or (x, y, sample_weight), got {len(parts)}.")
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def is_keras_tensor(x: Any) -> bool:
    """Whether it is a placeholder, such as ``Input`` gives, and not a Tensor with numbers."""
    return isinstance(x, Placeholder)


def standardize_dtype(dtype: Any) -> str:
    """The name of a dtype; that of `floatx` where None is given."""
    return floatx() if dtype is None else str(np.dtype(dtype))


@checked_keywords
def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool | None = None,
    rankdir: str | None = None,
    expand_nested: bool = False,
    dpi: int | None = None,
    show_layer_activations: bool | None = None,
    show_trainable: bool = False,
) -> Any:
    """A picture of the layers of a model, saved; see `viz.draw`.

    Parameters   to_file: ends in .png, .pdf, .svg, .dot or .json; None saves nothing
                 show_shapes, show_dtype, show_trainable: whether each layer tells of that
                 show_layer_names, show_layer_activations: False leaves these out; Keras does
                 unless told otherwise
                 rankdir: "TB", "BT", "LR" or "RL", where arrows point; None takes what fits
                 expand_nested: models among the layers are opened, in a frame
                 dpi: points of a .png that are an inch
    Returns      the picture, which a notebook shows
    """
    if rankdir not in (None, "TB", "BT", "LR", "RL"):
        raise ArgumentError(f"`rankdir` must be 'TB', 'BT', 'LR' or 'RL', got {rankdir!r}.")
    words = {
        "names": show_layer_names is None or show_layer_names,
        "activations": show_layer_activations is None or show_layer_activations,
        "shapes": show_shapes,
        "dtypes": show_dtype,
        "trainable": show_trainable,
        "nested": expand_nested,
    }
    picture = model.draw(tell=tuple(word for word, is_told in words.items() if is_told))
    picture.direction = rankdir
    if dpi is not None:
        picture.dpi = positive_integer("dpi", dpi)
    if to_file is not None:
        picture.save(to_file)
    return picture
