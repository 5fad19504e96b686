"""Peak memory of two epochs on data that are not in memory.

    python -m benchmarks.bigger_data                   a million rows of 64, every kind
    python -m benchmarks.bigger_data --rows 100000 map-float64 dask-computed

Each kind has a process of its own. Counted is private memory (RssAnon of /proc/self/status): pages
of a mapped file are the kernel's, which takes them back when it likes. What the library takes by
itself is counted first, by a fit, an evaluation and a prediction on a few samples of the same kind.
The exit status is 1 where a kind takes more than 150 MiB over that.
"""

from __future__ import annotations

import argparse
import ctypes
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

COLUMNS = 64
ROWS = 1_000_000
MOST = 150.0  # MiB
_WRITTEN_AT_ONCE = 1_000  # rows: what is freed by writing them must not be there for the fit


def mapped(folder: Path, rows: int, dtype: str, order: bool = False) -> np.ndarray:
    """Random numbers in a file, mapped.

    Parameters   order: whether column by column, as Fortran has it
    """
    path = folder / f"{rows}.npy"
    array = np.lib.format.open_memmap(path, "w+", dtype, (rows, COLUMNS), fortran_order=order)
    random = np.random.default_rng(0)
    for start in range(0, rows, _WRITTEN_AT_ONCE):
        part = array[start : start + _WRITTEN_AT_ONCE]
        part[:] = random.normal(size=part.shape)
    array.flush()
    return np.load(path, mmap_mode="r")


def computed(folder: Path, rows: int) -> Any:
    """A Dask array that is drawn when it is wanted, in chunks of 5 MiB."""
    import dask.array

    size = (rows, COLUMNS)
    return dask.array.random.default_rng(0).normal(size=size, chunks=(10_000, COLUMNS))


def by_default(folder: Path, rows: int) -> Any:
    """The same in chunks as Dask chooses them: 128 MiB each."""
    import dask.array

    return dask.array.random.default_rng(0).normal(size=(rows, COLUMNS))


def of_a_map(folder: Path, rows: int) -> Any:
    """A Dask array of a mapped file, in chunks as Dask chooses them."""
    import dask.array

    # With a name made from the numbers, from_array itself has all of them in memory.
    return dask.array.from_array(mapped(folder, rows, "float32"), name=False)


def in_hdf5(folder: Path, rows: int) -> Any:
    """A dataset of an HDF5 file."""
    import h5py

    file = h5py.File(folder / f"{rows}.h5", "w")
    dataset = file.create_dataset("x", (rows, COLUMNS), "float32")
    random = np.random.default_rng(0)
    for start in range(0, rows, _WRITTEN_AT_ONCE):
        count = min(_WRITTEN_AT_ONCE, rows - start)
        dataset[start : start + count] = random.normal(size=(count, COLUMNS))
    return dataset


