"""What a notebook shows of a Tensor."""

from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.viz.pictures.heat_map import heat_map


def cells(svg: str) -> list[Any]:
    """The coloured cells of a heat map, without its frame."""
    return ElementTree.fromstring(svg).findall("rect")[1:]


def test_a_cell_for_every_element_with_its_sign() -> None:
    found = cells(heat_map(np.array([[1.0, -1.0, 0.0], [0.5, -0.5, 1.0]]), "six"))
    fills = [cell.get("fill") for cell in found]
    assert fills == ["#1f5fa8", "#b3400f", "#ffffff", "#8fafd4", "#d9a087", "#1f5fa8"]
    assert [(cell.get("x"), cell.get("y")) for cell in found[:4]] == [
        ("0", "0"),
        ("18", "0"),
        ("36", "0"),
        ("0", "18"),
    ]


def test_a_large_array_is_shown_by_the_means_of_blocks() -> None:
    array = np.zeros((64, 100))
    array[:2, :4] = 3.0  # the first block of 2 × 3 and a part of the next
    svg = heat_map(array, "many")
    assert len(cells(svg)) == 32 * 32
    assert cells(svg)[0].get("fill") == "#1f5fa8"
    assert "each cell the mean of a block, 32 × 32 cells" in svg


def test_what_is_not_finite_is_crossed() -> None:
    svg = heat_map(np.array([np.nan, np.inf, 2.0, -np.inf]), "odd")
    assert [t.text for t in ElementTree.fromstring(svg).findall("text")] == ["×"] * 3
    assert cells(svg)[2].get("fill") == "#1f5fa8"


@pytest.mark.parametrize("shape", [(), (0,), (1,), (0, 3), (7,), (2, 3), (2, 3, 4), (1, 1)])
def test_every_shape(shape: tuple[int, ...]) -> None:
    text = Tensor(np.ones(shape))._repr_html_()  # type: ignore[attr-defined]
    ElementTree.fromstring(text)
    assert ("<svg" in text) == (np.prod(shape) > 1)


def test_names_are_text_and_the_gradient_is_shown_when_there_is_one() -> None:
    w: Any = Tensor([1.0, 2.0], name="<script>alert('w')</script>")
    assert "gradient" not in w._repr_html_()
    (w * w).sum().backward()
    text = w._repr_html_()
    assert "<script" not in text and "&lt;script&gt;" in text
    assert "gradient [2, 4]" in text
    assert "made by multiply" in (w * w)._repr_html_()
