"""What a finding is called where it is shown."""

from __future__ import annotations

from autograd_nn.viz.wording.saying import say

_NAMES = {
    "NaN in the data": "names.nan_in_data",
    "NaN made by an operation": "names.nan_made",
    "infinite": "names.infinite",
    "every prediction against every target": "names.every_against_every",
    "softmax over the examples": "names.softmax_over_examples",
    "constant output": "names.constant_output",
    "activation applied twice": "names.applied_twice",
    "last activation": "names.last_activation",
    "symmetric units": "names.symmetric_units",
    "vanishing gradients": "names.vanishing",
    "exploding gradients": "names.exploding",
    "learning rate too large": "names.rate_large",
    "learning rate too small": "names.rate_small",
    "dead units": "names.dead_units",
    "saturated units": "names.saturated_units",
    "one class only": "names.one_class",
    "stuck at the base rate": "names.stuck",
    "unscaled inputs": "names.unscaled_inputs",
    "unscaled targets": "names.unscaled_targets",
    "labels do not follow from the inputs": "names.unrelated_labels",
    "moving averages lag behind": "names.lagging",
    "overfitting": "names.overfitting",
    "frozen layers": "names.frozen",
    "step too large by the batch size": "names.summed",
}


def shown_name(name: str) -> str:
    """The name of a finding in the language of now."""
    return say(_NAMES[name]) if name in _NAMES else name
