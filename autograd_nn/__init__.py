"""An autograd engine to understand: every node, every local derivative, every contribution."""

from typing import TYPE_CHECKING

from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import AutogradError, GradientCheckError, LeavingGraphWarning
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import no_grad, scope
from autograd_nn.engine.tensor import Tensor
from autograd_nn.later import imported_later
from autograd_nn.settings import set_random_seed

if TYPE_CHECKING:
    from autograd_nn.engine.anomalies import detect_anomaly
    from autograd_nn.engine.checking import check_gradients
    from autograd_nn.engine.transforms.checkpoints import checkpoint
    from autograd_nn.engine.transforms.curvature import gauss_newton_product, hvp
    from autograd_nn.engine.transforms.examples import per_example_gradients
    from autograd_nn.engine.transforms.first_derivatives import grad, jvp, value_and_grad, vjp
    from autograd_nn.engine.transforms.matrices import hessian, jacobian
    from autograd_nn.engine.transforms.own_rules import custom_gradient, stop_gradient
    from autograd_nn.exporting import export, to_keras, to_torch
    from autograd_nn.layers import Input
    from autograd_nn.models import Model, Sequential
    from autograd_nn.program import Program, compiled
    from autograd_nn.runs.comparing import compare_runs
    from autograd_nn.sweeping import sweep
    from autograd_nn.training.own_code import replayable

__version__ = "0.1.0"

__all__ = [
    "AutogradError",
    "GradientCheckError",
    "Input",
    "LeavingGraphWarning",
    "Model",
    "Operation",
    "Program",
    "Sequential",
    "Tensor",
    "__version__",
    "check_gradients",
    "checkpoint",
    "compare_runs",
    "compiled",
    "custom_gradient",
    "detect_anomaly",
    "export",
    "gauss_newton_product",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "no_grad",
    "per_example_gradients",
    "replayable",
    "scope",
    "set_random_seed",
    "stop_gradient",
    "sweep",
    "to_keras",
    "to_torch",
    "value_and_grad",
    "vjp",
]

if not TYPE_CHECKING:
    # A graph needs none of this; and with a network comes what a network needs.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "engine.anomalies": "detect_anomaly",
            "engine.checking": "check_gradients",
            "engine.transforms.checkpoints": "checkpoint",
            "engine.transforms.curvature": "gauss_newton_product hvp",
            "engine.transforms.examples": "per_example_gradients",
            "engine.transforms.first_derivatives": "grad jvp value_and_grad vjp",
            "engine.transforms.matrices": "hessian jacobian",
            "engine.transforms.own_rules": "custom_gradient stop_gradient",
            "exporting": "export to_keras to_torch",
            "layers": "Input",
            "models": "Model Sequential",
            "program": "Program compiled",
            "runs.comparing": "compare_runs",
            "sweeping": "sweep",
            "training.own_code": "replayable",
        },
        modules="activations backend callbacks compat constraints datasets distribution "
        "initializers jit keras layers losses metrics models ops optimizers program random "
        "regularizers saving special sweeping training utils viz wrappers",
    )
