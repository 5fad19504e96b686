"""One training on several processes gives what one process gives.

    mpiexec -n 2 python several_processes.py     (pip install 'autograd-nn[mpi]')

As root mpiexec wants --allow-run-as-root, with more processes than cores --oversubscribe. Without
mpiexec the program runs too, in one process. Each process computes with as many threads as its BLAS
takes: OPENBLAS_NUM_THREADS=1 leaves a core to each.
"""

import numpy as np

from autograd_nn import Sequential, set_random_seed
from autograd_nn.datasets import load_digits
from autograd_nn.distribution import DataParallel
from autograd_nn.layers import Dense
from autograd_nn.optimizers import Adam

(x_train, y_train), (x_test, y_test) = load_digits()


def trained(distribution):
    set_random_seed(0)
    model = Sequential([Dense(64, activation="relu"), Dense(10, activation="softmax")])
    model.compile(
        Adam(0.001, clipnorm=1.0),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
        distribution=distribution,
    )
    # 64 rows for a step, of which each process takes its share.
    model.fit(x_train, y_train, batch_size=64, epochs=10, verbose=0)
    return model


ranks = DataParallel()
shared = trained(ranks)
alone = trained(None)  # every process by itself, all rows

difference = max(
    np.abs(ours - theirs).max()
    for ours, theirs in zip(shared.get_weights(), alone.get_weights(), strict=True)
)
loss, accuracy = shared.evaluate(x_test, y_test, verbose=0)
if ranks.rank == 0:
    print(f"{ranks.size} processes: test accuracy {accuracy:.3f}, loss {loss:.4f}")
    print(f"largest difference of a weight from that of one process: {difference:.1e}")
assert difference < 1e-4 and accuracy > 0.9
