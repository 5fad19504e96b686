"""``python -m autograd_nn.ops``: the operations, their rules and choices, NumPy's functions, and
what is left out."""

from __future__ import annotations

import dis
import functools
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn import Tensor, ops
from autograd_nn.engine import functions
from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.engine.operation import OF_NUMPY, Operation
from autograd_nn.ops.choices import choices_of
from autograd_nn.ops.left_out import NOT_ASKED, OF_FFT, public_names, reasons_of
from autograd_nn.viz.graph import rules
from autograd_nn.viz.graph.flows import result_of_rule, values_of, worded

# What the calls below are made with, where arrays of the shape (2, 3) do not do.
_MATRIX, _VECTOR, _LABELS = np.eye(3), np.ones(3), np.array([0, 1])
_ROWS = np.ones((1, 3, 1))
_GATES = [np.ones((1, 4))] * 2 + [np.ones((1, 1))] * 2
_CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "convolution": ((_ROWS, np.ones((1, 1, 1))), {}),
    "convolution_input": ((_ROWS, np.ones((1, 1, 1))), {"shape": (3,)}),
    "convolution_kernel": ((_ROWS, _ROWS), {"size": (1,)}),
    "max_pooling": ((_ROWS,), {"size": (1,)}),
    "max_pooling_input": ((_ROWS, _ROWS), {"size": (1,)}),
    "max_pooling_taken": ((_ROWS, _ROWS), {"size": (1,)}),
    "average_pooling": ((_ROWS,), {"size": (1,)}),
    "average_pooling_input": ((_ROWS,), {"size": (1,), "shape": (3,)}),
    "lstm": ((_ROWS, *_GATES[:2], np.ones(4), *_GATES[2:]), {}),
    "gru": ((_ROWS, *[np.ones((1, 3))] * 2, np.ones((2, 3)), _GATES[2]), {}),
    "embed": ((_MATRIX, _LABELS), {}),
    "add_rows": ((np.eye(2), _LABELS), {"rows": 3}),
    **{
        name: ((_MATRIX,), {})
        for name in ["cholesky", "cofactors", "det", "eigh", "eigvalsh", "inv", "qr", "slogdet"]
    },
    "svd": ((_MATRIX,), {}),
    "solve": ((_MATRIX, _MATRIX), {}),
    "matmul": ((np.ones((2, 3)), np.ones((3, 4))), {}),
    "einsum": ((np.ones((2, 3)), np.ones((3, 4))), {"subscripts": "ij,jk->ik"}),
    "cumsum": ((_VECTOR,), {"axis": -1}),
    "cumprod": ((_VECTOR,), {"axis": -1}),
    "recurrence": ((_VECTOR, _VECTOR), {"axis": -1}),
    "getitem": ((_VECTOR,), {"key": 1}),
    "scatter": ((np.float64(1),), {"key": 1, "shape": (3,)}),
    "set_at": ((_VECTOR, np.float64(1)), {"key": 1}),
    "add_at": ((_VECTOR, np.float64(1)), {"key": 1}),
    "concatenate": ((_VECTOR, _VECTOR), {}),
    "stack": ((_VECTOR, _VECTOR), {}),
    "split": ((_VECTOR,), {"indices_or_sections": 3}),
    "reshape": ((np.ones((2, 3)),), {"shape": (3, 2)}),
    "expand_dims": ((_VECTOR,), {"axis": 0}),
    "squeeze": ((np.ones((1, 3)),), {}),
    "broadcast_to": ((_VECTOR,), {"shape": (2, 3)}),
    "astype": ((_VECTOR,), {"dtype": np.dtype(np.float32)}),
    "ldexp": ((_VECTOR, np.arange(3)), {}),
    "polygamma": ((np.arange(3), _VECTOR), {}),
    "clip": ((_VECTOR,), {"min": 0.0, "max": 1.0}),
    "where": ((_VECTOR > 0, _VECTOR, _VECTOR), {}),
    **{
        name: ((np.full((2, 3), 0.5), _LABELS), {})
        for name in ["sparse_categorical_cross_entropy", "sparse_softmax_cross_entropy"]
    },
}


def operations() -> dict[str, Operation]:
    """Every operation by its name, those of `special` where SciPy is there."""
    found = {name: getattr(ops, name) for name in ops.__all__}
    try:
        from autograd_nn import special
    except MissingPackageError:
        return found
    entries = [entry for entry in vars(special).values() if isinstance(entry, Operation)]
    return found | {entry.name: entry for entry in entries}


@functools.cache
def numpy_names() -> dict[str, Any]:
    """The names of NumPy that take Tensors, each with what it does with them."""
    assert functions.__all__  # importing them has filled the table
    return {
        name: OF_NUMPY[function]
        for name, function in public_names().items()
        if callable(function) and function in OF_NUMPY
    }


