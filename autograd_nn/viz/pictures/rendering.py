"""From DOT to a picture: pygraphviz where it is installed, else `dot` on the PATH."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator

from autograd_nn.engine.errors import AutogradError, MissingPackageError
from autograd_nn.viz.pictures.arrows import one_each

PICTURES = ("svg", "png", "pdf")
INSTALL = "pip install 'autograd-nn[viz]'"
TIMEOUT = 60
"""Seconds that `dot` may take; pictures of 1,500 nodes take a few."""

FINER = 144
"""Points of a PNG to an inch: one and a half times the size of a screen, so that small text is
sharp."""


class NoRendererError(MissingPackageError, RuntimeError):
    """No Graphviz to draw with."""


class RenderingError(AutogradError, RuntimeError):
    """Graphviz is there and did not draw."""


def render(dot: str, kind: str, dpi: int = FINER) -> bytes:
    """The picture of DOT text as svg, png or pdf.

    Raises       NoRendererError without Graphviz, RenderingError where it fails
    """
    failures = []
    for renderer in (_by_pygraphviz, _by_program):
        try:
            picture = renderer(dot, kind, dpi)
        except RenderingError as error:
            failures.append(str(error))
            continue
        if picture is not None:
            return one_each(picture.decode()).encode() if kind == "svg" else picture
    if failures:
        raise RenderingError(" ".join(failures))
    raise NoRendererError(
        f"A {kind} picture is laid out by Graphviz, which was not found: neither the package "
        f"pygraphviz nor the program dot. Install it with {INSTALL}. Without it work .text(), "
        '.dot, .save("graph.txt"), .save("graph.dot") and .save("graph.json").'
    )


def can_render() -> bool:
    """Whether a picture can be tried: pygraphviz can be imported or `dot` is on the PATH."""
    return _pygraphviz() is not None or shutil.which("dot") is not None


def _pygraphviz() -> object | None:
    try:
        import pygraphviz
    except (ImportError, OSError):  # OSError: a build against a library that has gone
        return None
    module: object = pygraphviz
    return module


def _by_pygraphviz(dot: str, kind: str, dpi: int) -> bytes | None:
    if _pygraphviz() is None:
        return None
    import pygraphviz

    with _quiet() as chatter:
        try:
            graph = pygraphviz.AGraph(string=dot)
            arguments = f"-Gdpi={dpi}" if kind == "png" else ""
            picture = graph.draw(path=None, format=kind, prog="dot", args=arguments)
        except Exception as error:
            raise RenderingError(f"pygraphviz could not draw: {error} {chatter()}") from None
        # A label that cannot be read is left out, and the picture drawn without it.
        if "Error:" in (said := chatter()):
            raise RenderingError(f"pygraphviz could not draw a label: {said}")
    return bytes(picture)


def _by_program(dot: str, kind: str, dpi: int) -> bytes | None:
    program = shutil.which("dot")
    if program is None:
        return None
    arguments = [program, f"-T{kind}"] + ([f"-Gdpi={dpi}"] if kind == "png" else [])
    try:
        run = subprocess.run(
            arguments, input=dot.encode(), capture_output=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise RenderingError(
            f"{program} took more than {TIMEOUT} s. Draw a smaller part, or install another "
            f"Graphviz with {INSTALL}."
        ) from None
    except OSError as error:
        raise RenderingError(f"{program} could not be started: {error}.") from None
    said = run.stderr.decode(errors="replace").strip()
    if run.returncode or "Error:" in said:
        raise RenderingError(f"{program} could not draw: {said[:500]}")
    return run.stdout


@contextlib.contextmanager
def _quiet() -> Iterator[Callable[[], str]]:
    """Keep what C libraries write to stderr (fontconfig does) away from the user."""
    try:
        saved = os.dup(2)
    except OSError:  # no stderr at all
        yield lambda: ""
        return
    with tempfile.TemporaryFile() as kept:

        def said() -> str:
            kept.seek(0)
            return kept.read(500).decode(errors="replace").strip()

        os.dup2(kept.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(saved, 2)
            os.close(saved)
