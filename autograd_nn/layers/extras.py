"""What a call of a layer may have besides inputs and outputs: other arguments, masks, losses.

Most networks have none of it; from the first layer that does, every call asks here.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.recording import scope
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import mask_of, masks_of, used, with_mask
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.layers.weights import bound, inside
from autograd_nn.ops import add, divide

_is_inside: ContextVar[bool] = ContextVar("autograd_nn_inside_of_a_call", default=False)

# The losses that were added in the last call, by layer: no attributes of layers, which are
# compared before every step and copied with them.
_added: WeakKeyDictionary[Any, list[Tensor]] = WeakKeyDictionary()


class WholeCall:
    """One call of a layer, with all that belongs to it."""

    __slots__ = ("_inputs", "_is_outermost", "_layer", "_masks", "_token", "keywords")

    def __init__(
        self, layer: Any, inputs: Any, mask: Any, training: Any, keywords: dict[str, Any]
    ) -> None:
        self._layer, self._inputs = layer, inputs
        if isinstance(mask, list) and type(inputs) is Tensor:
            mask = np.asarray(mask)
        self._masks = masks_of(inputs) if mask is None else mask
        names = layer._of_call
        if "mask" in names:
            keywords["mask"] = self._masks
        elif mask is not None:
            raise ArgumentTypeError(
                f"{type(layer).__name__}.call takes no `mask`: write call(self, inputs, mask=None)."
            )
        for name in [*names[:1], *keywords]:
            given = inputs if name == names[0] else keywords[name]
            if f"{name}_mask" in names and keywords.get(f"{name}_mask") is None:
                keywords[f"{name}_mask"] = masks_of(given)
        if layer._takes_training:
            keywords["training"] = training
        self.keywords = keywords
        self._is_outermost = not _is_inside.get()
        if self._is_outermost:
            self._token = _is_inside.set(True)
            if _added:
                forget_added(layer)

    def ended(self, outputs: Any) -> Any:
        """The outputs, with what follows from them: the loss of their activity, and their mask."""
        layer = self._layer
        if type(outputs) is np.ndarray:
            outputs = Tensor(outputs, requires_grad=False)
        if layer.activity_regularizer is not None:
            for output in tensors_in(outputs):
                with scope("activity_regularizer"):
                    penalty = layer.activity_regularizer(output)
                    add_loss(layer, divide(penalty, max(1, len(output))))
        if layer.supports_masking:
            masks = layer.compute_mask(self._inputs, self._masks)
            if masks is not None:
                several = isinstance(masks, (list, tuple))
                for output, mask in zip(
                    tensors_in(outputs), masks if several else [masks], strict=False
                ):
                    if mask_of(output) is None:
                        with_mask(output, mask)
        elif self._masks is not None and any(mask_of(x) is None for x in tensors_in(outputs)):
            warn_outside(
                f"Layer {layer.name!r} ({type(layer).__name__}) ends the mask of its inputs: what "
                "follows sees steps that only fill up sequences like all others. A layer of your "
                "own passes it on with supports_masking = True, or gives another one by "
                "compute_mask(self, inputs, mask=None).",
            )
        return outputs

    def leave(self) -> None:
        """After the call, however it ended."""
        if self._is_outermost:
            _is_inside.reset(self._token)


def put_among(
    layer: Any, others: tuple[Any, ...], training: Any, mask: Any, keywords: dict[str, Any]
) -> tuple[Any, Any]:
    """Put what follows the inputs among the keywords; what is given for training and mask."""
    names = layer._of_call[1 : 1 + len(others)]
    if len(names) < len(others):
        raise ArgumentTypeError(
            f"{type(layer).__name__}.call takes {len(layer._of_call)} arguments "
            f"({', '.join(layer._of_call)}), got {1 + len(others)}."
        )
    given = dict(zip(names, others, strict=True))
    training, mask = given.pop("training", training), given.pop("mask", mask)
    for name, value in given.items():
        if name in keywords:
            raise ArgumentTypeError(f"{type(layer).__name__}.call got `{name}` twice.")
        keywords[name] = layer._as_input(value) if type(value) is np.ndarray else value
    return training, mask


def as_mode(layer: Any, training: Any) -> bool:
    """Whether a layer trains, also where 0 or 1 says so."""
    if np.ndim(training) == 0 and np.asarray(training).dtype.kind in "bi" and training in (0, 1):
        return bool(training)
    raise ArgumentTypeError(
        f"`training` of layer {layer.name!r} must be True or False, got "
        f"{type(training).__name__}. A layer of several inputs takes them in a list."
    )


def refuse_several(layer: Any, inputs: Any) -> None:
    """Refuse several inputs where a layer takes one; rows of numbers in a list are one."""
    parts = inputs.values() if isinstance(inputs, dict) else inputs
    if isinstance(inputs, dict) or any(
        type(x) in (Tensor, Placeholder) or (type(x) is np.ndarray and x.ndim > 1) for x in parts
    ):
        raise ArgumentTypeError(
            f"Layer {layer.name!r} takes one input, got a {type(inputs).__name__} of {len(inputs)}."
            " Put several together before, such as by Concatenate()(inputs); samples become a "
            "batch by np.stack(inputs)."
        )


def tensors_in(structure: Any) -> list[Tensor]:
    """The Tensors in lists, tuples and dicts, in order."""
    if type(structure) is Tensor:
        return [structure]
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, (list, tuple)):
        return [tensor for part in structure for tensor in tensors_in(part)]
    return []


# ---------------------------------------------------------------------- losses beside the loss


def add_loss(layer: Any, loss: Any) -> None:
    """Have ``loss``, one number, added to what training makes small."""
    for one in loss if isinstance(loss, (list, tuple)) else [loss]:
        if callable(one):
            raise ArgumentTypeError(
                "add_loss takes a number that was computed in `call`, got a function. What depends "
                "on a weight alone is add_weight(…, regularizer=function)."
            )
        if np.shape(one) != ():
            raise ShapeError(
                f"add_loss of layer {layer.name!r} takes one number, got shape {np.shape(one)}: "
                "take the mean or the sum first."
            )
        used.now = True
        tensor = one if type(one) is Tensor else Tensor(one, requires_grad=False)
        _added.setdefault(layer, []).append(tensor)


def forget_added(layer: Any) -> None:
    """Before the next call: what its layers added in the last one."""
    for one, _ in inside(layer):
        _added.pop(one, None)


def losses_of(layer: Any) -> list[Any]:
    """What was added in the last call, then the regularizers of the weights that are trained."""
    found: list[Any] = []
    layers = [one for one, _ in inside(layer)]
    for one in layers:
        found += _added.get(one, ())
    if bound:
        for one in layers:
            for weight in one._own_weights if one._trainable else ():
                if weight.regularizer is not None and weight.trainable:
                    found.append(_penalty(one, weight))
    return found


def _penalty(layer: Any, weight: Any) -> Any:
    """What a weight adds to the loss, recorded as a group of its own."""
    name = weight.tensor.name.rpartition("/")[2] if weight.tensor.name else "weight"
    with scope(layer.name), scope(f"{name}_regularizer"):
        penalty = weight.regularizer(weight.tensor)
    if np.shape(penalty) != ():
        raise ShapeError(
            f"The regularizer of {weight.tensor.name!r} must give one number, got shape "
            f"{np.shape(penalty)}: take the sum."
        )
    if penalty is None:
        raise StateError(f"The regularizer of {weight.tensor.name!r} gave None: `return` it.")
    return penalty


def with_losses(layer: Any, loss: Any) -> Any:
    """The loss of a call and what is added to it, which is then forgotten."""
    for one in losses_of(layer):
        loss = add(loss, one)
    forget_added(layer)
    return loss
