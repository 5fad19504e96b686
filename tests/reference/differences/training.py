"""Optimizers, callbacks and models."""

from __future__ import annotations

from tests.reference.differences.difference import REFUSED, Difference


def after_a_step(optimizer: str, x: float, last: str) -> str:
    """A program: one step of w·x towards 0 from w = 1, then a result."""
    return f"""
dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name="first")
model = keras.Sequential([keras.Input((1,)), dense])
optimizer = {optimizer}
model.compile(optimizer, "mse")
model.fit(np.float32([[{x}]]), np.float32([[0.0]]), verbose=0)
{last}
"""


INPUTS = """
a, b = keras.Input((1,), name="a"), keras.Input((1,), name="b")
one = np.ones((1, 1), "float32")
"""

TRAINING = [
    Difference(
        "fit scales no loss, so none overflows: loss_scale_factor is for a loop of one's own.",
        after_a_step(
            "keras.optimizers.SGD(0.1, loss_scale_factor=1e38)", 2.0, "model.get_weights()[0]"
        ),
        [[float("nan")]],
        [[0.2]],
    ),
    Difference(
        "What is kept is the sum of the squares alone; the steps, which add the initial value, "
        "are Keras's.",
        after_a_step("keras.optimizers.Adagrad(0.1)", 0.0, "values(optimizer.variables[2])"),
        [[0.1]],
        [[0.0]],
    ),
    Difference(
        "The same of Ftrl.",
        after_a_step("keras.optimizers.Ftrl(0.1)", 0.0, "values(optimizer.variables[2])"),
        [[0.1]],
        [[0.0]],
    ),
    Difference(
        "A learning rate of 0 is a dry run, by which nothing is divided.",
        after_a_step("keras.optimizers.Ftrl(0.0)", 1.0, "model.get_weights()[0]"),
        [[float("nan")]],
        [[1.0]],
    ),
    Difference(
        "A weight is found by any part of its whole name, first/kernel; Keras's is only kernel.",
        after_a_step(
            "keras.optimizers.SGD(0.1, weight_decay=0.5)\n"
            "optimizer.exclude_from_weight_decay(var_names=['first'])",
            0.0,
            "model.get_weights()[0]",
        ),
        [[0.95]],
        [[1.0]],
    ),
    Difference(
        "What an optimizer keeps is shown as arrays that cannot be written.",
        after_a_step(
            "keras.optimizers.SGD(0.1, momentum=0.9)",
            1.0,
            "[hasattr(v, 'assign') or v.flags.writeable for v in optimizer.variables]",
        ),
        [True, True, True],
        [False, False, False],
    ),
    Difference(
        "A hook that does not exist would never be called.",
        "bool(keras.callbacks.LambdaCallback(on_epochs_end=print))",
        True,
        REFUSED,
    ),
    Difference(
        "The third argument of compile is metrics, as lessons write it; Keras's is loss_weights.",
        """
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse", ["mae"])
list(model.fit(np.ones((1, 1)), np.zeros((1, 1)), verbose=0).history)
""",
        REFUSED,
        ["loss", "mae"],
    ),
    Difference(
        "Outputs of a call of one's own are output_1 and output_2; Keras calls both losses alike.",
        """
class Two(keras.Model):
    def __init__(self):
        super().__init__()
        self.a, self.b = keras.layers.Dense(1), keras.layers.Dense(1)
    def call(self, x):
        return self.a(x), self.b(x)

one = np.ones((1, 1), "float32")
model = Two()
model.compile("sgd", ["mse", "mse"], metrics=[["mae"], ["mae"]])
list(model.fit(one, [one, one], verbose=0).history)
""",
        ["loss", "mae", "mae_1", "mse_loss"],
        ["loss", "output_1_loss", "output_2_loss", "output_1_mae", "output_2_mae"],
    ),
    Difference(
        "An input that no output uses is most likely forgotten.",
        INPUTS + "warns(lambda: keras.Model([a, b], keras.layers.Dense(1)(a)))",
        False,
        True,
    ),
    Difference(
        "One placeholder takes one array of data.",
        INPUTS + "len(keras.Model([a, a], keras.layers.Dense(1)(a)).inputs)",
        2,
        REFUSED,
    ),
    Difference(
        "Data that no input takes is a mistake in its name.",
        INPUTS
        + """
model = keras.Model([a, b], keras.layers.Add()([a, b]))
model.predict({"a": one, "b": one, "c": one}, verbose=0)
""",
        [[2.0]],
        REFUSED,
    ),
    Difference(
        "One array of weights of samples is for all outputs, whatever form y has.",
        INPUTS
        + """
p = keras.layers.Dense(1, kernel_initializer="zeros", name="p")(a)
q = keras.layers.Dense(1, kernel_initializer="zeros", name="q")(a)
model = keras.Model(a, [p, q])
model.compile("sgd", {"p": "mse", "q": "mse"})
y = {"p": one, "q": one}
model.fit(one, y, sample_weight=np.float32([3.0]), verbose=0).history["loss"]
""",
        REFUSED,
        [6.0],
    ),
    Difference(
        "A step that a mask leaves out counts in no metric, in fit as in evaluate.",
        """
dense = keras.layers.Dense(1, kernel_initializer="ones")
model = keras.Sequential([keras.Input((2, 1)), keras.layers.Masking(), dense])
model.compile(keras.optimizers.SGD(0.0), "mse", metrics=["mae"], weighted_metrics=[])
x, y = np.float32([[[1.0], [0.0]]]), np.float32([[[3.0], [10.0]]])
evaluated = model.evaluate(x, y, verbose=0, return_dict=True)["mae"]
[model.fit(x, y, verbose=0).history["mae"][0], evaluated]
""",
        [6.0, 2.0],
        [2.0, 2.0],
    ),
    Difference(
        "What can be gone through once cannot be two epochs. Keras warns, and tells a loss for the "
        "second, too.",
        """
dense = keras.layers.Dense(1, kernel_initializer="zeros")
model = keras.Sequential([keras.Input((1,)), dense])
model.compile(keras.optimizers.SGD(0.0), "mse")
batches = ((np.ones((2, 1), "float32"), np.ones((2, 1), "float32")) for _ in range(2))
model.fit(batches, epochs=2, verbose=0).history["loss"]
""",
        [1.0, 1.0],
        REFUSED,
    ),
    Difference(
        "The columns of a frame are the inputs of their names.",
        INPUTS
        + """
import pandas as pd

model = keras.Model([a, b], keras.layers.Subtract()([a, b]))
values(model.predict(pd.DataFrame({"b": [1.0], "a": [5.0]}), verbose=0))
""",
        REFUSED,
        [[4.0]],
    ),
    Difference(
        "validation_split tells where the last samples are all of one class.",
        """
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile("sgd", "binary_crossentropy")
x, y = np.zeros((20, 1), "float32"), np.repeat([0, 1], 10)
warns(lambda: model.fit(x, y, validation_split=0.2, verbose=0))
""",
        False,
        True,
    ),
]
