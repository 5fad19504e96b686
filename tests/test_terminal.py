"""What is shown fits the terminal: its width, and its letters."""

from __future__ import annotations

import io
import os
import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, terminal
from autograd_nn.__main__ import main
from autograd_nn.layers import Dense

X, Y = np.ones((4, 2)), np.ones((4, 1))


class Screen(io.StringIO):
    """A terminal of some width."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 77

    def shows(self) -> list[str]:
        """The lines that stay, each as it was written over for the last time."""
        return [line.rsplit("\r", 1)[-1] for line in self.getvalue().split("\n")]


@pytest.fixture
def screen(monkeypatch: Any) -> Any:
    def of(width: int) -> Screen:
        made = Screen()
        monkeypatch.setattr("sys.stdout", made)
        monkeypatch.setattr(os, "get_terminal_size", lambda number: os.terminal_size((width, 0)))
        return made

    return of


def model_of() -> Sequential:
    model = Sequential([Input((2,)), Dense(3, "tanh"), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("width", [0, 20, 80, 200])
def test_a_bar_ends_with_all_its_values(screen: Any, width: int) -> None:
    shown = screen(width)
    model_of().fit(X, Y, batch_size=1, epochs=2, validation_data=(X, Y))
    last = [line for line in shown.shows() if line.startswith("Epoch")]
    number = r"\d\.\d{4}(?:e[+]00)?"
    assert len(last) == 2
    for epoch, line in enumerate(last, start=1):
        assert re.fullmatch(
            rf"Epoch {epoch}/2 4/4 .*, loss: {number} - accuracy: {number} "
            rf"- val_loss: {number} - val_accuracy: {number}",
            line,
        )


@pytest.mark.parametrize("width", [20, 80])
def test_what_is_written_over_fits_one_line(screen: Any, width: int, monkeypatch: Any) -> None:
    monkeypatch.setattr("autograd_nn.progress._REDRAW", 0.0)
    shown = screen(width)
    model_of().fit(X, Y, batch_size=1, epochs=2, validation_data=(X, Y))
    for line in shown.getvalue().split("\n"):
        assert all(len(state) < width for state in line.split("\r")[:-1])


@pytest.mark.parametrize(("width", "wide"), [(0, 80), (60, 60), (80, 80), (200, 88), (5, 40)])
def test_the_width_of_a_summary(screen: Any, width: int, wide: int) -> None:
    shown = screen(width)
    model_of().summary()
    assert {len(line) for line in shown.shows() if line[:1] in tuple("┏┃┡│├└")} == {wide}


def test_a_summary_off_a_terminal_is_80_wide(capsys: Any) -> None:
    model_of().summary()
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) == 80


def test_a_terminal_that_has_ascii_only(monkeypatch: Any, tmp_path: Any) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "ascii", write_through=True))
    model = Sequential([Input((2,)), Dense(3, name="größte_der_vielen_schichten_überhaupt")])
    model.summary()
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(X, np.ones((4, 3)))
    assert main(["--out", str(tmp_path), "--epochs", "1"]) == 0
    text = written.getvalue().decode("ascii")
    assert "+----------" in text and "w <- w - alpha dJ/dw" in text
    assert re.search(r"[|] gr[?]{2}te_der_vielen_schichten_[?]\w*~ [|]", text)


def test_text_stays_as_it_is_where_it_can(monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    assert terminal.printable("┏━ σ") == "┏━ σ"
    monkeypatch.setattr("sys.stdout", io.StringIO())  # says nothing of an encoding
    assert terminal.printable("┏━ σ") == "┏━ σ"
