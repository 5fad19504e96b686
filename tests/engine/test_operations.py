"""One walk over all operations: value, derivatives, dtype, shapes, memory."""

from __future__ import annotations

import importlib
import pkgutil

import numpy as np
import pytest

import autograd_nn
from autograd_nn import Operation, Tensor, check_gradients, gradients, ops
from autograd_nn.engine.reverse import walk_back
from tests.engine.samples import BY_NAME, SAMPLES, WITHOUT_DERIVATIVE, Case

# Recorded by the engine itself, and not called by anybody.
INTERNAL = {
    "part",
    "argument",
    "joined",
    "normal",
    "uniform",
    "bernoulli",
    "truncated_normal",
    "drawn_gamma",
    "drawn_beta",
    "drawn_binomial",
    "stop_gradient",
    "survivors",
    "places",
    "as_recorded",
    "class_labels",
    "norm_factor",
    "global_norm_factor",
    "lstm_run",
    "lstm_back",
    "gru_run",
    "gru_back",
}

CASES = [
    pytest.param(BY_NAME[name], case, id=f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
]
ELEMENTWISE = [param for param in CASES if param.values[1].elementwise]
BROADCAST = [param for param in ELEMENTWISE if len(param.values[1].inputs) > 1]


def is_float(x):
    return np.asarray(x).dtype.kind == "f" and type(x) is not float


def fixed(operation, case):
    """The operation as a function of its floating-point inputs alone."""
    varying = [x for x in case.inputs if is_float(x)]

    def call(*given):
        rest = iter(given)
        inputs = [next(rest) if is_float(x) else x for x in case.inputs]
        return operation(*inputs, **case.attributes)

    return call, varying


def without_probabilities(operation, case):
    """The third input of the fused losses is there for pictures and has no derivative."""
    if operation.name.endswith("_cross_entropy") and len(case.inputs) == 3:
        return Case(case.inputs[:2], case.reference, case.attributes)
    return case


def tensors_of(operation, case, dtype=None):
    inputs = [Tensor(np.asarray(x), dtype=dtype) if is_float(x) else x for x in case.inputs]
    result = operation(*inputs, **case.attributes)
    results = result if isinstance(result, tuple) else (result,)
    return [x for x in inputs if type(x) is Tensor], results


def total(results):
    return sum(((r * (1 + np.arange(r.size).reshape(r.shape))).sum() for r in results), start=0.0)


def test_every_operation_has_samples():
    found = {}
    for module in pkgutil.walk_packages(autograd_nn.__path__, "autograd_nn."):
        # Files of PyTorch's calls need it at their top; no operation is defined there.
        if module.name.endswith("__main__") or ".exporting.torch_" in module.name:
            continue
        for variable, value in vars(importlib.import_module(module.name)).items():
            # What formulas name, and no rule applies, needs no rule of its own.
            if isinstance(value, Operation) and not variable.startswith("_named_"):
                found[id(value)] = value.name
    assert set(found.values()) - INTERNAL == BY_NAME.keys()
    assert len(found) == len(BY_NAME) + len(INTERNAL)
    assert not SAMPLES.keys() & WITHOUT_DERIVATIVE.keys()
    assert SAMPLES.keys() | WITHOUT_DERIVATIVE.keys() == BY_NAME.keys()
    assert all(SAMPLES.values())
    assert all(WITHOUT_DERIVATIVE.values())


@pytest.mark.parametrize("name", WITHOUT_DERIVATIVE)
def test_without_a_derivative_the_value_is_numpys_and_it_is_recorded(name):
    operation = getattr(ops, name)
    for case in WITHOUT_DERIVATIVE[name]:
        # A count is a number of Python in NumPy 2.0, and one of NumPy later.
        expected = np.asarray(case.reference(*case.inputs, **case.attributes))
        plain = operation(*case.inputs, **case.attributes)
        np.testing.assert_array_equal(plain, expected)
        x = Tensor(case.inputs[0])
        found = operation(x, *case.inputs[1:], **case.attributes)
        np.testing.assert_array_equal(found, expected)
        assert np.asarray(found).dtype == expected.dtype
        if x.requires_grad and expected.ndim:
            assert found.operation is operation
            assert found.inputs[0] is x
            assert not found.requires_grad


def test_names_in_the_list_are_the_operations_own():
    assert [getattr(ops, name).name for name in ops.__all__] == ops.__all__


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_value_is_numpys(operation, case):
    expected = case.reference(*case.inputs, **case.attributes)
    _, results = tensors_of(operation, case)
    for result, wanted in zip(
        results, expected if isinstance(expected, tuple) else (expected,), strict=True
    ):
        assert result.shape == np.shape(wanted)
        np.testing.assert_allclose(result.data, wanted, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_plain_inputs_give_a_plain_result(operation, case):
    result = operation(*case.inputs, **case.attributes)
    results = result if isinstance(result, tuple) else (result,)
    assert not any(isinstance(r, Tensor) for r in results)


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_first_and_second_derivative_agree_with_differences(operation, case):
    call, varying = fixed(operation, without_probabilities(operation, case))
    report = check_gradients(call, *varying, order=2, rtol=1e-6, atol=1e-7)
    assert report.compared == 2 * sum(np.size(x) for x in varying)


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_rules_run_on_plain_arrays_beside_tensors(operation, case):
    """A recorded gradient with respect to one input, the others constant, as data @ W has it."""
    for slot, varying in enumerate(case.inputs):
        if not is_float(varying):
            continue
        leaf = Tensor(varying)
        inputs = [leaf if i == slot else x for i, x in enumerate(case.inputs)]
        results = operation(*inputs, **case.attributes)
        # Squared, so that the gradient that arrives depends on the input itself.
        out = total([r * r for r in (results if isinstance(results, tuple) else (results,))])
        if not out.requires_grad:
            continue  # this input has no derivative
        plain = gradients(out, leaf)
        recorded = gradients(out, leaf, create_graph=True)
        if plain is None:
            assert recorded is None
        else:
            # Recorded, the gradient of a whole sequence goes through its steps one by one.
            rtol = 1e-10 if operation in (ops.lstm, ops.gru) else 1e-14
            np.testing.assert_allclose(recorded.data, plain, rtol=rtol)


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_float32_is_kept(operation, case):
    if operation.name == "astype":
        case = Case(case.inputs, case.reference, {"dtype": np.dtype("f4")})
    inputs, results = tensors_of(operation, case, dtype=np.float32)
    assert all(r.dtype == np.float32 for r in results)
    for gradient in gradients(total(results), inputs):
        assert gradient is None or gradient.dtype == np.float32


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_nothing_is_mutated_and_nothing_shared(operation, case):
    inputs, results = tensors_of(operation, case)
    before = [np.array(x._data) for x in inputs]
    values = [np.array(r._data) for r in results]
    seeds = [np.ones(r.shape) for r in results]
    found = []
    for result, seed in zip(results, seeds, strict=True):
        result.backward(seed)
        found += [x.grad for x in inputs if x.grad is not None]
    assert all(np.array_equal(x._data, b) for x, b in zip(inputs, before, strict=True))
    assert all(np.array_equal(r._data, v) for r, v in zip(results, values, strict=True))
    assert all((seed == 1).all() for seed in seeds)
    gradients_of_leaves = [x.grad for x in inputs if isinstance(x.grad, np.ndarray)]
    for number, gradient in enumerate(gradients_of_leaves):
        others = gradients_of_leaves[:number] + seeds + [x._data for x in inputs]
        others += [r._data for r in results] + [r._grad for r in results if r._grad is not None]
        assert not any(
            np.shares_memory(gradient, other) for other in others if isinstance(other, np.ndarray)
        )
        assert gradient.flags.writeable


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_two_runs_are_equal_bit_for_bit(operation, case):
    runs = []
    for _ in range(2):
        inputs, results = tensors_of(operation, case)
        runs.append([g for g in gradients(total(results), inputs) if g is not None])
    assert all(np.array_equal(a, b) for a, b in zip(*runs, strict=True))


@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_empty_arrays(operation, case, shape):
    inputs = [Tensor(np.empty(shape)) for _ in case.inputs]
    result = operation(*inputs)
    assert result.shape == shape
    for gradient in gradients(result.sum(), inputs):
        assert gradient.shape == shape


@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
def test_numbers_stay_numbers(operation, case):
    inputs = [Tensor(float(np.asarray(x).flat[0])) for x in case.inputs]
    result = operation(*inputs)
    assert result.shape == ()
    assert isinstance(result.data, np.float64)
    expected = case.reference(*[x.data for x in inputs])
    np.testing.assert_allclose(result.data, expected, rtol=1e-12)
    result.backward()
    assert all(isinstance(x.grad, np.float64) for x in inputs)
    check_gradients(operation, *[x.data for x in inputs], order=2, atol=1e-7)


@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
def test_strided_and_read_only_inputs(operation, case):
    """Fortran order, negative strides and read-only arrays give what fresh copies give."""
    for change in (np.asfortranarray, lambda x: x[::-1], lambda x: x[..., ::-1]):
        arrays = [change(np.array(x)) for x in case.inputs]
        for array in arrays:
            array.flags.writeable = False
        inputs = [Tensor(x) for x in arrays]
        fresh = [Tensor(np.ascontiguousarray(x)) for x in arrays]
        np.testing.assert_array_equal(operation(*inputs).data, operation(*fresh).data)
        found = gradients(total((operation(*inputs),)), inputs)
        wanted = gradients(total((operation(*fresh),)), fresh)
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-14)


SHAPES = [(), (3,), (1, 3), (2, 3), (2, 1)]


@pytest.mark.parametrize(("operation", "case"), BROADCAST)
@pytest.mark.parametrize("left", SHAPES)
@pytest.mark.parametrize("right", SHAPES)
def test_broadcasting_is_undone(operation, case, left, right):
    x, y = (
        np.resize(np.asarray(array), shape) if shape else np.float64(np.asarray(array).flat[0])
        for array, shape in zip(case.inputs, (left, right), strict=True)
    )
    check_gradients(operation, x, y, order=2, atol=1e-7)
    a, b = Tensor(x), Tensor(y)
    (operation(a, b)).sum().backward()
    assert a.grad.shape == left
    assert b.grad.shape == right


@pytest.mark.parametrize(
    "operation", [ops.sparse_softmax_cross_entropy, ops.sparse_categorical_cross_entropy]
)
def test_labels_that_name_no_class_are_refused(operation):
    rows = Tensor([[0.2, 0.3, 0.5], [0.1, 0.8, 0.1]])
    for labels in ([-1, 0], [0, 3], np.array([2, -3])):
        with pytest.raises(ValueError, match=r"label -?\d at index \(\d,\) .* from 0 to 2"):
            operation(rows, labels)
    for labels in ([0.5, 1.0], np.array([0.0, 1.5])):
        with pytest.raises(TypeError, match="labels must be integers"):
            operation(rows, labels)
    with pytest.raises(TypeError, match="labels must be an array"):
        operation(rows[0], 1)
    with pytest.raises(IndexError, match="shape mismatch"):
        operation(rows, np.array([1]).repeat(3))
    whole = operation(rows, [2, 1])
    np.testing.assert_array_equal(whole.data, operation(rows, np.array([2, 1])).data)


def test_softmax_over_all_axes():
    x = np.array([[1.0, 2.0], [0.5, -1.0]])
    e = np.exp(x)
    np.testing.assert_allclose(ops.softmax(Tensor(x), axis=None).data, e / e.sum())
    for f in (ops.softmax, ops.log_softmax):
        check_gradients(lambda t, f=f: f(t, axis=None), x, order=2)
        check_gradients(lambda t, f=f: f(t, axis=None), 0.5)


# ------------------------------------------------------------------ own functions that write


def doubled_in_place(x):
    x *= 2
    return x


def write_into_g(g, out, x):
    g *= 2
    return g


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        (doubled_in_place, (lambda g, out, x: 2 * g,)),
        (lambda x: 2 * x, (write_into_g,)),
        (lambda x: 2 * x, (lambda g, out, x: np.multiply(g, 2, out=out),)),
        (lambda x: 2 * x, (lambda g, out, x: x.sort() or 2 * g,)),
        (lambda x: 2 * x, lambda g, out, x: (np.multiply(g, 2, out=g),)),
    ],
)
def test_own_functions_that_write_into_what_they_are_given_are_refused(value, rules):
    own = Operation("own", value=value, gradients=rules)
    x = Tensor([2.0, 1.0])
    for start in (
        lambda: own(x * 1.0).sum().backward(),
        lambda: gradients(own(x).sum(), x),
        lambda: list(walk_back(own(x).sum())),
    ):
        with pytest.raises(ValueError, match="own writes into what it was given"):
            start()
    assert x.grad is None
    assert x.tolist() == [2.0, 1.0]


def test_own_functions_may_write_into_copies_and_the_data_stay_writable():
    def value(x):
        x = x.copy()
        x *= 2
        return x

    own = Operation("own", value=value, gradients=(lambda g, out, x: g * 2,))
    x = Tensor([2.0, 1.0])
    y = own(x)
    y.backward(np.ones(2))
    assert x.grad.tolist() == [2.0, 2.0]
    x.data[0] = 5.0
    x.grad[0] = 1.0
    assert own.gradients == (own.gradients[0],)
    assert not ops.multiply.is_own


def test_an_unknown_argument_names_the_operation():
    with pytest.raises(TypeError, match="relu has no argument `slope`"):
        ops.relu(Tensor([1.0]), slope=0.1)
