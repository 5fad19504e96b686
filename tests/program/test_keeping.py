"""A saved program: a file that needs NumPy only, and goes on as the library would."""

import ast
import json
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograd_nn import (
    Input,
    Operation,
    Sequential,
    Tensor,
    compiled,
    gradients,
    layers,
    losses,
    optimizers,
    random,
)
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.optimizers import schedules
from autograd_nn.program.inputs import setting_of
from autograd_nn.program.program import Program
from autograd_nn.training.one_step import recorded_loss
from tests.program.networks import tutorial

# Runs a saved program where this library cannot be imported, and prints what `step` gives.
OUTSIDE = """
import json, sys, warnings
warnings.simplefilter("error")

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "autograd_nn":
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
folder, name, steps, count = sys.argv[1:]
sys.path.insert(0, folder)
import numpy as np
step = __import__(name).step
inputs = [np.load(f"{folder}/input_{place}.npy") for place in range(int(count))]
losses = []
for _ in range(int(steps)):
    found = step(*inputs)
    losses.append(float(found[0] if isinstance(found, tuple) else found))
try:
    import autograd_nn
except ImportError:
    print(json.dumps(losses))
"""


def losses_outside(path: Path, steps: int, *inputs: np.ndarray) -> list[float]:
    for place, array in enumerate(inputs):
        np.save(path.parent / f"input_{place}.npy", array)
    ran = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            OUTSIDE,
            str(path.parent),
            path.stem,
            str(steps),
            str(len(inputs)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def run(path: Path) -> str:
    ran = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def printed(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the file prints when it is run, in this process."""
    capsys.readouterr()
    runpy.run_path(str(path), run_name="__main__")
    return capsys.readouterr().out.splitlines()


def program_of(model, x, y, optimizer) -> Program:
    loss, _ = recorded_loss(model, losses.BinaryCrossentropy(), x, y)
    return loss.program(model.trainable_weights, optimizer, inputs={"x": x, "y": y})


def eager_losses(model, x, y, optimizer, steps) -> list[float]:
    found = []
    for _ in range(steps):
        loss, _ = recorded_loss(model, losses.BinaryCrossentropy(), x, y)
        weights = model.trainable_weights
        optimizer.apply_gradients(zip(gradients(loss, weights), weights, strict=True))
        found.append(loss.item())
    return found


# ---------------------------------------------------------------------- the same numbers


@pytest.mark.parametrize(
    "make",
    [optimizers.RMSprop, lambda: optimizers.Adam(0.01, global_clipnorm=0.5)],
    ids=["rmsprop", "adam"],
)
def test_the_tutorial_network_trains_without_the_library(make, tmp_path: Path) -> None:
    model, x, y = tutorial()
    optimizer = make()
    eager_losses(model, x, y, optimizer, 3)  # the file starts from here, state and all
    program = program_of(model, x, y, optimizer)
    program.save(tmp_path / "step.py")
    program.plain.save(str(tmp_path / "plain_step.py"))
    expected = eager_losses(model, x, y, optimizer, 20)
    assert losses_outside(tmp_path / "plain_step.py", 20, x, y) == expected
    planned = losses_outside(tmp_path / "step.py", 20, x, y)
    assert np.allclose(planned, expected, rtol=1e-5, atol=0)
    assert expected[-1] < expected[0]


def test_the_file_of_the_tutorial_network_is_short_and_imports_numpy_only(tmp_path: Path) -> None:
    program = program_of(*tutorial(), optimizers.RMSprop())
    for name, saved in (("step.py", program), ("plain_step.py", program.plain)):
        saved.save(tmp_path / name)
        text = (tmp_path / name).read_text("utf-8")
        assert len(text.splitlines()) < 160
        imports = [
            ast.unparse(node)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.Import, ast.ImportFrom))
        ]
        assert imports == ["import numpy as np"]


def test_the_file_holds_the_text_that_is_printed(tmp_path: Path) -> None:
    program = program_of(*tutorial(), optimizers.RMSprop())
    for name, saved in (("step.py", program), ("plain_step.py", program.plain)):
        saved.save(tmp_path / name)
        kept = (tmp_path / name).read_text("utf-8").splitlines()
        printed = [line for line in saved.source.partition("# forward")[2].splitlines() if line]
        assert set(printed) <= set(kept)


def test_a_program_without_an_optimizer_gives_the_gradients(tmp_path: Path) -> None:
    x = np.arange(6.0).reshape(2, 3)
    w, b = Tensor([1.0, 2.0, 3.0], name="w"), Tensor(0.5, name="b")
    loss = ((x * w).sum(axis=1) + b).sum()
    program = loss.program([w, b], inputs={"x": x})
    expected = (x * [1, 2, 3]).sum() + 1.0
    for name, saved in (("planned", program), ("plain", program.plain)):
        saved.save(tmp_path / f"{name}.py")
        assert losses_outside(tmp_path / f"{name}.py", 1, x) == [expected]
    # dL/dw = Σ_rows x = (3, 5, 7), its norm √83 = 9.110434; dL/db = 2
    assert "gradient of w: norm 9.110434\ngradient of b: norm 2.000000" in run(
        tmp_path / "plain.py"
    )
    # Both together: √(83 + 4) = 9.327379
    assert "norm 9.327379" in run(tmp_path / "planned.py")


def test_a_small_program_is_one_file(tmp_path: Path) -> None:
    w = Tensor([1.0, -2.0], name="w")
    program = (w * w).sum().program(w, optimizers.SGD(0.25))
    for name, saved in (("planned", program), ("plain", program.plain)):
        saved.save(tmp_path / f"{name}.py")
        # Every step halves w: the loss is 5, 5/4, 5/16 …
        assert run(tmp_path / f"{name}.py").splitlines()[:3] == [
            "loss 5.000000",
            "loss 1.250000",
            "loss 0.312500",
        ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plain.py", "planned.py"]


def test_saving_does_not_run_a_step(tmp_path: Path) -> None:
    model, x, y = tutorial()
    optimizer = optimizers.Adam()
    before = model.get_weights()
    program = program_of(model, x, y, optimizer)
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    assert optimizer.iterations == 0
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new)


def test_a_later_save_has_the_later_parameters(tmp_path: Path) -> None:
    w = Tensor(np.arange(20.0), name="w")
    program = (w * w).sum().program(w, optimizers.SGD(0.25))
    program.save(tmp_path / "step.py")
    first = program()
    program.save(tmp_path / "step.py")
    assert losses_outside(tmp_path / "step.py", 1) == [first / 4]
    w.data = np.ones(20)
    program.save(tmp_path / "step.py")
    assert losses_outside(tmp_path / "step.py", 1) == [20.0]


def test_a_learning_rate_can_be_given(tmp_path: Path) -> None:
    w = Tensor(1.0, name="w")
    (w * w).program(w, optimizers.SGD(0.5)).plain.save(tmp_path / "step.py")
    names: dict[str, object] = {"__name__": "step"}
    exec((tmp_path / "step.py").read_text("utf-8"), names)
    assert names["step"](learning_rate=0.25) == 1.0  # type: ignore[operator]
    assert names["w"] == 0.5


SCHEDULES = [
    schedules.ExponentialDecay(0.1, decay_steps=3, decay_rate=0.5, staircase=True),
    schedules.InverseTimeDecay(0.1, decay_steps=3, decay_rate=0.5),
    schedules.PolynomialDecay(0.1, decay_steps=4, power=2.0, cycle=True),
    schedules.PiecewiseConstantDecay([4, 8], [0.1, 0.05, 0.01]),
    schedules.CosineDecay(0.0, decay_steps=7, warmup_target=0.2, warmup_steps=5),
    schedules.CosineDecayRestarts(0.1, first_decay_steps=3, m_mul=0.5),
]


@pytest.mark.parametrize("make", [optimizers.SGD, optimizers.Adam])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda schedule: schedule.name)
def test_a_file_goes_on_with_the_schedule(make, schedule, tmp_path: Path, capsys) -> None:
    w, optimizer = Tensor(np.array([1.0, 2.0], np.float32), name="w"), make(schedule)
    program = (w * w).sum().program(w, optimizer)
    program()
    program()  # the file starts with the third step
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    expected = [float(program()) for _ in range(12)]
    for name in ("step.py", "plain.py"):
        step = runpy.run_path(str(tmp_path / name))["step"]
        np.testing.assert_allclose([step() for _ in range(12)], expected, rtol=1e-5)
        told = [f"loss {loss:.6f}" for loss in expected[:10]]
        assert printed(tmp_path / name, capsys) == told


def test_the_names_of_a_schedule_are_not_those_of_the_program(tmp_path: Path) -> None:
    iteration, decay = np.array([2.0, 3.0]), Tensor(np.array([1.0, 2.0]), name="cosine_decay")
    loss = ((iteration * decay) ** 2).sum()
    optimizer = optimizers.SGD(schedules.CosineDecay(0.01, decay_steps=5))
    program = loss.program(decay, optimizer, inputs={"iteration": iteration})
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    expected = [float(program()) for _ in range(6)]
    assert expected[-1] < expected[0]
    for name in ("step.py", "plain.py"):
        found = losses_outside(tmp_path / name, 6, iteration)
        np.testing.assert_allclose(found, expected, rtol=1e-12)


class Halves(schedules.LearningRateSchedule):
    """One of the user's own."""

    def __call__(self, step: int) -> float:
        return float(0.25 / 2**step)


def test_a_file_is_given_the_rates_of_a_schedule_of_ones_own(tmp_path: Path) -> None:
    w = Tensor(1.0, name="w")
    program = (3 * w).program(w, optimizers.SGD(Halves()))
    program()
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    expected = [float(program()) for _ in range(10)]
    for name in ("step.py", "plain.py"):
        text = (tmp_path / name).read_text("utf-8")
        assert "Halves, which made it, is not in this file" in " ".join(text.split())
        assert run(tmp_path / name).splitlines() == [f"loss {loss:.6f}" for loss in expected]
        names: dict[str, object] = {"__name__": "step"}
        exec(text, names)
        assert names["step"](0.5) == expected[0]  # type: ignore[operator]
        # 3·(w − 0.5·3)
        assert names["step"](0.5) == expected[0] - 4.5  # type: ignore[operator]
        with pytest.raises(TypeError, match="learning_rate"):
            names["step"]()  # type: ignore[operator]


def test_a_generator_goes_on_where_it_was(tmp_path: Path) -> None:
    def model_of():
        return Sequential(
            [Input((3,)), layers.Dense(4), layers.Dropout(0.5, seed=7), layers.Dense(1)]
        )

    model, twin = model_of(), model_of()
    twin.set_weights(model.get_weights())
    x = np.random.default_rng(0).random((5, 3), dtype=np.float32)
    y = np.zeros((5, 1), np.float32)
    loss, _ = recorded_loss(model, losses.MeanSquaredError(), x, y)
    optimizer, eager = optimizers.SGD(0.1), optimizers.SGD(0.1)
    program = Program(loss, model.trainable_weights, optimizer, {"x": x, "y": y})
    program.save(tmp_path / "step.py")
    program.plain.save(tmp_path / "plain.py")
    recorded_loss(twin, losses.MeanSquaredError(), x, y)
    expected = []
    for _ in range(4):
        loss, _ = recorded_loss(twin, losses.MeanSquaredError(), x, y)
        weights = twin.trainable_weights
        eager.apply_gradients(zip(gradients(loss, weights), weights, strict=True))
        expected.append(loss.item())
    assert losses_outside(tmp_path / "plain.py", 4, x, y) == expected
    assert np.allclose(losses_outside(tmp_path / "step.py", 4, x, y), expected, rtol=1e-5)
    assert len(set(expected)) == 4


def test_own_functions_go_with_the_program(tmp_path: Path) -> None:
    def softsign(x, scale=2.0):
        return x / (scale + np.abs(x))

    operation = Operation(
        "softsign", value=softsign, gradients=(lambda g, out, x: g * 2 / (2 + np.abs(x)) ** 2,)
    )
    w = Tensor(np.linspace(-1, 1, 20), name="w")
    operation(w).sum().program(w).plain.save(tmp_path / "step.py")
    expected = (w.data / (2 + np.abs(w.data))).sum()
    assert losses_outside(tmp_path / "step.py", 1) == [expected]


def test_a_compiled_function_is_kept_too(tmp_path: Path) -> None:
    @compiled
    def doubled(x):
        return (x * 2.0 + 1.0).sum()

    x = np.arange(20.0)
    for _ in range(3):
        doubled(x)
    for name, saved in (("planned", doubled.program), ("plain", doubled.program.plain)):
        saved.save(tmp_path / f"{name}.py")
        # 2 · (0 + … + 19) + 20 = 400
        assert losses_outside(tmp_path / f"{name}.py", 1, x) == [400.0]
        # By itself it runs on the numbers that were recorded, which lie within 1/1000.
        assert float(run(tmp_path / f"{name}.py")) == pytest.approx(400, rel=1e-3)


# ---------------------------------------------------------------------- what cannot be done


def test_a_large_graph_of_scalars_says_what_it_cannot(tmp_path: Path) -> None:
    weights = [Tensor(float(number), name=f"w{number}") for number in range(400)]
    loss = sum(weight * weight for weight in weights)
    program = loss.program(weights)
    with pytest.raises(StateError, match="cannot be saved: see program.plain.save"):
        program.save(tmp_path / "step.py")
    with pytest.raises(StateError, match="cannot be reported on"):
        program.report()
    program.plain.save(tmp_path / "step.py")
    assert losses_outside(tmp_path / "step.py", 1) == [sum(n * n for n in range(400))]


@pytest.fixture
def program() -> Program:
    w = Tensor(np.arange(20.0), name="w")
    return (w * w).sum().program(w, optimizers.SGD(0.25))


def test_paths_that_are_no_files_of_python(program: Program, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="is a folder"):
        program.save(tmp_path)
    with pytest.raises(ArgumentError, match=r"must end in \.py"):
        program.save(tmp_path / "step.txt")
    with pytest.raises(ArgumentError, match="there is no folder"):
        program.plain.save(tmp_path / "missing" / "step.py")
    with pytest.raises(ArgumentTypeError, match="must be the path of a file"):
        program.save(3)
    for name in ("numpy", "random"):  # NumPy imports the second
        with pytest.raises(ArgumentError, match=f"looks for the module {name}"):
            program.save(tmp_path / f"{name}.py")


def test_an_archive_of_something_else_is_not_written_over(program: Program, tmp_path: Path) -> None:
    np.savez(tmp_path / "model.npz", weights=np.ones(3))
    with pytest.raises(ArgumentError, match=r"'model\.npz'.*belongs to something else"):
        program.save(tmp_path / "model.py")
    (tmp_path / "model.py").write_text("print('mine')\n")
    with pytest.raises(ArgumentError, match="belongs to something else"):
        program.save(tmp_path / "model.py")
    assert (tmp_path / "model.py").read_text() == "print('mine')\n"
    assert list(np.load(tmp_path / "model.npz")) == ["weights"]


def test_a_smaller_program_takes_the_place_of_one_with_an_archive(
    program: Program, tmp_path: Path
) -> None:
    w = Tensor([1.0, -2.0], name="w")
    small = (w * w).sum().program(w, optimizers.SGD(0.25))
    for saved in (program, small, program.plain, small.plain):
        saved.save(tmp_path / "step.py")
        names = {path.name for path in tmp_path.iterdir()}
        assert names == ({"step.py"} if saved in (small, small.plain) else {"step.py", "step.npz"})
        run(tmp_path / "step.py")


def test_what_cannot_be_written_leaves_what_was_there(program: Program, tmp_path: Path) -> None:
    program.save(tmp_path / "step.py")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    program()
    for name in ("step.py", "step.npz"):
        (tmp_path / f".{name}.part").mkdir()
        with pytest.raises(ArgumentError, match=rf"{name}' cannot be written"):
            program.save(tmp_path / "step.py")
        (tmp_path / f".{name}.part").rmdir()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_generator_whose_state_is_long_is_refused(tmp_path: Path) -> None:
    w = Tensor(np.arange(20.0), name="w")
    loss = (w * random.uniform(20, seed=np.random.Generator(np.random.MT19937(0)))).sum()
    program = loss.program(w)
    with pytest.raises(ArgumentError, match="draws numbers from MT19937 cannot be saved"):
        program.save(tmp_path / "step.py")
    assert list(tmp_path.iterdir()) == []


def test_settings_are_those_of_the_optimizer() -> None:
    optimizer = optimizers.SGD(0.125)
    names = ("learning_rate", "iteration")
    assert [setting_of(optimizer, name) for name in names] == [0.125, 1]
