"""The folder of a sweep: the runs that are done, each as two files that are whole or not there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import StateError
from autograd_nn.saving.plain_values import library
from autograd_nn.saving.whole_files import whole_file
from autograd_nn.sweeping.grids import GridRun
from autograd_nn.sweeping.one_run import Trained

FORMAT_VERSION = 1


class KeptRuns:
    """What is kept of a sweep.

    Parameters   folder: made where it is not there
                 contents: what makes runs of this sweep differ from those of another, by name
    Raises       StateError where the folder has runs of another sweep, naming what differs
    """

    def __init__(self, folder: Any, contents: Mapping[str, Any]) -> None:
        self.folder = Path(folder).absolute()
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
        self.digest = _digest(contents)
        path = self.folder / "sweep.json"
        if path.exists():
            self._refuse_other(path, contents)
        else:
            about = {"format_version": FORMAT_VERSION, "library": library(), "contents": contents}
            _write(path, json.dumps(about, indent=1).encode())

    def is_here(self) -> bool:
        """Whether this machine has the folder, too, as another that is given this may."""
        try:
            contents = json.loads((self.folder / "sweep.json").read_text("utf-8"))["contents"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return False
        return _digest(contents) == self.digest

    def _refuse_other(self, path: Path, contents: Mapping[str, Any]) -> None:
        try:
            found = json.loads(path.read_text("utf-8"))["contents"]
            differs = [name for name in contents if _digest(contents[name]) != _digest(found[name])]
        except (ValueError, KeyError, TypeError, RecursionError):
            differs = ["sweep.json"]
        if differs:
            raise StateError(
                f"{self.folder} has runs of another sweep: {', '.join(f'`{x}`' for x in differs)} "
                "differs. Give another `folder`, or delete this one to run all of it again."
            )

    def has(self, run: GridRun) -> bool:
        """Whether a run is done."""
        return self._read(run) is not None

    def keep(self, run: GridRun, result: Trained) -> None:
        """Write the weights, and then what says that the run is done."""
        _write(self._path(run, "npz"), result.weights)
        entry = {
            "seed": run.seed,
            "told": str(run),
            "seconds": result.seconds,
            "history": result.history,
        }
        _write(self._path(run, "json"), json.dumps(entry).encode())

    def result(self, run: GridRun) -> Trained:
        """What a run that is done gave."""
        entry = self._read(run)
        return Trained(entry["history"], entry["seconds"], self._path(run, "npz").read_bytes())

    def row(self, run: GridRun) -> dict[str, Any]:
        """A run that is done as a row of the table."""
        entry = self._read(run)
        assert entry is not None
        history = entry["history"]
        found = {"seed": run.seed, **{name: values[-1] for name, values in history.items()}}
        found |= {"seconds": entry["seconds"], "history": history}
        found["checkpoint"] = str(self._path(run, "npz"))
        # A parameter may be called as what it gives is: "loss".
        given = {f"param_{k}" if k in found else k: v for k, v in run.parameters.items()}
        return given | found

    def _read(self, run: GridRun) -> Any:
        """What is written of a run, None where it is not done, or the file is damaged."""
        try:
            found = json.loads(self._path(run, "json").read_text("utf-8"))
        except (FileNotFoundError, ValueError, RecursionError):
            return None
        return found if _is_entry(found) and self._path(run, "npz").exists() else None

    def _path(self, run: GridRun, extension: str) -> Path:
        return self.folder / f"{run.name}.{extension}"


def _is_entry(found: Any) -> bool:
    """Whether it is what `KeptRuns.keep` writes of a run."""
    if not isinstance(found, dict) or not isinstance(found.get("history"), dict):
        return False
    values = found["history"].values()
    return (
        bool(values)
        and isinstance(found.get("seconds"), (int, float))
        and all(isinstance(one, list) and one for one in values)
        and all(isinstance(x, (int, float)) for one in values for x in one)
    )


def _digest(contents: Any) -> str:
    written = json.dumps(contents, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _write(path: Path, content: bytes) -> None:
    with whole_file(path) as unfinished:
        unfinished.write_bytes(content)
