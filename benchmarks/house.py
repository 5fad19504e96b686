"""python -m benchmarks.house: how much of this library runs, and so is read, to follow one call.

Files, functions and lines are those of `autograd_nn` that execute from call to return, counted by
a profile hook; the lines of a file are all of its lines. Among the functions are comprehensions,
which are functions up to Python 3.11, and the bodies of classes that are imported meanwhile.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = Path(__file__).parent.parent / "autograd_nn"


class Count(NamedTuple):
    """What of this library ran: its files with their lines, and its functions."""

    files: dict[str, int]
    functions: set[str]
    comprehensions: int
    classes: int

    @property
    def lines(self) -> int:
        """The lines of all these files."""
        return sum(self.files.values())


def executed(call: Callable[[], Any]) -> Count:
    """What runs of this library until ``call`` returns, also in threads that it starts."""
    seen: dict[tuple[str, str], int] = {}  # with the flags of the code
    own = str(PACKAGE)

    def note(frame: Any, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(own) and code.co_name != "<module>":
            seen[code.co_filename, code.co_qualname] = code.co_flags

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    files = {
        Path(file).relative_to(PACKAGE).as_posix(): len(Path(file).read_text().splitlines())
        for file, _ in seen
    }
    return Count(
        files,
        {f"{Path(file).stem}.{name}" for file, name in seen},
        sum(name.endswith(("comp>", "<genexpr>")) for _, name in seen),
        sum(not flags & inspect.CO_OPTIMIZED for flags in seen.values()),
    )


def backward() -> Count:
    """``y = w * x; y.backward()``."""
    from autograd_nn import Tensor

    w, x = Tensor(2.0), Tensor(3.0)

    def call() -> None:
        y = w * x
        y.backward()

    return executed(call)


def fit() -> Count:
    """The first ``fit`` of the tutorial network, with all that it makes on the way."""
    import numpy as np

    from autograd_nn import Sequential
    from autograd_nn.layers import Dense
    from autograd_nn.losses import BinaryCrossentropy

    random = np.random.default_rng(0)
    x = random.random((1000, 64), np.float32)
    y = (random.random((1000, 1)) > 0.5).astype(np.float32)
    model = Sequential([Dense(units, activation="sigmoid") for units in (25, 15, 1)])
    model.compile(loss=BinaryCrossentropy())
    return executed(lambda: model.fit(x, y, epochs=100, verbose=0))


def main() -> None:
    """Print what is counted."""
    from autograd_nn.engine.reverse import sweep

    _show("y = w * x; y.backward()", backward())
    _show("model.fit(X, Y, epochs=100) of the tutorial network", fit())
    print(f"the sweep of reverse.py: {len(inspect.getsource(sweep).splitlines())} lines")


def _show(what: str, count: Count) -> None:
    print(
        f"{what}: {len(count.files)} files, {len(count.functions)} functions (of them "
        f"{count.comprehensions} comprehensions, {count.classes} bodies of classes), "
        f"{count.lines} lines"
    )
    for file, lines in sorted(count.files.items()):
        print(f"    {lines:5} {file}")


if __name__ == "__main__":
    main()
