"""Functions in a program: their signs, NumPy's names, and copies of their own source."""

from __future__ import annotations

import ast
import builtins
import contextlib
import functools
import importlib.util
import keyword
import linecache
import math
import operator
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn import Operation, Tensor, ops
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.operation import part
from autograd_nn.program.refusals import NoSource
from autograd_nn.program.source.expressions import imports
from autograd_nn.program.source.functions import Head
from autograd_nn.program.source.spelling import identifier, spelled_name
from tests.engine.samples import BY_NAME, SAMPLES, numbers


def run(texts):
    """What the texts define, with what a program of them imports."""
    namespace = {}
    for text in [*imports("\n".join(texts)), *texts]:
        exec(text, namespace)
    return namespace


def definitions(function, name):
    """Definitions of all that is needed, in order; the last one makes ``name`` the function."""
    head = Head()
    assert head.copy(function, name) == name
    return head.texts


def copied(function, name="copied"):
    return run(definitions(function, name))[name]


def module(folder, name, text):
    """A module of this text, imported from a file."""
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text), "utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def assert_identical(one, other):
    assert type(one) is type(other)
    if isinstance(one, tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_identical(a, b)
        return
    assert np.asarray(one).dtype == np.asarray(other).dtype
    assert np.shape(one) == np.shape(other)
    assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


# ------------------------------------------------------------------ without source

SIGNS = [
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
    *("and_", "or_", "xor", "lshift", "rshift", "lt", "le", "eq", "ne", "ge", "gt"),
    *("neg", "pos", "invert", "inv", "abs"),
]


@pytest.mark.parametrize("name", SIGNS)
def test_a_function_of_operator_is_written_as_its_sign(name):
    function = getattr(operator, name)
    integers = np.array([[7, 2], [1, 5]]), np.array([[2, 1], [3, 2]])
    arguments = integers[: 1 if name in ("neg", "pos", "invert", "inv", "abs") else 2]
    assert_identical(copied(function)(*arguments), function(*arguments))


def test_forms_of_signs():
    assert definitions(operator.matmul, "f") == ["def f(x, y):\n    return x @ y"]
    assert definitions(operator.neg, "f") == ["def f(x):\n    return -x"]
    assert definitions(operator.getitem, "f") == ["def f(x, key):\n    return x[key]"]
    assert definitions(operator.abs, "f") == ["f = abs"]


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (np.exp, "np.exp"),
        (np.abs, "np.absolute"),
        (np.add.reduce, "np.add.reduce"),
        (np.maximum.accumulate, "np.maximum.accumulate"),
        (np.linalg.norm, "np.linalg.norm"),
        (np.fft.fft, "np.fft.fft"),
        (np.where, "np.where"),
        (np.mean, "np.mean"),
        (np.array, "np.array"),
        (np.lib.stride_tricks.sliding_window_view, "np.lib.stride_tricks.sliding_window_view"),
        (np.float32, "np.float32"),
        (np.ndarray.transpose, "np.ndarray.transpose"),
        (abs, "abs"),
        (max, "max"),
        (float, "float"),
    ],
)
def test_numpy_and_built_in_functions_go_by_name(function, text):
    assert spelled_name(function) == text
    assert eval(text) is function or eval(text) == function
    assert definitions(function, "f") == [f"f = {text}"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (np.random.normal, "draws random numbers"),
        (np.random.default_rng, "draws random numbers"),
        (np.random.default_rng(0).normal, "draws random numbers"),
        (math.exp, r"without source in Python\. Use np\.exp instead"),
        (math.gamma, r"Write it with NumPy instead"),
        (np.frompyfunc(lambda x: x, 1, 1), "an object of type ufunc"),
        (np.vectorize(math.exp), "an object of type vectorize"),
        (functools.partial(np.sum, axis=0), "an object of type partial"),
        (functools.lru_cache(lambda x: x), "an object of type _lru_cache_wrapper"),
        (Tensor([1.0]).sum, "a method of an object"),
        ([].append, "without source"),
        (Tensor, "a class"),
        (eval, "without source"),
        (open, "without source"),
    ],
)
def test_what_has_no_source_is_refused_by_name(function, message):
    assert spelled_name(function) is None
    with pytest.raises(NoSource, match=message):
        definitions(function, "f")


