"""Samples of every layer, by the name of its class: what the table over all layers walks over.

Each module here has a dict ``SAMPLES`` of one family.
"""

from __future__ import annotations

import importlib
import pkgutil

from tests.layers.samples.sample import Sample

FAMILIES: dict[str, dict[str, list[Sample]]] = {
    module.name: importlib.import_module(f"{__name__}.{module.name}").SAMPLES
    for module in pkgutil.iter_modules(__path__)
    if module.name != "sample"
}
