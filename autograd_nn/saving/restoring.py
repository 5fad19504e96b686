"""A model made of a description that nobody has looked at yet."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from autograd_nn.engine.errors import FileFormatError, MissingPackageError
from autograd_nn.layers.room import Room, reading
from autograd_nn.own_classes import CustomObjectScope
from autograd_nn.saving.description import compile_as_described, model_of, refuse_newer
from autograd_nn.saving.named_weights import put_back_optimizer

_LONGEST_LINE, _MOST_LINES = 1000, 1000


@contextlib.contextmanager
def read_as(path: str | os.PathLike[str], custom_objects: Any = None) -> Iterator[None]:
    """Around what is made of a file: custom objects are found, and all that is wrong with it is
    said in one way, a FileFormatError that names the file."""
    try:
        with CustomObjectScope(custom_objects or {}):
            yield
    except MissingPackageError:
        raise
    except FileFormatError as error:
        text = str(error)
        if repr(str(path)) in text:
            raise
        raise FileFormatError(f"{str(path)!r} is refused: {in_short(text)}") from error
    except Exception as error:
        said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise FileFormatError(f"No model can be made of {str(path)!r}. {in_short(said)}") from error


def in_short(text: str) -> str:
    """An error without what is long in it: it may quote a file, which may say anything."""
    lines = [
        line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]} …"
        for line in text.split("\n", _MOST_LINES)
    ]
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = ["…"]
    return "\n".join(lines)


def made_of(description: Any, stored: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """The model, without the values of its weights and not compiled.

    Parameters   stored: what the file has, by name, with the ``nbytes`` of each; the description
                 gets no more memory for weights
    Raises       FileFormatError and whatever classes raise for arguments that are none of theirs
    """
    refuse_newer(description)
    names = set(description["arrays"])
    if names != set(stored):
        missing, extra = sorted(names - set(stored)), sorted(set(stored) - names)
        raise FileFormatError(
            f"its arrays are not those that it speaks of; missing: {missing}, extra: {extra}."
        )
    token = reading.set(Room(sum(array.nbytes for array in stored.values())))
    try:
        return model_of(description, custom_objects)
    finally:
        reading.reset(token)


def compiled_of(
    model: Any, description: Any, arrays: Mapping[str, Any], custom_objects: Any = None
) -> None:
    """Compile the model, and have its optimizer go on where it was."""
    if compile_as_described(model, description["compile"], custom_objects):
        put_back_optimizer(model, arrays)
