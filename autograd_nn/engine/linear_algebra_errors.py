"""What NumPy's LinAlgError leaves out: the function, the shapes, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_nn.engine.errors import AutogradError, LinearAlgebraError

_WAYS = {
    "singular": "Its rows or columns depend on each other, so it has no inverse. Add a little to "
    "the diagonal, x + 1e-6 * np.eye(n), or take np.linalg.pinv or np.linalg.lstsq.",
    "positive definite": "A matrix has a Cholesky factor where it is symmetric with eigenvalues "
    "above 0, of which the triangle below the diagonal is read. Add to the diagonal, "
    "x + 1e-6 * np.eye(n), or look at np.linalg.eigvalsh(x).",
    "converge": "Mostly there is NaN or infinity in it: look at np.isfinite(x), or find by "
    "detect_anomaly() where it comes from.",
}


def told(name: str, shapes: Sequence[tuple[int, ...]], fault: str) -> str:
    """The text of an error."""
    way = next((way for word, way in _WAYS.items() if word in fault.lower()), "")
    of = " and ".join(map(str, shapes))
    return f"{name} of shape {of}: {fault.rstrip('.')}. {way}".rstrip()


def explained(error: Exception, name: str = "") -> Exception:
    """NumPy's LinAlgError as one of ours; other errors as they are.

    Parameters   name: of the operation, where that is known; else it is NumPy's function
    """
    if not isinstance(error, np.linalg.LinAlgError) or isinstance(error, AutogradError):
        return error
    place = error.__traceback__
    while place is not None:
        frame, place = place.tb_frame, place.tb_next
        if str(frame.f_globals.get("__name__")).startswith("numpy.linalg"):
            arrays = [frame.f_locals.get(x) for x in ("a", "b")]
            shapes = [np.shape(x) for x in arrays if x is not None]
            name = name or f"np.linalg.{frame.f_code.co_name}"
            return LinearAlgebraError(told(name, shapes, str(error)))
    return LinearAlgebraError(str(error))  # machine code, whose text says all of it
