"""What a program looks like: names, one line for a rule, shapes, and numbers that are exact."""

import ast
import operator
import re
import runpy

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograd_nn import Tensor, compiled, grad, gradients, losses, optimizers
from autograd_nn.program.calls import DOT, RESHAPE, T
from autograd_nn.program.source.expressions import (
    ATOM,
    Expression,
    aligned,
    called,
    operand,
    signature,
)
from autograd_nn.program.source.spelling import Names, array_literal
from autograd_nn.program.values import Instruction, Value
from tests.program.networks import tutorial

FLOAT = np.dtype(float)


def value(name):
    return Value(name, (2,), FLOAT, "array")


class Nested(dict):
    """Values that stand for the expression of a step, others by their name."""

    def __missing__(self, value):
        return value.name


def recorded():
    """The network of the tutorial with a recorded loss, as it stands in the texts below."""
    model, x, y = tutorial()
    x = Tensor(x, requires_grad=False, name="x")
    y = Tensor(y, requires_grad=False, name="y")
    return model, x, y, losses.BinaryCrossentropy()(y, model(x))


# ---------------------------------------------------------------------- the whole text


def test_a_small_program_as_a_person_would_write_it() -> None:
    w, b = Tensor([1.0, 2.0], name="w"), Tensor(0.5, name="b")
    x, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 2.0])
    loss = (((x * w).sum(axis=1) + b - y) ** 2).mean()
    assert (
        loss.program([w, b], inputs={"x": x, "y": y}).plain.source
        == '''\
"""Loss and its gradients, in plain NumPy."""

import numpy as np


def step(x, y, w, b):
    # forward
    multiply = x * w             # (2, 2)
    sum_ = multiply.sum(axis=1)  # (2,)
    add = sum_ + b[()]           # (2,)
    subtract = add - y           # (2,)
    power = subtract ** 2        # (2,)
    loss = power.sum() / 2       # a number

    # backward
    grad_power = np.full((2,), np.float64(0.5))                   # (2,)
    grad_subtract = grad_power * (2 * subtract ** 1)              # (2,)
    grad_b = grad_subtract.sum(axis=(0,))                         # a number
    grad_multiply = np.full((2, 2), grad_subtract.reshape(2, 1))  # (2, 2)
    grad_w = ones.dot(grad_multiply * x)                          # (2,) sum of the rows

    return loss, [grad_w, grad_b]
'''.replace("import numpy as np\n", "import numpy as np\n\nones = np.ones(2, np.float64)\n")
    )


def test_the_rule_of_the_optimizer_is_a_function_that_is_called_for_every_parameter() -> None:
    model, x, y, loss = recorded()
    source = loss.program(model.trainable_weights, optimizers.RMSprop(), inputs=[x, y]).plain.source
    assert source.count("def rmsprop(parameter, gradient, velocity, learning_rate):") == 1
    assert source.count("\n    rmsprop(") == 6
    rule = source.partition("def rmsprop(")[2].partition("\n\n")[0].splitlines()[1:]
    assert len(rule) == 3
    assert rule[-1] == "    velocity[...] = new_velocity"


def test_the_parts_are_marked_and_every_line_of_them_names_a_shape() -> None:
    model, x, y, loss = recorded()
    program = loss.program(model.trainable_weights, optimizers.SGD(), inputs=[x, y])
    for source in (program.plain.source, program.source):
        marks = re.findall(r"^ +# (\w+)$", source, re.MULTILINE)
        assert marks == ["forward", "backward", "update"]
    lines = program.plain.source.partition("# forward\n")[2].partition("\n\n    return")[0]
    for line in lines.splitlines():
        if line.strip() and not line.strip().startswith("#"):
            assert re.search(r"  # (\(.*\)|a number)( sum of the rows)?$", line), line


