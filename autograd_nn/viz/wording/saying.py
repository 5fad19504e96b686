"""`say`: a phrase in the language that was chosen with `language`."""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.wording.phrases import PHRASES

LANGUAGES = ("en", "zh")
"""Each has its place in the pairs of the tables."""

_place = ContextVar("language", default=0)


class language:
    """From now on steps, reasons, findings and pages are told in this language.

    In a ``with`` block until its end. What was made in one language is told in it, also later.
    Like NumPy's way of printing it holds for one context: a thread begins in English. Errors,
    names and formulas stay as they are.

    Parameters   name: "en", English, or "zh", Chinese (中文)
    Raises       ArgumentError for another language
    Example

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> with viz.language("zh"):
    ...     print(viz.steps(x * 2)[1].sentence)
    反向传播从 v1 开始：∂v1/∂v1 = 1。
    """

    __slots__ = ("_before", "name")

    def __init__(self, name: str) -> None:
        if name not in LANGUAGES:
            raise ArgumentError(
                f'language must be "en" (English) or "zh" (Chinese), got {name!r}. Write '
                'viz.language("en") or viz.language("zh").'
            )
        self.name = name
        self._before = _place.get()
        _place.set(LANGUAGES.index(name))

    def __enter__(self) -> language:
        _place.set(LANGUAGES.index(self.name))
        return self

    def __exit__(self, *_: object) -> None:
        _place.set(self._before)

    def __repr__(self) -> str:
        return f"<language {self.name!r}>"


def speaking(name: str | None) -> language:
    """The language of one page: None is the one that was chosen."""
    return language(spoken() if name is None else name)


def spoken() -> str:
    """The language of now: "en" or "zh"."""
    return LANGUAGES[_place.get()]


def phrase(key: str) -> str:
    """A phrase with its holes."""
    return PHRASES[key][_place.get()]


def say(key: str, /, **holes: Any) -> str:
    """A phrase with its holes filled: ``say("page.heading", root="L")``."""
    found = PHRASES[key][_place.get()]
    return found.format_map(holes) if holes else found


def in_a_row(sentences: Iterable[str]) -> str:
    """Sentences one after the other; in Chinese nothing stands between them."""
    return ("" if spoken() == "zh" else " ").join(sentences)
