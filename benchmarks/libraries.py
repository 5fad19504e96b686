"""Who takes part: each library's file in `subjects`, what is imported, and how to get it."""

from dataclasses import dataclass

Variables = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Library:
    """A library under test, with the environment its processes get."""

    label: str
    module: str
    package: str
    pip: str
    environment: Variables = ()
    distribution: str = ""  # the package's own name where it is empty


BY_HAND = Library("NumPy by hand", "numpy_by_hand", "numpy", "pip install numpy")
OURS = Library("autograd_nn", "ours", "autograd_nn", "pip install .")
PYTORCH = Library("PyTorch", "pytorch", "torch", "pip install torch")
JAX = Library("JAX jit", "jax_jit", "jax", "pip install jax", (("JAX_PLATFORMS", "cpu"),))
MYGRAD = Library("MyGrad", "mygrad_eager", "mygrad", "pip install mygrad")
HIPS = Library(
    "HIPS autograd",
    "hips_autograd",
    "autograd",
    "pip install 'autograd[scipy]'",
    # Or glibc hands the heap back after every large step: 1,000 page faults, 5.7 ms and not 1.7.
    (("MALLOC_TRIM_THRESHOLD_", "268435456"), ("MALLOC_MMAP_THRESHOLD_", "33554432")),
)
MICROGRAD = Library("micrograd", "micrograd_scalars", "micrograd", "pip install micrograd")
KERAS = Library("Keras", "", "keras", "pip install keras")
SKLEARN = Library("scikit-learn", "", "sklearn", "pip install scikit-learn", (), "scikit-learn")
TENSORFLOW = Library(
    "Keras on TensorFlow", "", "tensorflow", "python -m benchmarks.tensorflow_environment"
)
PYTENSOR = Library("PyTensor", "pytensor_numba", "pytensor", "pip install pytensor")
PEERS = (PYTORCH, JAX, PYTENSOR, MYGRAD, HIPS, MICROGRAD, KERAS, SKLEARN, TENSORFLOW)
LIBRARIES = (BY_HAND, OURS, *PEERS)

ONE_THREAD = (
    ("OPENBLAS_NUM_THREADS", "1"),
    ("OMP_NUM_THREADS", "1"),
    ("MKL_NUM_THREADS", "1"),
    ("VECLIB_MAXIMUM_THREADS", "1"),
    ("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false"),
)
