"""Every operation, by name. Each is called with Tensors, arrays and numbers: ``ops.exp(x)``.

The list is made from the entries in ``engine/operations/``, where each operation says all that is
known of it.
"""

from __future__ import annotations

from autograd_nn.engine import operations
from autograd_nn.engine.operation import Operation

_listed = {
    entry.name: entry
    for family in operations.__all__
    for name, entry in vars(getattr(operations, family)).items()
    if isinstance(entry, Operation) and not name.startswith("_")
}
__all__ = sorted(_listed)
globals().update(_listed)
