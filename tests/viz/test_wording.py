"""The table of phrases, and the language that is chosen."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import autograd_nn
from autograd_nn import Tensor, viz
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.wording.phrases import AREAS, PHRASES
from autograd_nn.viz.wording.saying import say, spoken
from tests.viz.pages import data_of

FOLDER = Path(autograd_nn.__file__).parent
TEXTS = [
    path.read_text("utf-8")
    for path in sorted(FOLDER.rglob("*"))
    if path.suffix in (".py", ".js", ".html")
]
CHINESE = re.compile("[\u4e00-\u9fff]")


def holes(text: str) -> list[tuple[str, str | None, str | None]]:
    """What stands between braces, in the order of its names."""
    found = [
        (name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None
    ]
    return sorted(set(found))


def keys_named(areas: str) -> set[str]:
    """What looks like a key of one of these areas, in any file of the package."""
    pattern = rf"[\"':]((?:{areas})\.\w+)(?=[\"'}}])"
    found = {key for text in TEXTS for key in re.findall(pattern, text)}
    # The top level names the file of `compare_runs` by its place in the package.
    files = {"runs.comparing"}
    return {key for key in found - files if not key.endswith((".js", ".css", ".html"))}


def faults_of(english: str, chinese: str) -> Iterator[str]:
    """What is wrong with a phrase."""
    if not english.strip() or not chinese.strip():
        yield "it is not there in both languages"
    if english == chinese:
        yield "it is not translated"
    if holes(english) != holes(chinese):
        yield f"the holes of the languages are {holes(english)} and {holes(chinese)}"
    for name, spec, how in holes(english):
        if not name.isidentifier() or (spec, how) != ("", None):
            yield f"the hole {name!r} is more than a name"
    if CHINESE.search(english):
        yield "the English is Chinese"


def test_every_phrase_is_there_in_both_languages() -> None:
    found = {key: list(faults_of(*languages)) for key, languages in PHRASES.items()}
    assert {key: faults for key, faults in found.items() if faults} == {}


@pytest.mark.parametrize(
    ("english", "chinese", "fault"),
    [
        ("", "\u4e00", "not there"),
        ("one", " ", "not there"),
        ("one", "one", "not translated"),
        ("{a}", "\u4e00{b}", "holes"),
        ("{a.b}", "\u4e00{a.b}", "more than a name"),
        ("{a:.2f}", "\u4e00{a:.2f}", "more than a name"),
        ("{a!r}", "\u4e00{a!r}", "more than a name"),
        ("\u4e00", "\u4e8c", "is Chinese"),
    ],
)
def test_a_fault_of_a_phrase_is_seen(english: str, chinese: str, fault: str) -> None:
    assert [fault in told for told in faults_of(english, chinese)] == [True]


def test_every_phrase_is_used_and_what_is_used_is_there() -> None:
    assert keys_named("|".join(AREAS)) == set(PHRASES)


def test_a_page_has_the_phrases_that_its_script_says_in_one_language(tmp_path: Path) -> None:
    x = Tensor(3.0, name="x")
    for lang, place in (("en", 0), ("zh", 1)):
        page = viz.explore(x * x, tmp_path / f"{lang}.html", lang=lang)
        text = Path(page).read_text("utf-8")
        assert f'<html lang="{lang}">' in text
        found = data_of(page)["phrases"]
        assert found == {key: PHRASES[key][place] for key in found}
        assert "page.pause" in found
        assert f">{PHRASES['page.skip'][place]}<" in text
        assert PHRASES["page.skip"][1 - place] not in text


def test_a_name_with_braces_is_not_taken_for_a_hole(tmp_path: Path) -> None:
    x = Tensor(3.0, name="{root}{{say:page.skip}}")
    text = Path(viz.explore(x * x, tmp_path / "page.html")).read_text("utf-8")
    assert text.count(">Skip the picture<") == 1


# ---------------------------------------------------------------------- the language


def first_backward() -> str:
    x = Tensor(3.0, name="x")
    return viz.steps(x * x)[1].sentence


def test_the_language_is_that_of_the_block() -> None:
    english = first_backward()
    with viz.language("zh"):
        assert first_backward() == "反向传播从 v1 开始：∂v1/∂v1 = 1。"
        with viz.language("en"):
            assert first_backward() == english
        assert spoken() == "zh"
    assert first_backward() == english == "Backward starts at v1: ∂v1/∂v1 = 1."


def test_an_error_in_a_block_ends_its_language() -> None:
    with pytest.raises(ZeroDivisionError), viz.language("zh"):
        raise ZeroDivisionError
    assert spoken() == "en"


def test_it_is_chosen_for_good_by_a_call() -> None:
    chosen = viz.language("zh")
    assert spoken() == "zh"
    assert repr(chosen) == "<language 'zh'>"
    viz.language("en")
    assert spoken() == "en"


def test_another_thread_is_not_spoken_for() -> None:
    heard = []
    with viz.language("zh"):
        thread = threading.Thread(target=lambda: heard.append(spoken()))
        thread.start()
        thread.join()
    assert heard == ["en"]


@pytest.mark.parametrize("name", ["de", "ZH", "", 1, None])
def test_another_language_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match='"en" \\(English\\) or "zh" \\(Chinese\\), got'):
        viz.language(name)
    assert spoken() == "en"


def test_a_page_in_another_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="language must be"):
        viz.explore(Tensor(1.0) * 2, tmp_path / "page.html", lang="fr")
    assert not (tmp_path / "page.html").exists()
    assert spoken() == "en"


def test_say_fills_holes() -> None:
    assert say("page.heading", root="{x}") == "Backpropagation of {x}"
