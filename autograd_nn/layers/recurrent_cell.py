"""RecurrentCell: one step of a sequence, with the weights that all steps share."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import activations, initializers, random
from autograd_nn.engine.argument_checks import number_within, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of
from autograd_nn.ops import matmul, multiply
from autograd_nn.settings import floatx, generator

_WEIGHTS = ("kernel", "recurrent", "bias")
Kept = tuple[Any, Any]
"""What inputs and state are multiplied by in all steps of a sequence; None where nothing drops."""


class RecurrentCell(Layer):
    """What `SimpleRNNCell`, `LSTMCell` and `GRUCell` have in common.

    Shapes       kernel (I, G·U) · recurrent_kernel (U, G·U) · bias (G·U,), with G the number of
                 gates, which lie side by side
    """

    kernel: Tensor
    recurrent_kernel: Tensor
    bias: Tensor | None
    kernel_initializer: Any
    recurrent_initializer: Any
    bias_initializer: Any
    kernel_regularizer: Any
    recurrent_regularizer: Any
    bias_regularizer: Any
    kernel_constraint: Any
    recurrent_constraint: Any
    bias_constraint: Any
    gates = 1
    states = 1

    def __init__(
        self,
        units: int,
        activation: Any,
        use_bias: bool,
        initial: tuple[Any, Any, Any],
        regularizers_: tuple[Any, Any, Any],
        constraints_: tuple[Any, Any, Any],
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.units = positive_integer("units", units)
        self.activation = activations.get(activation)
        self.use_bias = true_or_false("use_bias", use_bias)
        for which, first, penalty, limit in zip(
            _WEIGHTS, initial, regularizers_, constraints_, strict=True
        ):
            setattr(self, f"{which}_initializer", initializers.get(first))
            setattr(self, f"{which}_regularizer", as_regularizer(penalty))
            setattr(self, f"{which}_constraint", as_constraint(limit))
        self.dropout = number_within("dropout", dropout, 0, 1)
        self.recurrent_dropout = number_within("recurrent_dropout", recurrent_dropout, 0, 1)
        self.seed = None if seed is None else positive_integer("seed", seed, minimum=0)
        self._source = None if self.seed is None else generator("dropout", self.seed)

    # ------------------------------------------------------------------ to be written by a subclass

    def step(self, inputs: Any, states: list[Any], kept: Kept) -> tuple[Any, list[Any]]:
        """The output and the states after one step."""
        raise NotImplementedError

    def whole(self, inputs: Any, states: list[Any], mask: Any) -> tuple[Any, list[Any]] | None:
        """The outputs (N, T, U) and the last states by one operation; None where there is none."""
        return None

    def _first_bias(self) -> Any:
        return self.bias_initializer

    def _bias_shape(self) -> Shape:
        return (self.gates * self.units,)

    # ------------------------------------------------------------------ what they share

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel``, ``recurrent_kernel`` and ``bias``."""
        if len(input_shape) != 2 or input_shape[-1] is None:
            raise ShapeError(
                f"Layer {self.name!r} takes one step of each sequence, shape (samples, features), "
                f"got {tuple(input_shape)}. To go over a sequence put it into RNN(cell)."
            )
        width = self.gates * self.units
        self.kernel = self.add_weight(
            (input_shape[-1], width),
            self.kernel_initializer,
            "kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, width),
            self.recurrent_initializer,
            "recurrent_kernel",
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                self._bias_shape(),
                self._first_bias(),
                "bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(  # type: ignore[override]
        self, inputs: Any, states: Any, training: bool = False
    ) -> Any:
        """One step: the output, and the states after it in the form of ``states``."""
        is_list = isinstance(states, (list, tuple))
        kept = self.draws(len(inputs), inputs.shape[1], inputs.dtype, training)
        output, after = self.step(inputs, as_list(states), kept)
        return output, after if is_list else after[0]

    def draws(self, samples: int, features: int, dtype: Any, training: bool) -> Kept:
        """In training, what drops out: the same in all steps of a sequence."""
        if not training:
            return None, None
        return (
            self._drawn((samples, features), self.dropout, dtype),
            self._drawn((samples, self.units), self.recurrent_dropout, dtype),
        )

    @staticmethod
    def drops(kept: Kept) -> bool:
        """Whether anything drops out."""
        return any(factor is not None for factor in kept)

    def _drawn(self, shape: Shape, rate: float, dtype: Any) -> Any:
        if not 0 < rate < 1:
            return None
        source = self._source if self._source is not None else generator("dropout")
        kept = random.bernoulli(shape, 1 - rate, dtype, source)
        return multiply(kept, dtype.type(1 / (1 - rate)))

    def get_initial_state(self, batch_size: int, dtype: Any = None) -> Any:
        """The state before the first step: zeros."""
        zeros = [np.zeros((batch_size, self.units), dtype or floatx()) for _ in range(self.states)]
        return zeros if self.states > 1 else zeros[0]

    @property
    def state_size(self) -> Any:
        """The length of the state, or of each of them."""
        return [self.units] * self.states if self.states > 1 else self.units

    @property
    def output_size(self) -> int:
        """The length of the output."""
        return self.units

    def compute_output_shape(self, input_shape: Shape) -> Any:
        """Of the output and of the states."""
        shape = (input_shape[0], self.units)
        return shape, [shape] * self.states if self.states > 1 else shape

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal cell, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **{
                f"{which}_initializer": initializers.serialize(
                    getattr(self, f"{which}_initializer")
                )
                for which in _WEIGHTS
            },
            **rules_of(self, *_WEIGHTS),
            "dropout": self.dropout,
            "recurrent_dropout": self.recurrent_dropout,
            "seed": self.seed,
        }


