"""PyTorch, eager: `nn.Sequential`, the loss from logits, `optim.SGD`; a Hessian."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from benchmarks.measure import Ready, calls_per_block, seconds_per_call
from benchmarks.problems import (
    CHAIN,
    LEARNING_RATE,
    STARTS,
    lenet,
    read,
    regression,
    sequences,
    starting_point,
    transformer,
)


def chain(kind: str) -> Ready:
    start = torch.as_tensor(STARTS[kind])

    def call() -> float:
        x = start.clone().requires_grad_()
        y = x
        for _ in range(CHAIN // 2):
            y = y * x
            y = y + x
        y.sum().backward() if y.ndim else y.backward()
        assert x.grad is not None
        return x.grad.ravel()[0].item()

    return _with_the_faster_threads(lambda: call, CHAIN)


def step(size: str) -> Ready:
    network = read(size)
    x, y, arrays = starting_point(network)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def build() -> Callable[[], float]:
        layers: list[nn.Module] = []
        for kernel, bias in zip(arrays[::2], arrays[1::2], strict=True):
            linear = nn.Linear(*kernel.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(kernel.T))
                linear.bias.copy_(torch.from_numpy(bias))
            layers += [linear, nn.Sigmoid() if network.head == "sigmoid" else nn.ReLU()]
        model = nn.Sequential(*layers[:-1])
        sigmoid = network.head == "sigmoid"
        loss_function = nn.BCEWithLogitsLoss() if sigmoid else nn.CrossEntropyLoss()
        return _trained(model, x, y, loss_function)

    return _with_the_faster_threads(build)


def lenet_step(_: str) -> Ready:
    """With channels last, which is faster here than PyTorch's own order."""
    x, y, arrays = lenet()
    x, y = torch.from_numpy(x).permute(0, 3, 1, 2), torch.from_numpy(y)

    def build() -> Callable[[], float]:
        model = nn.Sequential(
            *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
        )
        with torch.no_grad():
            for parameter, array in zip(model.parameters(), arrays, strict=True):
                parameter.copy_(_as_pytorch_has_it(array))
        model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        return _trained(model, x, y, nn.CrossEntropyLoss())

    return _with_the_faster_threads(build)


def sequence_step(kind: str) -> Ready:
    """`nn.LSTM`, `nn.GRU`, or `nn.Embedding` and its mean; a kind ending in "cells": a loop."""
    kind, _, cells = kind.partition(" ")
    x, y, arrays = sequences(kind)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def build() -> Callable[[], float]:
        return _trained(_Sequence(kind, bool(cells), arrays), x, y, nn.MSELoss())

    return _with_the_faster_threads(build)