def rules_of(operation: Operation) -> Iterator[str]:
    """The rule for each input in words, as a picture has it."""
    inputs, attributes = _CALLS.get(operation.name, ((), {}))
    if not inputs:
        count = len(operation.gradients) if isinstance(operation.gradients, tuple) else 2
        inputs = (np.full((2, 3), 0.5),) * count
    tensors = [Tensor(x) if np.asarray(x).dtype.kind == "f" else x for x in inputs]
    with np.errstate(all="ignore"):
        result = operation(*tensors, **attributes)
        node = result[0].inputs[0] if isinstance(result, tuple) else result
        shapes = tuple(np.shape(x) for x in values_of(node))
        g = tuple(map(np.ones_like, node._data)) if type(node._data) is tuple else node._data * 0.0
        letters = _letters(operation)[: len(shapes)]
        for slot in range(len(letters)):
            if isinstance(operation.gradients, tuple) and operation.gradients[slot] is None:
                continue
            raw = np.shape(result_of_rule(node, slot, g))
            step = worded(node, slot, letters, "out", shapes, raw, "L")
            yield rules.derivative(step) or rules.rule(step)[0]


def _letters(operation: Operation) -> tuple[str, ...]:
    """What the rules call the inputs."""
    if not isinstance(operation.gradients, tuple):
        return "x", "y"
    rule = next(filter(None, operation.gradients))
    names = [
        p.name for p in inspect.signature(rule).parameters.values() if p.kind != p.KEYWORD_ONLY
    ]
    return tuple(names[2 : 2 + len(operation.gradients)])


def made_of(numpy_name: str, call: Any) -> list[str]:
    """The operations and functions that a composed function calls, itself or by its helpers."""
    known = {*ops.__all__, *(other.rpartition(".")[2] for other in numpy_names())}
    if (own_name := numpy_name.rpartition(".")[2]) not in ops.__all__:
        known.discard(own_name)  # of the indices, by NumPy
    own = vars(inspect.getmodule(call.__wrapped__))
    found: dict[str, None] = {}
    waiting = [call.__wrapped__.__code__]
    for code in waiting:
        of_numpy = False
        for step in dis.get_instructions(code):
            name = step.argval
            there = own.get(name) if step.opname == "LOAD_GLOBAL" else None
            helper = inspect.unwrap(there) if callable(there) else None
            is_member = step.opname in ("LOAD_ATTR", "LOAD_METHOD")
            is_called = helper or (is_member and (of_numpy or hasattr(Tensor, name)))
            if is_called and name in known:
                found.setdefault(name)
            elif inspect.isfunction(helper) and helper.__code__ not in waiting:
                waiting.append(helper.__code__)
            elif inspect.iscode(name):
                waiting.append(name)
            of_numpy = inspect.ismodule(there) or (is_member and name == "linalg")
    return list(found)


def counted() -> str:
    """The names as the README has them."""
    names = dict(sorted(numpy_names().items(), key=lambda entry: (entry[0].count("."), entry[0])))
    composed = [name for name, call in names.items() if hasattr(call, "__wrapped__")]
    listed = operations()
    of_special = sorted(listed.keys() - set(ops.__all__))
    return "\n\n".join(
        [
            f"{len(ops.__all__)} operations:\n\n{_filled(ops.__all__)}",
            f"{len(of_special)} operations of `autograd_nn.special`:\n\n{_filled(of_special)}",
            f"{len(names)} functions of NumPy, {len(names) - len(composed)} of them operations or "
            f"forms of one, and {len(composed)} written with operations:\n\n{_filled(names)}",
        ]
    )


def _filled(names: Any) -> str:
    return textwrap.fill(" ".join(names), 100, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    """Print the list."""
    names, public = numpy_names(), public_names()
    print("Operations, and the gradient of each input: g or G is the gradient of out\n")
    without = []
    for name, operation in sorted(operations().items()):
        of_numpy = [f"np.{known}" for known in names if public[known] in operation.numpy]
        if not operation.has_rules:
            without.append(name)
            continue
        print(f"{name:34}{' '.join(of_numpy)}".rstrip())
        for rule in rules_of(operation):
            print(f"    {rule}")
        for choice in choices_of(name):
            print(f"    {choice.at}: {choice.gradient}".replace("`", ""))
    print(f"\nWithout a derivative, recorded and computed anew by programs:\n{_filled(without)}")
    print("\nFunctions of NumPy that are written with operations\n")
    for known, call in names.items():
        if hasattr(call, "__wrapped__"):
            print(
                textwrap.shorten(
                    f"np.{known}: {' '.join(made_of(known, call)) or 'operators'}", 100
                )
            )
            for choice in choices_of(known.rpartition(".")[2]):
                print(f"    {choice.at}: {choice.gradient}".replace("`", ""))
    print("\nLeft out")
    reasons: dict[str, list[str]] = {}
    for known, value in public.items():
        if known not in names:
            for reason in reasons_of(known, value) or _not_asked(known) or ["without a rule"]:
                reasons.setdefault(reason, []).append(known)
    reasons[OF_FFT] = [f"fft.{known}" for known in np.fft.__all__]
    for reason, left_out in reasons.items():
        print(f"\n{len(left_out)}, {reason}:\n{_filled(left_out)}")
    print(f"\n{counted()}")


def _not_asked(known: str) -> list[str]:
    return [reason for reason, names in NOT_ASKED.items() if known in names.split()]


if __name__ == "__main__":
    main()
