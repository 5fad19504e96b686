"""Files that were changed at random: each is read correctly, or refused in words.

    python -m tests.saving.mutations            10,000 of them; the suite takes a sample
    python -m tests.saving.mutations 500 --seed 7

Of each it is looked at what comes out, how long that took, how much memory the process had at most,
and whether anything was run, written or opened that is none of a reader's business.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
import os
import random
import struct
import sys
import tempfile
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import Input, Model, Sequential, layers
from autograd_nn.engine.errors import AutogradError
from autograd_nn.models import load_model

MOST_SECONDS = 1.0
WEIGHTS = ("weights.npz", "weights.safetensors", "wide.weights.h5")
WIDE = 600  # the honest files have some megabytes, so that memory says something

# ---------------------------------------------------------------------- honest files


class Honest(NamedTuple):
    """A file as it should be, how it is read, and the model that it is of, or is read into."""

    name: str
    content: bytes
    read: Callable[[Path], Any]
    model: Model
    weights: list[Any]


def honest_files(folder: Path) -> list[Honest]:
    """Whole models and weights, in every format."""
    x, y = np.ones((4, 12), np.float32), np.ones((4, 2), np.float32)
    chain = Sequential(
        [
            Input((12,)),
            layers.Dense(WIDE, "relu", kernel_regularizer="l2"),
            layers.Dropout(0.2, seed=1),
            layers.BatchNormalization(),
            layers.Dense(WIDE, kernel_initializer="he_normal", kernel_constraint="non_neg"),
            layers.Dense(2),
        ]
    )
    chain.compile("adam", "mse", metrics=["mae"])
    chain.fit(x, y, epochs=1, verbose=0)
    found = [_of_model(folder, chain, f"chain.{kind}") for kind in ("npz", "keras")]
    wide = Sequential([Input((12,)), layers.Dense(2 * WIDE), layers.Dense(WIDE, "tanh")])
    found += [_of_weights(folder, wide, name) for name in WEIGHTS]
    a, b = Input((3, 4), name="a"), Input((12,), name="b")
    shared = layers.LSTM(8, return_sequences=True)
    z = np.concatenate([layers.Flatten()(shared(a)), b], axis=1)
    inner_in = Input((36,))
    inner = Model(inner_in, layers.Dense(WIDE, "tanh")(inner_in), name="inner")
    z = inner(z * np.array([2.0], np.float32)) + inner(np.exp(-z))
    graph = Model([a, b], [layers.Dense(WIDE)(z), np.sum(z, axis=1, keepdims=True)])
    graph.compile("sgd", ["mse", None])
    found += [_of_model(folder, graph, f"graph.{kind}") for kind in ("npz", "keras")]
    many = Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(6, 3, padding="same"),
            layers.MaxPooling2D(),
            layers.UpSampling2D(2),
            layers.ZeroPadding2D(1),
            layers.DepthwiseConv2D(3),
            layers.Permute((2, 1, 3)),
            layers.Reshape((64, 6)),
            layers.Bidirectional(layers.GRU(4, return_sequences=True)),
            layers.Conv1D(5, 2, strides=2),
            layers.TimeDistributed(layers.Dense(3)),
            layers.LayerNormalization(),
            layers.GlobalAveragePooling1D(),
            layers.RepeatVector(3),
            layers.Flatten(),
            layers.Dense(WIDE),
            layers.Dense(WIDE),
        ]
    )
    many.compile("rmsprop", "mae")
    found.append(_of_model(folder, many, "many.npz"))
    return found


def _of_model(folder: Path, model: Model, name: str) -> Honest:
    model.save(folder / name)
    return Honest(name, (folder / name).read_bytes(), load_model, model, model.get_weights())


def _of_weights(folder: Path, model: Model, name: str) -> Honest:
    model.save_weights(folder / name)
    read = model.load_weights
    return Honest(name, (folder / name).read_bytes(), read, model, model.get_weights())


# ---------------------------------------------------------------------- what is done to them


def of_bytes(content: bytes, draw: random.Random) -> bytes:
    """Bits turned over, parts cut out, put in, exchanged, or nothing but a part left."""
    found = bytearray(content)
    place, other = sorted(draw.randrange(len(found)) for _ in range(2))
    length = min(draw.choice([1, 4, 100, 5000]), len(found) - place)
    kind = draw.randrange(8)
    if kind == 0:
        for _ in range(draw.choice([1, 1, 3, 16, 200])):
            found[draw.randrange(len(found))] ^= 1 << draw.randrange(8)
    elif kind == 1:  # where the names, sizes and headers are
        start = draw.choice([0, max(len(found) - 4000, 0)])
        for _ in range(draw.choice([1, 2, 8])):
            found[min(start + draw.randrange(4000), len(found) - 1)] = draw.randrange(256)
    elif kind == 2:
        del found[place:]
    elif kind == 3:
        del found[place : place + length]
    elif kind == 4:
        found[place:place] = draw.randbytes(length)
    elif kind == 5:
        found[place : place + length] = bytes(length)
    elif kind == 6:
        found[place : place + length], found[other : other + length] = (
            found[other : other + length], found[place : place + length]
        )  # fmt: skip
    else:
        found += draw.randbytes(length)
    return bytes(found)


def of_archive(content: bytes, draw: random.Random) -> bytes:
    """Parts of an archive renamed, twice, left out, compressed, or with other headers and sizes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [[name, archive.read(name)] for name in archive.namelist()]
    one = draw.choice(parts)
    compression = zipfile.ZIP_STORED
    kind = draw.randrange(7)
    if kind == 0:
        parts.append([one[0], draw.choice(parts)[1]])
    elif kind == 1:
        parts.remove(one)
    elif kind == 2:
        one[0] = draw.choice(NAMES).replace("*", one[0])
    elif kind == 3:
        parts.append([draw.choice(NAMES).replace("*", one[0]), draw.randbytes(50)])
    elif kind == 4:
        compression = draw.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
        one[1] = one[1][:1000] + bytes(2**20)
        parts = [one]
    elif kind == 5:
        one = draw.choice([part for part in parts if part[0].endswith(".npy")] or parts)
        one[1] = _other_header(one[1], draw)
    else:
        parts += [[f"many/{n}.npy", b""] for n in range(draw.choice([3] * 9 + [25_000]))]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        archive._didModify = True
        for name, part in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            if name not in archive.NameToInfo:
                archive.writestr(info, part)
            else:
                archive.NameToInfo.pop(name)
                archive.writestr(info, part)
    found = bytearray(file.getvalue())
    if draw.random() < 0.2:  # the sizes that the table of contents says
        place = found.rfind(b"PK\1\2")
        struct.pack_into("<I", found, place + draw.choice([20, 24, 42]), draw.choice(NUMBERS_32))
    return bytes(found)


