"""What tests of several kinds of pages ask for."""

from collections.abc import Iterator

import pytest

from tests.viz.pages import numbers_travelling


@pytest.fixture
def travelling() -> Iterator[None]:
    """Pages whose numbers travel, and are not computed in the page."""
    with numbers_travelling():
        yield
