"""What memory is called in a planned program: after what it holds, where that has one name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from autograd_nn.program.planning.storage import Buffer
from autograd_nn.program.source.expressions import aligned, shape_comment
from autograd_nn.program.source.spelling import Names, spelled
from autograd_nn.program.values import Value

_LONGEST = 88
# What stands in quotes is no name.
_WORD = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\W\d]\w*""")


class Views:
    """Buffers in the shape of what is put into them.

    A view has a provisional name until all that it holds is known.
    """

    def __init__(self, names: Names) -> None:
        self.names = names
        self._views: dict[tuple[str, tuple[int, ...]], str] = {}
        self._buffers: dict[str, tuple[Buffer, tuple[int, ...]]] = {}
        self._held: dict[str, list[Value]] = {}

    def of(self, buffer: Buffer, shape: tuple[int, ...]) -> str:
        """The provisional name of a buffer in this shape."""
        key = buffer.name, shape
        if key not in self._views:
            name = self._views[key] = self.names.new(f"{buffer.name}_{_dimensions(shape)}")
            self._buffers[name] = buffer, shape
            self._held[name] = []
        return self._views[key]

    def put(self, name: str, value: Value) -> None:
        """Note that a step puts this value there."""
        if name in self._held:
            self._held[name].append(value)

    def chosen(self) -> dict[str, str]:
        """The final name of every view."""
        names: dict[str, str] = {}
        for view, (_, shape) in self._buffers.items():
            held = [spelled(value.name) for value in self._held[view] if value.named]
            wish = common_name(held) or f"scratch_{_dimensions(shape)}"
            names[view] = self.names.new(wish)
        return names

    def lines(self) -> list[str]:
        """The memory, made once, under the provisional names."""
        by_buffer: dict[Buffer, list[str]] = {}
        for view, (buffer, _) in self._buffers.items():
            by_buffer.setdefault(buffer, []).append(view)
        found: list[str] = []
        for buffer, views in by_buffer.items():
            kind = f"np.{buffer.dtype.name}"
            first, shape = views[0], self._buffers[views[0]][1]
            if len(views) == 1 and _size(shape) == buffer.size:
                size = shape[0] if len(shape) == 1 else shape
                found.append(f"{first} = np.empty({size}, {kind})")
                continue
            found.append(f"{buffer.name} = np.empty({buffer.size}, {kind})")
            for view in views:
                shape = self._buffers[view][1]
                part = "" if _size(shape) == buffer.size else f"[:{_size(shape)}]"
                inside = ", ".join(map(str, shape)) or "()"
                turn = "" if len(shape) == 1 else f".reshape({inside})"
                found.append(f"{view} = {buffer.name}{part}{turn}")
        return found


def common_name(names: Sequence[str]) -> str:
    """The words that all names begin with: dense_add and dense_sigmoid give dense; or ""."""
    if not names:
        return ""
    if len(set(names)) == 1:
        return names[0]
    words = [name.split("_") for name in names]
    common: list[str] = []
    for column in zip(*words, strict=False):
        if len(set(column)) > 1:
            break
        common.append(column[0])
    # dense_1_add does not belong to dense.
    rest = [word[len(common)] for word in words if len(word) > len(common)]
    if any(word.isdigit() for word in rest) or common == ["grad"]:
        return ""
    return "_".join(common)


def short_names(functions: Mapping[str, str]) -> list[str]:
    """Lines that give functions of NumPy, by their full names, short ones; some to a line."""
    lines: list[tuple[str, str]] = []
    for function, name in functions.items():
        left, right = lines[-1] if lines else ("", "")
        if lines and len(left) + len(right) + len(name) + len(function) + 7 <= _LONGEST:
            lines[-1] = f"{left}, {name}", f"{right}, {function}"
        else:
            lines.append((name, function))
    return [f"{left} = {right}" for left, right in lines]


def renamed(lines: Sequence[str], new: Mapping[str, str]) -> list[str]:
    """The lines with other names."""
    text = "\0".join(lines)  # a line may have several
    return _WORD.sub(lambda found: new.get(found[0], found[0]), text).split("\0")


def commented(lines: Sequence[tuple[str, Value | None]], room: int) -> list[str]:
    """The lines, and behind each its shape, and what it computes where it does not say so."""
    found: list[tuple[str, str]] = []
    for text, value in lines:
        comment = ""
        if value is not None:
            name = spelled(value.name)
            said = not value.named or (name in text and name in _WORD.findall(text))
            comment = shape_comment(value) if said else f"{name} {shape_comment(value)}"
        found.append((text, comment))
    return aligned(found, room)


def _dimensions(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "number"


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
