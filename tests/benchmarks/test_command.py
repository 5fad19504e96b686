"""The command: missing peers, unknown works, the file of samples."""

import importlib
import json
from pathlib import Path

import pytest

from benchmarks import tensorflow_environment
from benchmarks.libraries import PEERS, TENSORFLOW
from benchmarks.processes import Result

command = importlib.import_module("benchmarks.__main__")


@pytest.fixture
def one_work(monkeypatch: pytest.MonkeyPatch) -> list[Result]:
    """Stand in for every measurement."""
    results = [
        Result("autograd_nn", "µs", [3.0, 1.0, 2.0]),
        Result("it", "µs", [4.0], reference="autograd_nn"),
    ]
    monkeypatch.setattr(command, "measures", lambda missing: {"step": ("", lambda n: results)})
    return results


@pytest.fixture
def no_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    packages = [peer.package for peer in PEERS]
    find_spec = command.find_spec
    monkeypatch.setattr(
        command, "find_spec", lambda name: None if name in packages else find_spec(name)
    )
    monkeypatch.setattr(tensorflow_environment, "is_there", lambda: False)


@pytest.mark.usefixtures("no_peers", "one_work")
def test_missing_peers_are_named_with_their_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    printed = capsys.readouterr().out
    for peer in PEERS:
        assert f"{peer.label} is not installed and is left out: {peer.pip}" in printed


@pytest.mark.usefixtures("no_peers", "one_work")
def test_required_peers_that_are_missing_measure_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command.main(["--require-peers"]) == 1
    assert "nothing was measured" in capsys.readouterr().out


@pytest.mark.usefixtures("no_peers")
def test_rows_of_missing_peers_are_left_out() -> None:
    for name, (_, measure) in command.measures(PEERS).items():
        if name in ("step", "scalar"):
            (work,) = measure.args
            assert not {row.library for row in work.rows} & set(PEERS)


@pytest.mark.usefixtures("no_peers")
def test_nothing_makes_tensorflow_s_environment_but_its_own_command() -> None:
    assert TENSORFLOW in command.missing_peers()
    assert "python -m benchmarks.tensorflow_environment" in TENSORFLOW.pip


def test_tensorflow_s_environment_is_in_the_cache_folder_and_counts_when_complete(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "autograd_nn" / "benchmarks" / "tensorflow"
    assert tensorflow_environment.folder() == folder
    python = tensorflow_environment.interpreter()
    python.parent.mkdir(parents=True)
    python.touch()
    assert not tensorflow_environment.is_there()  # interrupted while it was made
    (folder / "complete").touch()
    assert tensorflow_environment.is_there()


@pytest.mark.usefixtures("no_peers")
def test_every_sample_goes_into_the_file(one_work: list[Result], tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert command.main(["step", "--json", str(path)]) == 0
    step = json.loads(path.read_text())["works"]["step"]
    assert step["rows"][0]["samples"] == one_work[0].samples
    assert step["rows"][0]["median"] == 2.0
    assert [row["ours_divided_by_it"] for row in step["rows"]] == [None, 0.5]
    assert step["targets"]
    assert {target["met"] for target in step["targets"]} == {None}  # their rows are not here


@pytest.mark.usefixtures("no_peers", "one_work")
def test_a_picture_without_anything_to_compare_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert command.main(["--picture", str(tmp_path / "picture.png")]) == 1
    assert "No picture: nothing to compare" in capsys.readouterr().out
    assert not (tmp_path / "picture.png").exists()


@pytest.mark.usefixtures("no_peers")
def test_a_failed_subject_shows_in_the_exit_status(one_work: list[Result]) -> None:
    one_work[0].failure = "it broke"
    assert command.main([]) == 1


@pytest.mark.parametrize("arguments", [["stepp"], ["--rounds", "0"]])
def test_wrong_arguments_are_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert "no work named stepp; there are step," in error or "at least 1, not 0" in error
