"""What has to be read to follow one call stays little."""

import inspect

from autograd_nn.engine.reverse import sweep
from benchmarks.house import backward


def test_to_follow_backward_few_files_are_read():
    count = backward()
    assert {"engine/reverse.py", "engine/fast_reverse.py", "engine/graph.py"} <= set(count.files)
    assert len(count.files) <= 8
    assert count.lines <= 900


def test_the_sweep_is_short_and_stands_first():
    source = inspect.getsource(inspect.getmodule(sweep))
    assert len(inspect.getsource(sweep).splitlines()) <= 40
    functions = [line for line in source.splitlines() if line.startswith("def ")]
    assert functions[0] == "def sweep("
