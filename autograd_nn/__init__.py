"""An autograd engine to understand: every node, every local derivative, every contribution."""

from autograd_nn.engine.checking import check_gradients
from autograd_nn.engine.errors import AutogradError, GradientCheckError, LeavingGraphWarning
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import no_grad
from autograd_nn.engine.reverse import gradients
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms import grad, jacobian, value_and_grad
from autograd_nn.layers import Input
from autograd_nn.models import Model, Sequential
from autograd_nn.program import Program, compiled
from autograd_nn.settings import set_random_seed
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
    "compiled",
    "grad",
    "gradients",
    "jacobian",
    "no_grad",
    "replayable",
    "set_random_seed",
    "value_and_grad",
]
