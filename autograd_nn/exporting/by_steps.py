"""LSTM and GRU over a whole sequence by the operations of each step."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operations.whole_sequences import gru, gru_step, lstm, lstm_step


def _by_steps(step: Any, x: Any, weights: Any, states: Any, mask: Any) -> tuple[Any, ...]:
    outputs = []
    for t in range(x.shape[1]):
        before, states = states, step(x[:, t], *states, *weights)
        if mask is not None:
            pairs = zip(states, before, strict=True)
            states = [np.where(mask[:, t, None], *pair) for pair in pairs]
        outputs.append(states[0])
    return np.stack(outputs, axis=1), *states


def _lstm(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, c: Any, mask: Any = None
) -> tuple[Any, ...]:
    return _by_steps(lstm_step, x, (kernel, recurrent_kernel, bias), (h, c), mask)


def _gru(
    x: Any, kernel: Any, recurrent_kernel: Any, bias: Any, h: Any, mask: Any = None
) -> tuple[Any, ...]:
    return _by_steps(gru_step, x, (kernel, recurrent_kernel, bias), (h,), mask)


BY_STEPS: dict[Any, Any] = {lstm: _lstm, gru: _gru}
"""What computes the same as the value of an operation, on Tensors."""
