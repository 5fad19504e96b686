"""A program in a file of its own, which needs NumPy only: its text, and what it is called with."""

from __future__ import annotations

import contextlib
import os
import pprint
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.files import checked_path
from autograd_nn.names import snake_case
from autograd_nn.program.source.expressions import INLINE, WIDTH, Heads, operand, signature
from autograd_nn.program.source.functions import Head
from autograd_nn.program.source.spelling import array_literal, identifier, literal, told
from autograd_nn.program.updating import ITERATION, LEARNING_RATE
from autograd_nn.program.values import Value

LOADING = [
    'with np.load(__file__.rpartition(".")[0] + ".npz") as file:',
    "    kept = dict(file)",
]


@dataclass
class Content:
    """What a file is made of.

    ``text`` is the program, in which `step` takes the inputs and settings among ``names``; the rest
    is an argument of `make` where there is one, and of `step` otherwise.
    """

    text: str
    names: Mapping[Value, str]
    heads: Heads
    arrays: Mapping[Value, Any]  # the content of arguments, and of inputs a sample
    recorded: Any  # what the program was made of
    gradients: Sequence[str]  # of what, in the order in which they stand behind the loss
    planned: bool


def save(path: Any, content: Content) -> None:
    """Write the program, and large arrays into an archive of NumPy beside it.

    Raises       ArgumentError, ArgumentTypeError where the file cannot be written, or the archive
                 would take the place of one that is something else; NoSource where the program
                 calls a function of which there is no text
    """
    path = path_of_program(path)
    for operation in content.heads.given.values():
        Head().copy(operation.value, "function")  # which says why there is no text of it
    for value, item in content.arrays.items():
        is_array = value.kind not in ("generator", "object")
        if value.kind == "object" or (is_array and np.asarray(item).dtype.kind not in "biufcSU"):
            raise ArgumentError(
                f"The program uses an object of type {type(item).__name__}, which no file of "
                "Python can hold as text. Give numbers, texts or arrays in its place."
            )
    arrays = {
        name: np.asarray(content.arrays[value])
        for value, name in content.names.items()
        if value in content.arrays and value.kind != "generator"
    }
    put_program(path, arrays, lambda with_archive: _File(content, path, with_archive).text())


def path_of_program(path: Any) -> Path:
    """A path for a file of Python.

    Raises       ArgumentError, ArgumentTypeError where no program can be written there
    """
    path = checked_path(path, "py")
    if path.stem in sys.modules and path.stem in {"numpy", *sys.stdlib_module_names}:
        raise ArgumentError(
            f"`path` is {str(path)!r}: NumPy would find this file where it looks for the module "
            f"{path.stem}. Take another name, such as 'step.py'."
        )
    return path


def put_program(path: Path, arrays: Mapping[str, Any], text_of: Callable[[bool], str]) -> None:
    """Write a program, and its arrays into an archive of NumPy beside it where one is large.

    Parameters   text_of: the text, by whether there is an archive
    Raises       ArgumentError where the files cannot be written, or something else is there
    """
    archive = path.with_suffix(".npz")
    kept = arrays if any(array.size > INLINE for array in arrays.values()) else {}
    is_ours = archive.exists() and _is_ours(path)
    if kept and archive.exists() and not is_ours:
        raise ArgumentError(
            f"`path` is {str(path)!r}, and {archive.name!r}, in which its arrays would be kept, "
            "is there already and belongs to something else. Take another name."
        )
    text = text_of(bool(kept))
    files: dict[Path, Callable[[Any], Any]] = {path: lambda file: file.write(text.encode())}
    if kept:
        files[archive] = lambda file: np.savez(file, **kept)
    _put(files)
    if is_ours and not kept:  # that of an earlier program, which nothing reads any more
        with contextlib.suppress(OSError):
            archive.unlink()


def _is_ours(path: Path) -> bool:
    """Whether a saved program stands there."""
    try:
        return LOADING[0] in path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False


def _put(files: Mapping[Path, Callable[[Any], Any]]) -> None:
    """All of the files or none: what stood there stays until the new ones are complete."""
    parts = {path: path.with_name(f".{path.name}.part") for path in files}
    path = next(iter(files))
    try:
        for path, write in files.items():
            with parts[path].open("wb") as file:
                write(file)
        for path, part in parts.items():
            os.replace(part, path)
    except OSError as error:
        raise ArgumentError(f"{str(path)!r} cannot be written: {error.strerror}.") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


