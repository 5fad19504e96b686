"""What several tests of the explorer do with a page: read its data, find a browser."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.live.live_program import NotLive
from autograd_nn.viz.page import payload

# What a browser does by itself at its first start is no business of a test.
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]


def data_of(page: os.PathLike[str]) -> dict[str, Any]:
    """The data in a page."""
    text = _text(page)
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    data: dict[str, Any] = json.loads(found)
    return data


def _text(page: os.PathLike[str]) -> str:
    with open(page, encoding="utf-8", newline="") as file:
        return file.read()


def array_of(packed: dict[str, Any]) -> Any:
    """The array that was packed into a page, in the dtype that it had."""
    raw = np.frombuffer(base64.b64decode(packed["data"]), f"<f{packed['bits'] // 8}")
    return np.broadcast_to(raw, np.prod(packed["shape"], dtype=int)).reshape(packed["shape"])


def sums(data: dict[str, Any]) -> dict[str, Any]:
    """The running sum of every node after the last step."""
    found: dict[str, Any] = {}
    for step in data["steps"]:
        if step["phase"] == "backward":
            found[step["input"]] = array_of(step.get("after") or step["contribution"])
    return found


def leaves_of(loss: Tensor) -> dict[str, Tensor]:
    """The Tensors of a graph that want a gradient, by their ids in the page."""
    walk = Walk(loss)
    return {
        walk.ids[id(item)]: item
        for item in walk.order
        if type(item) is Tensor and item.requires_grad and type(item._data) is not tuple
    }


@contextmanager
def numbers_travelling() -> Iterator[None]:
    """Pages that do not compute: their numbers are those of Python, and can be read here."""

    def refused(*_: object) -> None:
        raise NotLive("computing.large")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(payload, "LiveProgram", refused)
        yield


def chromium() -> str:
    """The browser of this machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise RuntimeError("These tests need Chromium: apt-get install chromium, or another package.")


def wait_until(page: Any, condition: str) -> None:
    """Wait until an expression is true: the policy of a page forbids what Playwright waits with."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{condition} never came true")
