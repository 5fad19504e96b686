"""All phrases: ``area.key`` to how it is said in English and in Chinese."""

from __future__ import annotations

from autograd_nn.viz.wording import (
    computing_words,
    filming_words,
    page_words,
    sheet_words,
    steps_words,
)

AREAS: dict[str, dict[str, tuple[str, str]]] = {
    "computing": computing_words.TABLE,
    "filming": filming_words.TABLE,
    "page": page_words.TABLE,
    "sheet": sheet_words.TABLE,
    "steps": steps_words.TABLE,
}

PHRASES = {
    f"{area}.{key}": phrase for area, table in AREAS.items() for key, phrase in table.items()
}
