"""`.weights.h5`: weights alone, as Keras writes and reads them; the package h5py does the rest.

    layers/dense/vars/0        the kernel of the first Dense layer
    layers/dense/vars/1        its bias

An HDF5 file may hold much more than arrays: links to other files, texts, objects, parts that are
computed or unpacked. None of it is followed or read here.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from autograd_nn.engine.errors import FileFormatError, MissingPackageError
from autograd_nn.engine.mutation import assign_all
from autograd_nn.saving.archives import readable
from autograd_nn.saving.keras_places import places, weights_by_path
from autograd_nn.saving.named_weights import refuse_misfits

OF_OPTIMIZER = "optimizer/vars/"
_MOST_OBJECTS = 100_000
_DEEPEST = 64
_MOST_LETTERS = 2**20


def write_weights(path: Path, model: Any) -> None:
    """Write the weights alone."""
    path.write_bytes(as_hdf5(model, {}))


def read_weights(path: Path, model: Any) -> None:
    """Put the weights of a file into a model that is there."""
    with path.open("rb") as file, StoredArrays(path, file) as stored:
        put_in(stored, model, repr(str(path)))


def put_in(stored: StoredArrays, model: Any, what: str) -> None:
    """Put the weights into a model, all or, where one does not fit, none."""
    own = weights_by_path(model)
    arrays = {name: x for name, x in stored.items() if not name.startswith(OF_OPTIMIZER)}
    refuse_misfits(model, own, arrays, what)
    assign_all([(tensor, stored.read(name)) for name, tensor in own.items()], [])


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Any]:
    """A file that is written when all of it is there."""
    file = io.BytesIO()
    with _h5py().File(file, "w") as root:
        yield root
    path.write_bytes(file.getvalue())


def as_hdf5(model: Any, of_optimizer: Mapping[str, Any]) -> bytes:
    """The bytes of a file of the weights, and of what an optimizer keeps.

    Parameters   of_optimizer: arrays in Keras's order, by "optimizer/vars/0" and so on
    """
    file = io.BytesIO()
    with _h5py().File(file, "w") as root:
        for place in places(model):
            group = root.require_group(f"{place.path}/vars")
            group.attrs["name"] = place.name
            for number, weight in enumerate(place.weights):
                group[str(number)] = weight._data
        for name, array in of_optimizer.items():
            root[name] = array
    return file.getvalue()


class StoredArrays(Mapping[str, Any]):
    """The arrays of an HDF5 file by their paths: shapes and dtypes first, values when asked for.

    Parameters   path: by which errors call it
                 file: open for reading
                 older: whether it is to be of Keras's older format, with attributes that are read
    Raises       FileFormatError for what is no such file, or holds what is not read
    """

    def __init__(self, path: Path, file: IO[bytes], older: bool = False) -> None:
        self._path, self._file, self._older = path, file, older

    def __enter__(self) -> StoredArrays:
        h5py = _h5py()
        size = self._file.seek(0, 2)
        self._file.seek(0)
        if self._file.read(8) != b"\x89HDF\r\n\x1a\n":
            raise FileFormatError(
                f"{str(self._path)!r} has no HDF5 in it, or is truncated: it does not begin as "
                "such files do."
            )
        with readable(self._path):
            self._root = h5py.File(self._file, "r")
        try:
            with readable(self._path):
                self._datasets = dict(self._found(h5py))
                total = sum(one.nbytes for one in self._datasets.values())
                if total > size:
                    raise self._refused(f"its arrays say to have {total:,} bytes, it has {size:,}")
        except BaseException:
            self._root.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._root.close()

    def __getitem__(self, name: str) -> Any:
        return self._datasets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._datasets)

    def __len__(self) -> int:
        return len(self._datasets)

    def of_optimizer(self) -> dict[str, Any]:
        """What an optimizer kept, by path."""
        return {name: self.read(name) for name in self if name.startswith(OF_OPTIMIZER)}

    def read(self, name: str) -> np.ndarray[Any, Any]:
        """The values of an array."""
        with readable(self._path, f"its array {name!r}"):
            return np.asarray(self._datasets[name][()])

    def attribute(self, group: str, name: str, most: int) -> Any:
        """What is noted in a group: a text, or an array of texts; None where nothing is."""
        with readable(self._path, f"its attribute {name!r}"):
            attributes = self._root[group].attrs if group else self._root.attrs
            if name not in attributes:
                return None
            one = attributes.get_id(name)
            if math.prod(one.shape) * one.dtype.itemsize > most:
                raise self._refused(f"its attribute {name!r} has more than {most:,} bytes")
            return attributes[name]

    def names(self, group: str, name: str, required: bool = True) -> list[str]:
        """The names that an attribute of a group lists; Keras parts a long list in several."""
        if group and group not in self._root:
            if required:
                raise self._refused(f"it has no {group!r}")
            return []
        parts = [self.attribute(group, name, _MOST_LETTERS)]
        while (more := self.attribute(group, f"{name}{len(parts) - 1}", _MOST_LETTERS)) is not None:
            parts.append(more)
        found = [one for part in parts if part is not None for one in np.asarray(part).reshape(-1)]
        if not all(isinstance(one, (str, bytes)) for one in found):
            raise self._refused(f"{group!r} does not say which {name} it has")
        return [one.decode() if isinstance(one, bytes) else str(one) for one in found]

    def _found(self, h5py: Any) -> Iterator[tuple[str, Any]]:
        """Every array, where only groups and arrays of numbers are in the file."""
        if ("layer_names" in self._root.attrs or "model_weights" in self._root) > self._older:
            raise self._refused(
                "it is of the older format of Keras 2; load it there or in Keras 3, and save it as "
                ".keras or .weights.h5"
            )
        seen: set[Any] = set()
        waiting: list[tuple[str, Any]] = [("", self._root)]
        while waiting:
            path, group = waiting.pop()
            for key in group:
                inner = f"{path}/{key}" if path else str(key)
                if type(group.get(key, getlink=True)) is not h5py.HardLink:
                    raise self._refused(f"{inner[:100]!r} is a link, which is not followed")
                one = group[key]
                number = h5py.h5o.get_info(one.id).addr
                if number in seen or len(seen) > _MOST_OBJECTS or inner.count("/") > _DEEPEST:
                    raise self._refused(
                        f"{inner[:100]!r} is there twice, too deep, or one of too many"
                    )
                seen.add(number)
                if isinstance(one, h5py.Group):
                    waiting.append((inner, one))
                elif isinstance(one, h5py.Dataset):
                    self._check(inner, one)
                    yield inner, one
                else:
                    raise self._refused(f"{inner[:100]!r} is neither a group nor an array")

    def _check(self, path: str, one: Any) -> None:
        """Refuse what is not numbers that lie in the file as they are."""
        what = f"{path[:100]!r} "
        if one.dtype.kind not in "biuf" or one.dtype.metadata or one.dtype.itemsize > 8:
            raise self._refused(what + f"has the dtype {one.dtype}, which is not one of numbers")
        if one.shape is None or one.external or one.is_virtual:
            raise self._refused(what + "has its numbers somewhere else, or nowhere")
        if one.chunks is not None or one.id.get_create_plist().get_nfilters():
            raise self._refused(
                what + "is compressed or in pieces; Keras writes arrays as they are"
            )
        if one.nbytes != one.id.get_storage_size():
            raise self._refused(
                what + f"of shape {one.shape} says to have a size of {one.nbytes:,} bytes, and has "
                f"{one.id.get_storage_size():,}"
            )

    def _refused(self, text: str) -> FileFormatError:
        return FileFormatError(f"{str(self._path)!r} is refused: {text}.")


def _h5py() -> Any:
    try:
        import h5py
    except ImportError:
        raise MissingPackageError(
            "Files of Keras (.keras, .weights.h5) need h5py: pip install 'autograd-nn[io]'."
        ) from None
    return h5py
