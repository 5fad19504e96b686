"""What a network does with given data, seen: as a picture, a page, a program."""

from __future__ import annotations

from typing import Any

from autograd_nn.data import Data, Form, as_data, as_inputs
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unwinding import unwound
from autograd_nn.models.network import Network
from autograd_nn.program import Program
from autograd_nn.several import as_called, as_tensors
from autograd_nn.training.configuration import refuse_uncompiled
from autograd_nn.training.one_step import recorded_loss, repeatable_loss
from autograd_nn.training.validation import let_in


class OnData(Network):
    """The part of `Model` that runs on data without training on them."""

    @property
    def optimizer(self) -> Any:
        """The optimizer that ``compile`` chose, None before."""
        return self._training.optimizer if self._training else None

    @optimizer.setter
    def optimizer(self, value: Any) -> None:
        raise _chosen_by_compile("optimizer", "compile(optimizer, model.loss)")

    @property
    def loss(self) -> Any:
        """The loss that ``compile`` chose, None before."""
        return self._training.compiled_loss if self._training else None

    @loss.setter
    def loss(self, value: Any) -> None:
        raise _chosen_by_compile("loss", "compile(model.optimizer, loss)")

    def draw(self, x: Any = None, y: Any = None, **options: Any) -> Any:
        """A picture: of the layers; with x of a run; with x and y of one recorded training step.

        Parameters   options: those of ``viz.draw``
        """
        from autograd_nn.viz import draw

        if x is None:
            if y is not None:
                raise ArgumentTypeError("`x` is missing (None): write model.draw(x, y).")
            return draw(self, **options)
        result, names = self._recorded_run(x, y, "draw")
        return draw(result, names=names | (options.pop("names", None) or {}), **options)

    @checked_keywords
    def explore(
        self,
        x: Any,
        y: Any = None,
        path: Any = "explore.html",
        names: Any = None,
        lang: str | None = None,
    ) -> Any:
        """One HTML file in which a training step with x and y is walked through, number by number:
        forward, backward, and the update by the model's optimizer (which takes no step).

        Parameters   y: None for the forward pass alone
                     path, names, lang: those of ``viz.explore``
        """
        from autograd_nn.viz import explore

        result, own = self._recorded_run(x, y, "explore")
        optimizer = self.optimizer if y is not None else None
        names = own | (names or {})
        return explore(result, path, optimizer=optimizer, names=names, lang=lang)

    @unwound
    @checked_keywords
    def program(self, x: Any, y: Any) -> Program:
        """The training step on batches of this shape as a program; see `Program`.

        ``program(x=…, y=…)`` takes one step and gives the loss before it; ``program.source`` is
        its text, ``program.plain.source`` the text for reading.

        Raises       StateError naming what the model does that no program can repeat
        """
        training = refuse_uncompiled(self._training, "program")
        data = as_data(x, y, form=self._form)
        data = let_in(self, training, data)
        seen = repeatable_loss(self, training, data)
        parameters = [weight for weight in self.trainable_weights if weight.requires_grad]
        return Program(seen.root, parameters, training.optimizer, seen.given, seen.assignments)

    def _recorded_run(self, x: Any, y: Any, call: str) -> tuple[Any, dict[str, Any]]:
        """The loss of one recorded training step, or without y the outputs; names for showing."""
        if y is None:
            samples = as_inputs(x, form=self._form)
            with recorded():
                output = self(as_called(samples))
            if type(output) is not Tensor:
                raise ArgumentError(
                    f"The model gives {len(flatten(output)[0])} outputs, and {call} shows one "
                    f"Tensor: give true values, too, model.{call}(x, y), or take one output, "
                    f"model(x)[0].{call}()."
                )
            return output, {}
        training = refuse_uncompiled(self._training, call)
        data = as_data(x, y, form=self._form)
        data = let_in(self, training, data)
        with recorded(), undone():  # no step is taken
            inputs: Any = data.x if self.trainable_weights else as_tensors(data.x)
            loss = recorded_loss(self, training.loss, inputs, data.y, data.weight)[0]
        return loss, {**Data(inputs, data.y, None).named(), "loss": loss}

    @property
    def _form(self) -> Form:
        graph = self.layer_graph
        is_own = self.has_own("train_step") or self.has_own("test_step")
        loss = self._training.loss if self._training is not None else None
        needs_y = not is_own and not hasattr(loss, "computed")
        return Form(self._axes, graph, graph is None and type(self)._is_own, needs_y)


def _chosen_by_compile(name: str, way: str) -> AttributeError:
    return AttributeError(
        f"`{name}` of a model is what compile chose, and is not set by itself: {way} takes another "
        "one; give metrics there too. A model of your own keeps what is its own under another "
        f"name, such as `own_{name}`."
    )