def test_values_have_the_names_of_layers_tensors_and_gradients() -> None:
    model, x, y, loss = recorded()
    source = loss.program(model.trainable_weights, inputs=[x, y]).plain.source
    for line in (
        "dense_matmul = x.dot(dense_kernel) ",
        "dense_sigmoid = sigmoid(dense_add) ",
        "dense_1_matmul = dense_sigmoid.dot(dense_1_kernel) ",
        "grad_dense_1_kernel = dense_sigmoid.T.dot(grad_dense_1_add) ",
        "grad_dense_sigmoid = grad_dense_1_add.dot(dense_1_kernel.T) ",
    ):
        assert f"    {line}" in source


def test_no_line_is_too_long_and_nothing_but_numpy_is_imported() -> None:
    model, x, y, loss = recorded()
    optimizer = optimizers.Adam(global_clipnorm=1.0)
    program = loss.program(model.trainable_weights, optimizer, inputs=[x, y])
    for source in (program.plain.source, program.source):
        assert max(map(len, source.splitlines())) <= 102
        imports = [
            n for n in ast.walk(ast.parse(source)) if isinstance(n, (ast.Import, ast.ImportFrom))
        ]
        assert [ast.unparse(found) for found in imports] == ["import numpy as np"]


def test_many_gradients_are_returned_as_a_list_over_several_lines() -> None:
    parts = [Tensor([1.0, 2.0], name=f"a_rather_long_name_{i}") for i in range(6)]
    loss = sum(part.sum() for part in parts)
    plain = loss.program(parts).plain
    assert max(map(len, plain.source.splitlines())) <= 100
    assert [list(gradient) for gradient in plain()[1]] == [[1.0, 1.0]] * 6


# ---------------------------------------------------------------------- what is printed is run

OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.1),
    "sgd with momentum": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.9, centered=True),
    "adam": lambda: optimizers.Adam(0.01, amsgrad=True, weight_decay=0.01),
    "clipnorm": lambda: optimizers.SGD(0.1, clipnorm=0.01),
    "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.001),
    "global_clipnorm": lambda: optimizers.Adam(0.01, global_clipnorm=0.1),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_plain_steps_of_every_optimizer_are_those_of_the_library_bit_for_bit(make) -> None:
    model, x, y, loss = recorded()
    mine = [Tensor(weight.data, name=weight.name) for weight in model.trainable_weights]
    optimizer, eager = make(), make()
    plain = loss.program(model.trainable_weights, optimizer, inputs=[x, y]).plain
    for _ in range(3):
        value = plain(x=x.data, y=y.data)
        hidden = x
        for kernel, bias in zip(mine[::2], mine[1::2], strict=True):
            hidden = (hidden @ kernel + bias).sigmoid()
        expected = losses.BinaryCrossentropy()(y, hidden)
        eager.apply_gradients(zip(gradients(expected, mine), mine, strict=True))
        assert value == expected.data
        for ours, theirs in zip(model.trainable_weights, mine, strict=True):
            assert np.array_equal(ours.data, theirs.data)


def test_a_rule_that_keeps_the_old_parameter_gets_the_old_one() -> None:
    class Heavy(optimizers.Optimizer):
        def update(self, parameter, gradient, state, step):
            last = state["last"] if state else parameter * 0
            return parameter - self.learning_rate * gradient + (parameter - last), {
                "last": parameter
            }

    w, v = Tensor(1.0, name="w"), Tensor(3.0, name="v")
    optimizer = Heavy(0.5)
    plain = (w * w + v * v).program([w, v], optimizer).plain
    # w' = w − 0.5·2w + (w − last): 1 → 1, then last = 1: 1 → 0
    assert plain() == 10.0
    assert (w.item(), v.item()) == (1.0, 3.0)
    assert plain() == 10.0
    assert (w.item(), v.item()) == (0.0, 0.0)


def test_names_that_mean_something_to_python_or_to_the_program_are_avoided() -> None:
    names = ["sum", "class", "np", "step", "kept", "sigmoid", "é ö", "2nd", "a/b", "a b", "w", "w"]
    tensors = [Tensor([0.5, 2.0], name=name) for name in names]
    loss = tensors[0].sum()
    for tensor in tensors[1:]:
        loss = loss + (tensor.sigmoid() * tensor).sum()
    program = loss.program(tensors)
    expected = gradients(loss, tensors)
    for ours, theirs in zip(program.plain()[1], expected, strict=True):
        assert np.array_equal(ours, theirs)
    for ours, theirs in zip(program()[1], expected, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-12)


