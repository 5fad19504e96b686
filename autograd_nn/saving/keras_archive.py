"""`.keras`: a whole model in the format of Keras 3, which Keras reads and writes as well.

    metadata.json       which Keras wrote it, and when
    config.json         what the model is, and what ``compile`` chose
    model.weights.h5    its weights, and what the optimizer keeps

Layers, losses and so on have Keras's names and arguments, so that most of it is the same in both.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers.room import Room, reading
from autograd_nn.saving.archives import Archive, archive_at
from autograd_nn.saving.description import compile_as_described, described_compile
from autograd_nn.saving.hdf5 import OF_OPTIMIZER, StoredArrays, as_hdf5, put_in
from autograd_nn.saving.keras_config import from_keras, in_keras
from autograd_nn.saving.keras_optimizer import put_back_from_keras, state_in_keras
from autograd_nn.saving.keras_read import Reader
from autograd_nn.saving.keras_written import described_for_keras
from autograd_nn.saving.plain_values import MOST_BYTES
from autograd_nn.saving.reading import read_as

_KERAS_VERSION = "3.15.0"
_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
