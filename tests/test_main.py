"""The main job: it trains, tells what it does, and leaves three pictures, or their text."""

import re
import sys
import xml.etree.ElementTree as ElementTree

import pytest

from autograd_nn.__main__ import main
from tests.helpers import without_graphviz


def test_it_trains_tells_and_draws(tmp_path, capsys):
    assert main(["--out", str(tmp_path / "pictures")]) == 0
    told = capsys.readouterr().out
    for words in ("Step 1. Define the model", "Step 2. Choose the loss", "Step 3. Minimise it"):
        assert words in told
    assert "w ← w − α ∂J/∂w" in told
    accuracy = float(re.search(r"accuracy ([\d.]+)%", told)[1])
    assert accuracy >= 98
    losses = [float(number) for number in re.findall(r"J = ([\d.]+)", told)]
    assert len(losses) == 11
    assert losses == sorted(losses, reverse=True)
    for name in ("step", "neuron", "loss"):
        path = tmp_path / "pictures" / f"{name}.svg"
        assert str(path) in told
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_without_graphviz_and_matplotlib_it_writes_text_and_one_sentence(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    without_graphviz(lambda: main(["--out", str(tmp_path), "--epochs", "3"]))
    told = capsys.readouterr().out
    assert told.count("pip install 'autograd-nn[viz]'") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "loss.txt",
        "neuron.txt",
        "step.txt",
    ]
    assert "× " in (tmp_path / "neuron.txt").read_text(encoding="utf-8")
    assert "dense_1/kernel" in (tmp_path / "step.txt").read_text(encoding="utf-8")
    assert "epoch" in (tmp_path / "loss.txt").read_text(encoding="utf-8")


def test_equal_seeds_give_equal_runs(tmp_path, capsys):
    told = []
    for seed in ("3", "3", "4"):
        main(["--out", str(tmp_path), "--epochs", "2", "--seed", seed])
        told.append(re.findall(r"J = ([\d.]+)", capsys.readouterr().out))
    assert told[0] == told[1] != told[2]


@pytest.mark.parametrize("wrong", [["--epochs", "0"], ["--seed", "-1"], ["--epoch", "x"]])
def test_a_wrong_option_is_answered(wrong, capsys):
    with pytest.raises(SystemExit):
        main(wrong)
    assert "--" in capsys.readouterr().err
