"""Dense: every output is connected with every input."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import activations, initializers
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of
from autograd_nn.ops import matmul


@final
class Dense(Layer):
    """A layer of units, each a weighted sum of all inputs put through an activation.

    Formula      a = activation(x @ kernel + bias)
    Shapes       x (N, …, I) · kernel (I, O) · bias (O,) → (N, …, O)
    Gradient     with g = dL/d(x @ kernel + bias), for x (N, I):
                 dL/dkernel = xᵀ @ g · dL/dbias = Σ_N g · dL/dx = g @ kernelᵀ
    Parameters   units: the number of outputs O
                 activation: a name such as "relu", a function of a Tensor, None for none
                 use_bias: whether there is a bias
                 kernel_initializer, bias_initializer: a name, an initializer or an array
                 kernel_regularizer, bias_regularizer: a name, an object or a function of the
                 weight; what it gives is added to the loss. See ``autograd_nn.regularizers``
                 kernel_constraint, bias_constraint: a name, an object or a function of the weight,
                 whose value it has after every step. See ``autograd_nn.constraints``
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Raises       ArgumentError, ArgumentTypeError naming the argument; ShapeError where the inputs
                 have another number of features than those it was built for
    Example      (1, 2) @ (3, 4)ᵀ + 0 = 1·3 + 2·4 = 11

    >>> import numpy as np
    >>> layer = Dense(1, kernel_initializer=np.array([[3.0], [4.0]]))
    >>> layer(np.array([[1.0, 2.0]])).tolist()
    [[11.0]]
    """

    kernel: Tensor
    bias: Tensor | None
    supports_masking = True

    @checked_keywords
    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.units = positive_integer("units", units)
        self.activation = activations.get(activation)
        if self.units == 1:
            activations.warn_if_constant(self.activation)
        self.use_bias = true_or_false("use_bias", use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = as_regularizer(kernel_regularizer)
        self.bias_regularizer = as_regularizer(bias_regularizer)
        self.kernel_constraint = as_constraint(kernel_constraint)
        self.bias_constraint = as_constraint(bias_constraint)

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel`` (I, O) and ``bias`` (O,)."""
        features = self._features(input_shape)
        self.kernel = self.add_weight(
            (features, self.units),
            self.kernel_initializer,
            "kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                "bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above, recorded as a product, a sum and the activation."""
        shape = inputs.shape
        kernel = self.kernel
        if len(shape) < 2 or shape[-1] != kernel._data.shape[0]:
            self._features(shape)
        # The operator of an array would ask NumPy first.
        outputs = inputs @ kernel if type(inputs) is Tensor else matmul(inputs, kernel)
        if self.bias is not None:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, …, units)."""
        self._features(input_shape)
        return activations.shape_after(self.activation, (*input_shape[:-1], self.units))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            **rules_of(self, "kernel", "bias"),
        }

    def _features(self, shape: Shape) -> int:
        """The number of input features, or what is wrong with the shape of the inputs."""
        wanted = f" with {self.kernel.shape[0]} features" if self._built else ""
        if len(shape) == 0:
            raise ShapeError(
                f"Layer {self.name!r} takes a batch{wanted}, shape (samples, features), "
                "got a 0-d input, a scalar of shape ()."
            )
        if len(shape) == 1:
            n = "N" if shape[0] is None else shape[0]
            raise ShapeError(
                f"Layer {self.name!r} takes a batch{wanted}, shape (samples, features), got shape "
                f"{shape}. For {n} samples of one feature write x.reshape(-1, 1), for one sample "
                f"of {n} features x.reshape(1, -1)."
            )
        features = shape[-1]
        if features is None:
            raise ShapeError(
                f"Layer {self.name!r} needs the number of features, the last of {shape}: "
                "None is for the number of samples."
            )
        if features == 0:
            raise ShapeError(
                f"Layer {self.name!r} needs at least one feature, got inputs of shape {shape}: "
                "an index or a slice took every column away."
            )
        if self._built and features != self.kernel.shape[0]:
            raise ShapeError(
                f"Layer {self.name!r} expects {self.kernel.shape[0]} features on the last axis, "
                f"the number it was built for, got {features} in an input of shape {shape}."
            )
        return features
