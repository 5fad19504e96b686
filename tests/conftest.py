"""What holds for every test: a fixed seed, and no global state left changed."""

import gc
import os
from collections.abc import Generator, Iterator

import hypothesis
import numpy as np
import pytest

from autograd_nn import settings
from autograd_nn.engine.recording import recording
from autograd_nn.jit import compiling
from autograd_nn.viz.wording.saying import language, spoken

# Read when Keras is first imported; its default backend is not among the peers.
os.environ.setdefault("KERAS_BACKEND", "jax")

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """The tests themselves, millions of objects that stay, are never searched for garbage.

    Half a second that would be for every `gc.collect()` in a test.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def global_state() -> dict[str, object]:
    """Everything that outlives a call, except for the seed."""
    return {
        "recording()": recording(),
        "floatx()": settings.floatx(),
        "np.geterr()": np.geterr(),
        "viz.language": spoken(),
    }


@pytest.fixture(autouse=True, scope="session")
def room_for_every_compiled_program() -> None:
    """All tests together compile more than a process may."""
    compiling.MOST_MEGABYTES = 10**6


@pytest.fixture(autouse=True)
def sealed_state() -> Iterator[None]:
    """Start from the same seed, and fail the test that leaves something changed behind."""
    settings.set_random_seed(0)
    before = global_state()
    yield
    after = global_state()
    settings.set_floatx(str(before["floatx()"]))
    np.seterr(**before["np.geterr()"])
    language(str(before["viz.language"]))
    leaked = [
        f"{name}: {before[name]} -> {after[name]}" for name in before if before[name] != after[name]
    ]
    if leaked:
        pytest.fail("The test left global state changed: " + "; ".join(leaked))
