"""The public names of NumPy that have no derivative for real numbers, each with its reason."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np

TYPES = "types: of numbers, arrays, iterators, errors"  # whatever NumPy has, known by being types

LEFT_OUT: dict[str, str] = {
    "complex: a Tensor holds real numbers": """
        angle imag
    """,
    "integers, booleans, counts, or a derivative that is zero almost everywhere": """
        all allclose any argmax argmin argpartition argsort argwhere around array_equal array_equiv
        bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not bitwise_or
        bitwise_right_shift bitwise_xor ceil count_nonzero digitize equal fix flatnonzero floor
        floor_divide gcd greater greater_equal heaviside histogram2d histogramdd invert iscomplex
        iscomplexobj isclose isfinite isin isinf isnan isneginf isposinf isreal isrealobj lcm
        left_shift less less_equal lexsort linalg.matrix_rank logical_and logical_not logical_or
        logical_xor may_share_memory nanargmax nanargmin ndim nonzero not_equal packbits
        right_shift rint round searchsorted shape shares_memory sign signbit size trunc unpackbits
    """,
    "the grid of floating-point numbers": """
        nextafter spacing
    """,
    "constants, builders of indices, tables": """
        arange bartlett blackman broadcast_shapes c_ diag_indices diag_indices_from e empty
        empty_like euler_gamma eye fromfunction hamming hanning histogram_bin_edges identity
        index_exp indices inf ix_ kaiser mask_indices mgrid nan newaxis ogrid ones ones_like pi r_
        ravel_multi_index s_ tri tril_indices tril_indices_from triu_indices triu_indices_from
        unravel_index zeros zeros_like False_ True_
    """,
    "in place: a recorded result is a new Tensor": """
        copyto fill_diagonal place put put_along_axis putmask
    """,
    "sets: their shape depends on the values": """
        in1d intersect1d setdiff1d setxor1d trim_zeros union1d unique_all unique_counts
        unique_inverse
    """,
    "input and output, text, dates, types, settings, what runs": """
        array2string array_repr array_str asmatrix base_repr binary_repr busday_count
        busday_offset can_cast common_type datetime_as_string datetime_data einsum_path
        format_float_positional format_float_scientific from_dlpack frombuffer fromfile fromiter
        frompyfunc fromregex fromstring genfromtxt get_include get_printoptions getbufsize geterr
        geterrcall info is_busday isdtype isfortran isnat isscalar issubdtype iterable
        little_endian load loadtxt min_scalar_type mintypecode nested_iters printoptions
        promote_types result_type save savetxt savez savez_compressed ScalarType set_printoptions
        setbufsize seterr seterrcall show_config show_runtime sctypeDict test typecodes typename
    """,
    "older names of what is counted": """
        trapz
    """,
}

# Beside these, what the tests count and Tensors do not answer to.
NOT_ASKED: dict[str, str] = {
    "NumPy does not ask its arguments: Tensor(...), t.copy(), np.stack for a list": """
        array asanyarray asarray asarray_chkfinite ascontiguousarray asfortranarray bmat full
        require
    """,
    "complex results, of real numbers too": """
        linalg.eig linalg.eigvals roots sort_complex
    """,
    "an older name, which NumPy forwards": """
        row_stack
    """,
}

OF_FFT = "complex results: np.fft"


def public_names() -> dict[str, Any]:
    """The names of numpy and numpy.linalg, without modules; of linalg those that it lists."""
    names = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")}
    names |= {f"linalg.{name}": getattr(np.linalg, name) for name in np.linalg.__all__}
    return {name: o for name, o in names.items() if not isinstance(o, ModuleType)}


def reasons_of(name: str, value: Any) -> list[str]:
    """Why a name is left out; none where it is not."""
    found = [reason for reason, names in LEFT_OUT.items() if name in names.split()]
    if isinstance(value, type):
        found.append(TYPES)
    return found
