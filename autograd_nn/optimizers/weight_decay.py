"""Which parameters weight decay leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers.pairs import listed


class HasWeightDecay:
    """The part of `Optimizer` that has to do with what ``weight_decay`` is for."""

    _undecayed: tuple[frozenset[Tensor], str] | None

    def exclude_from_weight_decay(
        self,
        var_list: Iterable[Tensor] | None = None,
        var_names: Iterable[str] | None = None,
    ) -> None:
        """Say which parameters ``weight_decay`` leaves alone, instead of what was said before.

        Parameters   var_list: parameters
                     var_names: texts, such as "bias", of which one is found in the parameter's
                     name, its layer's before it: "dense" finds dense/kernel and dense/bias
        """
        texts = [var_names] if isinstance(var_names, str) else list(var_names or ())
        for text in texts:
            if not isinstance(text, str):
                raise ArgumentTypeError(f"`var_names` must be a list of texts, got {text!r}.")
        parameters = listed(list(var_list or ()), "exclude_from_weight_decay")
        self._undecayed = frozenset(parameters), "|".join(texts)

    def decays(self, parameter: Tensor) -> bool:
        """Whether ``weight_decay`` is for this parameter."""
        if self._undecayed is None:
            return True
        parameters, pattern = self._undecayed
        is_named = bool(pattern) and re.search(pattern, parameter.name or "") is not None
        return not is_named and parameter not in parameters
