"""The recipes of CONTRIBUTING.md followed once each: what is written into which file of a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Edit:
    """Lines put behind the one place in a file where ``anchor`` stands, or at its end."""

    file: str
    text: str
    anchor: str = ""

    def do(self, root: Path) -> None:
        path = root / self.file
        before = path.read_text("utf-8") if path.exists() else ""
        if not self.anchor:
            path.write_text(before + self.text, "utf-8")
            return
        assert before.count(self.anchor) == 1, f"{self.anchor!r} in {self.file}"
        path.write_text(before.replace(self.anchor, self.anchor + self.text), "utf-8")


RECIPES: dict[str, list[Edit]] = {
    "operation": [
        Edit(
            "autograd_nn/engine/operations/activation_functions.py",
            """
bounded = Operation(
    "bounded",
    value=lambda x: x / (1 + np.abs(x)),
    gradients=(lambda g, out, x: g / (1 + np.abs(x)) ** 2,),
)
Tensor.bounded = unary_method(bounded)
""",
        ),
        Edit(
            "autograd_nn/engine/members.py",
            "        def bounded(self) -> Self: ...\n",
            "        def __abs__(self) -> Self: ...\n",
        ),
        Edit(
            "tests/engine/samples.py",
            '    "bounded": unary(lambda x: x / (1 + np.abs(x)), away_from_zero),\n',
            "SAMPLES: dict[str, list[Case]] = {\n",
        ),
        Edit("README.md", " bounded", "bitwise_and bitwise_or bitwise_xor"),
    ],
    "NumPy function": [
        Edit(
            "autograd_nn/engine/operations/shaping.py",
            ", np.append: lambda arr, values, axis=None: _np_concatenate((arr, values), axis)",
            "numpy={np.concatenate: _np_concatenate",
        ),
    ],
    "NumPy function written with operations": [
        Edit(
            "autograd_nn/engine/functions/rearranging.py",
            """

@composed(np.trim_zeros)
def _trim_zeros(filt: Any, trim: str = "fb") -> Any:
    places = np.flatnonzero(filt.data)
    first = places[0] if "f" in trim else 0
    return filt[first : places[-1] + 1 if "b" in trim else None]
""",
        ),
        Edit("README.md", " trim_zeros", "\ntrapezoid tril"),
    ],
    "cheaper form of an operation in programs": [
        Edit(
            "autograd_nn/program/planning/forms.py",
            "    ops.bounded: lambda x: x / (1 + np.maximum(x, -x)),\n",
            "FORMS: dict[Operation, Callable[..., Any]] = {\n",
        ),
    ],
    "call that Numba compiles": [
        Edit(
            "autograd_nn/jit/elements.py",
            '    np.cbrt: "np.copysign(abs({0}) ** (1 / 3), {0})",\n',
            "_TEXTS: dict[Function, str] = {\n",
        ),
    ],
    "activation": [
        Edit("autograd_nn/activations.py", '    "bounded",\n', "__all__ = [\n"),
    ],
    "layer": [
        Edit(
            "autograd_nn/layers/scale.py",
            '''"""Scale: a factor for each feature."""

from autograd_nn.layers.layer import Layer
from autograd_nn.ops import multiply


class Scale(Layer):
    """Every feature times a factor, which is learnt."""

    def build(self, input_shape):
        self.factor = self.add_weight(input_shape[1:], "ones", "factor")

    def call(self, inputs):
        return multiply(inputs, self.factor)
''',
        ),
        Edit(
            "autograd_nn/layers/__init__.py",
            "    from autograd_nn.layers.scale import Scale\n",
            "if TYPE_CHECKING:\n",
        ),
        Edit("autograd_nn/layers/__init__.py", '    "Scale",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/layers/__init__.py",
            '    "scale": "Scale",\n        ',
            "        {\n        ",
        ),
        Edit(
            "tests/layers/samples/scale.py",
            """from tests.layers.samples.sample import sample

