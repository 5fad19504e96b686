"""RepeatVector: one row of features becomes a sequence of equal ones."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ShapeError
from autograd_nn.layers.layer import Layer, Shape


@final
class RepeatVector(Layer):
    """Repeat every sample n times, as the steps of a sequence.

    Shapes       (N, I) → (N, n, I)
    Gradient     dL/dx = Σ_n g
    Parameters   n: how often
                 name, trainable and the like: see Layer
    Raises       ShapeError for inputs that are no rows of features
    Example

    >>> RepeatVector(2)([[1.0, 2.0]]).tolist()
    [[[1.0, 2.0], [1.0, 2.0]]]
    """

    @checked_keywords
    def __init__(self, n: int, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.n = positive_integer("n", n)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Every row n times."""
        self._check(inputs.shape)
        samples, features = inputs.shape
        rows = ops.expand_dims(inputs, axis=1)
        return ops.broadcast_to(rows, shape=(samples, self.n, features))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, n, I)."""
        self._check(input_shape)
        return (input_shape[0], self.n, input_shape[1])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "n": self.n}

    def _check(self, shape: Shape) -> None:
        if len(shape) != 2:
            raise ShapeError(
                f"Layer {self.name!r} takes rows of features, shape (samples, features), got "
                f"shape {tuple(shape)}."
            )
