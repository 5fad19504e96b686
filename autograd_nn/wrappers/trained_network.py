"""What a classifier and a regressor have in common: the settings, the network, its training."""

from __future__ import annotations

import contextlib
import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from autograd_nn import losses
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.losses import Loss
from autograd_nn.models import Model
from autograd_nn.names import same
from autograd_nn.settings import generator, own_floatx, own_randomness
from autograd_nn.wrappers.building import (
    given_rate,
    keywords_of,
    network,
    new_optimizer,
    one_output,
    users_model,
)

Array = np.ndarray

# Samples that are predicted at once.
_AT_ONCE = 1024

# What a new network is made of, the model first: without it, and with it.
_OF_SIZES = ("model", "hidden", "activation", "loss", "optimizer", "metrics")
_OF_USERS_MODEL = ("model", "model_kwargs")


class TrainedNetwork(BaseEstimator):
    """What both have in common: the settings, the network, and its training."""

    model_: Model
    _seed_told: Any

    @checked_keywords
    def __init__(
        self,
        model: Any = None,
        hidden: Any = (25, 15),
        activation: Any = "relu",
        loss: Any = None,
        optimizer: Any = "adam",
        learning_rate: Any = None,
        metrics: Any = None,
        epochs: int = 100,
        batch_size: int = 32,
        validation_split: float = 0.0,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: Any = 0,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.hidden = hidden
        self.activation = activation
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.metrics = metrics
        self.epochs = epochs
        self.batch_size = batch_size
        self.validation_split = validation_split
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The settings; with ``deep`` also those of ``model_kwargs``, as ``model__name``."""
        found: dict[str, Any] = super().get_params(deep)
        inner = self.model_kwargs if deep and isinstance(self.model_kwargs, dict) else {}
        return found | {f"model__{name}": value for name, value in inner.items()}

    def set_params(self, **params: Any) -> Self:
        """Change settings; ``model__units=8`` is what the function ``model`` gets as ``units``."""
        start = "model__"
        inner = {k[len(start) :]: v for k, v in params.items() if k.startswith(start)}
        super().set_params(**{k: v for k, v in params.items() if not k.startswith(start)})
        if inner:
            self.model_kwargs = {**(self.model_kwargs or {}), **inner}
        return self

    # ------------------------------------------------------------------ training

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network, or with ``warm_start`` the one that is there.

        That one keeps what it was made with: another `hidden`, `loss`, `optimizer` or the like is
        an error then. Another `learning_rate` holds from here on.

        Parameters   X: samples (N, features), or of more axes where ``model`` takes them
                     sample_weight: one for each; only their ratios count, so that a weight of 2
                     is a sample that is there twice
        """
        goes_on = self.warm_start and hasattr(self, "model_")
        return self._train(X, y, sample_weight, not goes_on)

    def _train(
        self,
        X: Any,
        y: Any,
        weight: Any,
        is_new: bool,
        epochs: int | None = None,
        classes: Any = None,
    ) -> Self:
        if not is_new:
            self._refuse_another_network()
        X, y = validate_data(self, X, y, reset=is_new, multi_output=True, **self._accepted())
        y = self._checked(y, is_new, classes)
        weight = self._weights(weight, X, y)
        if is_new or not same(self.random_state, self._seed_told):
            seeded = self.random_state is not None
            self._random = check_random_state(self.random_state) if seeded else None
            self._seed_told = self.random_state
        if is_new:
            self._dtype = "float32" if X.dtype == np.float32 else "float64"
        with self._computing(), self._randomness():
            if is_new:
                # Whoever goes on with the same samples evaluates the same of them.
                self._split_seed = int(generator("data").integers(2**31 - 1))
                self.model_ = self._new_model(X, y)
                self._made_with, self._rate_told = self._of_network(), self.learning_rate
                # Layers that do not know their inputs are built by this.
                self._output_shape = one_output(self.model_.predict(X[:1], verbose=0)).shape[1:]
            elif self.learning_rate != self._rate_told:  # by set_params since
                rate = given_rate(new_optimizer(self.optimizer, self.learning_rate))
                self.model_.optimizer.learning_rate = rate
                self._rate_told = self.learning_rate
            (x, targets, weight), validation = self._split(X, y, weight)
            keywords = {
                "epochs": self.epochs,
                "batch_size": self.batch_size,
                "verbose": self.verbose,
                "validation_data": validation,
                **keywords_of("fit_kwargs", self.fit_kwargs),
            }
            if epochs is not None:
                keywords["epochs"] = epochs
            if validation is None:
                keywords["validation_data"] = self._validation(keywords["validation_data"])
            history = self.model_.fit(x, targets, sample_weight=weight, **keywords)
        self.history_ = history.history
        return self

    def _new_model(self, X: Array, y: Array) -> Model:
        if self.model is not None:
            self._refuse_beside_model()
            settings = keywords_of("model_kwargs", self.model_kwargs)
            return users_model(self.model, settings, X, self._shown(y))
        loss = losses.get(self._usual_loss() if self.loss is None else self.loss)
        outputs, last = self._ends(y, loss)
        made = network(X.shape[1], self.hidden, self.activation, outputs, last)
        optimizer = new_optimizer(self.optimizer, self.learning_rate)
        made.compile(optimizer, loss, copy.deepcopy(self.metrics))
        return made

    def _refuse_beside_model(self) -> None:
        """Refuse a setting that a network of sizes would follow, and the user's model does not."""
        usual = inspect.signature(TrainedNetwork).parameters
        for name in ("hidden", "activation", "loss", "optimizer", "learning_rate", "metrics"):
            value = getattr(self, name)
            if value is not usual[name].default and repr(value) != repr(usual[name].default):
                raise ArgumentError(
                    f"`{name}` is {value!r:.80}, which `model` does not follow: it is compiled as "
                    f"it is. A function may take it, def build({name}=…), and is given it by "
                    f"model_kwargs={{{name!r}: …}}, in a search by 'model__{name}'."
                )

    def _of_network(self) -> dict[str, Any]:
        """The settings that say what a new network is and how it learns, but for the rate."""
        names = _OF_USERS_MODEL if self.model is not None else _OF_SIZES
        return {name: _as_told(getattr(self, name)) for name in names}

    def _refuse_another_network(self) -> None:
        """Refuse to go on with the network that is there, where the settings say another."""
        for name, now in self._of_network().items():
            if not same(now, self._made_with[name]):
                raise ArgumentError(
                    f"`{name}` is {getattr(self, name)!r:.200} now, and the network that is there "
                    f"was made with {self._made_with[name]!r:.200}: partial_fit and "
                    "warm_start=True go on with that one. A new one is made by fit with "
                    "warm_start=False, or of sklearn.base.clone(estimator)."
                )
        if self.model is not None:
            self._refuse_beside_model()

    def _split(self, X: Array, y: Array, weight: Any) -> tuple[Any, Any]:
        """What is trained on, and what is only evaluated: x, true values and weights."""
        targets = self._targets(y)
        part = number_within("validation_split", self.validation_split, 0, 1, high_open=True)
        if not part:
            return (X, targets, weight), None
        chosen, kept = train_test_split(
            np.arange(len(X)),
            test_size=part,
            random_state=self._split_seed,
            stratify=self._strata(y),
        )
        train, rest = (
            (X[rows], targets[rows], None if weight is None else weight[rows])
            for rows in (chosen, kept)
        )
        return train, rest if weight is not None else rest[:2]

    def _validation(self, given: Any) -> Any:
        """``validation_data`` of the user's own, y as the loss compares it."""
        if not isinstance(given, (tuple, list)) or len(given) not in (2, 3):
            return given
        X, y, *weight = given
        X, y = validate_data(self, X, y, reset=False, multi_output=True, **self._accepted())
        return (X, self._targets(self._checked(y, False)), *weight)

    def _accepted(self) -> dict[str, Any]:
        """What samples may be: those of the user's model may be integers, and pictures."""
        if self.model is not None:
            return {"dtype": "numeric", "allow_nd": True}
        return {"dtype": (np.float64, np.float32)}

    def _weights(self, weight: Any, X: Array, y: Array) -> Array | None:
        """Weights whose mean is 1: the step of a batch is then as large as without."""
        of_classes = self._class_weights(y)
        if weight is None and of_classes is None:
            return None
        found = np.ones(len(X)) if of_classes is None else of_classes
        if weight is not None:
            options = {"dtype": np.float64, "ensure_non_negative": True}
            found = found * _check_sample_weight(weight, X, **options)
        if not found.any():
            raise ArgumentError("`sample_weight` is zero for every sample: there is none to learn.")
        return found * (len(found) / found.sum())

    @contextlib.contextmanager
    def _randomness(self) -> Iterator[None]:
        """Inside, what is drawn follows ``random_state``; None goes on with `set_random_seed`."""
        if self._random is None:
            yield
        else:
            with own_randomness(int(self._random.randint(2**31 - 1))):
                yield

    @contextlib.contextmanager
    def _computing(self) -> Iterator[None]:
        """Inside, a network of sizes computes in the dtype of the data, as scikit-learn's do."""
        if self.model is not None:
            yield
        else:
            with own_floatx(self._dtype):
                yield

    def _outputs(self, X: Any) -> Array:
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False, **self._accepted())
        with self._computing():
            outputs: Array = self.model_.predict(X, batch_size=_AT_ONCE, verbose=0)
        return outputs

    # What a classifier and a regressor say of y.

    def _checked(self, y: Array, is_new: bool, classes: Any = None) -> Array:
        """y for training, checked: of a classifier the numbers of the classes.

        Parameters   classes: all that will come; None takes those of y
        """
        raise NotImplementedError

    def _usual_loss(self) -> str:
        """The loss where none is said."""
        raise NotImplementedError

    def _ends(self, y: Array, loss: Loss) -> tuple[int, str | None]:
        """How many outputs a network of sizes has, and what follows them."""
        raise NotImplementedError

    def _shown(self, y: Array) -> Array:
        """y as a function that builds a model sees it."""
        return y

    def _targets(self, y: Array) -> Array:
        """y as the loss compares it."""
        return y

    def _class_weights(self, y: Array) -> Array | None:
        """A weight for each sample, by its class."""
        return None

    def _strata(self, y: Array) -> Array | None:
        """In which parts a validation split must be alike."""
        return None


def _as_told(value: Any) -> Any:
    """A setting to be compared later: what holds others as it is now, and all else by itself."""
    if isinstance(value, Mapping):
        return {key: _as_told(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(map(_as_told, value)) if isinstance(value, (list, tuple)) else value
