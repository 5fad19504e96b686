"""What TensorBoard shows, written while a model is trained."""

from __future__ import annotations

import os
import time
from typing import Any, final

import numpy as np

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentTypeError, MissingPackageError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor


@final
class TensorBoard(Callback):
    """Write what TensorBoard shows: curves, histograms of weights and gradients, the graph.

    ``tensorboard --logdir logs`` shows it. Curves are called as by Keras: "epoch_loss" of training
    in the folder "train" and of validation in "validation", "batch_loss" where that is wanted.

    Parameters   log_dir: the folder, default "logs"; one for each run shows them beside each other
                 histogram_freq: histograms after every so many epochs, default 0, none
                 write_graph: the operations of one forward pass, default True
                 write_steps_per_second: with the values of an epoch, default False
                 update_freq: "epoch" (default), "batch", or a number: values after so many batches
    Raises       MissingPackageError without the extra: pip install 'autograd-nn[tensorboard]'
    """

    @checked_keywords
    def __init__(
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
    ) -> None:
        if not isinstance(log_dir, (str, os.PathLike)):
            raise ArgumentTypeError(f"`log_dir` must be the path of a folder, got {log_dir!r:.80}.")
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = positive_integer("histogram_freq", histogram_freq, minimum=0)
        self.write_graph = true_or_false("write_graph", write_graph)
        self.write_steps_per_second = true_or_false(
            "write_steps_per_second", write_steps_per_second
        )
        self.update_freq = update_freq
        if update_freq not in ("epoch", "batch"):
            self.update_freq = positive_integer("update_freq", update_freq)
        if update_freq != "epoch":  # a hook of batches costs something where there is one
            self.on_train_batch_end = self._write_batch  # type: ignore[method-assign]
        self._writer_kind()  # says so early where it is not installed
        self._data: Any = None
        self._is_inside = False  # of a training
        self._writers: dict[str, Any] = {}

    def set_data(self, data: Any) -> None:
        """Keep what the graph is recorded on."""
        self._data = data

    def on_train_begin(self, logs: Logs = None) -> None:
        """Write the graph."""
        self._batches = 0
        self._is_inside = True
        if self.write_graph and self._data is not None:
            x = self._data.rows(slice(0, 1)).x
            with recorded(), undone():
                fed = Tensor(x, name="x") if isinstance(x, np.ndarray) else x
                output = self.model(fed, training=False)
            if isinstance(output, Tensor):
                self._writer("train").file_writer.add_event(_graph(output))

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Look at the clock."""
        self._start = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Write the values of the epoch, and histograms."""
        values = dict(logs or {})
        if "learning_rate" not in values:
            values["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            seconds = max(1e-9, time.perf_counter() - self._start)
            values["steps_per_second"] = self.params["steps"] / seconds
        for name, value in values.items():
            kind = "validation" if name.startswith("val_") else "train"
            self._write(kind, f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_histograms(epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs = None) -> None:
        """Write the values by the number of steps that the optimizer had made."""
        for name, value in (logs or {}).items():
            step = self.model.optimizer.iterations
            self._write("validation", f"evaluation_{name}_vs_iterations", value, step)
        if not self._is_inside:
            self._close()

    def on_train_end(self, logs: Logs = None) -> None:
        """Close the files."""
        self._is_inside = False
        self._data = None
        self._close()

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    def _write_batch(self, batch: int, logs: Logs = None) -> None:
        every = 1 if self.update_freq == "batch" else self.update_freq
        if self._batches % every == 0:
            for name, value in (logs or {}).items():
                self._write("train", f"batch_{name}", value, self._batches)
        self._batches += 1

    def _write_histograms(self, epoch: int) -> None:
        writer = self._writer("train")
        for weight in self.model.weights:
            for what, array in (("histogram", weight._data), ("gradient", weight._grad)):
                if array is not None and np.isfinite(array).all() and np.size(array):
                    writer.add_histogram(f"{weight.name}/{what}", np.asarray(array), epoch)

    def _write(self, kind: str, tag: str, value: Any, step: int) -> None:
        self._writer(kind).add_scalar(tag, float(value), step)

    def _writer(self, kind: str) -> Any:
        if kind not in self._writers:
            self._writers[kind] = self._writer_kind()(os.path.join(self.log_dir, kind))
        return self._writers[kind]

    def _writer_kind(self) -> Any:
        try:
            from tensorboardX import SummaryWriter
        except ImportError as error:
            raise MissingPackageError(
                "TensorBoard needs an extra: pip install 'autograd-nn[tensorboard]'."
            ) from error
        return SummaryWriter


def _graph(output: Tensor) -> Any:
    """The operations of a recorded run, as TensorBoard reads them: nodes, and what they were."""
    from tensorboardX.proto.attr_value_pb2 import AttrValue
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.graph_pb2 import GraphDef
    from tensorboardX.proto.node_def_pb2 import NodeDef
    from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboardX.proto.versions_pb2 import VersionDef

    names: dict[Tensor, str] = {}
    taken: dict[str, int] = {}
    nodes = []
    for tensor in topological(output):
        kind = "input" if tensor.operation is None else tensor.operation.name
        own = (tensor.name or kind) if tensor.operation is None else kind
        name = f"{tensor.scope}/{own}" if tensor.scope else own
        count = taken[name] = taken.get(name, -1) + 1
        names[tensor] = f"{name}_{count}" if count else name
        axes = [TensorShapeProto.Dim(size=length) for length in tensor.shape]
        shape = AttrValue.ListValue(shape=[TensorShapeProto(dim=axes)])
        nodes.append(
            NodeDef(
                name=names[tensor],
                op=kind,
                input=[names[x] for x in tensor.inputs or () if type(x) is Tensor],
                attr={"_output_shapes": AttrValue(list=shape)},
            )
        )
    graph = GraphDef(node=nodes, versions=VersionDef(producer=22))
    return Event(graph_def=graph.SerializeToString())
