"""Run a command and print as the last line: seconds, seconds of processors, peak bytes.

What a process has at its start counts as its own, so that it must be started by a small one: this
one, which imports next to nothing.
"""

import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
seconds = time.perf_counter() - start
unit = 1 if sys.platform == "darwin" else 1024
print(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit, flush=True)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