class Again:
    """Batches that a function gives anew each time: x, and whether its first column is positive."""

    def __init__(self, batches: Callable[[], Iterable[Any]]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        for x in self.batches():
            yield x, np.asarray(x[:, 0] if isinstance(x, np.ndarray) else x["0"]) > 0


def drawn(folder: Path, rows: int) -> Again:
    """A generator that draws each batch."""

    def batches() -> Iterator[Any]:
        random = np.random.default_rng(0)
        return (random.normal(size=(250, COLUMNS)) for _ in range(rows // 250))

    return Again(batches)


def in_parquet(folder: Path, rows: int) -> Any:
    """A Parquet file, whose row groups are read piece by piece."""
    import pyarrow
    from pyarrow import parquet

    path = folder / f"{rows}.parquet"
    random = np.random.default_rng(0)
    names = list(map(str, range(COLUMNS)))
    schema = pyarrow.schema([(name, pyarrow.float32()) for name in names])
    with parquet.ParquetWriter(path, schema) as file:
        for _ in range(0, rows, _WRITTEN_AT_ONCE * 10):
            columns = random.normal(size=(COLUMNS, min(rows, _WRITTEN_AT_ONCE * 10)))
            file.write_table(pyarrow.table(dict(zip(names, columns.astype("f4"), strict=True))))

    def batches() -> Iterator[Any]:
        file = parquet.ParquetFile(path)
        for group in range(file.num_row_groups):  # its iter_batches has the whole file in memory
            yield from file.read_row_group(group).to_batches(250)

    return batches


def in_frames(folder: Path, rows: int) -> Again:
    """A Parquet file as frames of pandas."""
    batches = in_parquet(folder, rows)
    return Again(lambda: (batch.to_pandas() for batch in batches()))


def in_arrow(folder: Path, rows: int) -> Again:
    """The same as it comes from Arrow."""
    return Again(in_parquet(folder, rows))


KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "map-float32": (lambda folder, rows: mapped(folder, rows, "float32"), {}),
    "map-float64": (lambda folder, rows: mapped(folder, rows, "float64"), {}),
    "map-by-column": (lambda folder, rows: mapped(folder, rows, "float32", True), {}),
    "map-stratified": (
        lambda folder, rows: mapped(folder, rows, "float64"),
        {"validation_split": 0.2, "stratify": True},
    ),
    "dask-computed": (computed, {}),
    "dask-default": (by_default, {}),
    "dask-split": (by_default, {"validation_split": 0.2}),
    "dask-map": (of_a_map, {}),
    "hdf5": (in_hdf5, {}),
    "generator": (drawn, {}),
    "arrow": (in_arrow, {}),
    "pandas": (in_frames, {}),
}


def private() -> float:
    """The private memory of this process in MiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("RssAnon"))


def use(x: Any, y: Any, **options: Any) -> None:
    """Two epochs, an evaluation and a prediction."""
    from autograd_nn import Input, Sequential
    from autograd_nn.layers import Dense

    model = Sequential([Input((COLUMNS,)), Dense(25, "relu"), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=2, batch_size=256, verbose=0, **options).history
    assert history["loss"][1] < history["loss"][0]
    model.evaluate(x, y, batch_size=4096, verbose=0)
    model.predict(x, batch_size=4096)


def labels_of(x: Any) -> Any:
    """Whether the first column is positive; None of what gives batches with their own labels."""
    if isinstance(x, Again):
        return None
    first = x[:, 0]
    return (np.asarray(first) if isinstance(x, np.ndarray) else first) > 0


def measure(kind: str, rows: int) -> tuple[float, float]:
    """Seconds, and the MiB over what the library takes by itself."""
    make, options = KINDS[kind]
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        few = make(Path(folder), 1000)
        use(few, labels_of(few), **options)
        x = make(Path(folder), rows)
        y = labels_of(x)
        ctypes.CDLL(None).malloc_trim(0)  # nor what was freed before
        base, seen, ended = private(), [0.0], threading.Event()

        def watch() -> None:
            while not ended.wait(0.002):
                seen.append(max(seen.pop(), private()))

        watching = threading.Thread(target=watch)
        watching.start()
        start = time.perf_counter()
        use(x, y, **options)
        seconds = time.perf_counter() - start
        ended.set()
        watching.join()
    return seconds, seen[0] - base


def main(arguments: list[str]) -> int:
    """Measure each kind in a process of its own, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bigger_data")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    told = parser.parse_args(arguments)
    if unknown := set(told.kinds) - set(KINDS):
        parser.error(f"there is no {', '.join(sorted(unknown))}: {', '.join(KINDS)}")
    if told.here:
        print("{:.1f} {:.1f}".format(*measure(told.kinds[0], told.rows)))
        return 0
    print(f"{told.rows:,} rows of {COLUMNS} numbers, two epochs: over the library's own memory")
    is_too_much = False
    for kind in told.kinds or KINDS:
        command = [sys.executable, "-m", __spec__.name, kind, "--rows", str(told.rows), "--here"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            print(f"{kind:16}{run.stderr.strip().splitlines()[-1]}")
            is_too_much = True
            continue
        seconds, over = map(float, run.stdout.split())
        is_too_much |= over > MOST
        print(f"{kind:16}{over:7.1f} MiB{seconds:8.1f} s", flush=True)
    return int(is_too_much)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
