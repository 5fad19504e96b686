"""The functions in JavaScript that a program calls, and those that these call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from autograd_nn.javascript.element_loops import NAMES, printed


def library(functions: Iterable[str], own: Mapping[str, str]) -> str:
    """The functions that are called, with those that they call themselves.

    Parameters   own: the text of each that a user wrote
    """
    loops = [text for name in sorted(functions) if (text := own.get(name) or printed(name))]
    parts = _parts(_arrays())
    wanted = {"empty", "assign", *functions}
    text = "\n".join(loops)
    wanted |= {name for name in parts if re.search(rf"\b{name}\(", text)}
    while True:
        inside = "\n".join(parts[name] for name in wanted if name in parts)
        found = {name for name in parts if re.search(rf"\b{name}\b", inside)}
        if found <= wanted:
            break
        wanted |= found
    return "\n".join([*(part for name, part in parts.items() if name in wanted), *loops])


def as_object(functions: Iterable[str], own: Mapping[str, str]) -> str:
    """The functions as those of one object, ``kernels``, so that no other has their names."""
    names = ", ".join(sorted({"empty", *functions}))
    return f"const kernels = (() => {{\n{library(functions, own)}\nreturn {{ {names} }};\n}})();\n"


def defined() -> set[str]:
    """Every name that the functions have, which no value of a program may have."""
    return {*_parts(_arrays()), *NAMES}


@cache
def _arrays() -> str:
    return files("autograd_nn.javascript").joinpath("arrays.js").read_text("utf-8")


def _parts(text: str) -> Mapping[str, str]:
    """arrays.js by the name of each definition, with the comment before it."""
    found: dict[str, str] = {}
    pending: list[str] = []
    name = None
    for line in text.splitlines():
        begins = re.match(r"(?:function|const) (\w+)", line)
        if begins:
            name = begins[1]
            found[name] = "\n".join([*pending, line])
            pending = []
        elif line.startswith("//") or not line:
            pending = [] if not line else [*pending, line]
        elif name is not None:
            found[name] += f"\n{line}"
    return found