def test_a_value_is_not_called_like_a_function() -> None:
    names = Names()
    names.functions.add("sigmoid")
    assert names.new("sigmoid") == "sigmoid_out"
    assert names.new("sigmoid") == "sigmoid_out_2"
    assert names.new("lambda") == "lambda_"
    assert names.new("dense_1/kernel") == "dense_1_kernel"


# ---------------------------------------------------------------------- expressions

A, B, C = value("a"), value("b"), value("c")


def nested(function, *inputs):
    """A step whose operands are steps, as text."""
    texts = Nested()
    operands = []
    for item in inputs:
        if isinstance(item, Expression):
            stand_in = value("")
            texts[stand_in] = item
            item = stand_in
        operands.append(item)
    return called(Instruction(function, tuple(operands), {}, value("out")), texts, {})


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: nested(operator.mul, nested(operator.add, A, B), C), "(a + b) * c"),
        (lambda: nested(operator.add, nested(operator.mul, A, B), C), "a * b + c"),
        (lambda: nested(operator.sub, A, nested(operator.sub, B, C)), "a - (b - c)"),
        (lambda: nested(operator.sub, nested(operator.sub, A, B), C), "a - b - c"),
        (lambda: nested(operator.truediv, A, nested(operator.mul, B, C)), "a / (b * c)"),
        (lambda: nested(operator.pow, nested(operator.pow, A, B), C), "(a ** b) ** c"),
        (lambda: nested(operator.pow, A, nested(operator.pow, B, C)), "a ** (b ** c)"),
        (lambda: nested(operator.pow, nested(operator.neg, A), 2), "(-a) ** 2"),
        (lambda: nested(operator.neg, nested(operator.pow, A, 2)), "-a ** 2"),
        (lambda: nested(operator.neg, nested(operator.add, A, B)), "-(a + b)"),
        (lambda: nested(operator.neg, nested(operator.neg, A)), "-(-a)"),
        (lambda: nested(operator.mul, A, nested(operator.neg, B)), "a * -b"),
        (lambda: nested(operator.sub, A, nested(operator.neg, B)), "a - (-b)"),
        (lambda: nested(operator.sub, A, -2.0), "a - (-2.0)"),
        (lambda: nested(operator.pow, A, -1), "a ** (-1)"),
        (lambda: nested(operator.lt, nested(operator.lt, A, B), C), "(a < b) < c"),
        (lambda: nested(operator.and_, nested(operator.gt, A, B), C), "(a > b) & c"),
        (lambda: nested(DOT, nested(T, A), B), "a.T.dot(b)"),
        (lambda: nested(DOT, nested(operator.add, A, B), C), "(a + b).dot(c)"),
        (
            lambda: nested(operator.getitem, nested(operator.matmul, A, B), (slice(1, None), None)),
            "(a @ b)[1:, None]",
        ),
        (lambda: nested(RESHAPE, A, (2, 1)), "a.reshape(2, 1)"),
        (lambda: nested(RESHAPE, A, ()), "a.reshape(())"),
    ],
)
def test_brackets_stand_where_python_needs_them(made, expected) -> None:
    assert made() == expected


@given(st.data())
def test_a_nested_expression_has_the_value_of_its_steps(data) -> None:
    numbers = {"a": 3.0, "b": 0.5, "c": -2.0}
    functions = [operator.add, operator.sub, operator.mul, operator.truediv, operator.neg]

    def drawn(depth):
        if depth == 0 or data.draw(st.booleans()):
            name = data.draw(st.sampled_from("abc"))
            return Expression(name, ATOM), numbers[name]
        function = data.draw(st.sampled_from(functions))
        parts = [drawn(depth - 1) for _ in range(1 if function is operator.neg else 2)]
        known = [number for _, number in parts]
        if function is operator.truediv and known[1] == 0:
            function = operator.add
        return nested(function, *(text for text, _ in parts)), function(*known)

    text, expected = drawn(4)
    assert eval(text, {}, numbers) == expected


