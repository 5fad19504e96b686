"""Scripts and styles without what only readers need."""

import pytest

from autograd_nn.viz.page.shortening import short_script, short_style


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const a = b + c; // a sum\nreturn a ? 1 : -1;", "const a=b+c;\nreturn a?1:-1;"),
        ('  say("a, b // c", { x: 1 });', 'say("a, b // c",{x:1});'),
        ("f(`${a + b} = ${g(`x, ${y}`)}`, x / y)", "f(`${a + b} = ${g(`x, ${y}`)}`,x/y)"),
        ("text.split(/, (?![^[]*\\])/) // why", "text.split(/, (?![^[]*\\])/)"),
        ("a + +b - -c", "a + +b - -c"),
        ("return [x, y];\n\n// Alone.\nfor (const x of [1]) {\n  f();\n}",
         "return[x,y];\nfor(const x of[1]){\nf();\n}"),
        ('"−1" // "no text"', '"−1"'),
    ],
)  # fmt: skip
def test_a_script_keeps_its_texts_and_loses_its_spaces(text: str, expected: str) -> None:
    assert short_script(text).strip() == expected


def test_a_style_keeps_what_its_spaces_mean() -> None:
    text = "/* So. */\n.a :is(b, c):not(.d) { width: calc(50% - .5px);\n  margin: 0 1px; }\n"
    assert short_style(text) == ".a :is(b,c):not(.d){width:calc(50% - .5px);margin:0 1px}"