SAMPLES = {
    "Scale": [
        sample(lambda layers: layers.Scale(), (3, 2), differs="not in Keras")
    ]
}
""",
        ),
    ],
    "layer that draws": [
        Edit(
            "autograd_nn/layers/jitter.py",
            '''"""Jitter: a network that cannot rely on exact numbers."""

from autograd_nn import random
from autograd_nn.layers.layer import Layer


class Jitter(Layer):
    """In training, add numbers of the normal distribution."""

    def __init__(self, stddev, seed=None, name=None, trainable=True):
        super().__init__(name=name, trainable=trainable)
        self.stddev = stddev
        self.seed = None if seed is None else random.generator(seed)

    def call(self, inputs, training=False):
        if not training:
            return inputs
        noise = random.normal(inputs.shape, 0.0, self.stddev, inputs.dtype, self.seed)
        return inputs + noise
''',
        ),
        Edit(
            "autograd_nn/layers/__init__.py",
            "    from autograd_nn.layers.jitter import Jitter\n",
            "if TYPE_CHECKING:\n",
        ),
        Edit("autograd_nn/layers/__init__.py", '    "Jitter",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/layers/__init__.py",
            '    "jitter": "Jitter",\n        ',
            "        {\n        ",
        ),
        Edit(
            "tests/layers/samples/jitter.py",
            """from tests.layers.samples.sample import sample

SAMPLES = {
    "Jitter": [
        sample(
            lambda layers: layers.Jitter(0.1),
            (3, 2),
            differs="not in Keras",
            draws=True,
            no_config="none is written",
        )
    ]
}
""",
        ),
    ],
    "layer with running statistics": [
        Edit(
            "autograd_nn/layers/centring.py",
            '''"""Centring: inputs without their mean, which is learnt by averaging."""

from autograd_nn.layers.layer import Layer


class Centring(Layer):
    """x less the mean of the batch; outside of training, less the running mean."""

    def build(self, input_shape):
        self.mean = self.add_weight(input_shape[1:], "zeros", "mean", trainable=False)

    def call(self, inputs, training=False):
        if not training:
            return inputs - self.mean
        batch = inputs.mean(axis=0)
        self.mean.assign(self.mean * 0.9 + batch * 0.1)
        return inputs - batch
''',
        ),
        Edit(
            "autograd_nn/layers/__init__.py",
            "    from autograd_nn.layers.centring import Centring\n",
            "if TYPE_CHECKING:\n",
        ),
        Edit("autograd_nn/layers/__init__.py", '    "Centring",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/layers/__init__.py",
            '    "centring": "Centring",\n        ',
            "        {\n        ",
        ),
        Edit(
            "tests/layers/samples/centring.py",
            """from tests.layers.samples.sample import sample

