"""EinsumDense: what every unit sees, and how the outputs lie, said in letters."""

from __future__ import annotations

import math
import re
from typing import Any, final

import numpy as np

from autograd_nn import activations, initializers
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of

_EQUATION = re.compile(r"(\.\.\.)?([a-zA-Z]+)(\.\.\.)?,([a-zA-Z]+)->(\.\.\.)?([a-zA-Z]+)(\.\.\.)?")


@final
class EinsumDense(Layer):
    """Dense with axes of any number: which are summed over, which come out, letters say.

    Formula      y = activation(einsum(equation, x, kernel) + bias)
    Shapes       each letter is an axis, of one length wherever it stands: "ab,bc->ac" is Dense,
                 "abc,cde->abde" gives (N, L, D, E) of (N, L, C); "..." are axes that stay
    Parameters   equation: the axes of inputs and kernel, an arrow, those of the outputs
                 output_shape: the lengths of the outputs without samples and "...", an integer
                 where it is one; None where an axis of the inputs says it
                 activation: a name, a function, or None
                 bias_axes: the letters of the outputs along which there is a bias; None: no bias
                 kernel_initializer, … bias_constraint: see Dense
                 the rest: see Layer
    Raises       ArgumentError for an equation of another form, ShapeError where lengths differ
    Example      Each of two rows times (1, 2; 3, 4)

    >>> import numpy as np
    >>> kernel = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> layer = EinsumDense("abc,cd->abd", (None, 2), kernel_initializer=kernel)
    >>> layer(np.array([[[1.0, 0.0], [0.0, 1.0]]])).tolist()
    [[[1.0, 2.0], [3.0, 4.0]]]
    """

    kernel: Tensor
    bias: Tensor | None

    @checked_keywords
    def __init__(
        self,
        equation: str,
        output_shape: Any,
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self._letters = _read(equation)
        self.equation = equation
        lengths = output_shape if isinstance(output_shape, (tuple, list)) else (output_shape,)
        self.output_lengths = tuple(
            None if n is None else positive_integer("output_shape", n) for n in lengths
        )
        self.bias_axes = bias_axes
        outputs = self._letters[2].strip(".")
        for letter in bias_axes or "":
            if letter not in outputs:
                raise ArgumentError(
                    f"`bias_axes` {bias_axes!r} has {letter!r}, and the outputs of {equation!r} "
                    f"have the axes {outputs!r}."
                )
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = as_regularizer(kernel_regularizer)
        self.bias_regularizer = as_regularizer(bias_regularizer)
        self.kernel_constraint = as_constraint(kernel_constraint)
        self.bias_constraint = as_constraint(bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel``, and ``bias`` along ``bias_axes``."""
        (_, of_kernel, outputs), known = self._letters, self._lengths(input_shape)
        for letter in of_kernel:
            if known[letter] is None:
                raise ShapeError(
                    f"Layer {self.name!r} needs the length of {letter!r} in {self.equation!r}: it "
                    f"is in no `output_shape`, and unknown in inputs of shape {tuple(input_shape)}."
                )
        shape = tuple(known[letter] for letter in of_kernel)
        # As large as for a Dense layer between as many features.
        units = math.prod(known[letter] for letter in of_kernel if letter in outputs)
        matrix = (math.prod(shape) // units, units)

        def drawn(shape: Any, dtype: Any) -> Any:
            return self.kernel_initializer(matrix, dtype).reshape(shape)

        by_size = isinstance(self.kernel_initializer, initializers.VarianceScaling)
        self.kernel = self.add_weight(
            shape,
            drawn if by_size else self.kernel_initializer,
            "kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.bias_axes:
            # From its first axis on, so that it broadcasts.
            letters = outputs.strip(".")
            letters = letters[min(map(letters.index, self.bias_axes)) :]
            lengths = [known[x] if x in self.bias_axes else 1 for x in letters]
            behind = (
                len(input_shape) - len(self._letters[0].strip(".")) if outputs[-1] == "." else 0
            )
            self.bias = self.add_weight(
                (*lengths, *(1,) * behind),
                self.bias_initializer,
                "bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._lengths(inputs.shape)
        found = np.einsum(self.equation, inputs, self.kernel)
        return self.activation(found if self.bias is None else found + self.bias)

    def _lengths(self, shape: Shape) -> dict[str, Any]:
        """The length of every axis by its letter, None where it is not known."""
        inputs, of_kernel, outputs = self._letters
        letters = inputs.strip(".")
        apart = len(shape) - len(letters)
        if apart < 0 or (apart and letters == inputs):
            raise ShapeError(
                f"Layer {self.name!r} takes inputs with the axes {inputs!r} of {self.equation!r}, "
                f"got shape {tuple(shape)}."
            )
        seen = shape[apart:] if inputs[0] == "." else shape[: len(letters)]
        known: dict[str, Any] = dict(zip(letters, seen, strict=True))
        wanted = outputs.strip(".")[0 if outputs[0] == "." and apart else 1 :]
        if len(wanted) != len(self.output_lengths):
            raise ShapeError(
                f"Layer {self.name!r} has outputs with the axes {outputs!r}, so `output_shape` "
                f"must have {len(wanted)} lengths, for {wanted!r}, got {self.output_lengths}."
            )
        for letter, n in zip(wanted, self.output_lengths, strict=True):
            if known.get(letter) is None:
                known[letter] = n
            elif n is not None and n != known[letter]:
                raise ShapeError(
                    f"Layer {self.name!r}: {letter!r} in {self.equation!r} has length "
                    f"{known[letter]} in inputs of shape {tuple(shape)}, and {n} in `output_shape`."
                )
        if self.built:
            pairs = zip(of_kernel, self.kernel.shape, strict=True)
            for letter, n in pairs:
                if known[letter] not in (n, None):
                    raise ShapeError(
                        f"Layer {self.name!r} expects {n} along {letter!r} of {self.equation!r}, "
                        f"for which it was built, got inputs of shape {tuple(shape)}."
                    )
        return known

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The lengths of the axes behind the arrow."""
        (inputs, _, outputs), known = self._letters, self._lengths(input_shape)
        apart = len(input_shape) - len(inputs.strip("."))
        found = tuple(known[letter] for letter in outputs.strip("."))
        if inputs[0] == ".":
            return (*input_shape[:apart], *found)
        return (*found, *input_shape[len(input_shape) - apart :])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "equation": self.equation,
            "output_shape": self.output_lengths,
            "activation": activations.serialize(self.activation),
            "bias_axes": self.bias_axes,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **rules_of(self, "kernel", "bias"),
        }


def _read(equation: Any) -> tuple[str, str, str]:
    """The axes of inputs, kernel and outputs."""
    found = _EQUATION.fullmatch(equation) if isinstance(equation, str) else None
    wrong = "It must have"
    if found is not None:
        before, inputs, behind, kernel, out_before, outputs, out_behind = found.groups("")
        unknown = [x for x in outputs if x not in inputs + kernel]
        unknown += [x for x in kernel if x not in inputs + outputs]
        twice = [x for part in (inputs, kernel, outputs) for x in part if part.count(x) > 1]
        is_one = not (before and behind) and (before, behind) == (out_before, out_behind)
        if is_one and not unknown and not twice:
            return f"{before}{inputs}{behind}", kernel, f"{out_before}{outputs}{out_behind}"
        if unknown or twice:
            wrong = f"What {(unknown + twice)[0]!r} stands for is not said. It must have"
    raise ArgumentError(
        f"`equation` {equation!r} cannot be used. {wrong} the form 'ab,bc->ac', or with axes that "
        "stay '...b,bc->...c' or 'ab...,bc->ac...', each letter once in each part."
    )
