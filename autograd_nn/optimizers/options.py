"""What every optimizer takes besides what its rule takes, checked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.argument_checks import number_within, positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.names import parameters_of

if TYPE_CHECKING:
    from typing import TypedDict

    class Options(TypedDict, total=False):
        """What the options mean: see `Optimizer`."""

        weight_decay: float | None
        clipnorm: float | None
        clipvalue: float | None
        global_clipnorm: float | None
        use_ema: bool
        ema_momentum: float
        ema_overwrite_frequency: int | None
        loss_scale_factor: float | None
        gradient_accumulation_steps: int | None
        name: str | None


# What is kept around a rule, in the state of a parameter: no names that a rule would take.
AVERAGE = "parameter_average"
GRADIENTS = "gradient_accumulator"


def optional_number(name: str, value: object, low_open: bool = True) -> float | None:
    """A finite number above 0, or None."""
    if value is None:
        return None
    return number_within(name, value, 0, math.inf, low_open=low_open, high_open=True)


def optional_integer(name: str, value: object, minimum: int) -> int | None:
    """A whole number that is not below the minimum, or None."""
    return None if value is None else positive_integer(name, value, minimum)


def refuse_two_limits(optimizer: Any) -> None:
    """Gradients are kept small in one way."""
    given = {
        argument: value
        for argument in ("clipnorm", "clipvalue", "global_clipnorm")
        if (value := getattr(optimizer, argument)) is not None
    }
    if len(given) > 1:
        shown = ", ".join(f"{argument}={value!r}" for argument, value in given.items())
        raise ArgumentError(
            f"At most one of `clipnorm`, `clipvalue` and `global_clipnorm`, got {shown}."
        )


def refuse_unknown(kind: type, unknown: Iterable[str]) -> None:
    """Answer a misspelt argument with the nearest name."""
    for argument in unknown:
        if argument == "decay":
            raise ArgumentTypeError(
                f"{kind.__name__}() has no argument `decay` any more. What it did, a learning rate "
                "that becomes smaller with every step, is learning_rate=optimizers.schedules."
                "InverseTimeDecay(initial_learning_rate, decay_steps=1, decay_rate=decay)."
            )
        raise ArgumentTypeError(
            f"{kind.__name__}() has no argument `{argument}`."
            f"{suggestion(argument, parameters_of(kind))}"
        )
