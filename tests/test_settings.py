"""The seed, its streams, and floatx."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn.settings import floatx, generator, set_floatx, set_random_seed

STREAMS = ("weights", "shuffle", "dropout", "data")


@given(st.integers(0, 2**200), st.sampled_from(STREAMS))
def test_same_seed_same_numbers(seed: int, stream: str) -> None:
    set_random_seed(seed)
    first = generator(stream).random(3)
    set_random_seed(seed)
    assert np.array_equal(first, generator(stream).random(3))


def test_other_seed_other_numbers() -> None:
    set_random_seed(1)
    first = generator("weights").random(3)
    set_random_seed(2)
    assert not np.array_equal(first, generator("weights").random(3))


def test_streams_are_independent() -> None:
    set_random_seed(7)
    first = generator("shuffle").permutation(100)
    set_random_seed(7)
    generator("weights").random(1000)
    generator("dropout").random(10)
    assert np.array_equal(first, generator("shuffle").permutation(100))


def test_streams_differ_from_each_other() -> None:
    draws = {generator(stream, seed=0).integers(2**63) for stream in STREAMS}
    assert len(draws) == len(STREAMS)


def test_a_stream_goes_on_from_call_to_call() -> None:
    assert generator("data") is generator("data")
    assert generator("data").random() != generator("data").random()


def test_a_seed_of_its_own_leaves_the_stream_alone() -> None:
    set_random_seed(3)
    first = generator("data").random(4)
    set_random_seed(3)
    own = generator("data", seed=3)
    assert own is not generator("data", seed=3)
    assert np.array_equal(own.random(4), generator("data", seed=3).random(4))
    assert np.array_equal(first, generator("data").random(4))


def test_setting_the_seed_leaves_numpys_own_seed_alone() -> None:
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    set_random_seed(1)
    generator("weights").random()
    assert np.random.random() == expected


def test_processes_without_a_seed_differ() -> None:
    draw = "from autograd_nn.settings import generator; print(generator('weights').random())"
    runs = {
        subprocess.run([sys.executable, "-c", draw], capture_output=True, check=True).stdout
        for _ in range(2)
    }
    assert len(runs) == 2


@pytest.mark.parametrize("seed", [True, 1.0, "1", None, np.float64(2), np.array([1])])
def test_a_seed_is_an_integer(seed: object) -> None:
    with pytest.raises(TypeError, match="`seed` must be an integer"):
        set_random_seed(seed)


def test_a_seed_is_not_negative() -> None:
    with pytest.raises(ValueError, match="`seed` must be .* at least 0, got -1"):
        set_random_seed(-1)
    with pytest.raises(ValueError, match="`seed` must be .* at least 0, got -1"):
        generator("weights", seed=-1)


def test_a_refused_seed_changes_nothing() -> None:
    set_random_seed(4)
    expected = generator("data").random(2)
    set_random_seed(4)
    with pytest.raises(ValueError):
        set_random_seed(-1)
    assert np.array_equal(expected, generator("data").random(2))


def test_numpy_integers_are_seeds() -> None:
    set_random_seed(np.int32(9))
    first = generator("data").random()
    set_random_seed(9)
    assert first == generator("data").random()


def test_floatx_is_float32_until_set() -> None:
    assert floatx() == "float32"
    set_floatx("float64")
    assert floatx() == "float64"
    set_floatx("float32")


def test_floatx_refuses_other_dtypes() -> None:
    with pytest.raises(ValueError, match="'float23'.*Did you mean 'float32'"):
        set_floatx("float23")
    with pytest.raises(TypeError, match="name of a dtype"):
        set_floatx(np.float32)
    assert floatx() == "float32"
