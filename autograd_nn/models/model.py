"""Model: layers that are trained together."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from autograd_nn.callbacks import History
from autograd_nn.callbacks.callback import as_callbacks
from autograd_nn.data import Data, Form, as_data, as_inputs, as_validation, split_off
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import no_grad, recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unwinding import unwound
from autograd_nn.layers.ends import End
from autograd_nn.layers.layer import Layer, name_layers
from autograd_nn.layers.shapes import Shape, flatten_shapes
from autograd_nn.models.taking_steps import TakesSteps
from autograd_nn.program import Program
from autograd_nn.progress import as_verbose
from autograd_nn.settings import floatx
from autograd_nn.several import as_called
from autograd_nn.terminal import printable
from autograd_nn.training.configuration import Training, refuse_uncompiled
from autograd_nn.training.evaluating import evaluate, evaluated, predicted
from autograd_nn.training.fit_loop import FitLoop
from autograd_nn.training.one_step import (
    RunningValues,
    as_tensors,
    given,
    recorded_loss,
    repeatable_loss,
)
from autograd_nn.training.validation import build_on, checked, tried_on

_BATCH = 32


class Model(TakesSteps):
    """A network that can be trained. Subclass it, hold layers as attributes, and write ``call``.

    Parameters   name: for the summary
    Example

    >>> from autograd_nn.layers import Dense
    >>> class TwoLayers(Model):
    ...     def __init__(self):
    ...         super().__init__()
    ...         self.hidden = Dense(3, activation="tanh")
    ...         self.output = Dense(1)
    ...     def call(self, inputs):
    ...         return self.output(self.hidden(inputs))
    >>> TwoLayers().predict([[1.0, 2.0]]).shape
    (1, 1)
    """

    # The scopes of a model that stands alone are those of its layers: "dense", "dense_1".
    _opens_scope = False

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        name: str | None = None,
        trainable: bool = True,
        **others: Any,
    ) -> None:
        if isinstance(inputs, str) or (inputs is None) != (outputs is None):
            raise ArgumentTypeError(
                "Model(inputs, outputs, name=…) takes placeholders: x = Input((features,)), and "
                f"what layers give for it; got {inputs!r} and {outputs!r}. Without them it is "
                "subclassed, with a method call(self, inputs)."
            )
        super().__init__(name=name, trainable=trainable, **others)
        self.history: History | None = None
        self.stop_training = False
        self._training = None
        self._has_told_defaults = False
        self._graph: Any = None
        if inputs is not None:
            self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        """Become a functional model."""
        from autograd_nn.models.layer_graph import LayerGraph

        self._graph = LayerGraph(inputs, outputs)
        self._parts = self._graph.operations
        name_layers(self._parts)
        for layer in self._graph.unused:
            warnings.warn(
                f"The input {layer.name!r} is not used by any output of the model.", stacklevel=4
            )
        self._built = True
        self._lay_side_by_side()

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The outputs; to be written by a subclass without placeholders."""
        if self._graph is None:
            return super().call(inputs, training)
        return self._graph.run(inputs, training)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of this shape, or of these."""
        graph = self.layer_graph
        if graph is None:
            return super().compute_output_shape(input_shape)
        return graph.output_shape(input_shape)

    def build(self, input_shape: Shape) -> None:
        """Build every layer, by a run on zeros.

        Parameters   input_shape: with None for the number of samples, such as (None, 64)
        """
        if self.layer_graph is not None:
            return
        name_layers(self.layers)
        shapes, outline = flatten_shapes(input_shape)
        zeros = [np.zeros([length or 1 for length in shape], floatx()) for shape in shapes]
        inputs = rebuild(outline, zeros)
        with no_grad():
            self.call(inputs, training=False) if self._takes_training else self.call(inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Nothing: its layers say what becomes of masks."""
        return None

    def _prepare(self, inputs: Any, keywords: dict[str, Any] | None = None) -> None:
        super()._prepare(inputs, keywords)
        self._lay_side_by_side()

    def _lay_side_by_side(self) -> None:
        """Keep the weights in one array, as programs want them, before anybody holds their data."""
        weights = [weight for weight in self.trainable_weights if weight.operation is None]
        if self.built and weights:
            from autograd_nn.program import Memory  # what it imports takes time

            Memory(weights).take_in()

    inputs = End("The placeholders that go in, as a list.")
    outputs = End("The placeholders that come out, as a list.")
    input_shape = End("The shape of the inputs, in their structure.")
    output_shape = End("The shape of the outputs, in their structure.")

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order; those of a functional model from its inputs to its outputs."""
        return [layer for layer in self._sublayers() if not layer._is_computation]

    @property
    def layer_graph(self) -> Any:
        """What a functional model computes, None for a chain of layers or code of one's own."""
        return self._graph if type(self).call is Model.call else None

    def _of_list(self, inputs: Any) -> Any:
        return super()._of_list(inputs) if self._graph is None else self._graph.given(inputs)

    @property
    def optimizer(self) -> Any:
        """The optimizer that ``compile`` chose, None before."""
        return self._training.optimizer if self._training else None

    @property
    def loss(self) -> Any:
        """The loss that ``compile`` chose, None before."""
        return self._training.compiled_loss if self._training else None

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of this name, or at this place."""
        layers = self.layers
        if (name is None) == (index is None):
            raise ArgumentTypeError("get_layer takes a `name` or an `index`, one of the two.")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(f"`index` {index} is out of range: {len(layers)} layers.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        if isinstance(name, int):
            raise ArgumentTypeError(
                f"`name` must be a string, got {name}: get_layer(index={name})."
            )
        raise ArgumentError(f"There is no layer {name!r}.{suggestion(str(name), names)}")

    def summary(
        self, line_length: int | None = None, print_fn: Any = print, expand_nested: bool = False
    ) -> None:
        """Print the table of layers, shapes and numbers of parameters.

        Parameters   line_length: None takes 88, and less where the terminal is narrower
                     print_fn: what takes the whole text
                     expand_nested: whether models among the layers show their layers
        """
        from autograd_nn.summary import summary

        text = summary(self, self._chain_input(), line_length, expand_nested)
        print_fn(printable(text) if print_fn is print else text)

    def get_config(self) -> dict[str, Any]:
        """Of a functional model its layers and how they are connected, as plain Python values."""
        if self.layer_graph is None:
            return super().get_config()
        from autograd_nn.models.architecture import written_graph

        return {"name": self.name, "trainable": self.trainable, **written_graph(self._graph)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A new model, without weights, from what ``get_config`` gave.

        Parameters   custom_objects: layers of your own by name, {"MyLayer": MyLayer}
        """
        if "calls" not in config:
            return cls(**config)
        from autograd_nn.models.architecture import made_ends

        inputs, outputs = made_ends(config, with_models(custom_objects))
        model = cls(inputs, outputs, name=config["name"])
        if not config["trainable"]:
            model.trainable = False
        return model

    def to_json(self, **options: Any) -> str:
        """The architecture as JSON, for ``models.model_from_json``; the weights are not in it.

        Parameters   options: those of ``json.dumps``, such as indent=2
        """
        import json  # with what follows it takes time

        from autograd_nn.models.architecture import written_layer

        return json.dumps(written_layer(self), **options)

    def draw(self, x: Any = None, y: Any = None, **options: Any) -> Any:
        """A picture: of the layers; with x of a run; with x and y of one recorded training step.

        Parameters   options: those of ``viz.draw``
        """
        from autograd_nn.viz import draw

        if x is None:
            if y is not None:
                raise ArgumentTypeError("`x` is missing (None): write model.draw(x, y).")
            return draw(self, **options)
        result, names = self._recorded_run(x, y, "draw")
        return draw(result, names=names | (options.pop("names", None) or {}), **options)

    @checked_keywords
    def explore(self, x: Any, y: Any = None, path: Any = "explore.html", names: Any = None) -> Any:
        """One HTML file in which a training step with x and y is walked through, number by number.

        Parameters   y: None for the forward pass alone
                     path, names: those of ``viz.explore``
        """
        from autograd_nn.viz import explore

        result, own = self._recorded_run(x, y, "explore")
        return explore(result, path, names=own | (names or {}))

    @unwound
    @checked_keywords
    def program(self, x: Any, y: Any) -> Program:
        """The training step on batches of this shape as a program; see `Program`.

        ``program(x=…, y=…)`` takes one step and gives the loss before it; ``program.source`` is
        its text, ``program.plain.source`` the text for reading.

        Raises       StateError naming what the model does that no program can repeat
        """
        training = refuse_uncompiled(self._training, "program")
        data = as_data(x, y, form=self._form)
        data = self._let_in(training, data, len(data.x))
        seen = repeatable_loss(self, training, data)
        parameters = [weight for weight in self.trainable_weights if weight.requires_grad]
        return Program(seen.root, parameters, training.optimizer, seen.given, seen.assignments)

    # ------------------------------------------------------------------ training

    @checked_keywords
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        jit_compile: bool = False,
    ) -> None:
        """Choose how to train; names are checked here.

        Parameters   optimizer: a name or an optimizer, default RMSprop(0.001) as in Keras
                     loss: a name, a loss, or a function of (y_true, y_pred); of several outputs
                     one for all, a list, or a dict by their names, None for an output that is not
                     trained
                     loss_weights: of several outputs, by which each loss is multiplied
                     metrics, weighted_metrics: names, metrics or functions; the second are
                     weighted with sample_weight
                     run_eagerly: take every step of training as it is written. Otherwise two steps
                     are recorded, and the later ones replayed by a program, which is faster; the
                     results are equal up to rounding. Layers, losses and activations of your own
                     are run as they are written, unless they say `replayable`; see `replayable`
                     jit_compile: compile that program with Numba (pip install 'autograd-nn[jit]').
                     It says `replayable` of everything in the model
        Raises       ArgumentError for an unknown name, with the nearest one; MissingPackageError
                     with jit_compile=True where the extra is not installed
        """
        for name, value in (("run_eagerly", run_eagerly), ("jit_compile", jit_compile)):
            if not isinstance(value, (bool, np.bool_)):
                raise ArgumentTypeError(f"`{name}` must be True or False, got {value!r}.")
        if run_eagerly and jit_compile:
            raise ArgumentError(
                "`run_eagerly=True` takes steps as they are written, so there is nothing to "
                "compile: leave out one of `run_eagerly` and `jit_compile`."
            )
        graph = vars(self).get("_graph")
        self._training = Training(
            optimizer,
            loss,
            metrics,
            weighted_metrics,
            bool(run_eagerly),
            bool(jit_compile),
            loss_weights,
            graph.output_names if graph is not None else None,
        )
        if self.has_own("compute_loss"):
            from autograd_nn.training.own_steps import OwnLoss

            self._training.loss = OwnLoss(self)

    @unwound
    @checked_keywords
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
        record_gradients: bool = False,
    ) -> History:
        """Train: go through the data ``epochs`` times, a step of the optimizer for each batch.

        Everything is checked before anything changes.

        Parameters   batch_size: samples for one step, default 32
                     verbose: 0 silent, 1 a bar, 2 a line for each epoch, "auto" 1 in a terminal
                     or notebook and else 2
                     validation_split: this part of the samples, the last ones, is only evaluated
                     validation_data: (x, y) or (x, y, sample_weight), instead of a split
                     shuffle: a new order in each epoch
                     class_weight: {label: weight}; sample_weight: one weight for each sample
                     initial_epoch: where to go on counting
                     record_gradients: keep how large the gradient of every parameter was, as
                     ``history["grad_norm/dense/kernel"]``: the mean over the batches of an epoch
                     of its Euclidean norm, before any clipping; NaN where none was computed. The
                     History alone has them: callbacks and the printed line stay as they are
        Returns      the History: ``.history["loss"]`` has the loss of every epoch
        Raises       ArgumentError, ArgumentTypeError, ShapeError naming the argument
        """
        training = refuse_uncompiled(self._training, "fit")
        is_own = self.has_own("train_step")
        if not is_own:
            training.needed_loss()
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        last = positive_integer("epochs", epochs, minimum=0)
        first = positive_integer("initial_epoch", initial_epoch, minimum=0)
        loud = as_verbose(verbose)
        own = as_callbacks(callbacks)
        if not isinstance(shuffle, (bool, np.bool_)):
            raise ArgumentTypeError(f"`shuffle` must be True or False, got {shuffle!r}.")
        if not isinstance(record_gradients, (bool, np.bool_)):
            raise ArgumentTypeError(
                f"`record_gradients` must be True or False, got {record_gradients!r}."
            )
        validation_size = size
        if validation_batch_size is not None:
            validation_size = positive_integer("validation_batch_size", validation_batch_size)
        data = as_data(x, y, sample_weight, class_weight, form=self._form)
        validation = None
        if validation_data is not None:
            validation = as_validation(validation_data, self._form)
        elif validation_split:
            data, validation = split_off(data, validation_split)
        if not is_own:
            with tried_on(self) as trial:
                data = checked(trial, training, data, size)
                if validation is not None:
                    validation = checked(
                        trial, training, validation, validation_size, "validation "
                    )
            build_on(self, data.x)
        if loud and not self._has_told_defaults:
            self._tell_defaults(training, batch_size, bool(shuffle))
        run = FitLoop(
            self,
            training,
            data,
            validation,
            size,
            validation_size,
            bool(shuffle),
            bool(record_gradients),
        )
        return run.train(range(first, last), own, loud)

    @unwound
    @checked_keywords
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss, or [loss, metrics…] where there are metrics; a dict with ``return_dict``."""
        training = refuse_uncompiled(self._training, "evaluate")
        if not self.has_own("test_step"):
            training.needed_loss()
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        loud = as_verbose(verbose)
        own = as_callbacks(callbacks)
        data = as_data(x, y, sample_weight, form=self._form)
        data = self._let_in(training, data, size)
        return _results(evaluate(self, training, data, size, loud, own), return_dict)

    @unwound
    @checked_keywords
    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = "auto", callbacks: Any = None
    ) -> Any:
        """The outputs as one array, batch by batch, without recording."""
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        loud = as_verbose(verbose, otherwise=0)
        own = as_callbacks(callbacks)
        return predicted(self, as_inputs(x, form=self._form), size, loud, own)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch."""
        return self.predict(x, batch_size=2**62, verbose=0)

    @unwound
    @checked_keywords
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """One step of the optimizer; the loss before it, or [loss, metrics…]."""
        training = refuse_uncompiled(self._training, "train_on_batch")
        if sample_weight is None and class_weight is None and training.stepper is not None:
            done = training.stepper.on_like_arrays(x, y)
            if done is not None:
                return self._batch_results(training, done, return_dict)
        data = as_data(x, y, sample_weight, class_weight, form=self._form)
        if self.has_own("train_step"):
            from autograd_nn.training.own_steps import as_step_data, told_by

            return _results(told_by(self.train_step(as_step_data(data)), "train_step"), return_dict)
        if training.metrics is None or not self._built:
            data = self._let_in(training, data, len(data.x))
        from autograd_nn.training.stepper import stepper_of  # what it imports takes time

        done = stepper_of(self, training).on_batch(data, self._let_in)
        return self._batch_results(training, done, return_dict)

    @unwound
    @checked_keywords
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss of one batch, or [loss, metrics…]."""
        training = refuse_uncompiled(self._training, "test_on_batch")
        data = as_data(x, y, sample_weight, form=self._form)
        data = self._let_in(training, data, len(data.x))
        return _results(evaluated(self, training, data, len(data.x)), return_dict)

    # ------------------------------------------------------------------ below the methods

    def _recorded_run(self, x: Any, y: Any, call: str) -> tuple[Any, dict[str, Any]]:
        """The loss of one recorded training step, or without y the outputs; names for showing."""
        if y is None:
            samples = as_inputs(x, form=self._form)
            with recorded():
                output = self(as_called(samples))
            if type(output) is not Tensor:
                raise ArgumentError(
                    f"The model gives {len(flatten(output)[0])} outputs, and {call} shows one "
                    f"Tensor: give true values, too, model.{call}(x, y), or take one output, "
                    f"model(x)[0].{call}()."
                )
            return output, {}
        training = refuse_uncompiled(self._training, call)
        data = as_data(x, y, form=self._form)
        data = self._let_in(training, data, len(data.x))
        with recorded(), undone():  # no step is taken
            inputs: Any = data.x if self.trainable_weights else as_tensors(data.x)
            loss = recorded_loss(self, training.needed_loss(), inputs, data.y, data.weight)[0]
        return loss, {**given(inputs, data.y, None), "loss": loss}

    def _let_in(self, training: Training, data: Data, batch_size: int) -> Data:
        """The data checked as ``fit`` does, and the model built on them."""
        if self.has_own("test_step"):
            return data
        with tried_on(self) as trial:
            data = checked(trial, training, data, batch_size)
        build_on(self, data.x)
        return data

    def _batch_results(
        self, training: Training, done: tuple[Any, Data, Any], return_dict: bool
    ) -> Any:
        """What was done, in the form that the user gets: the loss, the data as used, the output."""
        loss, data, output = done
        if not training.metrics:
            return {"loss": float(loss)} if return_dict else float(loss)
        values = RunningValues(training)
        values.add(loss, data.y, output, data.weight)
        return _results(values.logs(), return_dict)

    @property
    def _form(self) -> Form:
        graph = self.layer_graph
        needs_y = not (self.has_own("train_step") or self.has_own("test_step"))
        return Form(self._axes, graph, graph is None and type(self)._is_own, needs_y)

    @property
    def _axes(self) -> int | None:
        """How many axes its inputs have, None where that is not known yet."""
        if self.layer_graph is not None and len(self._graph.inputs) == 1:
            return len(self._graph.inputs[0].shape)
        shape = self._chain_input() or self._input_shape
        is_one = (
            isinstance(shape, tuple) and shape and not isinstance(shape[0], (tuple, list, dict))
        )
        return len(shape) if is_one else None

    def _chain_input(self) -> Shape | None:
        """The input shape where the layers are a chain, so that each shape follows."""
        return None

    def _tell_defaults(self, training: Training, batch_size: int | None, shuffle: bool) -> None:
        self._has_told_defaults = True
        told = []
        if not training.named_by_user:
            told.append(f"optimizer {training.optimizer!r}")
        if batch_size is None:
            told.append(f"batch_size {_BATCH}")
        if shuffle:
            told.append("shuffle on")
        if told:
            print(f"Defaults in force: {', '.join(told)}.")


def _results(logs: dict[str, float], return_dict: bool) -> Any:
    if return_dict:
        return logs
    values = list(logs.values())
    return values if len(values) > 1 else values[0]


def with_models(custom_objects: Any) -> dict[str, Any]:
    """Classes of the user's own by name, and those of the models that are here."""
    kinds: list[type[Model]] = [Model, *Model.__subclasses__()]
    here = {kind.__name__: kind for kind in kinds if not kind._is_own}
    return here | dict(custom_objects or {})