SAMPLES = {
    "Centring": [
        sample(lambda layers: layers.Centring(), (3, 2), differs="not in Keras", own_training=True)
    ]
}
""",
        ),
    ],
    "loss": [
        Edit(
            "autograd_nn/losses/regression.py",
            '''

@final
class FourthPower(OfDifferences):
    """The mean of (y_pred − y_true)⁴."""

    def formula(self, y: Any, p: Any) -> Any:
        """(p − y)⁴ elementwise."""
        return square(square(subtract(p, y)))


@checked_keywords
def fourth_power(y_true: Any, y_pred: Any) -> Any:
    """One value per sample."""
    return FourthPower().samples(y_true, y_pred)
''',
        ),
        Edit(
            "autograd_nn/losses/__init__.py",
            "        FourthPower,\n        fourth_power,\n",
            "    from autograd_nn.losses.regression import (\n",
        ),
        Edit("autograd_nn/losses/__init__.py", '    "FourthPower",\n', "__all__ = [\n"),
        Edit("autograd_nn/losses/__init__.py", '    "fourth_power",\n', '    "FourthPower",\n'),
        Edit("autograd_nn/losses/__init__.py", "FourthPower fourth_power ", '"regression": "'),
        Edit(
            "autograd_nn/losses/__init__.py",
            '    "fourth": "FourthPower",\n',
            "_BY_NAME = {\n",
        ),
    ],
    "optimizer": [
        Edit(
            "autograd_nn/optimizers/root_of_sum.py",
            '''"""RootOfSum: shorter steps along what was steep."""

import numpy as np

from autograd_nn.optimizers.optimizer import Optimizer


class RootOfSum(Optimizer):
    """Every parameter is divided by the root of the sum of its squared gradients."""

    def __init__(self, learning_rate=0.001, **options):
        super().__init__(learning_rate, **options)

    def update(self, parameter, gradient, state, step):
        total = state.get("total", 0.0) + gradient * gradient
        change = self.learning_rate * gradient / np.sqrt(total + 0.1)
        return parameter - change, {"total": total}
''',
        ),
        Edit(
            "autograd_nn/optimizers/__init__.py",
            "    from autograd_nn.optimizers.root_of_sum import RootOfSum\n",
            "if TYPE_CHECKING:\n",
        ),
        Edit("autograd_nn/optimizers/__init__.py", '    "RootOfSum",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/optimizers/__init__.py",
            '    "root_of_sum": "RootOfSum",\n        ',
            "        {\n        ",
        ),
    ],
    "schedule": [
        Edit(
            "autograd_nn/optimizers/schedules/decays.py",
            '''

@final
class SquareRootDecay(Decay):
    """The rate is divided by the root of the number of steps."""

    def __init__(self, initial_learning_rate: float, name: str | None = "SquareRootDecay") -> None:
        self.initial_learning_rate = number("initial_learning_rate", initial_learning_rate)
        self.name = name_of(name)

    @staticmethod
    def _formula(step: Any, initial_learning_rate: Any) -> Any:  # type: ignore[override]
        """The learning rate after so many steps."""
        return initial_learning_rate / (1 + step) ** 0.5
''',
        ),
        Edit(
            "autograd_nn/optimizers/schedules/__init__.py",
            "        SquareRootDecay,\n",
            "from autograd_nn.optimizers.schedules.decays import (\n",
        ),
        Edit(
            "autograd_nn/optimizers/schedules/__init__.py",
            '    "SquareRootDecay",\n',
            '    "PolynomialDecay",\n',
        ),
        Edit(
            "autograd_nn/optimizers/schedules/__init__.py",
            "SquareRootDecay ",
            '"decays": "',
        ),
    ],
    "initializer": [
        Edit(
            "autograd_nn/initializers/fixed.py",
            '''

class Halves(Initializer):
    """One half everywhere."""

    def values(self, shape: Shape, dtype: np.dtype) -> np.ndarray:
        return np.full(shape, 0.5, dtype)
''',
        ),
        Edit(
            "autograd_nn/initializers/__init__.py",
            "    Halves,\n",
            "from autograd_nn.initializers.fixed import (\n",
        ),
        Edit("autograd_nn/initializers/__init__.py", '    "Halves",\n', "__all__ = [\n"),
        Edit("autograd_nn/initializers/__init__.py", "Halves, ", "*(Zeros, "),
    ],
    "regularizer": [
        Edit(
            "autograd_nn/regularizers.py",
            '''class SquareOfSum(Regularizer):
    """The square of the sum, which has weights balance each other."""

    def __call__(self, x: Any) -> Any:
        return np.square(np.sum(x))


''',
            "# Keras's other names.\n",
        ),
        Edit("autograd_nn/regularizers.py", '    "SquareOfSum",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/regularizers.py",
            '    "square_of_sum": SquareOfSum,\n',
            "_BY_NAME: dict[str, type[Any]] = {\n",
        ),
    ],
    "constraint": [
        Edit(
            "autograd_nn/constraints.py",
            '''class Centred(Constraint):
    """The mean of a weight is 0."""

    def __call__(self, w: Any) -> Any:
        return w - np.mean(w)


''',
            "# Keras's other names.\n",
        ),
        Edit("autograd_nn/constraints.py", '    "Centred",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/constraints.py",
            '    "centred": Centred,\n',
            "_BY_NAME: dict[str, type[Any]] = {\n",
        ),
    ],
    "metric": [
        Edit(
            "autograd_nn/metrics/accuracies.py",
            '''

@final
class WithinTenth(MeanOverSamples):
    """How often a prediction is at most a tenth from the truth."""

    @checked_keywords
    def __init__(self, name: str = "within_tenth", dtype: Any = None) -> None:
        super().__init__(dtype, name)

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """Whether it is that near."""
        y_true, y_pred = aligned(y_true, y_pred)
        return np.abs(y_true - y_pred) <= 0.1
''',
        ),
        Edit(
            "autograd_nn/metrics/__init__.py",
            "        WithinTenth,\n",
            "    from autograd_nn.metrics.accuracies import (\n",
        ),
        Edit("autograd_nn/metrics/__init__.py", '    "WithinTenth",\n', "__all__ = [\n"),
        Edit("autograd_nn/metrics/__init__.py", "WithinTenth ", '"accuracies": "'),
    ],
    "callback": [
        Edit(
            "autograd_nn/callbacks/stop_at.py",
            '''"""StopAt: training that is good enough."""

from autograd_nn.callbacks.callback import Callback


class StopAt(Callback):
    """Stop after an epoch whose loss is small enough."""

    def __init__(self, loss):
        self.loss = loss

    def on_epoch_end(self, epoch, logs=None):
        """Look at the loss."""
        if logs["loss"] <= self.loss:
            self.model.stop_training = True
''',
        ),
        Edit(
            "autograd_nn/callbacks/__init__.py",
            "    from autograd_nn.callbacks.stop_at import StopAt\n",
            "if TYPE_CHECKING:\n",
        ),
        Edit("autograd_nn/callbacks/__init__.py", '    "StopAt",\n', "__all__ = [\n"),
        Edit(
            "autograd_nn/callbacks/__init__.py",
            '    "stop_at": "StopAt",\n        ',
            "        {\n        ",
        ),
    ],
    "edge mode": [
        Edit("autograd_nn/viz/graph/view.py", '"slots", ', "Detail = Literal["),
        Edit(
            "autograd_nn/viz/graph/edge_modes.py",
            """    "slots": EdgeMode(
        lambda edge: [f"input {edge.slot}"],
        heading="numbers.which",
        caption="numbers.along_slots",
    ),
