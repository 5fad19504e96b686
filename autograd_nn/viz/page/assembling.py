"""How a page is put together: a template, its style and script, and the data that it shows.

The page makes no request, and runs no script but its own: its policy names both by their hash.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any

from autograd_nn.viz.wording.phrases import PHRASES
from autograd_nn.viz.wording.saying import phrase, spoken


def assembled(
    template: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    data: Mapping[str, Any],
    parts: Mapping[str, str],
    before: str = "",
) -> str:
    """The text of a page in the language of now.

    Parameters   template, styles, scripts: files below ``viz``, the latter one after the other
                 data: what the script reads; the phrases that it says are added
                 parts: HTML for the places ``{{name}}`` of the template and for the holes of the
                 phrases in its places ``{{say:key}}``
                 before: what the scripts of this page need, and were not written for all
    """
    style = _short("\n".join(map(_asset, styles)))
    script = _short("\n".join(['"use strict";', before, *map(_asset, scripts)]))
    running = _running(script)
    filled = {
        **parts,
        "style": style,
        "style_hash": _hash(style),
        "script": running,
        "script_hash": f"{_hash(running)} {_hash(script)}",
        "data": _json({**data, "phrases": _phrases_in(script)}),
        "lang": spoken(),
    }

    def part(found: re.Match[str]) -> str:
        return _said(found[2], filled) if found[1] else filled[found[2]]

    # In one go, so that braces in a name are not taken for a place.
    return re.sub(r"\{\{(say:)?([\w.]+)\}\}", part, _asset(template))


def _phrases_in(script: str) -> dict[str, str]:
    """The phrases whose keys stand in a script."""
    keys = sorted(set(re.findall(r'"(\w+\.\w+)"', script)) & PHRASES.keys())
    return {key: phrase(key) for key in keys}


def _said(key: str, parts: Mapping[str, str]) -> str:
    """A phrase as HTML; what stands between backticks is a key to press."""
    text = re.sub("`(.+?)`", r"<kbd>\1</kbd>", html.escape(phrase(key)))
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], text)


def _running(script: str) -> str:
    """A script that runs another, which it holds compressed."""
    pressed = zlib.compressobj(9, wbits=-15)
    data = pressed.compress(script.encode()) + pressed.flush()
    loader = _short(_asset("page/inflate.js"))
    return f'"use strict";\n{loader}\nrun("{base64.b64encode(data).decode()}");'


def _short(text: str) -> str:
    """A style or script without indentation and lines of comments, a fifth of its size."""
    lines = (line.strip() for line in text.split("\n"))
    comment = re.compile(r"//.*|/\*.*\*/")
    return "\n".join(line for line in lines if line and not comment.fullmatch(line))


def _asset(name: str) -> str:
    return files("autograd_nn.viz").joinpath(*name.split("/")).read_text("utf-8")


def _hash(text: str) -> str:
    """What the page's policy calls a text that may be run, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def _json(data: Any) -> str:
    """JSON that can stand inside of a script element, whatever text it holds."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate(_ESCAPES)
