"""JavaScript: a program as a function of JavaScript, to read, to keep and to run without Python."""

from __future__ import annotations

import base64
import json
import textwrap
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.files import checked_path
from autograd_nn.javascript.library import library
from autograd_nn.javascript.listing import Listing, numbers
from autograd_nn.javascript.opened_forms import forms
from autograd_nn.javascript.script_calls import Unwritable
from autograd_nn.program import ITERATION, Unplanned, Value, told

_INLINE = 16
_LINE = 96


class JavaScript:
    """A recorded program as a function ``step`` of ECMAScript 2020, in 64-bit numbers.

    ``source`` is the text of `step`, a line for every value that has a name, in calls of functions
    that are named as NumPy's. A file that `save` writes holds these functions too, and needs
    nothing else.

    What Python computes with ``float32`` is computed here with 64 bits. Functions such as tanh may
    differ from NumPy's in their last bits. Numbers that were drawn are
    not drawn anew, and a branch of Python stays as it was recorded.

    Raises       Unwritable where the program calls what has no form in JavaScript, by name

    Example      w² at 3

    >>> from autograd_nn import Tensor
    >>> w = Tensor(3.0, name="w")
    >>> print((w * w).program(w).javascript)  # doctest: +ELLIPSIS
    function step() {
      // forward
      const w_2 = reshape(w, []);       // a number
      const loss = multiply(w_2, w_2);  // a number
    ...
    """

    def __init__(self, recorded: Any) -> None:
        self._recorded = recorded
        self._unplanned = unplanned = Unplanned(recorded, forms())
        steps = unplanned.steps
        leaves = [value for value in steps.leaves() if value.role != "constant"]
        for value in leaves:
            if value.kind in ("generator", "object"):
                raise Unwritable(
                    f"The program uses {value.name}, an object of Python, which JavaScript has "
                    "not: arrays and numbers are written down.",
                    value.name,
                )
        self._listing = listing = Listing(steps, leaves)
        self._loss = listing.copied(steps.loss) if steps.is_step else listing[steps.loss]
        listing.assign(steps.updates)
        self._inputs = [v for v in leaves if v.role == "input"]
        self._settings = [v for v in leaves if v.role == "setting"]
        self._kept = [v for v in leaves if v not in self._inputs and v not in self._settings]
        self.source = "\n".join(self._step())

    def __str__(self) -> str:
        return self.source

    def __repr__(self) -> str:
        return f"<JavaScript of {self._recorded.name}, {len(self.source.splitlines())} lines>"

    def _step(self) -> list[str]:
        names, steps = self._listing.names, self._unplanned.steps
        given = [names[value] for value in self._inputs]
        given += [f"{names[v]} = {self._setting(v)}" for v in self._settings if v.name != ITERATION]
        lines = [f"function step({', '.join(given)}) {{"]
        lines += [f"  {line}" if line else "" for line in self._listing.body()]
        lines += [f"  {names[value]} += 1;" for value in self._settings if value.name == ITERATION]
        results = [self._loss]
        if not steps.is_step and steps.gradients:
            words = ["null" if g is None else self._listing[g] for g in steps.gradients]
            results.append(f"[{', '.join(words)}]")
        results += [self._listing[output] for output in steps.outputs]
        returned = results[0] if len(results) == 1 else f"[{', '.join(results)}]"
        return [*lines, f"  return {returned};", "}"]

    def _setting(self, value: Value) -> str:
        optimizer = self._recorded.optimizer
        if value.name == ITERATION:
            return str(optimizer._iterations + 1)
        return numbers(float(optimizer.learning_rate))

    def save(self, path: Any) -> None:
        """Write a file that runs the program, path ending in ".js".

        ``node step.js`` takes ten steps, or shows the loss and its gradients. In a page, or by
        ``require("./step.js")``, it gives `step` and the arrays that it moves. Where the learning
        rate follows a schedule, `step` takes the present one, and the next are given to it.

        Raises       ArgumentError, ArgumentTypeError where the file cannot be written
        """
        path = checked_path(path, "js")
        try:
            path.write_text(self.file_text(path.name), encoding="utf-8")
        except OSError as error:
            raise ArgumentError(f"{str(path)!r} cannot be written: {error.strerror}.") from error

    def file_text(self, name: str) -> str:
        """What stands in a file of that name."""
        listing, names = self._listing, self._listing.names
        arrays = {names[v]: self._content(v) for v in self._kept}
        samples = {names[v]: self._content(v) for v in self._inputs}
        kept = {**listing.constants, **arrays}
        decoded = any(np.size(x) > _INLINE for x in [*kept.values(), *samples.values()])
        functions = {*listing.functions, "array", *(["decoded"] if decoded else [])}
        found = [
            *_comment(self._manual(name)),
            "",
            '"use strict";',
            "",
            library(functions, listing.own),
            "",
        ]
        found += [f"const {key} = {_array(data)};" for key, data in kept.items()]
        found += [
            f"let {names[v]} = {self._setting(v)};" for v in self._settings if v.name == ITERATION
        ]
        found += ["", self.source, ""]
        given = ", ".join(samples)
        public = ", ".join(["step", "array", *arrays])
        found += ['if (typeof module !== "undefined") {', f"  module.exports = {{ {public} }};"]
        found += ["  if (require.main === module) {"]
        found += [f"    const {key} = {_array(data)};" for key, data in samples.items()]
        found += [f"    {line}" for line in self._running(f"step({given})")]
        return "\n".join([*found, "  }", "}"]) + "\n"

    def _content(self, value: Value) -> Any:
        unplanned, recorded = self._unplanned, self._recorded
        if value in unplanned.held:
            return unplanned.held[value]._data
        if value in unplanned.states:
            tensor, key = unplanned.states[value]
            zeros = np.zeros(value.shape)
            return recorded.optimizer._state.get(tensor, {}).get(key, zeros)
        if value.role == "input":
            given = recorded.inputs[value.name]
            return given._data if type(given) is Tensor else given
        return value.data

    def _manual(self, name: str) -> str:
        names = self._listing.names
        given = ", ".join(names[v] for v in self._inputs)
        text = f"`node {name}` runs it. `step({given})` "
        if self._unplanned.steps.is_step:
            text += "moves the parameters in place and gives the loss from before."
        elif self._unplanned.steps.gradients:
            wanted = told(", ".join(t.name or described(t) for t in self._recorded.wanted))
            text += f"gives the loss and the gradients of {wanted}."
        else:
            text += "gives what the function gives."
        return text + " Arrays are {shape, values}; array(numbers, shape) makes one."

    def _running(self, call: str) -> list[str]:
        """What a file does that is run."""
        steps = self._unplanned.steps
        if steps.is_step:
            return [
                "for (let i = 0; i < 10; i++) {",
                f"  console.log(`loss ${{{call}.values[0].toPrecision(8)}}`);",
                "}",
            ]
        if not steps.gradients:
            return [f"console.log({call});"]
        texts = [json.dumps(t.name or described(t)) for t in self._recorded.wanted]
        return [
            f"const [loss, gradients] = {call};",
            'console.log("loss", loss.values[0]);',
            f"[{', '.join(texts)}].forEach((name, i) => {{",
            "  if (gradients[i]) console.log(`gradient of ${name}:`, gradients[i].values);",
            "});",
        ]


def _comment(text: str) -> list[str]:
    return [f"// {line}" for line in textwrap.wrap(text, _LINE - 3)]


def _array(data: Any) -> str:
    """An array with all digits: as numbers where these are few, else their bytes in base 64."""
    shape = list(np.shape(data))
    if np.size(data) <= _INLINE:
        inside = ", ".join(numbers(float(x)) for x in np.ravel(data))
        return f"array([{inside}], {shape})"
    text = base64.b64encode(np.ascontiguousarray(data, "<f8").tobytes()).decode()
    return f'decoded("{text}", {shape})'
