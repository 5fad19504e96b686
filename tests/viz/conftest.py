"""What tests of several kinds of pages ask for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.every_page import written
from tests.viz.pages import QUIET, chromium, numbers_travelling


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, running."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield running
        running.close()


@pytest.fixture(scope="session")
def every_page(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    """A page of every kind, in each language."""
    return {lang: written(tmp_path_factory.mktemp(lang), lang) for lang in ("en", "zh")}


@pytest.fixture
def travelling() -> Iterator[None]:
    """Pages whose numbers travel, and are not computed in the page."""
    with numbers_travelling():
        yield
