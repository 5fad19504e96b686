"""`explain`: the chain rule from a loss to one Tensor, with the numbers filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.reverse import check_output
from autograd_nn.viz.chain import latex
from autograd_nn.viz.chain.chain_of_arrays import chain_of_arrays
from autograd_nn.viz.chain.chain_of_numbers import chain_of_numbers
from autograd_nn.viz.graph import symbols
from autograd_nn.viz.graph.path import GradientPath, PathLabels, check_arguments
from autograd_nn.viz.graph.place import checked_place
from autograd_nn.viz.notebook import asked_for
from autograd_nn.viz.wording.saying import say


@checked_keywords
def explain(
    loss: Any, w: Any, index: Any = None, *, names: Mapping[str, Any] | None = None
) -> Explanation:
    """The chain rule from ``loss`` to ``w`` with the numbers filled in, as text and as LaTeX.

    Where everything on the way is one number, each path from the loss to w is a product of local
    derivatives, in symbols and in numbers, and dL/dw is the sum of the paths. More than 8 paths
    are merged: the gradient of each node from those of its users. For arrays the rule of every
    step is written with its shapes and the size of what comes out.

    Nothing needs to be called before, and no ``.grad`` is read or changed.

    Formula      dL/dw = Σ over paths of Π of local derivatives;
                 merged: dL/dx = Σ over the uses u of x of du/dx · dL/du
    Parameters   loss: a scalar Tensor; w: any Tensor that it was computed from
                 index: an element of w, whose number is given too
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentTypeError for what is no Tensor, StateError where loss is not a recorded
                 scalar, ArgumentError for an index that w has not, MutationError where
                 data were changed since (compute the loss again)
    Example      L = x·x at 3 has two paths, 3 and 3: dL/dx = 6

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> L = x * x
    >>> L.name = "L"
    >>> print(viz.explain(L, x))
    ∂L/∂x = 6, the sum of 2 paths.
    <BLANKLINE>
    path 1   ∂₁L = x = 3
    path 2   ∂₂L = x = 3
    <BLANKLINE>
    sum      3 + 3 = 6
    <BLANKLINE>
    with     x =          3
             L = x × x  = 9
    <BLANKLINE>
    ∂₁v, ∂₂v: the slope of v by its first, its second input alone
    ∂L/∂x: the gradient of L by x, over all ways from x to L
    <BLANKLINE>
    """
    check_arguments("explain", loss, w)
    check_output(loss)
    place = None if index is None else checked_place(w, index)
    labels = PathLabels(loss, names)
    way = GradientPath(loss, w)
    if not way.reached:
        return _nothing(labels.label(loss), labels.label(w))
    if way.is_scalar:
        return Explanation(*chain_of_numbers(way, labels))
    return Explanation(*chain_of_arrays(way, labels, place))


class Explanation:
    """The chain rule as ``text`` and as ``latex``; printed, and shown in a notebook."""

    __slots__ = ("latex", "text")

    def __init__(self, text: str, latex: str) -> None:
        self.text = text
        self.latex = latex

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What a notebook shows: the formula, or the text."""
        bundle = {"text/plain": self.text, "text/latex": f"$$\n{self.latex}\n$$"}
        return asked_for(bundle, include, exclude)


def _nothing(loss: str, w: str) -> Explanation:
    return Explanation(
        say("formula.nothing", derivative=symbols.total(loss, w), loss=loss, w=w) + "\n",
        latex.aligned(
            [(latex.total(loss, w), rf"\quad {latex.words(say('numbers.not_computed'))}")]
        ),
    )