# ---------------------------------------------------------------------- cells of every kind


def check_cell(cell: Any) -> None:
    """Refuse what is no cell."""
    if not hasattr(cell, "state_size") or not callable(getattr(cell, "call", None)):
        raise ArgumentTypeError(
            "A cell must have `state_size`, the length of its state or a list of lengths, and "
            f"call(inputs, states), which gives (output, states); got {cell!r}."
        )


def begun(cell: Any, samples: int, features: int, dtype: Any, training: bool) -> Any:
    """What stays the same in all steps of a sequence."""
    if hasattr(cell, "draws"):
        return cell.draws(samples, features, dtype, training)
    return {"training": training} if getattr(cell, "_takes_training", False) else {}


def advanced(cell: Any, inputs: Any, states: list[Any], kept: Any) -> tuple[Any, list[Any]]:
    """The output and the states after one step."""
    if hasattr(cell, "draws"):
        output, after = cell.step(inputs, states, kept)
    else:  # the user's own
        output, after = cell.call(inputs, states, **kept)
    return output, as_list(after)


def first_state(cell: Any, samples: int, dtype: Any) -> Any:
    """The state before the first step: what the cell says, or zeros in the form of its sizes."""
    if hasattr(cell, "draws"):
        return cell.get_initial_state(samples, dtype)
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=samples)
    return mapped(lambda size: np.zeros((samples, size), dtype), cell.state_size)


def size_of(cell: Any) -> int:
    """The length of the output."""
    size: int = getattr(cell, "output_size", None) or flat(cell.state_size)[0]
    return size


def as_list(states: Any) -> list[Any]:
    """Several states, or one by itself, as a list."""
    return list(states) if isinstance(states, (list, tuple)) else [states]


def flat(states: Any) -> list[Any]:
    """All states of lists in lists, one after the other."""
    if not isinstance(states, (list, tuple)):
        return [states]
    return [x for part in states for x in flat(part)]


def mapped(function: Any, *states: Any) -> Any:
    """What a function gives of every state, in the same lists."""
    if isinstance(states[0], (list, tuple)):
        return [mapped(function, *parts) for parts in zip(*states, strict=True)]
    return function(*states)


# ---------------------------------------------------------------------- in formulas of cells


def dropped(x: Any, kept: Any) -> Any:
    """x with what drops out set to 0."""
    return x if kept is None else multiply(x, kept)


def product(x: Any, kernel: Tensor) -> Any:
    """x @ kernel; the operator of an array would ask NumPy first."""
    return x @ kernel if type(x) is Tensor else matmul(x, kernel)
