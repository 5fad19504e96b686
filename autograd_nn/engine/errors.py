"""The family of errors, and the help that a message gives with a misspelt name."""

from __future__ import annotations

from collections.abc import Iterable


class AutogradError(Exception):
    """The root of every error that this library raises on its own account."""


class ArgumentError(AutogradError, ValueError):
    """The right kind of object with a value that cannot be used."""


class ShapeError(ArgumentError):
    """Shapes that do not fit together."""


class ArgumentTypeError(AutogradError, TypeError):
    """The wrong kind of object."""


class StateError(AutogradError, RuntimeError):
    """A call in the wrong order, or on something in the wrong state."""


class MutationError(StateError):
    """Data that a recorded graph still needs was changed in place."""


class MissingPackageError(AutogradError, ImportError):
    """An optional package is needed and is not installed."""


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
    "beta1": "beta_1",
    "beta2": "beta_2",
}


def suggestion(name: str, names: Iterable[str]) -> str:
    """``" Did you mean 'relu'?"`` where a name is near, and the list where it is short."""
    names = sorted(names)
    if not names:
        return ""
    import difflib  # takes as long to import as a file of ours, and is seldom needed

    by_lower = {known.lower(): known for known in names}
    near = [known for known in (_KNOWN_AS.get(name),) if known in names]
    near += [by_lower[found] for found in difflib.get_close_matches(name.lower(), by_lower, n=1)]
    text = f" Did you mean {near[0]!r}?" if near else ""
    if len(names) <= 40:
        text += f" Known: {', '.join(names)}."
    return text
