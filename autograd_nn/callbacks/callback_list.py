"""Several callbacks as one, for loops of one's own."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.callbacks.callback import Callback, ToldTogether, as_callbacks
from autograd_nn.callbacks.history import History


@final
class CallbackList(ToldTogether):
    """Calls every hook of several callbacks, in their order. ``fit`` takes it as those it has.

    Parameters   callbacks: a list of them
                 add_history: keep a History too, as ``model.history``
                 model: what they know as ``self.model``
                 params: what they know as ``self.params``, such as epochs=3
    Example

    >>> class Tell(Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(epoch, logs)
    >>> several = CallbackList([Tell(), Tell()])
    >>> several.on_epoch_end(0, {"loss": 0.5})
    0 {'loss': 0.5}
    0 {'loss': 0.5}
    """

    def __init__(
        self, callbacks: Any = None, add_history: bool = False, model: Any = None, **params: Any
    ) -> None:
        self.callbacks = as_callbacks(callbacks)
        self._history: History | None = None
        if add_history:
            self._history = History()
            self.callbacks.append(self._history)
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    def set_model(self, model: Any) -> None:
        """Tell all of them, and the model its history."""
        if self._history is not None:
            model.history = self._history
        super().set_model(model)

    def _call(self, hook: str, *arguments: Any, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments, logs)


def _of_all(hook: str) -> Any:
    if "batch" in hook or "epoch" in hook:

        def call(self: CallbackList, number: int, logs: Any = None) -> None:
            self._call(hook, number, logs=logs)
    else:

        def call(self: CallbackList, logs: Any = None) -> None:  # type: ignore[misc]
            self._call(hook, logs=logs)

    call.__name__, call.__doc__ = hook, getattr(Callback, hook).__doc__
    return call


for _hook in [name for name in vars(Callback) if name.startswith("on_")]:
    setattr(CallbackList, _hook, _of_all(_hook))
