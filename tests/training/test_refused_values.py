"""Numbers that a layer cannot take are refused in its name, however a step is taken."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, Tensor, compiled
from autograd_nn.layers import Dense, Embedding, Flatten

X = np.arange(120).reshape(40, 3) % 5
Y = np.zeros((40, 1))
WRONG = X.copy()
WRONG[37, 1] = 9

WAYS = [{}, {"run_eagerly": True}, pytest.param({"jit_compile": True}, marks=pytest.mark.slow)]


def model(**how: Any) -> Sequential:
    made = Sequential([Input((3,)), Embedding(5, 4, name="words"), Flatten(), Dense(1)])
    made.compile("sgd", "mse", **how)
    made.fit(X, Y, batch_size=4, verbose=0)
    return made


@pytest.mark.parametrize("how", WAYS)
def test_an_index_that_is_no_row(how: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    trained = model(**how)
    calls = {
        "fit": lambda: trained.fit(WRONG, Y, batch_size=4, verbose=0, shuffle=False),
        "train_on_batch": lambda: trained.train_on_batch(WRONG[36:], Y[36:]),
        "evaluate": lambda: trained.evaluate(WRONG, Y, batch_size=4, verbose=0),
        "predict": lambda: trained.predict(WRONG, verbose=0),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=r"Layer 'words': .*index 9 at .* no row") as said:
            call()
        if name == "fit" and not how:
            assert "`x`, rows 36 to 39" in str(said.value)
    # What was done before stands, and training goes on.
    assert trained.fit(X, Y, batch_size=4, verbose=0).history["loss"][0] < 1
    assert np.isfinite(trained.predict(X, verbose=0)).all()


def test_a_program_tells_the_line_which_has_the_name_of_the_layer() -> None:
    program = model().program(X[:4], Y[:4])
    with pytest.raises(
        ValueError, match=r"index 9 at \(1, 1\) .*in `embed\(words_embeddings, x"
    ) as said:
        program(x=WRONG[36:], y=Y[:4])
    line = int(str(said.value).partition("line ")[2].split()[0])
    assert "out=words_embed)" in program.source.splitlines()[line - 1]
    program(x=X[:4], y=Y[:4])


def test_a_compiled_function_says_it_as_it_is_written() -> None:
    words = Embedding(5, 4, name="words")
    words(X)

    @compiled
    def squares(x: Any) -> Tensor:
        return (words(x) ** 2).sum()

    expected = [squares(X) for _ in range(3)]
    with pytest.raises(ValueError, match="Layer 'words': .*index 9 at"):
        squares(WRONG)
    assert squares(X) == expected[0]


@pytest.mark.parametrize("how", WAYS)
def test_a_number_that_has_no_place_in_half_precision(
    how: Any, tmp_path: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    x = np.ones((40, 3), np.float32)
    large = x.copy()
    large[37, 1] = 65520  # half precision ends at 65504, and what is nearer to 65536 is infinite
    half = Sequential([Input((3,)), Dense(2, dtype="float16"), Dense(1)])
    half.compile("sgd", "mse", **how)
    text = r"inputs` has 65520.0 at index .* too large for float16"
    with warnings.catch_warnings():  # float16 has no machine code, which is said
        warnings.filterwarnings("ignore", "The steps of .* without being compiled", UserWarning)
        with pytest.raises(ValueError, match="`x`, rows 36 to 39: `" + text):
            half.fit(large, Y, batch_size=4, verbose=0, shuffle=False)
        half.fit(x, Y, batch_size=4, epochs=2, verbose=0)
    trained = half.get_weights()
    calls = {
        "fit": lambda: half.fit(large, Y, batch_size=4, verbose=0),
        "validation": lambda: half.fit(x, Y, batch_size=4, verbose=0, validation_data=(large, Y)),
        "train_on_batch": lambda: half.train_on_batch(large[36:], Y[36:]),
        "a batch": lambda: half.fit(iter([(large[36:], Y[36:])]), verbose=0),
        "evaluate": lambda: half.evaluate(large, Y, batch_size=4, verbose=0),
        "predict": lambda: half.predict(large, verbose=0),
    }
    for call in calls.values():
        with pytest.raises(ValueError, match=text):
            call()
    for now, then in zip(half.get_weights(), trained, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize("how", WAYS[:2])
def test_places_are_not_rounded_to_half_precision(how: Any) -> None:
    words = Embedding(70_000, 1, dtype="float16", embeddings_initializer="zeros")
    made = Sequential([Input((2,)), words, Flatten()])
    table = np.arange(70_000.0)[:, np.newaxis] % 7
    made.set_weights([table])
    places = np.array([[2049, 2051], [4099, 69_999]])  # half precision has 2048 and 2050, 4100, inf
    expected = places % 7
    np.testing.assert_array_equal(made.predict(places, verbose=0), expected)
    np.testing.assert_array_equal(words(Tensor(places * 1.0)).data[..., 0], expected)
    made.compile("sgd", "mse", **how)
    losses = made.fit(places, expected, epochs=4, verbose=0).history["loss"]
    assert losses == [0.0] * 4
    assert made.train_on_batch(places, expected) == 0.0
    np.testing.assert_array_equal(made.get_weights()[0], table)
