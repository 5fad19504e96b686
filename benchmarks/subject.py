"""The process of one subject: python -m benchmarks.subject MODULE FUNCTION ARGUMENT

It prepares the work and writes one line about itself; then every line it reads is answered by the
seconds that a unit of the work took. It ends when its input does.
"""

import json
import os
import sys
from importlib import import_module

from benchmarks.measure import Fits, Ready


def main(module: str, function: str, argument: str) -> None:
    """Prepare, report ready, and answer requests."""
    # Libraries print: their standard output goes to standard error, ours keeps the pipe.
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    subject = import_module(f"benchmarks.subjects.{module}")
    ready: Ready | Fits = getattr(subject, function)(argument)
    results = ready.results()
    seconds = ready.stopwatch()
    print(json.dumps({"answers": results, "note": ready.note}), file=pipe, flush=True)
    for _ in sys.stdin:
        print(seconds(), file=pipe, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
