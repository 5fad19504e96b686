"""Which nodes of a large graph stand together as one: layers closed, repeats folded, the rest cut.

A picture has at most `READABLE` nodes unless a depth is asked for. The finest form that fits is
taken: calls of composed functions closed, layers closed from the innermost outwards, then equal
blocks one after the other folded into one node ×N, then stretches of operations. Blocks and
stretches are consecutive in the order of computation, so no arrow between them runs backwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograd_nn.engine.composing import is_call
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.periods import LONGEST_BLOCK, runs
from autograd_nn.viz.graph.walk import Item, Walk
from autograd_nn.viz.wording.saying import say

READABLE = 60
LARGEST = 1500
"""A picture of more nodes helps nobody, and its layout takes too long."""

RADIUS = 2
"""How many steps around a Tensor in focus are shown."""


@dataclass(frozen=True, eq=False)
class Group:
    """Items drawn as one node. ``path`` is that of a closed layer or call, None for others."""

    label: str
    symbol: str
    items: tuple[Item, ...]
    path: str | None = None


@dataclass
class Grouping:
    """The groups of a walk, which group an item is in, and which items are left out."""

    groups: list[Group] = field(default_factory=list)
    of: dict[int, Group] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def add(self, group: Group) -> None:
        """Take a group in, in place of those that its items were in."""
        inner = {id(self.of[id(item)]) for item in group.items if id(item) in self.of}
        if inner:
            self.groups = [g for g in self.groups if id(g) not in inner]
        self.groups.append(group)
        self.of.update((id(item), group) for item in group.items)

    def visible(self, walk: Walk) -> int:
        """How many nodes the picture will have."""
        loose = sum(id(x) not in self.of and id(x) not in self.hidden for x in walk.order)
        return loose + len(self.groups)


def grouped(walk: Walk, depth: int | None = None, focus: Any = None) -> Grouping:
    """What stands together.

    Parameters   depth: the layers at this level are closed, those around them are open, and every
                 call of a composed function is closed; None chooses the finest form of at most
                 60 nodes
                 focus: the path of a layer or a call, which is open while the others are closed,
                 or a Tensor, of which the surroundings are shown and nothing else
    Raises       ArgumentError where more than 1,500 nodes would be visible, with what fits
    """
    if depth is not None and focus is not None:
        raise ArgumentError(
            "Give `depth` or `focus`: a focus says itself what is open and what is closed."
        )
    if type(focus) is Tensor:
        return _around(walk, focus)
    if focus is not None:
        return _open_alone(walk, focus)
    if depth is not None:
        found = _by_layers(walk, depth)
        _refuse_if_large(walk, found.visible(walk), depth)
        return found
    if len(walk.order) <= READABLE:
        return Grouping()
    found = Grouping()
    for level in range(_deepest(walk) + 1, 0, -1):
        found = _by_layers(walk, level)
        if found.visible(walk) <= READABLE:
            return found
    _fold(walk, found)
    if found.visible(walk) > READABLE:
        _cut(walk, found)
    return found


def scopes(walk: Walk) -> list[str]:
    """The paths of all layers and calls, and of the layers around, in order of appearance."""
    paths: dict[str, None] = {}
    for item in walk.order:
        steps = (walk.scope(item) or "").split("/")
        for depth in range(len(steps)):
            paths.setdefault("/".join(steps[: depth + 1]))
    paths.pop("", None)
    return list(paths)


def _deepest(walk: Walk) -> int:
    return max((path.count("/") + 1 for path in scopes(walk)), default=0)


def _by_layers(walk: Walk, depth: int, open_path: str = "") -> Grouping:
    """Layers closed from level ``depth`` on, but not the one at ``open_path`` nor those around it.

    What lies less deep stays open, but for calls.
    """
    members: dict[str, list[Item]] = {}
    for item in walk.order:
        path = walk.scope(item)
        if path is None or item is walk.root:
            continue
        if path.count("/") + 1 < depth and not is_call(item.scope or ""):
            continue
        closed = "/".join(path.split("/")[:depth])
        if open_path and f"{open_path}/".startswith(f"{closed}/"):
            if path == open_path or f"{open_path}/".startswith(f"{path}/"):
                continue
            # Inside an open layer its own parts are closed one level further down.
            closed = "/".join(path.split("/")[: _common(path, open_path) + 1])
        members.setdefault(closed, []).append(item)
    found = Grouping()
    for path, items in members.items():
        if len(items) > 1:
            label = notation.clean(path.rpartition("/")[2])
            found.add(Group(label, _kinds(items), tuple(items), path))
    return found


def _common(path: str, other: str) -> int:
    """How many layers two paths share from the outside."""
    shared = 0
    for one, two in zip(path.split("/"), other.split("/"), strict=False):
        if one != two:
            break
        shared += 1
    return shared


def _open_alone(walk: Walk, focus: Any) -> Grouping:
    paths = scopes(walk)
    if not isinstance(focus, str):
        raise ArgumentTypeError(
            f"`focus` must be a Tensor of the graph or the name of a layer, got {focus!r:.80}."
        )
    if focus not in paths:
        named = [path for path in paths if path.rpartition("/")[2] == focus]
        if len(named) > 1:
            raise ArgumentError(
                f"There are {len(named)} layers {focus!r} in this graph. Give the whole path, such "
                f"as {' or '.join(map(repr, named[:2]))}."
            )
        if not named:
            raise ArgumentError(
                f"There is no layer {focus!r} in this graph.{suggestion(focus, paths)}"
                if paths
                else f"`focus` is {focus!r}, and this graph has no layers. Give a Tensor."
            )
        focus = named[0]
    found = _by_layers(walk, 1, focus)
    _refuse_if_large(walk, found.visible(walk), None)
    return found


def _around(walk: Walk, focus: Tensor) -> Grouping:
    if id(focus) not in walk.ids:
        raise ArgumentError(
            "The Tensor given as `focus` is not part of this graph: what is drawn was not "
            "computed from it."
        )
    near = {id(focus)}
    for _ in range(RADIUS):
        for user, _slot, item in [s for s in walk.slots if _touches(s, near)]:
            near |= {id(user), id(item)}
    if len(near) > LARGEST:
        raise ArgumentError(
            f"{len(near):,} nodes are within {RADIUS} steps of the Tensor given as `focus`, and a "
            f"picture of more than {LARGEST:,} cannot be read (nor can its text). Leave `focus` "
            "out: repeats are folded. Or give one of its inputs or users."
        )
    hidden = {id(item) for item in walk.order} - near
    far = notation.count(len(hidden), "numbers.nodes")
    notes = [say("numbers.further", nodes=far)] if hidden else []
    return Grouping(hidden=hidden, notes=notes)


def _touches(slot: tuple[Tensor, int, Item], near: set[int]) -> bool:
    return id(slot[0]) in near or id(slot[2]) in near


def _refuse_if_large(walk: Walk, visible: int, depth: int | None) -> None:
    if visible <= LARGEST:
        return
    fitting = [
        level
        for level in range(_deepest(walk), 0, -1)
        if level != depth and _by_layers(walk, level).visible(walk) <= LARGEST
    ]
    way = f"depth={fitting[0]} fits, and so does" if fitting else "What fits is"
    raise ArgumentError(
        f"The picture would have {visible:,} nodes, and one of more than {LARGEST:,} cannot be "
        f"read (nor can its text). {way} leaving `depth` out: layers are closed and repeats "
        "folded. Or give the part to look at as `focus`."
    )


# ------------------------------------------------------------------ repeats and stretches


@dataclass(frozen=True, eq=False)
class Unit:
    """What can be folded: a closed layer, an operation, or what was folded before."""

    items: tuple[Item, ...]
    kind: Any
    label: str
    symbol: str
    path: str | None = None


def _fold(walk: Walk, found: Grouping) -> None:
    """Equal blocks of layers or operations, one after the other, become one group ×N."""
    while found.visible(walk) > READABLE:
        units = _units(walk, found)
        repeats = runs(tokens(units))
        if not repeats:
            return
        folded = [_folded(units[run.start : run.stop], run.repeats) for run in repeats]
        _take_in(walk, found, folded)


def _cut(walk: Walk, found: Grouping) -> None:
    """Stretches of operations, so long that everything fits."""
    units = _units(walk, found)
    room = max(2, READABLE - 1 - len(walk.inputs(walk.root)))
    folded = sum(len(unit.items) > 1 for unit in units)
    # Between what was folded before, unless that alone is too much.
    apart = folded < room // 2
    length = -(-(len(units) - folded) // (room // 2 - folded)) if apart else -(-len(units) // room)
    stretches: list[list[Unit]] = []
    for unit in units:
        alone = apart and len(unit.items) > 1
        if not stretches or alone or len(stretches[-1]) >= length or _is_closed(stretches, apart):
            stretches.append([])
        stretches[-1].append(unit)
    joined = []
    for stretch in stretches:
        if len(stretch) > 1 or len(stretch[0].items) == 1:
            items = tuple(item for unit in stretch for item in unit.items)
            stretch = [Unit(items, None, _from_to(walk, items), "")]
        joined += stretch
    _take_in(walk, found, joined, with_shared=True)
    if found.visible(walk) > READABLE:  # the result itself has too many inputs
        loose = [x for x in walk.order if x is not walk.root and id(x) not in found.of]
        found.add(Group(notation.count(len(loose), "numbers.inputs"), "", tuple(loose)))


def _is_closed(stretches: list[list[Unit]], apart: bool) -> bool:
    return apart and len(stretches[-1][0].items) > 1


def _from_to(walk: Walk, items: tuple[Item, ...]) -> str:
    computed = [x for x in items if type(x) is Tensor and x.operation is not None]
    return notation.clean(f"{walk.label(computed[0])} … {walk.label(computed[-1])}", 60)


def _units(walk: Walk, found: Grouping) -> list[Unit]:
    """The groups and the loose operations, in the order in which they are finished."""
    last: dict[int, tuple[int, Any]] = {}
    for place, item in enumerate(walk.order):
        if item is walk.root or (type(item) is not Tensor or item.operation is None):
            continue
        owner: Any = found.of.get(id(item), item)
        last[id(owner)] = (place, owner)
    units = []
    for _, owner in sorted(last.values(), key=lambda pair: pair[0]):
        if isinstance(owner, Group):
            items = owner.items
            kind = tuple(kind_of(item) for item in items)
            units.append(Unit(items, kind, owner.label, owner.symbol, owner.path))
        else:
            units.append(Unit((owner,), kind_of(owner), walk.label(owner), symbol_of(owner)))
    return units


def kind_of(item: Any) -> Any:
    if type(item) is not Tensor or item.operation is None:
        return getattr(item, "shape", None)
    shape = None if type(item._data) is tuple else item.shape
    return item.operation, shape


def tokens(units: list[Unit]) -> list[Any]:
    """Each unit by its kind and by how far back its inputs lie, so that equal blocks look equal."""
    place = {id(item): number for number, unit in enumerate(units) for item in unit.items}
    tokens: list[Any] = []
    for number, unit in enumerate(units):
        back = []
        for item in unit.items:
            for operand in item.inputs if type(item) is Tensor else ():
                at = place.get(id(operand))
                if at is None or number - at > LONGEST_BLOCK:
                    back.append(-1)
                elif at != number:
                    back.append(number - at)
        tokens.append((unit.kind, tuple(back)))
    return tokens


def _folded(units: list[Unit], repeats: int) -> Unit:
    block = units[: len(units) // repeats]
    symbols = " ".join(unit.symbol for unit in block[:6]) + (" …" if len(block) > 6 else "")
    items = tuple(item for unit in units for item in unit.items)
    label = notation.clean(f"{units[0].label} … {units[-1].label}", 60)
    return Unit(items, None, label, f"({symbols}) ×{repeats}")


def _take_in(walk: Walk, found: Grouping, units: Iterable[Unit], with_shared: bool = False) -> None:
    """Make groups of units, with the leaves and constants that only they use.

    ``with_shared`` takes in the shared ones too: each goes to the first of its users.
    """
    uses = Counter(id(item) for _, _, item in walk.slots)
    place = {id(item): number for number, item in enumerate(walk.order)}
    for unit in units:
        items = {id(item): item for item in unit.items}
        leaves = [
            operand
            for item in unit.items
            for operand in walk.inputs(item)
            if type(operand) is not Tensor or operand.operation is None
        ]
        inside = Counter(map(id, leaves))
        for leaf in leaves:
            own = with_shared or inside[id(leaf)] == uses[id(leaf)]
            if own and id(leaf) not in found.of:
                items[id(leaf)] = leaf
        if len(items) > 1:
            ordered = sorted(items.values(), key=lambda item: place[id(item)])
            symbol = unit.symbol or _kinds(ordered)
            found.add(Group(unit.label, symbol, tuple(ordered), unit.path))


def symbol_of(item: Any) -> str:
    return notation.clean(item.operation.symbol, 12)


def _kinds(items: Iterable[Item]) -> str:
    """What the operations of a group are, the commonest first: ``42 operations: × + tanh``."""
    found = Counter(
        symbol_of(item) for item in items if type(item) is Tensor and item.operation is not None
    )
    names = [name for name, _ in found.most_common(4)]
    more = " …" if len(found) > 4 else ""
    count = notation.count(sum(found.values()), "numbers.operations")
    return say("numbers.told", name=count, told=f"{' '.join(names)}{more}")
