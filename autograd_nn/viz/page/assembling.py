"""How a page is put together: a template, its style and script, and the data that it shows.

The page makes no request, and runs no script but its own: its policy names both by their hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import Any


def assembled(
    template: str,
    styles: Iterable[str],
    scripts: Iterable[str],
    data: Mapping[str, Any],
    parts: Mapping[str, str],
) -> str:
    """The text of a page.

    Parameters   template, styles, scripts: files below ``viz``, the latter one after the other
                 data: what the script reads
                 parts: HTML for the places ``{{name}}`` of the template
    """
    style = "\n".join(map(_asset, styles))
    script = "\n".join(map(_asset, scripts))
    filled = {
        **parts,
        "style": style,
        "style_hash": _hash(style),
        "script": script,
        "script_hash": _hash(script),
        "data": _json(data),
    }
    # In one go, so that braces in a name are not taken for a place.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], _asset(template))


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
