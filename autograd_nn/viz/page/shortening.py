"""Scripts and styles as a page carries them: without comments and without spaces to read them by.

Names stay as they are, so that what a browser says of an error can be found here.
"""

from __future__ import annotations

import re

_KEPT = re.compile(
    r"""
      "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'
    | `(?:\\. | \$\{(?:[^{}`] | `[^`]*` | \{[^{}]*\})*\} | [^`\\])*`
    | (?P<comment>(?<!\S)//[^\n]*)
    | (?<=[\s(,=:\[!&|?{};])/(?![/*\s])(?:\\. | \[(?:\\.|[^\]\\])*\] | [^/\\\n\[])+/[a-z]*
    """,
    re.VERBOSE,
)
"""Texts and patterns of JavaScript, in which every letter counts, and comments."""


def short_script(text: str) -> str:
    """A script of this package; its lines stay, because they end statements."""
    parts, last = [], 0
    text = "\n".join(line.strip() for line in text.split("\n"))
    for kept in _KEPT.finditer(text):
        parts += [_squeezed(text[last : kept.start()]), "" if kept["comment"] else kept[0]]
        last = kept.end()
    parts.append(_squeezed(text[last:]))
    return re.sub(r" *\n\s*", "\n", "".join(parts))


def short_style(text: str) -> str:
    """A style sheet; spaces stay where they stand for "within" or in sums."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?|(:) ", r"\1\2", text).replace(";}", "}").strip()


def _squeezed(code: str) -> str:
    code = re.sub(r" ?([{}()\[\]=<>,;:?&|!%*]) ?", r"\1", code)
    return re.sub(r"(?<![+-]) ([+/-]) (?![+-])", r"\1", code)
