"""A step as functions of machine code, and many steps as one more function that calls them.

LLVM takes more than twice the time for twice the lines. So a long step is several functions, one
after the other, and a short one is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

LONGEST_PART = 120
"""Lines; a transformer then compiles in half the time, and its step takes as long."""

UNROLLED = 1024
"""Loops in loops of fewer rounds in all may be written out by LLVM as often as they are long."""

LONGEST = "longest"
"""A number larger than the length of any loop, which LLVM does not know."""


def length_of_loop(length: int, inside: int) -> str:
    """The text of how many rounds a loop has.

    LLVM writes out loops of few rounds, also those around others, which then are there dozens of
    times: seconds of compiling, for nothing. Where it does not know their length it leaves them.

    Parameters   inside: how many rounds all loops inside of it have; 1 where there are none
    """
    is_left = inside > 1 and length * inside > UNROLLED
    return f"min({length}, {LONGEST})" if is_left else str(length)


def functions(
    pieces: Sequence[list[str]],
    parameters: Mapping[str, str],
    addresses: Mapping[str, str],
    numbers: Sequence[str],
    results: Sequence[str],
    new: Callable[[str], str],
) -> tuple[list[list[str]], list[str]]:
    """The functions of a step without their decorators, and the lines that call them.

    Parameters   pieces: lines that stay together
                 parameters: the names of what a step is given, and what is given for them
                 addresses: by the name of an array, that of its address
                 numbers: names of all numbers that lines compute for others
                 results: those of them that the step gives
                 new: gives a name that nothing has
    """
    parts: list[list[str]] = [[]]
    for piece in pieces:
        if parts[-1] and len(parts[-1]) + len(piece) > LONGEST_PART:
            parts.append([])
        parts[-1] += piece
    names = [new("one_step" if len(parts) == 1 else "part") for _ in parts]
    words = [set(re.findall(r"\w+", "\n".join(part))) for part in parts]
    texts, calls = [], []
    known = {LONGEST: LONGEST, **parameters}
    for place, (part, here) in enumerate(zip(parts, words, strict=True)):
        later = set(results).union(*words[place + 1 :])
        starts = {line.partition(" = ")[0] for line in part}
        made = [name for name in numbers if name in starts and name in later]
        located = {array: at for array, at in addresses.items() if at in here}
        needed = here | located.keys()
        given = [name for name in known if name in needed]
        lines = [f"def {names[place]}({', '.join(given)}):"]
        lines += [f"    {at} = {array}.ctypes.data" for array, at in located.items()]
        lines += [f"    {line}" for line in part]
        lines.append(f"    return {', '.join(made)}".rstrip())
        texts.append(lines)
        call = f"{names[place]}({', '.join(known[name] for name in given)})"
        calls.append(f"{', '.join(made)} = {call}" if made else call)
        known |= {name: name for name in made}
    return texts, calls