def test_the_refusal_is_an_error_of_the_house():
    assert issubclass(NoSource, StateError)


# ------------------------------------------------------------------ every operation

# One counts with math.prod and raises a ShapeError; SciPy's polygamma is a function of Python.
REFUSED = {"mean", "polygamma"}
CASES = [
    pytest.param(BY_NAME[name], case, id=f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
    if name not in REFUSED | {"psi", "lstm", "gru"}  # whose rules are refused: see below
]


def test_which_operations_are_refused():
    refused = {}
    for name in BY_NAME:
        try:
            definitions(BY_NAME[name], "f")
        except NoSource as error:
            refused[name] = str(error)
    assert set(refused) == REFUSED
    assert "operations.reductions.count " in refused["mean"]
    assert "`math.prod`" in refused["mean"]


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_the_copy_of_a_value_function_computes_the_same(operation, case):
    copy = copied(operation.value)
    assert_identical(
        copy(*case.inputs, **case.attributes), operation.value(*case.inputs, **case.attributes)
    )


def as_arrays(results):
    results = results if isinstance(results, tuple) else (results,)
    return tuple(np.asarray(r.data if type(r) is Tensor else r) for r in results)


@np.errstate(invalid="ignore")  # the logarithm of a negative base, in both
@pytest.mark.parametrize(("operation", "case"), CASES)
def test_the_copy_of_a_rule_computes_the_same(operation, case):
    inputs = case.inputs
    out = operation.value(*inputs, **case.attributes)
    if isinstance(out, tuple):
        g = tuple(np.ones_like(piece) for piece in out)
    else:
        out = np.asarray(out)
        g = numbers(*out.shape, seed=7)
    rules = operation.gradients
    for rule in rules if isinstance(rules, tuple) else (rules,):
        if rule is not None:
            assert_identical(
                as_arrays(copied(rule)(g, out, *inputs, **case.attributes)),
                as_arrays(rule(g, out, *inputs, **case.attributes)),
            )


def test_which_rules_are_refused():
    refused = set()
    for name in BY_NAME:
        rules = BY_NAME[name].gradients
        for rule in rules if isinstance(rules, tuple) else (rules,):
            try:
                rule is None or definitions(rule, "f")
            except NoSource:
                refused.add(name)
    # Those of whole sequences ask whether they are recorded, and then take the steps one by one.
    assert refused == {"mean", "polygamma", "psi", "lstm", "gru"}


def test_the_text_of_a_copy():
    assert definitions(ops.binary_cross_entropy, "loss") == [
        "def widened(x):\n"
        '    """Half precision as single: in it sums end at 65,504 and 1 − 1e-7 is 1."""\n'
        "    return x.astype(np.float32) if np.result_type(x) == np.float16 else x",
        "EPSILON = 1e-07",
        "def clipped(p):\n    return np.clip(widened(p), EPSILON, 1 - EPSILON)",
        "def loss(p, y):\n"
        "    q = clipped(p)\n"
        "    loss = -(y * np.log(q) + (1 - y) * np.log(1 - q))\n"
        "    return loss.astype(np.result_type(p), copy=False)",
    ]
    assert definitions(ops.softsign, "softsign") == [
        "def softsign(x):\n    return x / (1 + np.abs(x))"
    ]
    assert definitions(ops.sqrt, "root") == ["root = np.sqrt"]


def test_an_operation_is_copied_as_its_value_under_its_name():
    (rule,) = ops.sigmoid.gradients
    texts = definitions(rule, "rule")
    assert [text.partition("(")[0] for text in texts] == ["def sigmoid_slope", "def rule"]
    assert texts[1] == "def rule(g, out, x):\n    return g * sigmoid_slope(x)"
    assert copied(part)((3, 4), index=1) == 4


def test_the_text_is_the_same_every_time():
    for name in sorted(set(ops.__all__) - REFUSED):
        operation = BY_NAME[name]
        assert definitions(operation, "f") == definitions(operation, "f")


# ------------------------------------------------------------------ finding the source

first, second = (lambda x: x + 1), (lambda x: x + 2)
nearly_equal = [lambda x: x * 2.0, lambda x: x * 2]
many_lines = Operation(
    "many_lines",
    value=lambda x, scale=2.0: (
        # Doubled,
        x * scale
        # and moved.
        + np.cos(x)
    ),
    gradients=(lambda g, out, x, scale=2.0: g * (scale - np.sin(x)),),
)


def test_two_lambdas_on_one_line():
    assert (copied(first)(10), copied(second)(10)) == (11, 12)
    assert [type(copied(f)(1)) for f in nearly_equal] == [float, int]


def test_a_lambda_inside_a_lambda():
    outer = lambda x: lambda y: y + x  # noqa: E731
    assert copied(outer)(3)(4) == 7
    assert copied(outer(3))(4) == 7
    assert definitions(outer(3), "inner")[0] == "x = 3"


def test_a_lambda_of_several_lines_inside_of_a_call():
    x = numbers(5)
    assert_identical(copied(many_lines.value)(x), x * 2.0 + np.cos(x))
    assert_identical(copied(many_lines.value)(x, scale=1.5), x * 1.5 + np.cos(x))
    assert_identical(copied(many_lines.gradients[0])(1.0, None, x), 1.0 * (2.0 - np.sin(x)))


def test_lambdas_that_columns_alone_would_tell_apart(tmp_path):
    folded = module(tmp_path, "folded", "pair = [lambda: 1 + 1, lambda: 2]\n").pair
    for function, text in zip(folded, ["1 + 1", "2"], strict=True):
        with contextlib.suppress(NoSource):  # Python 3.12 keeps no columns of a folded constant
            assert definitions(function, "f") == [f"def f():\n    return {text}"]
    same = module(tmp_path, "same", "pair = [lambda x: x, lambda x: x]\n").pair
    assert copied(same[1])(5) == 5


def test_lambdas_without_columns_are_refused_where_several_could_be_meant(tmp_path, monkeypatch):
    monkeypatch.setattr("autograd_nn.program.source.syntax_trees._start", lambda code: (0, 0))
    made = module(tmp_path, "columns", "pair = (lambda x: x + 1), (lambda x: x + 2)\n")
    with pytest.raises(NoSource, match="line 1 .* holds several that could be meant"):
        definitions(made.pair[0], "f")


def test_a_function_without_text_is_refused():
    namespace = {}
    exec(compile("def nowhere(x):\n    return x", "<nowhere>", "exec"), namespace)
    with pytest.raises(NoSource, match="nowhere cannot be copied .* its source is not kept"):
        definitions(namespace["nowhere"], "f")


def test_a_function_of_a_notebook_cell():
    text = "import numpy as np\ndef cell(x):\n    return np.exp(x)  # as in a cell\n"
    linecache.cache["<cell 1>"] = (len(text), None, text.splitlines(keepends=True), "<cell 1>")
    namespace = {}
    for statement in compile(text, "<cell 1>", "exec", flags=ast.PyCF_ONLY_AST).body:  # one by one
        exec(compile(ast.Module([statement], []), "<cell 1>", "exec"), namespace)
    assert definitions(namespace["cell"], "f") == ["def f(x):\n    return np.exp(x)"]


def test_a_file_that_was_changed_is_noticed(tmp_path):
    made = module(tmp_path, "changing", "def f(x):\n    return x + 1\ng = lambda x: x + 2\n")
    assert copied(made.f)(1) == 2
    (tmp_path / "changing.py").write_text("def f(x):\n    return x + 10\ng = lambda x: x + 20\n")
    assert copied(made.f)(1) == 2  # what it runs was read before
    with pytest.raises(NoSource, match=r"changing\.py, line 3, stands something else than what"):
        definitions(made.g, "g")
    (tmp_path / "changing.py").write_text("\n\ng = lambda x: x - 2\n")
    with pytest.raises(NoSource, match="stands something else"):
        definitions(made.g, "g")
    (tmp_path / "changing.py").write_text("def f(x:\n")
    with pytest.raises(NoSource, match="stands something else"):
        definitions(made.g, "g")


# ------------------------------------------------------------------ what stays in the text


def annotated(x: np.ndarray, *rest: float, scale: float = 2.0, **more: int) -> np.ndarray:
    """Scaled:

    twice when nothing is said.
    """
    # The sum over `rest` begins with 0.
    total: float = sum(rest, 0.0)  # type: ignore[arg-type]
    label: str
    label = f"{scale}σ"
    return x * scale + total + len(more) + len(label)  # all of it


def test_annotations_and_comments_go_and_the_docstring_stays():
    (text,) = definitions(annotated, "scaled")
    assert text == (
        "def scaled(x, *rest, scale=2.0, **more):\n"
        '    """Scaled:\n\n    twice when nothing is said.\n    """\n'
        "    total = sum(rest, 0.0)\n"
        "    pass\n"
        "    label = f'{scale}σ'\n"
        "    return x * scale + total + len(more) + len(label)"
    )
    assert run([text])["scaled"](np.ones(2), 1.0, 2.0, a=1).tolist() == [10.0, 10.0]


def test_a_function_inside_another_with_a_name_that_a_program_has_itself():
    step = 0.5

    def inner(x):
        if x > 0:
            return "σ′σ", step, x
        return step

    assert definitions(inner, "f") == [
        "step_ = 0.5",
        "def f(x):\n    if x > 0:\n        return ('σ′σ', step_, x)\n    return step_",
    ]


def positional(a, b=2, /, c=3, *, d, e=5):
    return a, b, c, d, e


def test_defaults_and_keyword_only_arguments():
    copy = copied(positional)
    assert copy(1, d=4) == (1, 2, 3, 4, 5)
    assert copy(1, 20, c=30, d=40, e=50) == (1, 20, 30, 40, 50)
    for wrong in (lambda: copy(1), lambda: copy(a=1, d=4), lambda: copy(1, 2, 3, 4)):
        with pytest.raises(TypeError):
            wrong()


RATE = 0.5


def with_default(x, rate=RATE, act=np.tanh, then=first):
    return then(act(x * rate))


def test_a_default_is_what_it_was_when_the_function_was_made(monkeypatch):
    monkeypatch.setitem(globals(), "RATE", 1000.0)
    texts = definitions(with_default, "f")
    assert texts[-1].startswith("def f(x, rate=0.5, act=tanh, then=")
    assert run(texts)["f"](0.3) == np.tanh(0.15) + 1


_LEVEL = 1.0


def levelled(x):
    return x + _LEVEL


def test_a_constant_has_the_value_of_the_time_of_copying(monkeypatch):
    early = definitions(levelled, "f")
    monkeypatch.setitem(globals(), "_LEVEL", 2.0)
    late = definitions(levelled, "f")
    assert (early[0], late[0]) == ("LEVEL = 1.0", "LEVEL = 2.0")
    monkeypatch.setitem(globals(), "_LEVEL", 3.0)
    assert (run(early)["f"](0), run(late)["f"](0)) == (1.0, 2.0)


@pytest.mark.parametrize(
    "value",
    [
        *(
            1,
            -1,
            10**30,
            True,
            None,
            ...,
            0.1,
            -0.0,
            1e-300,
            math.inf,
            -math.inf,
            "a'\"\n",
            b"\x00",
        ),
        *((), (1,), (1, (2.5, "x")), 1 + 2j, complex(-0.0, -0.0), slice(None, 2), slice(1, 9, -1)),
        *(np.float32(0.1), np.float64(1 / 3), np.int8(-3), np.bool_(True), np.dtype("f4")),
        *(np.float16("inf"), np.dtype(">i2"), np.exp, float, np.float32, np.inf),
    ],
)
def test_constants_are_exact(value):
    got = copied(lambda: value)()
    assert type(got) is type(value)
    assert repr(got) == repr(value)
    assert got == value


def test_what_is_no_constant_is_not_taken_for_one():
    for value in (np.dtype([("a", "f4")]), np.longdouble(0.1), np.str_("x"), {1: 2}, (1, [2])):
        with pytest.raises(NoSource, match="`value`, an? "):
            definitions(lambda value=value: value, "f")
        with pytest.raises(NoSource, match="`value`, an? "):
            definitions(lambda: value, "f")  # noqa: B023


def test_nan_is_a_constant():
    nan = math.nan
    assert math.isnan(copied(lambda: nan)())


# ------------------------------------------------------------------ names from outside


def test_closures_are_copied_as_constants_and_functions():
    def make_layer(scale, act):
        def inner(x):
            """Scaled.

            Then activated.
            """
            return act(x) * scale

        return inner

    twice, thrice = make_layer(2, np.sin), make_layer(3, first)
    assert copied(twice)(0.5) == np.sin(0.5) * 2
    assert copied(thrice)(0.5) == 1.5 * 3
    head = Head()
    names = [head.copy(twice, "twice"), head.copy(thrice, "thrice")]
    made = run(head.texts)
    assert names == ["twice", "thrice"]
    assert (made["twice"](0.5), made["thrice"](0.5)) == (np.sin(0.5) * 2, 4.5)


def test_helpers_of_one_name_from_two_modules(tmp_path):
    one = module(tmp_path, "one", "K = 1\ndef _near(x):\n    return x + K\n")
    two = module(tmp_path, "two", "K = 20\ndef _near(x):\n    return x + K\n")
    one_near, two_near = one._near, two._near
    texts = definitions(lambda x: (one_near(x), two_near(x), one._near(x)), "f")
    assert run(texts)["f"](0) == (1, 20, 1)
    assert sum(text.startswith("def ") for text in texts) == 3
    both = module(tmp_path, "both", "")
    both.one, both.two = one, two
    path = "both.one._near(x), both.two._near(x)"
    caller = module(tmp_path, "caller", f"def f(x):\n    return {path}\n")
    caller.both = both
    texts = definitions(caller.f, "f")
    assert run(texts)["f"](0) == (1, 20)
    assert texts[-1] == "def f(x):\n    return (near(x), near_2(x))"


def test_a_helper_that_has_the_name_of_a_variable(tmp_path):
    made = module(
        tmp_path,
        "variables",
        """
        import numpy
        def _clipped(x):
            return x - 1
        def clipped(x):
            return x + 100
        def f(x):
            clipped = _clipped(x)
            return clipped
        def g(x):
            return f(x) + clipped(x)
        """,
    )
    assert copied(made.f)(5) == 4
    assert copied(made.f, "clipped")(5) == 4
    assert copied(made.g)(5) == 4 + 105
    head = Head()
    clipped = head.copy(made.clipped, "_clipped")
    assert run([*head.texts, f"a = {clipped}(1)"])["a"] == 101
    name = head.copy(made.f, "f")
    assert run(head.texts)[name](5) == 4


def test_a_name_already_given_is_not_hidden_by_a_variable(tmp_path):
    made = module(
        tmp_path,
        "hidden",
        """
        def helper(x):
            return x + 1
        def f(x):
            return helper(x)
        other = helper
        def g(x):
            helper = 10
            return other(x) * helper
        """,
    )
    head = Head()
    head.copy(made.f, "f")
    head.copy(made.g, "g")
    assert run(head.texts)["g"](1) == 20
    assert run(head.texts)["f"](1) == 2


def test_recursion(tmp_path):
    made = module(
        tmp_path,
        "recursive",
        """
        def _power(x, n):
            return 1 if n == 0 else x * _power(x, n - 1)
        def even(n):
            return True if n == 0 else odd(n - 1)
        def odd(n):
            return False if n == 0 else even(n - 1)
        def outer():
            def inner(n):
                return 0 if n == 0 else 1 + inner(n - 1)
            return inner
        """,
    )
    assert copied(made._power, "raised")(2, 5) == 32
    assert "_power" not in definitions(made._power, "raised")[0]
    assert (copied(made.even)(7), copied(made.odd)(7)) == (False, True)
    assert copied(made.outer())(4) == 4


def test_a_recursive_function_under_the_name_of_its_variable_is_refused(tmp_path):
    made = module(
        tmp_path,
        "clashing",
        """
        def f(n):
            g = 1
            return g if n == 0 else f(n - 1)
        def h(n, again=None):
            return n
        h.__defaults__ = (h,)
        """,
    )
    assert copied(made.f, "f")(3) == 1
    with pytest.raises(NoSource, match=r"clashing\.f .* `f` means something of its own"):
        definitions(made.f, "g")
    with pytest.raises(NoSource, match=r"clashing\.h"):
        definitions(made.h, "h")


def test_modules_by_other_names(tmp_path):
    made = module(
        tmp_path,
        "modules",
        """
        import numpy as jnp
        import numpy
        import math as m
        import operator
        from math import pi
        from numpy import linalg as la, add as plus
        from numpy.linalg import norm as length
        from autograd_nn import ops
        def f(x):
            return jnp.exp(x) * numpy.sin(x) + m.pi + pi + m.tau  # several
        def g(x):
            return la.norm(x) + length(x) + plus.reduce(x) + operator.mul(2, 3)
        def h(x):
            return ops.sigmoid(x) + ops.exp(x)
        """,
    )
    x = numbers(3)
    assert_identical(copied(made.f)(x), made.f(x))
    assert_identical(copied(made.g)(x), made.g(x))
    assert_identical(copied(made.h)(x), np.asarray(made.h(x)))
    assert definitions(made.f, "f") == [
        f"pi = {math.pi!r}",
        f"tau = {math.tau!r}",
        "def f(x):\n    return np.exp(x) * np.sin(x) + pi + pi + tau",
    ]
    assert "def mul(x, y):\n    return x * y" in definitions(made.g, "g")


def test_own_functions_named_as_built_in_ones(tmp_path):
    made = module(
        tmp_path,
        "built_in",
        """
        def sum(x):
            return x + 1
        def f(x):
            return sum(x) + max(x, 3)
        """,
    )
    assert copied(made.f)(1) == 2 + 3
    assert definitions(made.f, "f")[0] == "def sum_(x):\n    return x + 1"


def test_names_inside_f_strings_and_nested_functions(tmp_path):
    made = module(
        tmp_path,
        "nested",
        """
        _unit = "cm"
        def f(x: int) -> str:
            def g(y: "Unknown") -> "Unknown":
                return f"{y}{_unit}"
            return [g(z) for z in (x, x + 1)]
        """,
    )
    assert copied(made.f)(1) == ["1cm", "2cm"]


def test_a_decorated_function(tmp_path):
    made = module(
        tmp_path,
        "decorated",
        """
        import functools
        def doubled(function):
            @functools.wraps(function)
            def call(*args, **keywords):
                return 2 * function(*args, **keywords)
            return call
        def noted(function):
            function.note = 1
            return function
        @doubled
        def f(x):
            return x + 1
        @noted
        def g(x):
            return x + 1
        @functools.lru_cache
        def h(x):
            return x
        def uses_h(x):
            return h(x)
        """,
    )
    assert copied(made.f)(3) == 8
    assert definitions(made.g, "g") == ["def g(x):\n    return x + 1"]
    with pytest.raises(NoSource, match=r"decorated\.uses_h .* `h`, an object of type _lru_cache"):
        definitions(made.uses_h, "f")


REFUSED_BODIES = {
    "raise Own(x)": r"`Own`, an error class\. Raise a built-in error",
    "return Tensor(x)": "`Tensor`, a class",
    "return x + weights": "`weights`, a Tensor. Give it to the operation as an input",
    "return x + table": "`table`, an array",
    "return x + options[0]": "`options`, a list, which can change. Make it a tuple",
    "return math.prod(x)": r"`math\.prod`, a function without source .* Use np\.prod",
    "return prod(x)": "`prod`, a function without source",
    "return np.random.normal(size=x)": r"`np\.random\.normal`, which draws random numbers",
    "return rng.normal(size=x)": "`rng`, which draws random numbers",
    "return helper(math)": "`math`, a module",
    "return helper.note": r"`helper\.note`, an attribute of a function",
    "return exp.value(x)": r"`exp\.value`, an attribute of a function",
    "return undefined(x)": "`undefined`, which is not defined",
    "return eval('x')": "`eval`, ",
    "global counter\n    counter = x": "changes a variable outside",
    "np.seterr = x": "changes a variable outside",
    "import math\n    return math.pi": r"it imports \(`import math`\)",
    "class A:\n        pass": "defines the class 'A'",
    "return (lambda _unit: _unit)(x) + _unit + _unit_2()": "`_unit` means something of its own",
    "return inner_helper(x)": r"refusing\.inner_helper .* `Own`",
}


@pytest.mark.parametrize("body", REFUSED_BODIES)
def test_what_a_program_cannot_hold_is_refused_with_its_name(tmp_path, body):
    made = module(
        tmp_path,
        "refusing",
        f"""
import math
from math import prod
import numpy as np
from autograd_nn import Tensor
from autograd_nn.ops import exp
class Own(ValueError):
    pass
weights, table, options = Tensor([1.0]), np.ones(3), [1, 2]
rng = np.random.default_rng(0)
_unit = 1.0
def _unit_2():
    return 1
def helper(x):
    return x
helper.note = 1
def inner_helper(x):
    raise Own(x)
def f(x):
    {body}
""",
    )
    head = Head()
    head.copy(made.helper, "helper")
    before = list(head.texts)
    with pytest.raises(NoSource, match=REFUSED_BODIES[body]) as caught:
        head.copy(made.f, "f")
    assert "cannot be copied into a program" in str(caught.value)
    assert head.texts == before
    assert head.copy(made.helper, "again") == "helper"


def test_names_that_a_class_changes_are_refused(tmp_path):
    made = module(
        tmp_path,
        "private",
        """
        def __scaled(x):
            return x
        class Rules:
            def value(x):
                return __scaled(x)
            def kept(x, settings):
                return x * settings.__scale.real
            def plain(x):
                return x * x.__len__()
        def outside(x):
            return __scaled(x)
        """,
    )
    for function, name in ((made.Rules.value, "__scaled"), (made.Rules.kept, "__scale")):
        with pytest.raises(NoSource, match=f"`{name}`, which Python changes inside of a class"):
            definitions(function, "f")
    assert copied(made.Rules.plain)(np.ones(3)).tolist() == [3.0, 3.0, 3.0]
    assert copied(made.outside)(5) == 5


def test_a_variable_that_is_not_yet_assigned_is_refused():
    def around():
        def inner():
            return later

        definitions(inner, "f")
        later = 1
        return later

    with pytest.raises(NoSource, match="`later`, which is not defined"):
        around()


def test_a_nonlocal_is_refused():
    count = 0

    def counting(x):
        nonlocal count
        count += 1
        return x

    with pytest.raises(NoSource, match="changes a variable outside"):
        definitions(counting, "f")


# ------------------------------------------------------------------ the head of a program


def test_each_helper_stands_in_the_head_once():
    head = Head({"loss"})
    names = [
        head.copy(operation, operation.name)
        for operation in (ops.binary_cross_entropy, ops.categorical_cross_entropy, ops.max)
    ]
    names.append(head.copy(ops.binary_cross_entropy.gradients[0], "loss"))
    assert names == ["binary_cross_entropy", "categorical_cross_entropy", "max_", "loss_2"]
    assert head.copy(ops.max, "largest") == "max_"
    assert sum(text.startswith("EPSILON") for text in head.texts) == 1
    assert sum(text.startswith("def clipped") for text in head.texts) == 1
    p = np.array([0.25])
    assert run(head.texts)["loss_2"](1.0, None, p, 1.0).tolist() == [-4.0]


def test_functions_that_are_gone_are_not_taken_for_others():
    def maker(number):
        return lambda: number

    head = Head()
    names = [head.copy(maker(number), "f") for number in range(20)]
    made = run(head.texts)
    assert [made[name]() for name in names] == list(range(20))


@pytest.mark.parametrize(
    "name", ["lambda", "a b", "x; import os", "np", "sum", "σ", "", "1x", "a.b"]
)
def test_a_name_that_is_none_is_changed(name):
    assert Head().copy(ops.relu, name).isidentifier()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("x", "x"),
        ("dense_1/kernel", "dense_1_kernel"),
        ("σ′", "sigma_prime"),
        ("Fläche", "Flache"),
        ("lambda", "lambda_"),
        ("np", "np_"),
        ("step", "step_"),
        ("make", "make_"),
        ("sum", "sum_"),
        ("2nd", "value_2nd"),
        ("", "value"),
        ("_private", "private"),
        ("x\n__import__('os')", "x___import___os"),
    ],
)
def test_identifiers_are_readable(text, name):
    assert identifier(text, set()) == name


@given(st.lists(st.text() | st.sampled_from(["x", "x_2", "np", "if", "σ", "sum", "sum_"])))
def test_identifiers_are_unique_names(texts):
    taken = set()
    names = [identifier(text, taken) for text in texts]
    assert len(set(names)) == len(names)
    assert set(names) == taken
    for name in names:
        assert name.isidentifier()
        assert name.isascii()
        assert not keyword.iskeyword(name)
        assert not hasattr(builtins, name)
        assert name not in {"np", "step", "make"}
