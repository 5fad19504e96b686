"""Model: layers that are trained together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_nn.callbacks import History
from autograd_nn.callbacks.callback import as_callbacks
from autograd_nn.data import Data, as_data
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.unwinding import unwound
from autograd_nn.models.on_data import OnData
from autograd_nn.progress import as_verbose
from autograd_nn.training.batches import Arrays, refuse_to_run_dry
from autograd_nn.training.configuration import Training, refuse_uncompiled
from autograd_nn.training.evaluating import evaluate, evaluated, predicted
from autograd_nn.training.fit_loop import FitLoop
from autograd_nn.training.given_data import for_evaluate, for_fit, for_predict
from autograd_nn.training.one_step import RunningValues
from autograd_nn.training.validation import build_on, check, let_in, tried_on

_BATCH = 32


class Model(OnData):
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

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        name: str | None = None,
        trainable: bool = True,
        **others: Any,
    ) -> None:
        super().__init__(inputs, outputs, name, trainable, **others)
        self.history: History | None = None
        self.stop_training = False
        self._training = None
        self._has_told_defaults = False

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
        distribution: Any = None,
    ) -> None:
        """Choose how to train; names are checked here.

        Parameters   optimizer: a name or an optimizer, default RMSprop(0.001) as in Keras
                     loss: a name, a loss, or a function of (y_true, y_pred); of several outputs
                     one for all, a list, or a dict by their names, None for an output that is not
                     trained. Without it what layers add by ``add_loss`` is made small
                     loss_weights: by which the loss of each output is multiplied; of one output a
                     number
                     metrics, weighted_metrics: names, metrics or functions; the second are
                     weighted with sample_weight. `metrics` is the third argument, as programs
                     write it; in Keras loss_weights is
                     run_eagerly: take every step of training as it is written. Otherwise two steps
                     are recorded, and the later ones replayed by a program, which is faster; the
                     results are equal up to rounding. Layers, losses and activations of your own
                     are run as they are written, unless they say `replayable`; see `replayable`
                     jit_compile: compile that program with Numba (pip install 'autograd-nn[jit]').
                     It says `replayable` of everything in the model
                     distribution: DataParallel() shares the rows of every batch among the
                     processes that mpiexec starts; see `distribution.DataParallel`
        Raises       ArgumentError for an unknown name, with the nearest one; MissingPackageError
                     with jit_compile=True where the extra is not installed
        """
        self.refuse_makers()
        graph = self._graph
        self._training = Training(
            optimizer,
            loss,
            metrics,
            weighted_metrics,
            run_eagerly,
            jit_compile,
            loss_weights,
            graph.output_names if graph is not None else None,
            _as_distribution(distribution),
        )
        if self.has_own("compute_loss") or self._training.loss is None:
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
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        record_gradients: bool = False,
        stratify: bool = False,
    ) -> History:
        """Train: go through the data ``epochs`` times, a step of the optimizer for each batch.

        Everything is checked before anything changes.

        Parameters   x: samples: an array, a list, a frame, a memory map, a Dask array; or, without
                     y, what gives batches (x, y) or (x, y, sample_weight): a generator, a Dataset,
                     a PyDataset, a DataLoader. What is not in memory is read batch by batch; Dask
                     arrays are shuffled chunk by chunk
                     batch_size: samples for one step, default 32
                     verbose: 0 silent, 1 a bar, 2 a line for each epoch, "auto" 1 in a terminal
                     or notebook and else 2
                     validation_split: this part of the samples, the last ones, is only evaluated;
                     with stratify=True the last ones of every class, by its share
                     validation_data: (x, y) or (x, y, sample_weight), instead of a split, or
                     what gives batches; validation_freq: after every so many epochs, or a list
                     shuffle: a new order in each epoch
                     class_weight: {label: weight}; sample_weight: one weight for each sample
                     initial_epoch: where to go on counting
                     steps_per_epoch, validation_steps: how many batches are an epoch, default all;
                     the next epoch goes on from there, every validation is on the same ones
                     record_gradients: keep how large the gradient of every parameter was, as
                     ``history["grad_norm/dense/kernel"]``: the mean over the batches of an epoch
                     of its Euclidean norm, before any clipping; NaN where none was computed. The
                     History alone has them: callbacks and the printed line stay as they are
        Returns      the History: ``.history["loss"]`` has the loss of every epoch
        Raises       ArgumentError, ArgumentTypeError, ShapeError naming the argument
        """
        training = refuse_uncompiled(self._training, "fit")
        is_own = self.has_own("train_step")
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        last = positive_integer("epochs", epochs, minimum=0)
        first = positive_integer("initial_epoch", initial_epoch, minimum=0)
        loud = as_verbose(verbose)
        if training.shared is not None and training.shared.rank != 0:
            loud = 0  # the first one tells
        own = as_callbacks(callbacks)
        shuffle = true_or_false("shuffle", shuffle)
        record_gradients = true_or_false("record_gradients", record_gradients)
        validation_size = size
        if validation_batch_size is not None:
            validation_size = positive_integer("validation_batch_size", validation_batch_size)
        if not isinstance(validation_freq, (list, tuple, set, range)):
            validation_freq = positive_integer("validation_freq", validation_freq)
        again: list[Callable[[], None]] = []
        data, validation = for_fit(
            self._form._replace(again=again),
            (x, y, sample_weight, class_weight),
            validation_split,
            validation_data,
            (steps_per_epoch, validation_steps),
            (size, validation_size),
            shuffle,
            true_or_false("stratify", stratify),
        )
        if training.shared is not None:
            training.shared.read_shares(data, validation)
        refuse_to_run_dry(data, validation, range(first, last), validation_freq)
        if not is_own:
            with tried_on(self) as trial:
                check(trial, training, data, again)
                if validation is not None:
                    check(trial, training, validation, again)
            build_on(self, data.first(), training)
        if loud and not self._has_told_defaults and data.is_checked:
            self._tell_defaults(training, batch_size, shuffle)
        run = FitLoop(self, training, data, validation, record_gradients, validation_freq, again)
        if training.shared is not None:
            return training.shared.train(run, range(first, last), own, loud)
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
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """The loss, or [loss, metrics…] where there are metrics; a dict with ``return_dict``.

        Of several outputs [loss, their losses…, metrics sorted by name], as in Keras.

        Parameters   x: samples, or what gives batches, as in ``fit``; steps: so many of them
        """
        training = refuse_uncompiled(self._training, "evaluate")
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        loud = as_verbose(verbose)
        own = as_callbacks(callbacks)
        data = for_evaluate(self._form, (x, y, sample_weight), steps, size)
        if training.shared is not None:
            training.shared.read_shares(data)
        if not self.has_own("test_step"):
            with tried_on(self) as trial:
                check(trial, training, data)
            build_on(self, data.first(), training)
        if training.shared is None:
            logs = evaluate(self, training, data, loud, own)
        else:
            logs = training.shared.evaluate(self, training, data, loud, own)
        return _results(logs, return_dict, training)

    @unwound
    @checked_keywords
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs as one array, batch by batch, without recording.

        Parameters   x: samples, or what gives batches of them, of which y is left out; steps: so
                     many of them
        """
        size = _BATCH if batch_size is None else positive_integer("batch_size", batch_size)
        loud = as_verbose(verbose, otherwise=0)
        own = as_callbacks(callbacks)
        inputs = for_predict(self._form, x, steps, size)
        if self._training is not None and self._training.shared is not None:
            return self._training.shared.predict(self, inputs, loud, own)
        return predicted(self, inputs, loud, own)

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
            for metric in training.stepper.held:
                metric.reset_state()
            done = training.stepper.on_like_arrays(x, y)
            if done is not None:
                return self._batch_results(training, done, return_dict)
        data = as_data(x, y, sample_weight, class_weight, form=self._form)
        if self.has_own("train_step"):
            from autograd_nn.training.own_steps import as_step_data, told_by

            logs = told_by(self.train_step(as_step_data(data)), "train_step")
            return _results(logs, return_dict, training)
        if training.metrics is None or not self._built:
            data = let_in(self, training, data)
        from autograd_nn.training.stepper import stepper_of  # what it imports takes time

        stepper = stepper_of(self, training)
        for metric in stepper.held:
            metric.reset_state()
        if training.shared is not None:
            data = stepper.share_of(data)
        done = stepper.on_batch(data)
        return self._batch_results(training, done, return_dict)

    @unwound
    @checked_keywords
    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """The loss of one batch, or [loss, metrics…]."""
        training = refuse_uncompiled(self._training, "test_on_batch")
        data = as_data(x, y, sample_weight, form=self._form)
        data = let_in(self, training, data)
        logs = evaluated(self, training, Arrays(data, len(data.x)))
        return _results(logs, return_dict, training)

    # ------------------------------------------------------------------ files

    def save(self, filepath: Any, overwrite: bool = True, include_optimizer: bool = True) -> None:
        """Write what it is, its weights, and how it is trained; see ``saving.save_model``.

        Parameters   filepath: ends in ``.npz`` or ``.keras``; ``models.load_model`` reads it
        """
        from autograd_nn.saving import save_model

        save_model(self, filepath, overwrite, include_optimizer)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights alone, in the format that the extension says."""
        from autograd_nn.saving import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any) -> None:
        """Take the weights of a file, by their names; all or, where one does not fit, none."""
        from autograd_nn.saving import load_weights

        load_weights(self, filepath)

    # ------------------------------------------------------------------ below the methods

    def _batch_results(
        self, training: Training, done: tuple[Any, Data, Any], return_dict: bool
    ) -> Any:
        """What was done, in the form that the user gets: the loss, the data as used, the output."""
        loss, data, output = done
        held = training.stepper.held
        if not training.metrics and not held:
            return {"loss": float(loss)} if return_dict else float(loss)
        values = RunningValues(training, held)
        values.add(loss, data.y, output, data.weight)
        return _results(values.logs(), return_dict, training)

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


def _as_distribution(value: Any) -> Any:
    """What ``compile`` was given as distribution, checked."""
    if value is not None:
        from autograd_nn.distribution import DataParallel  # few programs need it

        if not isinstance(value, DataParallel):
            raise ArgumentTypeError(
                f"`distribution` must be distribution.DataParallel() or None, got {value!r} of "
                f"type {type(value).__name__}."
            )
    return value


def _results(logs: dict[str, float], return_dict: bool, training: Training) -> Any:
    """The values in Keras's order: of several outputs the losses, then the metrics by name."""
    if return_dict:
        return logs
    values = list(logs.values())
    if outputs := getattr(training.loss, "names", ()):
        losses = ["loss", *(f"{name}_loss" for name in outputs)]
        rest = sorted(name for name in logs if name not in losses)
        values = [logs[name] for name in [*losses, *rest] if name in logs]
    return values if len(values) > 1 else values[0]
