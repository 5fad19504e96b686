"""autograd_nn: one step recorded by hand, and replayed as a program."""

from autograd_nn.optimizers import SGD
from benchmarks.measure import Ready
from benchmarks.problems import LEARNING_RATE, read, starting_point
from benchmarks.subjects.ours import as_tensors, network_loss


def program(size: str) -> Ready:
    network = read(size)
    x, y, arrays = starting_point(network)
    parameters = as_tensors(arrays)
    loss = network_loss(network)(x, y, parameters)
    replay = loss.program(parameters, optimizer=SGD(LEARNING_RATE))
    return Ready(lambda: float(replay()), "one batch, recorded once")
