"""`zoom`, and the Zoom that it gives: one element opened into the terms that it is made of."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError, suggestion
from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import numbers_recorded, recorded, switched
from autograd_nn.engine.reverse import check_output
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.viz.elements.bars import bars
from autograd_nn.viz.elements.labels import Labels
from autograd_nn.viz.elements.scalars import LARGEST, Scalars
from autograd_nn.viz.elements.sources import sources_of
from autograd_nn.viz.elements.terms import SumOfTerms, Term, direct_terms, terms_of
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.place import checked_place
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.pictures.picture import Graph, draw
from autograd_nn.viz.pictures.rendering import INSTALL, can_render
from autograd_nn.viz.wording.saying import say, speaking, spoken

_OF = ("value", "gradient")

MANY = 60
"""Of more terms only the largest are drawn and written."""

LARGEST_TERMS = 8
"""So many, and the others as one term."""

DRAWN = 200
"""In a picture of more nodes the terms that take more than `OPEN` are drawn closed."""

OPEN = 10

UNFOLDED = 300
"""Pictures of so many nodes show all of them, and only larger ones are folded."""


@checked_keywords
def zoom(
    t: Tensor,
    index: Any,
    of: Literal["value", "gradient"] = "value",
    loss: Tensor | None = None,
    *,
    names: Mapping[str, Any] | None = None,
) -> Zoom:
    """One element of a recorded Tensor, or of its gradient, opened into the terms of its sum.

    The value of a layer's output opens back to what enters the layer, down to the single
    multiplications; the value of another Tensor opens the one operation that made it. A gradient
    opens into what arrived through each use: for a weight, which examples of the batch pushed it.
    No ``.grad`` is read or changed, and no earlier ``backward()`` is needed.

    Parameters   t: a Tensor
                 index: the element, an integer for each axis; () for a number
                 of: "value", or "gradient", which needs ``loss``
                 loss: the scalar whose gradient is shown; with it the terms of a value have theirs
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentError, ShapeError, ArgumentTypeError naming the argument; StateError where
                 t was given and not computed, or has no gradient, or loss is no scalar
    Example      y = 3·4 + 5·6 = 12 + 30 = 42

    >>> import numpy as np
    >>> from autograd_nn import Tensor, viz
    >>> x, w = Tensor([3.0, 5.0], name="x"), Tensor([4.0, 6.0], name="w")
    >>> print(viz.zoom(x @ w, ()).text())
    matmul = sum = 42
    sum of 2 terms = 42
    <BLANKLINE>
    x[1] × w[1]   5 × 6 = 30   + ████████████████████
    x[0] × w[0]   3 × 4 = 12   + ████████
    <BLANKLINE>
    """
    if type(t) is not Tensor:
        raise ArgumentTypeError(
            f"zoom takes a Tensor, got {type(t).__name__}. Give it the Tensor itself, such as the "
            "output of a layer or a parameter, not its .data or .grad."
        )
    if of not in _OF:
        hint = suggestion(of, _OF) if isinstance(of, str) else ""
        raise ArgumentError(f"`of` must be 'value' or 'gradient', got {of!r}.{hint}")
    at = checked_place(t, index)
    place = int(np.ravel_multi_index(at, t.shape)) if at else 0
    _check_loss(loss, of)
    labels = _labels(t, loss, checked_names(names))
    # What the computation warned of was told when it ran; showing it does not tell it again.
    # Its single truths and positions are recorded, which elsewhere are plain numbers.
    with recorded(), switched(numbers_recorded), np.errstate(all="ignore"):
        return (
            _of_value(t, place, loss, labels)
            if of == "value"
            else _of_gradient(t, place, loss, labels)
        )


class Zoom:
    """The terms of one element, to look at: as text, as a picture, as data.

    total        the sum of the terms
    value        the element itself
    gradient     ∂loss/∂(element), for a value with a loss; else None
    tensor       the element as a graph of scalar Tensors; None where it alone has more than
                 20,000 operands
    """

    __slots__ = (
        "_gradient_label",
        "_lang",
        "_loss",
        "_sum",
        "gradient",
        "label",
        "of",
        "tensor",
        "total",
        "value",
    )

    label: str
    of: str
    value: float
    gradient: float | None
    total: float
    tensor: Tensor | None

    def __init__(
        self,
        label: str,
        of: str,
        value: float,
        sum_: SumOfTerms,
        tensor: Tensor | None,
        gradient: Any = None,
        loss: Tensor | None = None,
        gradient_label: str = "",
    ) -> None:
        self.label = label
        self.of = of
        self.value = value
        self.total = float(sum(term.value for term in sum_.terms))
        self.tensor = tensor
        self.gradient = None if gradient is None else float(gradient)
        self._sum = sum_
        self._loss = loss
        self._gradient_label = gradient_label
        self._lang = spoken()

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms, in the order in which they were computed."""
        return self._sum.terms

    def text(self) -> str:
        """The terms as bars of text, the largest first: factors, value, and a sign with a bar."""
        shown, others = self._shown()
        with speaking(self._lang):
            return bars(self._heading(), self.terms, shown, others)

    def draw(self, **options: Any) -> Graph:
        """The picture of the scalar graph; ``options`` are those of `viz.draw`.

        Of more than 60 terms the 8 largest are drawn, and the rest is one constant. Up to 300
        nodes none is folded away: they are what is zoomed into.
        """
        with speaking(self._lang), recorded(), np.errstate(all="ignore"):
            picture = self._picture()
            if len(topological(picture)) <= UNFOLDED:
                options = {"depth": 1, **options}
            return draw(picture, **options)

    def _heading(self) -> list[str]:
        number, terms = notation.element, notation.count(len(self.terms), "numbers.terms")
        if self.of == "gradient":
            lines = [f"{self.label} = {number(self.value)}"]
            if not self.terms:
                lines.append(say("zooming.no_terms"))
            if len(self.terms) > 1:
                lines.append(say("zooming.sum_of_slopes", terms=terms))
            return lines
        lines = [f"{self.label} = {self._sum.words} = {number(self.value)}"]
        if len(self.terms) > 1:
            lines.append(say("zooming.sum_of", terms=terms, x=number(self.total)))
        if self.gradient is not None:
            lines.append(f"{self._gradient_label} = {number(self.gradient)}")
        if any(term.flows for term in self.terms):
            lines.append(say("zooming.back"))
        return lines + ([self._sum.note] if self._sum.note else [])

    def _shown(self) -> tuple[list[int], list[int]]:
        """Which terms are shown, the largest first, and which are added up to one."""
        order = sorted(range(len(self.terms)), key=lambda i: -_amount(self.terms[i].value))
        if len(order) <= MANY:
            return order, []
        return order[:LARGEST_TERMS], order[LARGEST_TERMS:]

    def _picture(self) -> Tensor:
        shown, others = self._shown()
        root = self.tensor
        if root is None or others or len(topological(root)) > DRAWN:
            pieces = [(i, self._drawn(i)) for i in sorted(shown)]
            rest = None
            if others:
                total = pieces[0][1].dtype.type(sum(self.terms[i].value for i in others))
                rest = Tensor(
                    total, requires_grad=False, name=say("zooming.more", n=f"{len(others):,}")
                )
            root = self._sum.whole(pieces, rest)
            if root.operation is not None:
                root.name = self.label
        if self._loss is None or not root.requires_grad:
            return root
        # Everything between the element and the loss as one step with the slope that it has.
        loss, slope = self._loss, root.dtype.type(self.gradient)
        value = loss._data.reshape(())[()]
        rest_of_loss = Operation(
            say("zooming.rest_of_graph"),
            value=lambda _: value,
            gradients=(lambda g, out, _: g * slope,),
        )
        result: Tensor = rest_of_loss(root)
        result.name = loss.name or "loss"
        return result

    def _drawn(self, index: int) -> Tensor:
        piece = self._sum.piece(index)
        if len(topological(piece)) <= OPEN:
            return piece
        name = piece.name or self.terms[index].label
        return Tensor(piece._data, requires_grad=piece.requires_grad, name=name)

    def __repr__(self) -> str:
        with speaking(self._lang):
            terms = notation.count(len(self.terms), "numbers.terms")
            value = notation.element(self.value)
            return say("zooming.short", label=self.label, value=value, terms=terms)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the bars and the picture."""
        text = self.text()
        bundle = {"text/plain": text}
        if not can_render():
            with speaking(self._lang):
                bundle["text/plain"] += "\n" + say("numbers.install", install=INSTALL)
        else:
            picture = self.draw()._repr_mimebundle_()
            bars_ = f'<pre tabindex="0" style="overflow-x:auto">{html.escape(text)}</pre>'
            bundle = {**picture, **bundle, "text/html": bars_ + picture["text/html"]}
        return asked_for(bundle, include, exclude)


def _labels(t: Tensor, loss: Tensor | None, names: Mapping[str, Any] | None) -> Labels:
    """What is called how: as in the graph of the loss, where there is one to agree with."""
    if loss is None:
        return Labels(t, names)
    try:
        return Labels(loss, names, Walk(loss, names))
    except ArgumentError:  # too large for steps and pictures
        return Labels(loss, names)


def _amount(x: float) -> float:
    return float("inf") if x != x else abs(x)


# ---------------------------------------------------------------------- the two kinds


def _of_value(t: Tensor, place: int, loss: Tensor | None, labels: Labels) -> Zoom:
    if t.operation is None:
        raise StateError(
            f"{described(t)} was given, not computed (or computed inside no_grad()), so its value "
            'has no terms. Zoom into a result, or into its gradient: of="gradient", loss=loss.'
        )
    if not t.inputs:
        raise StateError(
            f"{described(t)} was drawn at random, so its value has no terms. Zoom into a result."
        )
    upstream = None
    if loss is not None:
        found = gradients(loss, t)
        if found is None:
            raise _not_reached(t, loss)
        upstream = found.flat[place]
    scalars = Scalars(t, place, labels)
    if scalars.root is None:
        sum_ = direct_terms(scalars, t, place, labels, upstream)
    else:
        sum_ = terms_of(scalars, upstream)
    value = float(t._data.flat[place])
    label = labels.element(t, place)
    by = "" if loss is None else labels.gradient(t, place)
    return Zoom(label, "value", value, sum_, scalars.root, upstream, loss, by)


def _of_gradient(t: Tensor, place: int, loss: Any, labels: Labels) -> Zoom:
    if not t._requires_grad:
        raise StateError(
            f"{described(t)} wants no gradient, so there is none to open. Make it with "
            "requires_grad=True, and compute the loss again."
        )
    found = sources_of(t, place, loss, labels)
    if found is None:
        raise _not_reached(t, loss)
    label = labels.gradient(t, place)
    count = len(found.sum.terms)
    tensor = None
    if not count:
        tensor = Tensor(found.total, requires_grad=False, name=label)
    elif count <= LARGEST:
        tensor = found.sum.whole([(i, found.sum.piece(i)) for i in range(count)], None)
        if tensor.operation is not None:
            tensor.name = label
    return Zoom(label, "gradient", float(found.total), found.sum, tensor)


# ---------------------------------------------------------------------- what may be asked for


def _check_loss(loss: Any, of: str) -> None:
    if loss is None:
        if of == "gradient":
            raise ArgumentError(
                '`of="gradient"` needs `loss`, the scalar that the gradient is of: '
                'zoom(t, index, of="gradient", loss=loss).'
            )
        return
    if type(loss) is not Tensor:
        raise ArgumentTypeError(
            f"`loss` must be a scalar Tensor, got {type(loss).__name__}. Give the Tensor itself, "
            "not its .item() or .data."
        )
    if loss.size != 1:
        raise StateError(
            f"`loss` must be a scalar Tensor, got {described(loss)}. Reduce it with .sum() or "
            ".mean()."
        )
    check_output(loss)


def _not_reached(t: Tensor, loss: Tensor) -> ArgumentError:
    return ArgumentError(
        f"`loss` ({described(loss)}) does not depend on {described(t)}, so no gradient reaches it. "
        "Was the loss computed from another Tensor of the same value?"
    )