NAMES = [
    *("../*", "/etc/*", "a/../../*", "..\\*", "C:/*", "*/", "", "*\0.npy", "x.exe", "*.npy", "ü*"),
    *("optimizer/*", "description.json", "optimizer/iterations.npy", "/*", "./*", "//*"),
]
NUMBERS_32 = [0, 1, 100, 2**16, 2**31, 2**32 - 1]
SHAPES = [
    *("(1000000000000,)", "(-5,)", "(2, 1048576, 1048576)", "(99999999999999999999999,)", "(3, )"),
    *("()", "(0,)", "(nan,)", "(1e9,)", "(" + "1, " * 40 + ")", "('a',)", "(" * 3000, "(2.5,)"),
    *("(12, 300)", "(300, 12)", "(4294967296, 4294967296, 0)"),
]
DTYPES = [
    "|O",
    "|S1000000000",
    "<U9",
    "<f8",
    "<f4",
    "<f2",
    ">f4",
    "<c8",
    "<i4",
    "|V8",
    "<f3",
    "|b1",
]


def _other_header(part: bytes, draw: random.Random) -> bytes:
    shape, dtype = draw.choice(SHAPES), draw.choice(DTYPES)
    order = draw.choice(["False", "True", "__import__('os').system('touch hacked')"])
    text = f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    body = part[128:]
    if draw.random() < 0.2:
        body = b"cos\nsystem\n(S'touch hacked'\ntR."
    length = draw.choice([len(text), len(text), 2**16 - 1, 0])
    version = draw.choice([b"\1\0", b"\1\0", b"\2\0", b"\3\0", b"\x09\0"])
    count = struct.pack("<H" if version == b"\1\0" else "<I", length)
    return b"\x93NUMPY" + version + count + text + body


VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 7, 10**6, 10**9, 2**31, 10**18, 10**30, -(10**9), 0.5),
    *(
        1e308,
        -0.0,
        "",
        "x",
        "os.system",
        "../../x",
        "numpy",
        "float64",
        "relu",
        "dense",
        "a" * 5000,
    ),
    *([], {}, [None], [[]], [0], [1, 2, 3], [10**9] * 3, [None, 10**9], {"a": 1}, [[[[1]]]]),
    *({"$function": "os.system"}, {"$function": "metrics.get"}, {"$float": "nan"}, {"$float": 3}),
    *({"$float": "inf"}, {"class_name": "Lambda", "config": {}}, {"numpy": "os.system"}),
    *({"class_name": "Dense", "config": {"units": 10**9}}, {"class_name": "__import__"}),
    *({"class_name": "Sequential", "config": {}}, {"lambda": "…"}, {"tuple": [None, 10**12]}),
    *({"placeholder": 10**9}, {"placeholder": -1}, {"array": [[1], [2, 3]], "dtype": "float32"}),
    *({"array": [1.0], "dtype": "U999999999"}, {"dtype": "O"}, {"dict": 3}, {"slice": [1, 2]}),
]
RAW = [
    *("NaN", "Infinity", "[" * 100_000, '{"a":' * 50_000, "1" * 10_000, '{"a":1,"a":2}', "// x"),
    *("[" + "[]," * 24_000 + "0]", '"' + "😀" * 200_000 + '"', "[" + "1.25," * 49_000 + "0]"),
    *('"\\ud800"', "[" + "0," * 40_000 + "0]", "[" + "[]," * 300_000 + "0]", "1e999", "'x'", ""),
    '"' + "x" * 2_000_000 + '"',
]


def of_json(text: str, draw: random.Random) -> str:
    """One place or a few in a JSON get another value, are left out, doubled, or exchanged."""
    value = json.loads(text)
    raw = {}
    for _ in range(draw.choice([1, 1, 1, 2, 5])):
        owner, key = draw.choice(_places(value))
        kind = draw.randrange(10)
        if kind < 6:
            owner[key] = draw.choice(VALUES)
        elif kind == 6:
            raw["@@raw@@"] = draw.choice(RAW)
            owner[key] = "@@raw@@"
        elif kind == 7 and isinstance(owner, dict):
            owner[draw.choice(["units", "function", "name", "x", "config"])] = owner.pop(key)
        elif kind == 8:
            other, there = draw.choice(_places(value))
            owner[key], other[there] = json.loads(json.dumps([other[there], owner[key]]))
        else:
            del owner[key]
        if not _places(value):
            break
    found = json.dumps(value)
    for mark, replaced in raw.items():
        found = found.replace(f'"{mark}"', replaced)
    return found


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in lists and dicts: where it is, and under which key."""
    found = []
    waiting = [value]
    while waiting:
        owner = waiting.pop()
        for key in owner if isinstance(owner, dict) else range(len(owner)):
            found.append((owner, key))
            if isinstance(owner[key], (dict, list)):
                waiting.append(owner[key])
    return found


def of_description(content: bytes, draw: random.Random) -> bytes:
    """The description of a model, and the archive whole around it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    names = [name for name in parts if name.endswith(".json")]
    if not names:
        return of_archive(content, draw)
    name = draw.choice(names)
    changed = of_json(parts[name].decode(), draw).encode("utf-8", "surrogatepass")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for other, part in (parts | {name: changed}).items():
            archive.writestr(other, part)
    return file.getvalue()


def of_header(content: bytes, draw: random.Random) -> bytes:
    """The header of .safetensors."""
    length = int.from_bytes(content[:8], "little")
    text = of_json(content[8 : 8 + length].decode(), draw).encode("utf-8", "surrogatepass")
    said = draw.choice([len(text)] * 8 + [2**63, len(text) + 1, 0, 2**32])
    return said.to_bytes(8, "little") + text + content[8 + length :]


