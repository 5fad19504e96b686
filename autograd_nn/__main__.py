"""`python -m autograd_nn`: the tutorial network on real digits, in three steps, with pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Sequential, Tensor, set_random_seed, viz
from autograd_nn.callbacks import Callback
from autograd_nn.datasets import load_digits
from autograd_nn.engine.errors import AutogradError, MissingPackageError
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.ops import binary_cross_entropy
from autograd_nn.optimizers import SGD
from autograd_nn.terminal import printable

RATE = 0.1


def main(arguments: list[str] | None = None) -> int:
    """Run the demonstration; the exit status is 0 when it went well."""
    options = _options(arguments)
    set_random_seed(options.seed)
    (x, y), (x_test, y_test) = load_digits(classes=(0, 1))
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)

    _say(
        f"Handwritten zeros and ones: {len(x)} to learn from, {len(x_test)} kept aside. "
        "Each is 8 × 8 = 64 numbers between 0 and 1.\n\n"
        "Step 1. Define the model: three layers, a = σ(a·W + b), with 25, 15 and 1 units.\n"
    )
    model = Sequential([
        Dense(units=25, activation="sigmoid"),
        Dense(units=15, activation="sigmoid"),
        Dense(units=1, activation="sigmoid"),
    ])  # fmt: skip
    model.build((None, x.shape[1]))
    for layer in model.layers:
        kernel, bias = layer.weights
        _say(f"    {layer.name:<8} W {str(kernel.shape):<9} b {bias.shape}")
    _say(
        f"    {sum(w.size for w in model.weights)} parameters, drawn at random. The last unit "
        "answers with the probability of a one.\n\n"
        "Step 2. Choose the loss: binary cross-entropy,\n"
        "    J = mean of −y·log p − (1 − y)·log(1 − p): small where p is near the label y.\n\n"
        "Step 3. Minimise it: for every parameter w ← w − α ∂J/∂w,\n"
        f"    α = {RATE}, in batches of 32 digits, {options.epochs} times through all of them.\n"
    )
    model.compile(optimizer=SGD(RATE), loss=BinaryCrossentropy(), metrics=["accuracy"])
    first_loss = model.evaluate(x, y, verbose=0)[0]
    history = model.fit(
        x, y, epochs=options.epochs, verbose=0, callbacks=[_Progress(options.epochs, first_loss)]
    )
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    right = round(accuracy * len(y_test))
    _say(
        f"\nOf the {len(y_test)} digits it never saw, {right} are told apart: "
        f"accuracy {accuracy:.1%}.\n"
    )

    losses = [first_loss, *history.history["loss"]]
    for line in _write_pictures(folder, model, x, y, losses):
        _say(line)
    return 0


def _say(text: str) -> None:
    print(printable(text), flush=True)


def _options(arguments: list[str] | None) -> Any:
    parser = argparse.ArgumentParser(
        prog="python -m autograd_nn",
        description="Train the tutorial network on handwritten zeros and ones, and draw it.",
    )
    parser.add_argument("--out", default="autograd_nn_pictures", help="folder for the pictures")
    parser.add_argument("--epochs", type=int, default=100, help="passes through the data")
    parser.add_argument("--seed", type=int, default=0, help="for weights and shuffling")
    options = parser.parse_args(arguments)
    if options.epochs < 1:
        parser.error(f"--epochs must be at least 1, got {options.epochs}")
    if options.seed < 0:
        parser.error(f"--seed must not be negative, got {options.seed}")
    return options


class _Progress(Callback):
    """Ten lines on the way, each with a bar as long as the loss."""

    def __init__(self, epochs: int, first_loss: float) -> None:
        super().__init__()
        self.every = max(1, epochs // 10)
        self._show(0, first_loss)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if (epoch + 1) % self.every == 0:
            self._show(epoch + 1, (logs or {})["loss"])

    def _show(self, epoch: int, loss: float) -> None:
        _say(f"    epoch {epoch:4d}   J = {loss:.4f}   {'▇' * round(40 * min(loss, 1))}")


def _write_pictures(folder: Path, model: Any, x: Any, y: Any, losses: list[float]) -> list[str]:
    """Write the three pictures; return what to say of them and of packages that are missing."""
    said, missing = [], set()
    graphs = [
        ("step", "one training step: every node with its value and its gradient",
         model.draw(x[:32], y[:32], edges="plain")),
        ("neuron", "the receipt of one neuron: local derivative × upstream = contribution",
         viz.draw(_neuron(model, x[0], y[0]), edges="receipt")),
    ]  # fmt: skip
    for name, what, graph in graphs:
        try:
            path = folder / f"{name}.svg"
            graph.save(path)
        except (AutogradError, OSError):
            path = folder / f"{name}.txt"
            graph.save(path)
            missing.add("Graphviz")
        said.append(f"{path}  {what}")
    try:
        path = folder / "loss.svg"
        _plot(path, losses)
    except MissingPackageError:
        path = folder / "loss.txt"
        path.write_text(_text_curve(losses), encoding="utf-8")
        missing.add("matplotlib")
    said.append(f"{path}  the loss after every epoch")
    if missing:
        said.append(
            f"These are text because {' and '.join(sorted(missing))} cannot be found: "
            "pip install 'autograd-nn[viz]' brings pictures."
        )
    return said


def _neuron(model: Any, digit: Any, label: Any) -> Tensor:
    """The loss of one digit as numbers: the last unit with its three heaviest inputs one by one."""
    hidden = digit[None]
    for layer in model.layers[:-1]:
        hidden = layer(hidden)
    kernel, bias = (weight.data for weight in model.layers[-1].weights)
    inputs, weights = np.asarray(hidden.data[0], float), np.asarray(kernel[:, 0], float)
    heaviest = np.argsort(-np.abs(inputs * weights))[:3]
    rest = (inputs * weights).sum() - (inputs[heaviest] * weights[heaviest]).sum()
    z = Tensor(rest, requires_grad=False, name=f"the other {len(inputs) - 3} inputs")
    for i in heaviest:
        z = z + Tensor(weights[i], name=f"w{i}") * Tensor(inputs[i], name=f"a{i}")
    z = z + Tensor(float(bias[0]), name="b")
    p = z.sigmoid()
    z.name, p.name = "z", "p"
    loss: Tensor = binary_cross_entropy(p, float(label))
    loss.name = "J"
    return loss


def _plot(path: Path, losses: list[float]) -> None:
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError("matplotlib is needed: pip install 'autograd-nn[viz]'") from None
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="#1f5fa8")
    axes.set(xlabel="epoch", ylabel="J, binary cross-entropy", ylim=(0, None))
    axes.set_title("Minimising the loss: w ← w − α ∂J/∂w")
    axes.grid(alpha=0.3)
    figure.savefig(path)


def _text_curve(losses: list[float], rows: int = 25) -> str:
    """The loss curve as lines of text."""
    every = max(1, -(-len(losses) // rows))
    highest = max(losses)
    lines = ["epoch  J, binary cross-entropy"]
    lines += [
        f"{epoch:5d}  {losses[epoch]:.4f} {'▇' * round(60 * losses[epoch] / highest)}"
        for epoch in range(0, len(losses), every)
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
