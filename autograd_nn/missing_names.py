"""What is said of a name that is not here; of Keras's names why, and what there is instead."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from opcode import opname

from autograd_nn.engine.errors import MissingNameError, suggestion

_NOT_YET = "It is not here yet."
_TEXTS = (
    "Texts become numbers by libraries made for it, such as scikit-learn or tokenizers, before "
    "they are given to a model."
)
_PICTURES = (
    "Pictures are read, resized and varied by libraries made for it, such as Pillow, torchvision "
    "or albumentations, before they are given to a model."
)
_FILES = "Read files with Python or NumPy, and give fit the arrays."
_OTHERS = "Models of other libraries are trained by those."

LEFT_OUT: dict[str, dict[str, str]] = {
    "layers": {
        _TEXTS: "TextVectorization StringLookup IntegerLookup Hashing HashedCrossing",
        "utils.to_categorical makes columns of classes, np.digitize classes of numbers, before "
        "they are given to a model.": "CategoryEncoding Discretization",
        _PICTURES: "AugMix AutoContrast CenterCrop ContrastLimitedAdaptiveHistogramEqualization "
        "CutMix Equalization MaxNumBoundingBoxes MixUp RandAugment RandomBrightness "
        "RandomColorDegeneration RandomColorJitter RandomContrast RandomCrop "
        "RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur RandomGrayscale "
        "RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation "
        "RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom Resizing "
        "Solarization",
        "A Tensor holds real numbers, and spectra are complex: scipy.signal makes spectrograms of "
        "sounds before they are given to a model.": "MelSpectrogram STFTSpectrogram",
        _OTHERS: "FlaxLayer JaxLayer TFSMLayer TorchModuleWrapper",
        "A state here is a vector: write the cell with Conv2D as a layer of your own, and call it "
        "on one step after the other.": "ConvLSTM1D ConvLSTM2D ConvLSTM3D",
        "It sets a trainable kernel anew in every call, past the optimizer. A kernel_constraint "
        "such as MaxNorm bounds a kernel after every step.": "SpectralNormalization",
        "Compare shapes in `build(input_shape)`, and raise an error there.": "InputSpec",
        "Embedding has the table: logits are np.matmul(x, embedding.embeddings.T) in a layer of "
        "your own.": "ReversibleEmbedding",
        "Sequential([…]) puts layers one after the other.": "Pipeline",
        "Subclass Layer, and hold the other layer as an attribute.": "Wrapper",
    },
    "optimizers": {
        "Its rule depends on which layer a parameter belongs to, and rules here are given the "
        "numbers alone. AdamW is what it takes for all but matrices.": "Muon",
        "Give an optimizer loss_scale_factor=…; it is of no use in float32.": "LossScaleOptimizer",
        "In a loop of your own each optimizer is given the parameters that it moves.": ""
        "MultiOptimizer OptimizerMap",
        _NOT_YET: "ScheduleFreeAdamW legacy",
    },
    "callbacks": {
        "ModelCheckpoint and BackupAndRestore keep files of their own.": "OrbaxCheckpoint",
        "fit(verbose=1) shows the bar.": "ProgbarLogger",
        "LogTo and LambdaCallback give the logs of every epoch to any function.": "RemoteMonitor",
        "With use_ema=True an optimizer puts the averages in place at the end of fit.": ""
        "SwapEMAWeights",
    },
    "keras_saving": {
        "np.load opens the .npz that model.save writes.": "KerasFileEditor",
    },
    "initializers": {
        "A Tensor holds real numbers, and spectra are complex.": "STFT STFTInitializer stft"
    },
    "datasets": {
        "Nothing is downloaded here: datasets.load_digits() has 1,797 pictures of digits, and "
        "np.load reads a file such as mnist.npz.": "boston_housing california_housing cifar10 "
        "cifar100 fashion_mnist imdb mnist reuters",
    },
    "backend": {
        "Losses keep to 1e-7, as in Keras where nothing is set.": "set_epsilon",
        "Pictures have their channels last; each layer takes data_format=.": ""
        "set_image_data_format",
        "np.dtype and np.result_type say it.": "is_float_dtype is_int_dtype result_type",
        "utils has it.": "is_keras_tensor standardize_dtype",
        _NOT_YET: "get_uid",
    },
    "utils": {
        "plot_model gives the picture, with its .dot.": "model_to_dot",
        _PICTURES: "array_to_img bounding_boxes image_dataset_from_directory img_to_array load_img "
        "save_img",
        _TEXTS: "FeatureSpace text_dataset_from_directory",
        _FILES: "audio_dataset_from_directory get_file",
        "A model has its `inputs`.": "get_source_inputs",
        _NOT_YET: "Config legacy",
        "fit(verbose=…) says what is shown.": "Progbar disable_interactive_logging "
        "enable_interactive_logging is_interactive_logging_enabled",
    },
    "keras_ops": {
        "A Tensor holds real numbers.": "eig fft fft2 ifft2 irfft istft polar rfft stft "
        "view_as_complex view_as_real",
        _PICTURES: "image",
        "losses.CTC computes it.": "ctc_loss",
        "losses.CTC trains what it would decode.": "ctc_decode",
        "scipy.special.erfinv gives the numbers, without a gradient.": "erfinv",
        "linalg.solve does it, in one step.": "lu_factor",
        "ops.reshape and ops.transpose do it.": "fold rearrange unfold",
        "The function itself, or ops.map over the first axis.": "vectorize",
        "A Tensor has its dtype for good; ops.cast computes another.": "view",
    },
    "keras": {
        "Models that were trained elsewhere are not part of this library.": "applications",
        "Layers take dtype=, and keras.backend.set_floatx says it for all.": "DTypePolicy "
        "FloatDTypePolicy config dtype_policies mixed_precision",
        "Programs do that: model.compile(jit_compile=True), and `compiled`.": "RematScope remat",
        "autograd_nn.export(model, 'm.onnx') writes an ONNX file.": "export",
        "Compare shapes in `build(input_shape)`, and raise an error there.": "InputSpec",
        "Model(inputs, outputs) is what a functional graph becomes.": "Function",
        "All is computed by NumPy, on the processor; a layer's name is its scope.": "device "
        "name_scope",
        "autograd_nn.__version__ is that of this library.": "version",
        _NOT_YET: "legacy KerasTensor Quantizer StatelessScope SymbolicScope distillation "
        "distribution quantizers tree visualization",
    },
    "wrappers": {
        "NNClassifier(model=…, model_kwargs=…, fit_kwargs=…) is it.": "SKLearnClassifier",
        "NNRegressor(model=…, model_kwargs=…, fit_kwargs=…) is it.": "SKLearnRegressor",
        "FunctionTransformer(model.predict) of scikit-learn is it.": "SKLearnTransformer",
    },
}
"""For each module of Keras, by the reason why, the names that it has and this library has not."""


def reason_for(module: str, name: str) -> str | None:
    """Why a name of Keras's is not here; None where nothing is said of it."""
    for reason, names in LEFT_OUT.get(module, {}).items():
        if name.lower() in names.lower().split():
            return reason
    return None


def missing(package: str, name: str, known: Iterable[str]) -> Exception:
    """The error of a ``__getattr__`` that knows no such name: the reason, or the nearest name."""
    text = f"module {package!r} has no attribute {name!r}"
    if name.startswith("_"):
        return AttributeError(text)
    reason = reason_for(package.rpartition(".")[2], name)
    if reason is not None:
        text = f"Keras has {name}; {package} has not. {reason}"
    elif place := "" if "." in package else _place_of(name):
        text += f". It is {place}.{name}."
    elif near := suggestion(name, known):
        text += f".{near}"
    # `from … import …` says something of its own in place of an AttributeError, without all this.
    frame = sys._getframe(2)
    is_imported = opname[frame.f_code.co_code[frame.f_lasti]] == "IMPORT_FROM"
    return MissingNameError(text) if is_imported else AttributeError(text)


def _place_of(name: str) -> str:
    """The module of this library that has the name, "" where none has."""
    for module in ("layers", "losses", "metrics", "optimizers", "callbacks", "initializers"):
        place = f"autograd_nn.{module}"
        if name in import_module(place).__all__:
            return place
    return ""