def mutated(honest: Honest, draw: random.Random) -> tuple[bytes, bool]:
    """The file, changed in one of the ways that its format knows, and whether the sums that an
    archive has of its bytes stayed what they were."""
    ways: list[Any] = [of_bytes, of_archive, of_description, of_description]
    if honest.name.endswith(".safetensors"):
        ways = [of_bytes, of_header, of_header]
    if honest.name.endswith(".h5"):
        ways = [of_bytes]
    way = draw.choice(ways)
    is_archive = honest.name.endswith((".npz", ".keras"))
    return way(honest.content, draw), way is of_bytes and is_archive


def is_as_before(honest: Honest, result: Any) -> bool:
    """Whether all weights are those of the honest file."""
    weights = (honest.model if result is None else result).get_weights()
    pairs = zip(weights, honest.weights, strict=True)
    return all(np.array_equal(one, other) for one, other in pairs)


# ---------------------------------------------------------------------- looked at


class Outcome(NamedTuple):
    """What reading a file came to."""

    kind: str  # "read", "refused", or what is wrong
    seconds: float
    megabytes: float


_FORBIDDEN = (
    *("os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "subprocess.Popen"),
    *("pickle.find_class", "socket.connect", "os.remove", "os.rename", "os.mkdir", "os.rmdir"),
    *("shutil.copyfile", "shutil.move", "os.link", "os.symlink", "os.chmod", "os.truncate"),
)
_seen: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _seen is None:
        return
    if event in _FORBIDDEN:
        _seen.append(f"{event} {arguments}")
    elif event == "open":
        path, mode, flags = arguments
        is_writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if is_writing and not str(path).endswith((".pyc", ".nbi", ".nbc")):
            _seen.append(f"open {path} {mode}")


_is_watching = False


def outcome_of(path: Path, honest: Honest, is_checked: bool = False) -> Outcome:
    """Read a file, and see what comes of it."""
    global _seen, _is_watching
    if not _is_watching:
        sys.addaudithook(_hook)
        _is_watching = True
    tracemalloc.start()
    start = time.process_time()
    _seen = seen = []
    try:
        result = honest.read(path)
        kind = "read"
    except Exception as error:
        fine = isinstance(error, AutogradError) and isinstance(error, ValueError)
        kind = "refused" if fine else f"raised {type(error).__name__}: {error!s:.200}"
    finally:
        _seen = None
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    seconds = time.process_time() - start
    # Numbers that were changed are noticed by the sums that an archive has of all bytes.
    if kind == "read" and is_checked and not is_as_before(honest, result):
        kind = "gave other weights"
    if seen:
        kind = f"did {seen[0]:.200}"
    return Outcome(kind, seconds, most / 2**20)


def resident() -> float:
    """The megabytes that the process had at most, 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def faults_of(number: int, seed: int, folder: Path) -> tuple[list[str], collections.Counter[str]]:
    """Read so many changed files; what is wrong with any, and how many came to what."""
    files = honest_files(folder)
    most: dict[str, float] = {}
    for honest in files:
        path = folder / honest.name
        for _ in range(3):
            most[honest.name] = outcome_of(path, honest, True).megabytes
    faults: list[str] = []
    counts: collections.Counter[str] = collections.Counter()
    for n in range(number):
        draw = random.Random(seed * 1_000_003 + n)
        honest = draw.choice(files)
        path = folder / f"changed-{honest.name}"
        content, has_sums = mutated(honest, draw)
        path.write_bytes(content)
        found = outcome_of(path, honest, has_sums)
        counts[found.kind.split()[0]] += 1
        what = ""
        if found.kind not in ("read", "refused"):
            what = found.kind
        elif found.seconds > MOST_SECONDS:
            what = f"took {found.seconds:.2f} s"
        elif found.megabytes > 2 * most[honest.name]:
            what = f"took {found.megabytes:.1f} MB, the honest file {most[honest.name]:.1f}"
        if what:
            faults.append(f"{n} {honest.name}: {what}")
    return faults, counts


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Read files that were changed at random.")
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before = sorted(os.listdir())
        start = time.perf_counter()
        faults, counts = faults_of(given.number, given.seed, Path(folder))
        seconds = time.perf_counter() - start
        print(f"{dict(counts)} in {seconds:.0f} s, at most {resident():.0f} MB of the process")
        if sorted(os.listdir()) != before:
            faults.append(f"files were written here: {sorted(os.listdir())}")
    print("\n".join(faults[:50]) or "no fault")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
