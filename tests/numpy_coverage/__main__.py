"""``python -m tests.numpy_coverage``: the counts, what is not right, and what is left out."""

from __future__ import annotations

import textwrap

import numpy as np

from tests.numpy_coverage.counting import NOT_IN_EVERY_NUMPY, verdicts
from tests.numpy_coverage.judging import CLASSES, NOT_IN_NUMPY, REFUSED, RIGHT
from tests.numpy_coverage.left_out import left_out
from tests.numpy_coverage.peers import CANNOT_BE_HERE, COVERED_BY_PEERS


def main() -> None:
    """Print the report."""
    tables = verdicts()
    print(f"NumPy {np.__version__}\n")
    print(f"{'':24}{'names':>7}" + "".join(f"{kind:>{len(kind) + 2}}" for kind in CLASSES))
    for title, found in tables.items():
        kinds = [verdict.kind for verdict in found.values()]
        counted = len(kinds) - kinds.count(NOT_IN_NUMPY)
        row = "".join(f"{kinds.count(kind):>{len(kind) + 2}}" for kind in CLASSES)
        print(f"{title:24}{counted:>7}{row}")

    every = {name: verdict for found in tables.values() for name, verdict in found.items()}
    right = {name for name, verdict in every.items() if verdict.kind == RIGHT}
    print(
        f"\nOf the {len(REFUSED)} forms for which an error that tells the way is what is right, "
        f"{len(right & set(REFUSED))} are.\nOf the {len(COVERED_BY_PEERS)} names that HIPS "
        f"autograd or MyGrad covers, {len(right & COVERED_BY_PEERS)} are right, and "
        f"{len(CANNOT_BE_HERE)} cannot be:"
    )
    for name, reason in CANNOT_BE_HERE.items():
        print(f"    {name}: {reason}")

    print("\nNot right (* HIPS autograd or MyGrad covers it):")
    for name, verdict in every.items():
        if verdict.kind != RIGHT:
            star = "*" if name in COVERED_BY_PEERS else " "
            why = textwrap.shorten(verdict.why, 120, placeholder="…")
            if verdict.kind == NOT_IN_NUMPY:
                why = NOT_IN_EVERY_NUMPY.get(name, why)
            print(f"  {star} {name:28}{verdict.kind:13}{why}")

    print("\nLeft out:")
    for reason, names in left_out().items():
        print(f"  {len(names):2} {reason}")
        print(textwrap.indent(textwrap.fill(" ".join(names), 90), " " * 5))


if __name__ == "__main__":
    main()
