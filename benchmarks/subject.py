"""The process of one subject: python -m benchmarks.subject MODULE FUNCTION ARGUMENT

It prepares the work and writes one line about itself; then every line it reads is answered by the
seconds that one call took. It ends when its input does.
"""

import json
import os
import sys
from importlib import import_module
from itertools import repeat

from benchmarks.measure import Ready, calls_per_block, seconds_per_call


def main(module: str, function: str, argument: str) -> None:
    """Prepare, report ready, and answer requests."""
    # Libraries print: their standard output goes to standard error, ours keeps the pipe.
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    ready: Ready = getattr(import_module(f"benchmarks.subjects.{module}"), function)(argument)
    first = [float(call()) for call in repeat(ready.call, 3)]
    calls = calls_per_block(ready.call)
    print(json.dumps({"answers": first, "note": ready.note}), file=pipe, flush=True)
    for _ in sys.stdin:
        print(seconds_per_call(ready.call, calls), file=pipe, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:4])