class _Block(nn.Module):
    """One product for queries, keys and values, and PyTorch's own attention."""

    def __init__(self, width: int, heads: int, inner: int) -> None:
        super().__init__()
        self.heads = heads
        self.projected, self.joined = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.inner, self.outer = nn.Linear(width, inner), nn.Linear(inner, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, length, width = x.shape
        parts = self.projected(x).view(n, length, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        found = nn.functional.scaled_dot_product_attention(q, k, v)
        x = self.first(x + self.joined(found.transpose(1, 2).reshape(n, length, width)))
        return self.second(x + self.outer(nn.functional.relu(self.inner(x))))  # type: ignore[no-any-return]

    def take(self, weights: list[Any]) -> None:
        """Weights in Keras's layout."""
        wq, bq, wk, bk, wv, bv, wo, bo, *others = map(torch.from_numpy, weights)
        width = len(bo)
        gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = others
        kernels = torch.cat([w.reshape(width, width).T for w in (wq, wk, wv)])
        pairs = (
            (self.projected, kernels, torch.cat([b.reshape(width) for b in (bq, bk, bv)])),
            (self.joined, wo.reshape(width, width).T, bo),
            (self.inner, w1.T, b1),
            (self.outer, w2.T, b2),
            (self.first, gamma1, beta1),
            (self.second, gamma2, beta2),
        )
        with torch.no_grad():
            for layer, weight, bias in pairs:
                layer.weight.copy_(weight)
                layer.bias.copy_(bias)


def transformer_step(_: str) -> Ready:
    x, y, blocks = transformer()
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def build() -> Callable[[], float]:
        made = [_Block(64, 4, 128) for _ in blocks]
        for block, weights in zip(made, blocks, strict=True):
            block.take(weights)
        return _trained(nn.Sequential(*made), x, y, nn.MSELoss())

    return _with_the_faster_threads(build)


class _Sequence(nn.Module):
    def __init__(self, kind: str, cells: bool, arrays: Any) -> None:
        super().__init__()
        *inner, kernel, bias = (torch.from_numpy(array.copy()) for array in arrays)
        self.kind, self.cells = kind, cells
        self.last = nn.Linear(len(kernel), 1)
        made = {"lstm": (nn.LSTM, nn.LSTMCell), "gru": (nn.GRU, nn.GRUCell)}
        self.inner: Any = nn.Embedding(20_000, 16) if kind == "bag" else None
        with torch.no_grad():
            self.last.weight.copy_(kernel.T)
            self.last.bias.copy_(bias)
            if kind == "bag":
                self.inner.weight.copy_(inner[0])
                return
            options = {} if cells else {"batch_first": True}
            self.inner = made[kind][cells](32, 32, **options)
            ours = inner if kind == "lstm" else [inner[0], inner[1], *inner[2]]
            if kind == "lstm":
                ours = [*ours, torch.zeros(128)]
            for parameter, array in zip(self.inner.parameters(), ours, strict=True):
                parameter.copy_(_gates_as_pytorch_has_them(array, kind))
        if kind == "lstm":  # its second bias would move with the first
            list(self.inner.parameters())[-1].requires_grad_(False)

    def forward(self, x: Any) -> Any:
        if self.kind == "bag":
            return self.last(self.inner(x).mean(1))
        if not self.cells:
            return self.last(self.inner(x)[0][:, -1])
        state = None
        for t in range(x.shape[1]):
            state = self.inner(x[:, t], state)
        return self.last(state[0] if self.kind == "lstm" else state)


def _gates_as_pytorch_has_them(array: torch.Tensor, kind: str) -> torch.Tensor:
    rows = array.t()
    if kind == "lstm":
        return rows
    z, r, new = rows.chunk(3)
    return torch.cat([r, z, new])


def _trained(model: nn.Module, x: Any, y: Any, loss_function: nn.Module) -> Callable[[], float]:
    optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

    def call() -> float:
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return call


def _as_pytorch_has_it(array: Any) -> torch.Tensor:
    if array.shape[0] == 256:  # it lays pictures out channel by channel
        array = array.reshape(4, 4, 16, -1).transpose(2, 0, 1, 3).reshape(array.shape)
    order = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}[array.ndim]
    return torch.from_numpy(array.transpose(order).copy())


def hessian(_: str) -> Ready:
    x, y, w = map(torch.from_numpy, regression())

    def loss(w: torch.Tensor) -> torch.Tensor:
        return nn.functional.binary_cross_entropy_with_logits(x @ w, y)

    second = torch.func.hessian(loss)
    ready = _with_the_faster_threads(lambda: lambda: second(w)[0, 0].item())
    return replace(ready, first=second(w)[0].tolist())


def _with_the_faster_threads(build: Callable[[], Callable[[], float]], units: int = 1) -> Ready:
    """Time the work with one thread and with PyTorch's default, and keep the faster."""
    default = torch.get_num_threads()
    seconds: dict[int, float] = {}
    for threads in (1, default, 1, default):
        torch.set_num_threads(threads)
        call = build()
        spent = seconds_per_call(call, *calls_per_block(call))
        seconds[threads] = min(spent, seconds.get(threads, spent))
        time.sleep(0.05)  # its idle threads spin for a while
    best = min(seconds, key=lambda threads: seconds[threads])
    torch.set_num_threads(best)
    other = "" if len(seconds) == 1 else f" (faster than {default if best == 1 else 1})"
    return Ready(build(), f"{best} thread{'s' if best > 1 else ''}{other}", units)
