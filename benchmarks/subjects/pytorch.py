"""PyTorch, eager: `nn.Sequential`, the loss from logits, `optim.SGD`."""

import time
from collections.abc import Callable

import torch
from torch import nn

from benchmarks.measure import Ready, calls_per_block, seconds_per_call
from benchmarks.works import CHAIN, LEARNING_RATE, STARTS, starting_point


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

    return _with_the_faster_threads(lambda: call)


def step(size: str) -> Ready:
    x, y, arrays = starting_point(size)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def build() -> Callable[[], float]:
        layers: list[nn.Module] = []
        for kernel, bias in zip(arrays[::2], arrays[1::2], strict=True):
            linear = nn.Linear(*kernel.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(kernel.T))
                linear.bias.copy_(torch.from_numpy(bias))
            layers += [linear, nn.Sigmoid()]
        model = nn.Sequential(*layers[:-1])
        loss_function = nn.BCEWithLogitsLoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=LEARNING_RATE)

        def call() -> float:
            optimizer.zero_grad()
            loss = loss_function(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        return call

    return _with_the_faster_threads(build)


def _with_the_faster_threads(build: Callable[[], Callable[[], float]]) -> Ready:
    """Time the work with one thread and with PyTorch's default, and keep the faster."""
    default = torch.get_num_threads()
    seconds: dict[int, float] = {}
    for threads in (1, default, 1, default):
        torch.set_num_threads(threads)
        call = build()
        spent = seconds_per_call(call, calls_per_block(call))
        seconds[threads] = min(spent, seconds.get(threads, spent))
        time.sleep(0.05)  # its idle threads spin for a while
    best = min(seconds, key=lambda threads: seconds[threads])
    torch.set_num_threads(best)
    other = "" if len(seconds) == 1 else f" (faster than {default if best == 1 else 1})"
    return Ready(build(), f"{best} thread{'s' if best > 1 else ''}{other}")
