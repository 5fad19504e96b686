"""Train on a Parquet file without ever having it in memory (needs pyarrow).

A class whose ``__iter__`` is a generator gives the batches anew in each epoch: so many rows of the
file, as (x, y). Row groups come in a new order each time, and rows are mixed inside of them.
"""

from pathlib import Path

import numpy as np
import pyarrow as arrow
from pyarrow import parquet

from autograd_nn import Input, Sequential, set_random_seed
from autograd_nn.layers import Dense

ROWS, GROUP, BATCH = 200_000, 10_000, 100
FEATURES = ["age", "income", "visits"]


def write(path):
    """A file of customers, a row group at a time; whether they come again depends on all three."""
    random = np.random.default_rng(0)
    kinds = [(name, arrow.float64()) for name in FEATURES]
    schema = arrow.schema([*kinds, ("city", arrow.string()), ("returns", arrow.bool_())])
    with parquet.ParquetWriter(path, schema) as file:
        for _ in range(ROWS // GROUP):
            x = random.normal(size=(GROUP, 3))
            returns = x @ [1.0, -2.0, 0.5] + x[:, 0] * x[:, 2] > 0
            columns = [*x.T, random.choice(["Rome", "Oslo"], GROUP), returns]
            file.write_table(arrow.table(dict(zip(schema.names, columns, strict=True))))


class RowGroups:
    """The batches of some row groups of a Parquet file."""

    def __init__(self, path, groups):
        self.file = parquet.ParquetFile(path)
        self.groups = groups
        self.random = np.random.default_rng(1)

    def __iter__(self):
        for group in self.random.permutation(self.groups):
            table = self.file.read_row_group(group, [*FEATURES, "returns"])
            x = np.column_stack([table[name] for name in FEATURES])
            y = np.asarray(table["returns"])
            for rows in self.random.permutation(len(x)).reshape(-1, BATCH):
                yield x[rows], y[rows]


path = Path("customers.parquet")
write(path)
groups = ROWS // GROUP
train, held = RowGroups(path, range(groups - 4)), RowGroups(path, range(groups - 4, groups))

set_random_seed(0)
model = Sequential([Input((3,)), Dense(16, "tanh"), Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(train, validation_data=held, epochs=3, verbose=2).history

print(f"{path.stat().st_size / 1e6:.1f} MB on disk, a row group of {GROUP:,} rows at a time.")
assert history["val_accuracy"][-1] > 0.97, history
assert arrow.default_memory_pool().max_memory() < 20e6
path.unlink()
