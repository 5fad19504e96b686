"""Callbacks: your own code, and what is ready-made, at fixed moments of training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_nn.callbacks.callback import Callback
from autograd_nn.callbacks.history import History
from autograd_nn.later import imported_later

if TYPE_CHECKING:
    from autograd_nn.callbacks.backup_and_restore import BackupAndRestore
    from autograd_nn.callbacks.callback_list import CallbackList
    from autograd_nn.callbacks.csv_logger import CSVLogger
    from autograd_nn.callbacks.early_stopping import EarlyStopping
    from autograd_nn.callbacks.model_checkpoint import ModelCheckpoint
    from autograd_nn.callbacks.of_functions import LambdaCallback, LogTo
    from autograd_nn.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
    from autograd_nn.callbacks.step_recorder import StepRecorder
    from autograd_nn.callbacks.tensorboard import TensorBoard
    from autograd_nn.callbacks.terminate_on_nan import TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "LogTo",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "StepRecorder",
    "TensorBoard",
    "TerminateOnNaN",
]

if not TYPE_CHECKING:
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "backup_and_restore": "BackupAndRestore",
            "callback_list": "CallbackList",
            "early_stopping": "EarlyStopping",
            "model_checkpoint": "ModelCheckpoint",
            "of_functions": "LambdaCallback LogTo",
            "rates": "LearningRateScheduler ReduceLROnPlateau",
            "csv_logger": "CSVLogger",
            "step_recorder": "StepRecorder",
            "tensorboard": "TensorBoard",
            "terminate_on_nan": "TerminateOnNaN",
        },
    )
