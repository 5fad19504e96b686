"""All phrases: ``area.key`` to how it is said in English and in Chinese."""

from __future__ import annotations

from autograd_nn.viz.wording import changing_words, computing_words, page_words, steps_words

AREAS: dict[str, dict[str, tuple[str, str]]] = {
    "changing": changing_words.TABLE,
    "computing": computing_words.TABLE,
    "page": page_words.TABLE,
    "steps": steps_words.TABLE,
}

PHRASES = {
    f"{area}.{key}": phrase for area, table in AREAS.items() for key, phrase in table.items()
}