# ---------------------------------------------------------------------- numbers


@given(
    st.sampled_from([np.float32, np.float64, np.int64, np.uint8, np.bool_]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3))
    )
)
@example(np.array([0.0, -0.0]))
def test_an_array_is_written_exactly(array) -> None:
    again = eval(array_literal(array), {"np": np})
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert np.array_equal(again, array, equal_nan=True)
    assert np.array_equal(np.signbit(again), np.signbit(array)) or np.isnan(array).any()


@given(st.floats(width=32))
def test_a_number_of_numpy_is_written_exactly(number) -> None:
    for item in (np.float32(number), np.float64(number)):
        again = eval(operand(item, {}), {"np": np})
        assert type(again) is type(item)
        assert again == item or np.isnan(again) and np.isnan(item)


def test_a_short_number_stays_short() -> None:
    assert operand(np.float32(0.1), {}) == "np.float32(0.1)"
    assert operand(np.float64(0.1), {}) == "np.float64(0.1)"
    assert operand(np.dtype("float32"), {}) == "np.float32"


# ---------------------------------------------------------------------- lines


def test_a_long_call_is_broken() -> None:
    words = [f"an_argument_{number}" for number in range(20)]
    lines = signature("    call", words)
    assert lines[0] == "    call("
    assert lines[-1] == "    )"
    assert max(map(len, lines)) <= 100
    called_with = ast.parse("\n".join(lines).replace("    call", "call", 1)).body[0].value
    assert [argument.id for argument in called_with.args] == words
    assert signature("call", ["x", "y"]) == ["call(x, y)"]


def test_comments_stand_in_one_column() -> None:
    lines = [("x = 1", "one"), ("longer = 2", "two"), ("no comment", ""), ("f(\n)", "broken")]
    assert aligned(lines) == [
        "x = 1       # one",
        "longer = 2  # two",
        "no comment",
        "f(",
        ")  # broken",
    ]


# ---------------------------------------------------------------------- names of memory


def test_planned_memory_has_the_names_of_layers_and_what_else_is_in_it_stands_beside_it() -> None:
    model, x, y, loss = recorded()
    source = loss.program(model.trainable_weights, optimizers.SGD(), inputs=[x, y]).source
    assert re.search(r"^    dense_kernel_and_bias = \w+\.reshape\(65, 25\)$", source, re.M)
    assert re.search(r"^        \w+\.dot\(x\w*, dense_add\) +# \(25, 32\)$", source, re.M)
    assert re.search(
        r"^        dense_2_kernel\.dot\(.*  # grad_dense_1_sigmoid \(15, 32\)$", source, re.M
    )


@pytest.mark.parametrize("jit", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_saved_function_takes_what_the_function_takes_in_its_order(tmp_path, jit):
    """By first use the second number would come first, and a call by position be wrong."""

    @compiled(jit=jit)
    def slope(a, b, p, k=1.0):
        return grad(lambda a: np.sin(b) * a**2 * p["y"] / p["x"] * k)(a)

    numbers = 2.0, 0.3, {"x": 5.0, "y": 7.0}
    for _ in range(3):
        found = slope(*numbers, k=3.0)
    np.testing.assert_allclose(found, np.sin(0.3) * 2 * 2.0 * 7.0 / 5.0 * 3.0, rtol=1e-12)
    slope.program.save(tmp_path / "kept.py")
    for text in (slope.program.plain.source, (tmp_path / "kept.py").read_text()):
        assert re.search(r"def step\((.*)\):", text)[1] == "a, b, p_x, p_y, k"
    kept = runpy.run_path(str(tmp_path / "kept.py"), run_name="kept")
    np.testing.assert_allclose(kept["step"](2.0, 0.3, 5.0, 7.0, 3.0), found, rtol=1e-12)