class _File:
    """The text of a file."""

    def __init__(self, content: Content, path: Path, with_archive: bool) -> None:
        self.content = content
        self.path = path
        self.with_archive = with_archive
        self.names = content.names
        self.optimizer = content.recorded.optimizer
        self.inputs = [v for v in self.names if v.role == "input"]
        self.arguments = [v for v in self.names if v.role not in ("input", "setting")]
        self.rate_told = "A step moves the parameters in place."
        self.rate: list[str] = []  # the learning rate in the head of `step`
        self.first: list[float] = []  # those of the first steps, where it must be given
        self.formula: list[str] = []  # what gives it otherwise
        self.begin: list[str] = []  # what `step` begins with
        settings = {v.name: self.names[v] for v in self.names if v.role == "setting"}
        self.iteration = settings.get(ITERATION)
        if LEARNING_RATE in settings:
            self._set_rate(settings[LEARNING_RATE])
        if self.iteration:
            self.begin = [f"global {self.iteration}", *self.begin, f"{self.iteration} += 1"]
        given = [self.names[value] for value in self.inputs]
        self.call = f"step({', '.join([*given, *self.rate] if self.first else given)})"

    def _set_rate(self, name: str) -> None:
        """A default, a formula that the file holds, or an argument that must be given."""
        optimizer, schedule = self.optimizer, self.optimizer._schedule
        self.rate_told = "A step moves the parameters in place, by the learning rate that"
        if schedule is None:
            self.rate_told += " it is given."
            self.rate = [f"{name}={literal(float(optimizer.learning_rate))}"]
            return
        own = type(schedule).__name__
        known = {} if schedule._formula is None else schedule._arguments()
        if schedule._formula is None or not all(map(_is_written, known.values())):
            self.rate_told += f" it is given: {own}, which made it, is not in this file."
            self.rate = [name]
            done = optimizer._iterations
            self.first = [float(schedule(step)) for step in range(done, done + 10)]
            return
        taken = set(re.findall(r"\w+", self.content.text))
        self.iteration = self.iteration or identifier(ITERATION, taken)
        head = Head({*taken, self.iteration})
        called = head.copy(type(schedule)._formula, snake_case(own))
        self.rate_told += f" {called} gives for it."
        for text in head.texts:
            self.formula += [*text.splitlines(), "", ""]
        arguments = [f"{key}={operand(value, {})}" for key, value in known.items()]
        self.begin = signature(f"{name} = {called}", [self.iteration, *arguments])

    def text(self) -> str:
        """The manual, the program with all that lives on, and what the file does that is run."""
        content, names = self.content, self.names
        title, *lines = content.text.rstrip("\n").split("\n")
        start = lines.index("import numpy as np")
        title = title.removesuffix('"""')
        end = start + 1 + (lines[start + 1] == "import scipy.special")
        found = [title, "", *self._manual(), '"""', "", *lines[start:end], ""]
        found += LOADING if self.with_archive else []
        values = {v: self._origin(v) for v in self.arguments}
        if not content.planned:
            found += [f"{names[v]} = {text}" for v, text in values.items() if v.kind != "generator"]
        found += self._generators()
        found += [f"{self.iteration} = {self.optimizer._iterations}"] if self.iteration else []
        program = [*self.formula, *self._program("\n".join(lines[end:]).strip())]
        found += ["", ""] if program[0].startswith("def ") and found[-1] else [""]
        found += program
        if content.planned:
            call = signature("step = make", [f"{names[v]}={text}" for v, text in values.items()])
            found += ["", "", *call]
        found += ["", "", 'if __name__ == "__main__":']
        found += [f"    {names[v]} = {self._origin(v)}" for v in self.inputs]
        found += [f"    {line}" for line in self._running("\n".join(found))]
        return "\n".join(found) + "\n"

    def _manual(self) -> list[str]:
        stem = self.path.stem
        text = f"`python {self.path.name}` runs it, "
        if stem.isidentifier():
            text += f"`from {stem} import step` takes it into a program: "
        text += f"{self.call} gives {self._gives()}"
        text += f". Its arrays are in {stem}.npz." if self.with_archive else "."
        if self.optimizer is not None:
            text += f" {self.rate_told}"
        elif self.content.planned:
            text += " The next call writes into the same memory."
        return textwrap.wrap(told(text), WIDTH - 4, break_long_words=False, break_on_hyphens=False)

    def _gives(self) -> str:
        """What `step` returns, in words."""
        function, gradients = self.content.recorded.function, self.content.gradients
        if function is not None:
            return f"what {function} gives"
        if self.optimizer is not None or not gradients:
            return "the loss"
        between = ", then the gradient of" if self.content.planned else " and the gradients of"
        return f"the loss{between} {', '.join(gradients)}"

    def _program(self, text: str) -> list[str]:
        """The program's lines, `step` with its own settings and without what the file loads."""
        names, planned = self.names, self.content.planned
        space = "    " if planned else ""
        given = [names[v] for v in self.inputs]
        settings = [names[v] for v in names if v.role == "setting"]
        own = [] if planned else [names[v] for v in self.arguments]
        before = [f"{space}{line}" for line in signature("def step", [*given, *settings, *own])]
        after = [f"{space}{line}" for line in signature("def step", [*given, *self.rate])]
        after[-1] += ":"
        after += [f"{space}    {line}" for line in self.begin]
        # The last one: a function that is copied may have one of its own inside.
        head, _, body = text.rpartition("\n".join(before) + ":")
        return (head + "\n".join(after) + body).split("\n")

    def _origin(self, value: Value) -> str:
        """Where the file has the content of a value from."""
        name, arrays = self.names[value], self.content.arrays
        if value.kind == "generator":
            return name
        if value not in arrays:  # memory
            size = value.size if len(value.shape) == 1 else value.shape
            return f"np.empty({size}, np.{value.dtype.name})"
        text = f'kept["{name}"]' if self.with_archive else array_literal(np.asarray(arrays[value]))
        return f"{text}[()]" if value.kind in ("scalar", "number") else text

    def _generators(self) -> list[str]:
        lines: list[str] = []
        for value in self.arguments:
            if value.kind != "generator":
                continue
            source = self.content.arrays[value].bit_generator
            kind, name = type(source).__name__, self.names[value]
            parts = source.state["state"].values()
            is_numpys = getattr(np.random, kind, None) is type(source)
            if not is_numpys or any(isinstance(part, np.ndarray) for part in parts):
                raise ArgumentError(
                    f"A program that draws numbers from {kind} cannot be saved. Use "
                    "np.random.default_rng(seed), whose state is two numbers."
                )
            state = pprint.pformat(source.state, width=96, sort_dicts=False)
            lines += [f"{name} = np.random.Generator(np.random.{kind}())"]
            lines += f"{name}.bit_generator.state = {state}".split("\n")
        return lines

    def _running(self, before: str) -> list[str]:
        """What a file does that is run, behind all that stands in it before."""
        if self.optimizer is not None:
            turns = ["for _ in range(10)"]
            if self.first:
                turns = signature(f"for {self.rate[0]} in ", [*map(repr, self.first)], 88, "[]")
            turns[-1] += ":"
            return [*turns, f'    print(f"loss {{{self.call}:.6f}}")']
        if not self.content.gradients:
            return [f"print({self.call})"]
        taken = set(re.findall(r"\w+", before))
        results, name, gradient = (identifier(x, taken) for x in ("results", "name", "gradient"))
        # Half of a character, which no file and no terminal takes, is shown by its number.
        texts = [x.encode("utf-8", "backslashreplace").decode() for x in self.content.gradients]
        listed = signature(f"for {name}, {gradient} in zip(", [*map(repr, texts)], 76, "[]")
        listed[-1] += f", {results}[1{':' if self.content.planned else ''}]):"
        return [
            f"{results} = {self.call}",
            f'print(f"loss {{{results}[0]:.6f}}")',
            *listed,
            f"    if {gradient} is not None:",
            f'        print(f"gradient of {{{name}}}: norm {{np.linalg.norm({gradient}):.6f}}")',
        ]


def _is_written(item: Any) -> bool:
    return literal(item) is not None or (isinstance(item, list) and all(map(_is_written, item)))
