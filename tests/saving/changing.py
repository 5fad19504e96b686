"""What is done to honest files: bytes, parts of archives, and places of descriptions changed."""

from __future__ import annotations

import copy
import io
import json
import random
import struct
import zipfile
from typing import Any


def mutated(name: str, content: bytes, draw: random.Random) -> tuple[bytes, bool]:
    """The file, changed in one of the ways that its format knows, and whether the sums that an
    archive has of its bytes stayed what they were."""
    ways: list[Any] = [of_bytes, of_archive, of_description, of_description]
    if name.endswith(".safetensors"):
        ways = [of_bytes, of_header, of_header]
    elif name.endswith(".h5"):
        ways = [of_bytes]
    elif name.endswith(".json"):
        ways = [of_bytes, of_text, of_text]
    way = draw.choice(ways)
    return way(content, draw), way is of_bytes and name.endswith((".npz", ".keras"))


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


def of_json(text: str, draw: random.Random, raws: list[str] | None = None) -> str:
    """One place or a few in a JSON get another value, are left out, doubled, or exchanged."""
    value = json.loads(text)
    raw = {}
    for _ in range(draw.choice([1, 1, 1, 2, 5])):
        owner, key = draw.choice(_places(value))
        kind = draw.randrange(10)
        if kind < 6:
            owner[key] = copy.deepcopy(draw.choice(VALUES))  # changed itself by the next one
        elif kind == 6:
            raw["@@raw@@"] = draw.choice(raws or RAW)
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


def of_text(content: bytes, draw: random.Random) -> bytes:
    """A file that is JSON itself, which has as many values as go into its bytes."""
    raw = [text for text in RAW if len(text) < 200_000]
    return of_json(content.decode(), draw, raw).encode("utf-8", "surrogatepass")


def of_header(content: bytes, draw: random.Random) -> bytes:
    """The header of .safetensors."""
    length = int.from_bytes(content[:8], "little")
    text = of_json(content[8 : 8 + length].decode(), draw).encode("utf-8", "surrogatepass")
    said = draw.choice([len(text)] * 8 + [2**63, len(text) + 1, 0, 2**32])
    return said.to_bytes(8, "little") + text + content[8 + length :]
