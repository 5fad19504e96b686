"""All phrases: ``area.key`` to how it is said in English and in Chinese."""

from __future__ import annotations

from autograd_nn.viz.wording import computing_words, live_words, page_words, steps_words

AREAS: dict[str, dict[str, tuple[str, str]]] = {
    "computing": computing_words.TABLE,
    "live": live_words.TABLE,
    "page": page_words.TABLE,
    "steps": steps_words.TABLE,
}

PHRASES = {
    f"{area}.{key}": phrase for area, table in AREAS.items() for key, phrase in table.items()
}
