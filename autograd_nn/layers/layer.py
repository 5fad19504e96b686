"""Layer: a function with weights, which it makes when it first sees its input."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from autograd_nn.arrays import are_arrays, as_array
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.mutation import keep
from autograd_nn.engine.observing import observed
from autograd_nn.engine.recording import scope
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.default_names import name_layers
from autograd_nn.layers.ends import End
from autograd_nn.layers.masks import mask_of, used, with_mask
from autograd_nn.layers.placeholder import Placeholder, first_placeholder
from autograd_nn.layers.rules_of_weights import as_regularizer
from autograd_nn.layers.shapes import Shape, flatten_shapes, found_by_runs
from autograd_nn.layers.subclassing import default_of, remembering, taken
from autograd_nn.layers.weights import HoldsWeights, inside, not_initialized
from autograd_nn.names import made_with, snake_case
from autograd_nn.settings import floatx

if TYPE_CHECKING:
    from autograd_nn.layers.extras import WholeCall

__all__ = ["Layer", "Shape", "name_layers"]

# What the layer around was called with: a layer in it that is not told anything takes the same.
in_training: ContextVar[bool | None] = ContextVar("autograd_nn_training", default=None)
in_training.set(None)  # read faster than the default


class Layer(HoldsWeights):
    """A part of a network. Subclass it and write ``call``, and ``build`` where it has weights.

    Layers held as attributes (or in lists of them) are found, and their weights with them.

    Parameters   name: unique among its neighbours; None takes the class name with a number
                 trainable: whether training changes its weights
                 dtype: of its weights and of what it computes, such as "float64"; None follows
                 ``floatx``. Inputs are converted
                 input_shape: the shape of one sample, by which a Sequential model that begins with
                 this layer is built at once; ``Input(shape)`` before it does the same.
                 input_dim=n is input_shape=(n,), batch_input_shape has the samples first
                 weights: a list of arrays, the values of the weights when they are made
                 activity_regularizer: of what comes out, whose mean over the samples is added to
                 the loss; see ``autograd_nn.regularizers``
    Example      y = 2x, the factor 2 being a weight

    >>> import numpy as np
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((), "ones", "factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor * 2
    >>> layer = Scale()
    >>> layer(np.array([1.0, 3.0])).tolist()
    [2.0, 6.0]
    >>> [w.name for w in layer.weights]
    ['scale/factor']
    """

    supports_masking: bool = False
    """Whether the mask of its inputs is that of its outputs; see ``compute_mask``."""

    _takes_training: ClassVar[bool] = True
    # What `training` is in its `call` where nobody says it.
    _trains_by_default: ClassVar[bool] = False
    _opens_scope = True
    # Whether it was written outside of the library: what the library calls says what it wants.
    _is_own: ClassVar[bool] = False
    # Whether a list of arrays is a list of inputs, and not of samples; None where it may be either.
    _takes_several: ClassVar[bool | None] = False
    # Whether integers stay what they are, as for an Embedding.
    _takes_integers: ClassVar[bool] = False
    # Whether it is what a function of placeholders became, and no layer that anybody made.
    _is_computation: ClassVar[bool] = False
    # Its calls on placeholders.
    _calls: Any = None
    # Attributes of those layers alone that were told: all are compared before every step.
    activity_regularizer: Any = None
    _dtype: np.dtype[Any] | None = None
    _declared_shape: Shape | None = None
    _first_weights: Any = None
    # The names of what `call` and `build` take.
    _of_call: ClassVar[tuple[str, ...]] = ("inputs", "training")
    _of_build: ClassVar[tuple[str, ...]] = ("input_shape",)

    @checked_keywords
    def __init__(
        self,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        input_shape: Any = None,
        input_dim: int | None = None,
        batch_input_shape: Any = None,
        weights: Any = None,
        activity_regularizer: Any = None,
    ) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(
                f"`name` must be a string, got {name!r} of type {type(name).__name__}."
            )
        if name is not None and not name.strip():
            raise ArgumentError(f"`name` must not be empty, got {name!r}.")
        self._name = name
        self._is_named = name is not None
        self._trainable = true_or_false("trainable", trainable)
        self._built = False
        self._input_shape: Any = None
        self._own_weights = []
        if dtype is not None:
            from autograd_nn.layers.declared import dtype_of  # what few layers are told

            self._dtype = dtype_of(dtype)
        shapes = input_shape, input_dim, batch_input_shape
        if any(shape is not None for shape in shapes):
            from autograd_nn.layers.declared import shape_of_sample

            self._declared_shape = shape_of_sample(*shapes)
        if weights is not None:
            self._first_weights = weights
        if activity_regularizer is not None:
            self.activity_regularizer = as_regularizer(activity_regularizer)

    def __init_subclass__(cls) -> None:
        cls._is_own = not cls.__module__.startswith("autograd_nn.")
        if cls._is_own:
            cls._takes_several = cls._takes_several or None
        if "call" in vars(cls):
            cls._of_call, takes_any = taken(cls.call)
            cls._takes_training = "training" in cls._of_call or takes_any
            if cls._is_own:
                cls._trains_by_default = bool(default_of(cls.call, "training"))
        if "build" in vars(cls):
            cls._of_build, _ = taken(cls.build)
            cls.build = remembering(cls.build)  # type: ignore[method-assign]
        if "compute_mask" in vars(cls) and "supports_masking" not in vars(cls):
            cls.supports_masking = True

    # ------------------------------------------------------------------ to be written by a subclass

    def build(self, input_shape: Shape) -> None:
        """Make the weights, with ``add_weight``. Called once, before the first ``call``.

        Parameters   input_shape: the shape of the inputs, None for the number of samples; of
                     several inputs a list (or a dict) of shapes
        """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Compute the outputs. The parameter ``training`` may be left out of a subclass."""
        raise StateError(f"{type(self).__name__} has no `call` method: write call(self, inputs).")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that comes out where ``input_shape`` goes in; found by a run on zeros.

        Parameters   input_shape: of several inputs a list or dict of shapes
        """
        given, outline = flatten_shapes(input_shape)
        specs = {n: (shape, self._dtype or floatx()) for n, shape in enumerate(given)}
        shapes, form, _ = found_by_runs(self, given, ((outline,), {}), specs, self.name)
        return rebuild(form, shapes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs, of that of the inputs; asked for where masks are supported."""
        return mask

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if self._dtype is not None:
            config["dtype"] = self.dtype
        if self.activity_regularizer is not None:
            from autograd_nn import regularizers

            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new layer from what ``get_config`` gave."""
        return made_with(cls, config)

    # ------------------------------------------------------------------ calling

    def __call__(
        self, inputs: Any, *others: Any, training: Any = None, mask: Any = None, **keywords: Any
    ) -> Any:
        try:
            built = self._built
        except AttributeError:
            raise not_initialized(self) from None
        if others:
            training, mask = _extras().put_among(self, others, training, mask, keywords)
        if type(inputs) is not Tensor:
            if isinstance(inputs, (list, tuple, dict, Placeholder)):
                if self._takes_several is False and type(inputs) is not Placeholder:
                    _extras().refuse_several(self, inputs)
                if (placeholder := first_placeholder(inputs)) is not None:
                    given = {"training": training, "mask": mask, **keywords}
                    given = {name: x for name, x in given.items() if x is not None}
                    return placeholder.call.then(self, inputs, given)
                inputs = self._of_list(inputs)
            else:
                inputs = self._as_input(inputs)
        elif self._dtype is not None or observed() is not None:
            inputs = self._converted(inputs)
        if not built:
            self._prepare(inputs, keywords)
        if training is None:
            training = in_training.get()
            if training is None:  # and no layer around it says it either
                training = self._trains_by_default
        elif training is not True and training is not False:
            training = _extras().as_mode(self, training)
        whole: WholeCall | None = None
        if used.now or mask is not None or keywords:
            whole = _extras().WholeCall(self, inputs, mask, training, keywords)
            keywords = whole.keywords
        elif self._takes_training:
            keywords = {"training": training}
        token = in_training.set(training) if self._is_own else None
        try:
            # Here and not in a method, without `**` where there is nothing: layers in layers are
            # calls in calls, and Python counts each.
            call = self.call
            if not self._opens_scope:
                outputs = call(inputs, **keywords) if keywords else call(inputs)
                if whole is not None:
                    outputs = whole.ended(outputs)
            else:
                with scope(self._name or self.name):  # of one that was built by hand
                    outputs = call(inputs, **keywords) if keywords else call(inputs)
                    if whole is not None:
                        outputs = whole.ended(outputs)
        finally:
            if token is not None:
                in_training.reset(token)
            if whole is not None:
                whole.leave()
        if type(outputs) is Tensor:
            return outputs
        if outputs is None:
            raise StateError(f"{type(self).__name__}.call gave None: its `return` is missing.")
        return Tensor(outputs, requires_grad=False) if type(outputs) is np.ndarray else outputs

    def _as_input(self, inputs: Any) -> Any:
        """One input as an array in the dtype of the layer."""
        if type(inputs) is Tensor:
            return self._converted(inputs)
        wanted = floatx() if self._takes_integers else self._dtype or floatx()
        if self._takes_integers or self._is_own:  # what is one's own may take them as places
            inputs = as_array(inputs, "inputs")
            wanted = inputs.dtype if inputs.dtype.kind in "iu" else wanted
        return as_array(inputs, "inputs", wanted)

    def _of_list(self, inputs: Any) -> Any:
        """A list of numbers as an array; one of Tensors or of inputs stays a list."""
        if (
            isinstance(inputs, dict)
            or self._takes_several
            or (self._is_own and are_arrays(inputs))
            or any(type(part) is Tensor for part in inputs)
        ):
            values, outline = flatten(inputs)
            if self._takes_several and not any(hasattr(value, "shape") for value in values):
                return [self._as_input(part) for part in inputs]  # lists of numbers
            return rebuild(outline, [self._as_input(value) for value in values])
        return self._as_input(inputs)

    def _converted(self, inputs: Tensor) -> Tensor:
        """A Tensor in the dtype of the layer, where that was said or an array is meant."""
        # Whole numbers, which data have as floats: 2049 would be 2048 in half precision.
        wanted: Any = None if self._takes_integers else self._dtype
        kind = inputs.dtype.kind
        if wanted is None:
            observer = observed()
            if observer is None or not observer.has_array(inputs):
                return inputs
            wanted = floatx()
        elif kind != "f":
            return inputs
        if inputs.dtype == wanted or (kind in "iu" and (self._takes_integers or self._is_own)):
            return inputs
        return with_mask(inputs.astype(wanted), mask_of(inputs))

    def _prepare(self, inputs: Any, keywords: dict[str, Any] | None = None) -> None:
        if self._name is None:
            self._rename(self.name)
        name_layers(list(self._sublayers()))
        shapes = {
            f"{name}_shape": (None, *np.shape(value)[1:])
            for name, value in (keywords or {}).items()
            if f"{name}_shape" in self._of_build and value is not None
        }
        if not isinstance(inputs, (Tensor, np.ndarray)):
            values, outline = flatten(inputs)
            given = rebuild(outline, [(None, *np.shape(value)[1:]) for value in values])
            self.build(given, **shapes)
        else:
            try:
                self.build((None, *inputs.shape[1:]) if inputs.ndim else (), **shapes)
            except ShapeError as error:
                if inputs.ndim != 1:
                    raise
                raise ShapeError(f"For inputs of shape {inputs.shape}: {error}") from None
        self._built = True
        if self._first_weights is not None:
            self._take_first_weights()

    def _take_first_weights(self) -> None:
        given, self._first_weights = self._first_weights, None
        try:
            self.set_weights(given)
            keep(self.weights)  # a layer may be built where it is only tried
        except BaseException:
            self._first_weights = given
            raise

    # ------------------------------------------------------------------ losses beside the loss

    def add_loss(self, loss: Any) -> None:
        """Have one number, computed in ``call``, added to the loss that training makes small."""
        _extras().add_loss(self, loss)

    @property
    def losses(self) -> list[Any]:
        """What is added to the loss: of the last call ``add_loss`` and activity regularizers, of
        the weights as they are their regularizers. One Tensor of one number for each."""
        return _extras().losses_of(self)

    # ------------------------------------------------------------------ what it is

    @property
    def name(self) -> str:  # type: ignore[override]
        """Unique among its neighbours, such as "dense_1"."""
        try:
            return self._name or self._stem
        except AttributeError:
            raise not_initialized(self) from None

    @property
    def _stem(self) -> str:
        """The name that it has where none is given, before any number."""
        return snake_case(type(self).__name__)

    @property
    def built(self) -> bool:
        """Whether its weights, and those of the layers in it, are made."""
        try:
            return all(
                layer._built or type(layer).build is Layer.build for layer, _ in inside(self)
            )
        except AttributeError:
            raise not_initialized(self) from None

    @built.setter
    def built(self, value: bool) -> None:  # as lessons end their `build`
        self._built = true_or_false("built", value)

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights. It can be set at any time."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        wanted = true_or_false("trainable", value)
        for layer, _ in inside(self):
            layer._trainable = wanted
            for weight in layer._own_weights:
                weight.tensor.requires_grad = weight.trainable and wanted

    @property
    def dtype(self) -> str:
        """The name of the dtype of its weights and of what it computes, such as "float32"."""
        return str(np.dtype(self._dtype or floatx()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    input = End("The placeholder that it was called on; the first, where there were several.")
    output = End("The placeholder that came out of it; the first, where there were several.")

    def _rename(self, name: str) -> None:
        before, self._name = self.name, name
        self._rename_weights(before, name)


def _extras() -> Any:
    from autograd_nn.layers import extras  # most networks need nothing of it

    return extras