""",
            "EDGE_MODES: dict[Detail, EdgeMode] = {\n",
        ),
        Edit(
            "autograd_nn/viz/wording/numbers_words.py",
            """    "which": ("which input", "第几个输入"),
    "along_slots": (
        "Along each edge: which input of the operation it is.",
        "每条边上：它是该运算的第几个输入。",
    ),
""",
            '    "flows_back": ("flows back", "回传"),\n',
        ),
        Edit(
            "autograd_nn/viz/pictures/picture.py",
            ' "slots" writes which input it is;',
            "its shapes where that is not one number;",
        ),
    ],
    "file format of models or weights": [
        Edit(
            "autograd_nn/saving/lists.py",
            '''"""`.json`: weights alone, as nested lists."""

from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.saving.named_weights import put_back, weights_of
from autograd_nn.saving.plain_values import text_of, value_of
from autograd_nn.saving.restoring import read_as


def write_weights(path: Path, model: Any) -> None:
    """Write the weights."""
    path.write_text(text_of(weights_of(model)))


def read_weights(path: Path, model: Any) -> None:
    """Put them into a model."""
    with read_as(path):
        lists = value_of(path.read_bytes())
        put_back(model, {name: np.asarray(values) for name, values in lists.items()})
''',
        ),
        Edit(
            "autograd_nn/saving/by_extension.py",
            '    ".json": "lists",\n',
            '    ".safetensors": "safetensors",\n',
        ),
    ],
    "file format of pictures": [
        Edit(
            "autograd_nn/viz/pictures/mermaid.py",
            '''"""The neutral view in the language of Mermaid."""

from autograd_nn.viz.graph.view import GraphView


def to_mermaid(view: GraphView) -> str:
    """Boxes and arrows."""
    boxes = [f"  {node.id}[{node.id}]" for node in view.nodes]
    arrows = [f"  {edge.source} --> {edge.target}" for edge in view.edges]
    return "\\n".join(["flowchart LR", *boxes, *arrows]) + "\\n"
''',
        ),
        Edit(
            "autograd_nn/viz/pictures/picture.py",
            "from autograd_nn.viz.pictures.mermaid import to_mermaid\n",
            "from autograd_nn.viz.pictures.dot import to_dot\n",
        ),
        Edit(
            "autograd_nn/viz/pictures/picture.py",
            '    "mmd": to_mermaid,\n',
            '    "dot": to_dot,\n',
        ),
    ],
}
