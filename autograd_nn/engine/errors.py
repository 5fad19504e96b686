"""The family of errors, and the help that a message gives with a misspelt name."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


class AutogradError(Exception):
    """The root of every error that this library raises on its own account."""


class ArgumentError(AutogradError, ValueError):
    """The right kind of object with a value that cannot be used."""


class ShapeError(ArgumentError):
    """Shapes that do not fit together."""


class LinearAlgebraError(ArgumentError, np.linalg.LinAlgError):
    """Numbers of a matrix of which there is no inverse, factor or decomposition."""


class ArgumentTypeError(AutogradError, TypeError):
    """The wrong kind of object."""


class FileFormatError(ArgumentError):
    """A file that is damaged, or is not what it is taken for."""


class FileWriteError(AutogradError, OSError):
    """A file that cannot be written; what stood there before is as it was."""


class StateError(AutogradError, RuntimeError):
    """A call in the wrong order, or on something in the wrong state."""


class MutationError(StateError):
    """Data that a recorded graph still needs was changed in place."""


class ExportError(ArgumentError):
    """A model that cannot be written for another library."""


class MissingPackageError(AutogradError, ImportError):
    """An optional package is needed and is not installed."""


class MissingNameError(AutogradError, ImportError):
    """A name in ``from … import …`` that is not there."""


class AnomalyError(AutogradError, FloatingPointError):
    """A NaN or an infinity arose where `detect_anomaly` was looking."""


class LeavingGraphWarning(UserWarning):
    """A value that wants a gradient was taken as a plain number, which carries none."""


class GradientCheckError(AutogradError, AssertionError):
    """A gradient differs from the one that finite differences give."""


# Names that people bring from other libraries, and no spelling distance would find.
_KNOWN_AS = {
    "lr": "learning_rate",
    "alpha": "learning_rate",
    "eps": "epsilon",
    "dim": "axis",
    "keepdim": "keepdims",
    "batch": "batch_size",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "max_iter": "epochs",
    "nb_epoch": "epochs",
    "criterion": "loss",
    "xavier_uniform": "glorot_uniform",
    "xavier_normal": "glorot_normal",
    "kaiming_uniform": "he_uniform",
    "kaiming_normal": "he_normal",
    "beta1": "beta_1",
    "beta2": "beta_2",
    "nll": "sparse_categorical_crossentropy",
    "log_loss": "binary_crossentropy",
    "bce_loss": "binary_crossentropy",
    "BCELoss": "BinaryCrossentropy",
    "BCEWithLogitsLoss": "BinaryCrossentropy",
    "CrossEntropyLoss": "SparseCategoricalCrossentropy",
    "NLLLoss": "SparseCategoricalCrossentropy",
    "L1Loss": "MeanAbsoluteError",
    "f1": "f1_score",
    "he": "he_normal",
    "glorot": "glorot_uniform",
    "Linear": "Dense",
    "momentum": "sgd",
}

# Keras's names that are not here yet, without underscores: a near name would mislead.
_NOT_YET = """
    lorarank stepsperexecution autoscaleloss
"""


_LONGEST = 200  # of what can be a name: to look for one that is near a whole text takes long


def suggestion(name: str, names: Iterable[str]) -> str:
    """``" Did you mean 'relu'?"`` where a name is near, and the list where it is short.

    A name that Keras has and this library has not yet is answered by just that.
    """
    names = sorted({*names})
    if not names or len(name) > _LONGEST:
        return ""
    by_lower = {known.lower(): known for known in names}
    if name.lower() not in by_lower and _spelling(name) in _NOT_YET.split():
        text = " Keras has it; it is not here yet."
    else:
        text = _nearest(name, by_lower)
    if len(names) <= 40:
        text += f" Known: {', '.join(names)}."
    return text


def _nearest(name: str, by_lower: dict[str, str]) -> str:
    import difflib  # takes as long to import as a file of ours, and is seldom needed

    known_as = _KNOWN_AS.get(name)
    if known_as in by_lower.values():
        return f" Did you mean {known_as!r}?"
    # Parts of names, such as "crossentropy": which of them is for the reader to say.
    parts = [part for part in name.lower().split("_") if part]
    spelled = {_spelling(known): known for known in by_lower.values()}
    around = [known for text, known in spelled.items() if all(part in text for part in parts)]
    if _spelling(name) in spelled:
        around = [spelled[_spelling(name)]]
    if len(_spelling(name)) > 3 and around:
        first = sorted(around, key=lambda known: (len(known), known))[:6]
        text = ", ".join(map(repr, first[:-1])) + " or " if first[1:] else ""
        return f" Did you mean {text}{first[-1]!r}?"
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""


def _spelling(name: str) -> str:
    return name.lower().replace("_", "")
