"""Files, notebooks, and what happens without Graphviz."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograd_nn import Tensor, viz
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz import GraphView, NoRendererError, RenderingError
from autograd_nn.viz.pictures import rendering
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson

STARTS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.fixture
def graph() -> viz.Graph:
    return viz.draw(lesson().loss)


@pytest.mark.parametrize("kind", STARTS)
def test_pictures_are_written(graph: viz.Graph, tmp_path: Path, kind: str) -> None:
    path = graph.save(tmp_path / f"g.{kind}")
    assert path.read_bytes().startswith(STARTS[kind])


def test_text_forms_are_written_without_graphviz(graph: viz.Graph, tmp_path: Path) -> None:
    def save_all() -> None:
        for kind in ("dot", "txt", "json"):
            graph.save(str(tmp_path / f"g.{kind}"))

    without_graphviz(save_all)
    assert (tmp_path / "g.dot").read_text("utf-8") == graph.dot
    assert (tmp_path / "g.txt").read_text("utf-8") == graph.text()
    assert GraphView.from_json((tmp_path / "g.json").read_text("utf-8")) == graph.view


def test_the_ending_in_capitals(graph: viz.Graph, tmp_path: Path) -> None:
    assert graph.save(tmp_path / "G.TXT").read_text("utf-8") == graph.text()


@pytest.mark.parametrize("name", ["g.xyz", "g", "g.", ".svg", "g.svg.gz"])
def test_an_unknown_ending(graph: viz.Graph, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.svg.*\.png.*\.txt") as caught:
        without_graphviz(lambda: graph.save(tmp_path / name))
    assert name in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(graph: viz.Graph, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="there is no folder .*nowhere"):
        graph.save(tmp_path / "nowhere" / "g.txt")


@pytest.mark.parametrize("kind", STARTS)
def test_a_picture_without_graphviz(graph: viz.Graph, tmp_path: Path, kind: str) -> None:
    with pytest.raises(RuntimeError, match=r"Graphviz.*pip install 'autograd-nn\[viz\]'.*\.text"):
        without_graphviz(lambda: graph.save(tmp_path / f"g.{kind}"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoRendererError):
        without_graphviz(graph.svg)


def test_a_notebook_without_graphviz(graph: viz.Graph) -> None:
    bundle = without_graphviz(graph._repr_mimebundle_)
    assert set(bundle) == {"text/plain"}
    assert bundle["text/plain"].startswith(graph.text())
    assert bundle["text/plain"].rstrip().endswith("pip install 'autograd-nn[viz]'")


def test_a_notebook_with_graphviz(graph: viz.Graph) -> None:
    first, second = graph._repr_mimebundle_(), graph._repr_mimebundle_()
    assert set(first) == {"text/plain", "text/html", "image/svg+xml"}
    assert first["text/plain"] == graph.text()
    ids = [
        element.get("id")
        for bundle in (first, second)
        for element in ElementTree.fromstring(bundle["text/html"]).iter()
        if element.get("id")
    ]
    assert len(set(ids)) == len(ids)
    assert 'role="img"' in first["text/html"] and "aria-label=" in first["text/html"]
    assert set(graph._repr_mimebundle_(include=["image/svg+xml"])) == {"image/svg+xml"}
    assert set(graph._repr_mimebundle_(exclude=["text/html"])) == {"text/plain", "image/svg+xml"}


def test_a_hostile_name_in_a_notebook() -> None:
    loss = Tensor(1.0, name="x") * 2
    loss.name = '"><script>alert(1)</script>'
    page = viz.draw(loss)._repr_mimebundle_()["text/html"]
    assert "<script" not in page
    ElementTree.fromstring(page)


def test_repr_is_short(graph: viz.Graph) -> None:
    assert repr(graph).startswith("<Graph of 14 nodes and 15 edges")
    assert "\n" not in repr(graph)


def test_chatter_of_c_libraries_is_kept_away(capfd: pytest.CaptureFixture[str]) -> None:
    with rendering._quiet() as said:
        os.write(2, b"Fontconfig warning")
        assert said() == "Fontconfig warning"
    os.write(2, b"ours")
    assert capfd.readouterr().err == "ours"


def test_drawing_is_silent(graph: viz.Graph, capfd: pytest.CaptureFixture[str]) -> None:
    graph.svg()
    assert capfd.readouterr() == ("", "")


def test_dot_that_cannot_be_parsed_is_an_error_of_ours() -> None:
    with pytest.raises(RenderingError, match="could not draw"):
        rendering.render("digraph {", "svg")


def fake_dot(folder: Path, script: str) -> str:
    """A program `dot` in Python, on a PATH of its own."""
    program = folder / "dot"
    program.write_text(f"#!{sys.executable}\nimport sys\n{script}\n", "utf-8")
    program.chmod(0o755)
    return str(folder)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for dot is a script")
class TestTheProgramDot:
    """What happens where dot is on the PATH and pygraphviz is not installed."""

    def run(self, path: str, action: Any) -> Any:
        def with_path() -> Any:
            os.environ["PATH"] = path
            return action()

        return without_graphviz(with_path)

    def test_it_is_called_with_a_list_and_reads_from_stdin(
        self, graph: viz.Graph, tmp_path: Path
    ) -> None:
        path = fake_dot(
            tmp_path, "text = sys.stdin.read(); print(sys.argv[1:], text == '', text[:9])"
        )
        out = self.run(path, lambda: graph.save(tmp_path / "-Tout.svg"))
        assert out.read_text().split("] ") == ["['-Tsvg'", "False digraph a\n"]

    def test_its_failure_is_told(self, graph: viz.Graph, tmp_path: Path) -> None:
        path = fake_dot(tmp_path, "sys.exit('bad thing happened')")
        with pytest.raises(RuntimeError, match="bad thing happened"):
            self.run(path, graph.svg)

    def test_it_may_not_take_for_ever(
        self, graph: viz.Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = fake_dot(tmp_path, "import time; time.sleep(60)")
        monkeypatch.setattr(rendering, "TIMEOUT", 0.2)
        with pytest.raises(RenderingError, match="took more than"):
            self.run(path, graph.svg)

    def test_a_real_one_draws(self, graph: viz.Graph) -> None:
        real = shutil.which("dot")
        if real is None:
            pytest.skip("no dot on this machine")
        svg = self.run(str(Path(real).parent), graph.svg)
        assert "6" in svg and svg.startswith("<?xml")


def test_importing_the_package_imports_no_renderer() -> None:
    code = "import sys, autograd_nn.viz; print({'graphviz', 'pygraphviz'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_a_label_that_cannot_be_read_is_not_left_out_without_a_word() -> None:
    with pytest.raises(RenderingError, match="mismatched tag"):
        rendering.render("digraph { x [label=<<B>x</I>>] }", "svg")
