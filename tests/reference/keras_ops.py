"""``keras.ops`` of real Keras: what each call of CASES gives, the numbers of keras_ops.json."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.reference.shortest import numbers

rng = np.random.default_rng(4)
NAMES: dict[str, Any] = {
    "x": np.round(rng.uniform(0.2, 1.8, (3, 4)), 2).astype(np.float32),
    "z": np.round(rng.uniform(-1.5, 1.5, (3, 4)), 2).astype(np.float32),
    "v": np.array([0.5, -1.25, 2.0, 0.75], np.float32),
    "m": np.array([[3.0, 0.5, 0.2], [0.5, 2.0, -0.3], [0.2, -0.3, 1.5]], np.float32),
    "n": np.array([[2, 0, 1, 3], [1, 1, 4, 2], [0, 5, 2, 2]], np.int32),
    "labels": np.array([2, 0, 3], np.int32),
    "rows": np.round(rng.normal(size=(2, 6, 2)), 2).astype(np.float32),
    "pictures": np.round(rng.normal(size=(2, 4, 4, 4)), 2).astype(np.float32),
    "kernel": np.round(rng.normal(size=(2, 2, 4, 3)), 2).astype(np.float32),
    "heads": np.round(rng.normal(size=(2, 3, 2, 4)), 2).astype(np.float32),
    "true": True,
    "np": np,
}
# Functions of one array, or of two, by the name alone.
OF_ONE = """
    abs absolute all amax amin any arccos arccosh arcsin arcsinh arctan arctanh argmax argmin
    argsort average cbrt ceil celu copy corrcoef cos cosh count_nonzero cumprod cumsum deg2rad
    diag diagonal diff elu erf erfc exp exp2 expm1 fabs flip fliplr flipud floor gelu glu
    hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh identity i0 isfinite isinf isnan
    isneginf isposinf isreal leaky_relu log log10 log1p log2 log_sigmoid log_softmax logical_not
    logsumexp max mean median min nan_to_num nanargmax nanargmin nancumprod nancumsum nanmax
    nanmean nanmedian nanmin nanprod nanstd nansum nanvar ndim negative ones_like prod ptp
    rad2deg ravel real reciprocal relu relu6 rot90 rsqrt selu sigmoid sign signbit silu sin sinc
    sinh size soft_shrink softmax softplus softsign sort sparse_plus sparse_sigmoid sqrt square
    squareplus std stop_gradient sum swish tan tanh tanh_shrink trace transpose tril triu trunc
    unstack var zeros_like
"""
OF_TWO = """
    add allclose arctan2 divide divide_no_nan equal floor_divide fmax fmin fmod greater
    greater_equal hypot inner isclose less less_equal logaddexp logaddexp2 logical_and logical_or
    logical_xor maximum minimum mod multiply not_equal outer power subtract true_divide vdot append
    heaviside nextafter cdist
"""
CALLS = """
argpartition(v, 2)[2]
array([1.0, 2.0])
arange(4)
array_split(v, 2)
associative_scan(lambda a, b: a * b, x)
average(x, axis=1)
average_pool(pictures, 2, 2)
average_pool(rows, 3, 2, 'same')
adaptive_max_pool(rows, 4)
adaptive_average_pool(pictures, (2, 3))
bartlett(5)
blackman(5)
hamming(5)
hanning(5)
kaiser(5, 2.0)
bincount(labels)
batch_normalization(x, v, v * v, -1, v, v + 1)
batch_normalization(x, x[:, 0], x[:, 1], 0)
binary_crossentropy([1.0, 0.0], [0.75, 0.5])
binary_crossentropy([1.0, 0.0], v[:2], from_logits=True)
categorical_crossentropy([[0.0, 1.0]], [[0.25, 0.75]])
categorical_crossentropy([[0.0, 1.0]], [[0.25, 0.75]], from_logits=True)
sparse_categorical_crossentropy([1], [[0.25, 0.75]])
sparse_categorical_crossentropy(labels, z, from_logits=True)
bitwise_and(n, 3)
bitwise_or(n, 4)
bitwise_xor(n, 5)
bitwise_not(n)
bitwise_invert(n)
bitwise_left_shift(n, 1)
bitwise_right_shift(n, 1)
left_shift(n, 1)
right_shift(n, 1)
broadcast_to(v, (2, 4))
cast(x, 'int32')
cholesky(m)
cholesky_inverse(m * np.tri(3, dtype='float32'))
clip(z, -0.5, 0.5)
concatenate([x, z], axis=1)
cond(true, lambda: v, lambda: -v)
angle(v)
conj(v)
imag(v)
conjugate(v)
histogram(v)
conv(pictures, kernel)
conv(pictures, kernel, 2, 'same')
conv(pictures, kernel[:, :, :2, :2], dilation_rate=2)
conv(rows, kernel[0, :, :2], padding='same')
conv(pictures, kernel, data_format='channels_first')
conv_transpose(pictures, kernel.swapaxes(2, 3), 2)
conv_transpose(rows, kernel[0, :, :2].swapaxes(1, 2), 2, 'same')
depthwise_conv(pictures, kernel[..., :2])
separable_conv(pictures, kernel[..., :1], kernel[:1, :1])
convert_to_numpy(x)
convert_to_tensor(x)
correlate(v, v[:2])
cross(x[:, :3], z[:, :3])
depth_to_space(pictures, 2)
space_to_depth(pictures, 2)
space_to_depth(pictures, 2, 'channels_first')
det(m)
diagflat(v)
diff(x, axis=0)
digitize(v, [0.0, 1.0])
dot(x, v)
dot_product_attention(heads, heads, heads)
dot_product_attention(heads, heads, heads, is_causal=True, scale=0.5)
dot_product_attention(heads, heads, heads, mask=np.tri(3, dtype=bool)[None, None])
dsplit(heads, 2)
dstack([x, z])
eigh(m)[0]
einsum('ij,kj->ik', x, z)
empty((2, 0))
expand_dims(v, 0)
extract_sequences(x, 2, 1)
eye(3, 4, 1)
fori_loop(0, 3, lambda i, v: v * 2 + i, v)
full((2, 2), 0.5)
full_like(x, 2.0)
gcd(n, 4)
lcm(n, 3)
geomspace(1.0, 8.0, 4)
get_item(x, (slice(None), 1))
hsplit(x, 2)
hstack([x, z])
vsplit(heads, 2)
vstack([x, z])
in_top_k(labels, z, 2)
inv(m)
isin(n, [0, 2])
jvp(lambda a: a * a, (v,), (v,))
kron(v, v[:2])
layer_normalization(x)
layer_normalization(x, v, v, epsilon=0.5)
ldexp(v, 2)
linspace(0.0, 1.0, 5)
logdet(m)
logspace(0.0, 1.0, 3)
lstsq(m, v[:3])
map(lambda row: row.sum(), x)
matmul(x, z.T)
matrix_rank(m)
max_pool(pictures, 2, 2)
max_pool(rows, 3, 2, 'same')
meshgrid(v, v[:2])
moments(x, [1])
moments(x, 0, keepdims=True)
moveaxis(heads, 0, 2)
multi_hot(n, 6)
multi_hot(labels, 4)
nanpercentile(x, 25.0)
nanquantile(x, 0.25)
nonzero(n)
norm(x)
norm(x, axis=1)
norm(m, 'fro')
normalize(x)
one_hot(labels, 4)
one_hot(labels, 4, axis=0)
ones((2, 2))
pad(v, [[1, 2]])
pad(v, [[1, 2]], 'reflect')
percentile(x, 25.0)
pinv(m)
qr(m)[1]
quantile(x, 0.25)
repeat(v, 2)
reshape(x, (4, 3))
rms_normalization(x)
rms_normalization(x, v, epsilon=0.5)
roll(v, 1)
round(x, 1)
saturate_cast(x * 300, 'uint8')
scan(lambda c, a: (c + a, c * a), v, x)
scan(lambda c, a: (c + a, c * a), v, x, reverse=True)
scatter(np.array([[1], [1]]), np.float32([2.0, 3.0]), (3,))
scatter_update(v, [[1], [3]], [2.0, 3.0])
searchsorted([0.0, 1.0, 2.0], v)
segment_max(x, np.array([0, 0, 1]), 3)
segment_min(x, np.array([0, 0, 1]), 2)
segment_prod(x, np.array([0, 0, 1]), 3)
segment_sum(x, np.array([1, 0, 1]), 3)
select([x < 0.5, x < 1], [x, z], 7.0)
shape(x)
slice(x, (1, 1), (2, 2))
slice_update(x, (1, 1), z[:2, :2])
slogdet(m)
solve(m, v[:3])
solve_triangular(m, v[:3, None], lower=True)
solve_triangular(m, v[:3, None])
split(v, 2)
squeeze(v[None])
stack([x, z], axis=1)
svd(m)[1]
swapaxes(heads, 1, 2)
switch(1, [lambda: v, lambda: -v])
take(x, [2, 0], axis=1)
take_along_axis(x, n % 4, axis=1)
tensordot(x, z, axes=[[0, 1], [0, 1]])
tile(v, 2)
top_k(x, 2)
trapezoid(v)
tri(3)
unique(n)
unravel_index(labels, (2, 2))
vander(v)
vectorized_map(lambda row: row * 2, x)
ndim(v)
where(x > 1, x, z)
while_loop(lambda v: v[0] < 3, lambda v: (v * 2,), (v,))
zeros((2, 2))
unstack(x, axis=1)
psnr(x, z, 2.0)
threshold(z, 0.5, 0.1)
argmax(z, axis=1)
sum(x, axis=[0, 1])
cumsum(x, axis=1)
all(x > 0.5, axis=0)
sort(z, axis=0)
nn.relu(z)
linalg.det(m)
numpy.mean(x)
dtype(v)
"""
# Those of Keras 3.15.
NAMES_OF_KERAS = """
    abs absolute adaptive_average_pool adaptive_max_pool add all allclose amax amin angle any
    append arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin
    argpartition argsort array array_split associative_scan average average_pool bartlett
    batch_normalization binary_crossentropy bincount bitwise_and bitwise_invert
    bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor blackman
    broadcast_to cast categorical_crossentropy cbrt cdist ceil celu cholesky cholesky_inverse
    clip concatenate cond conj conjugate conv conv_transpose convert_to_numpy convert_to_tensor
    copy corrcoef correlate cos cosh count_nonzero cross ctc_decode ctc_loss cumprod cumsum
    custom_gradient deg2rad depth_to_space depthwise_conv det diag diagflat diagonal diff
    digitize divide divide_no_nan dot dot_product_attention dsplit dstack dtype eig eigh einsum
    elu empty empty_like equal erf erfc erfinv exp exp2 expand_dims expm1 extract_sequences eye
    fabs fft fft2 flip fliplr flipud floor floor_divide fmax fmin fmod fold fori_loop full
    full_like gcd gelu geomspace get_item glu greater greater_equal hamming hanning hard_shrink
    hard_sigmoid hard_silu hard_swish hard_tanh heaviside histogram hsplit hstack hypot i0
    identity ifft2 imag image in_top_k inner inv irfft is_tensor isclose isfinite isin isinf
    isnan isneginf isposinf isreal istft jvp kaiser kron layer_normalization lcm ldexp
    leaky_relu left_shift less less_equal linalg linspace log log10 log1p log2 log_sigmoid
    log_softmax logaddexp logaddexp2 logdet logical_and logical_not logical_or logical_xor
    logspace logsumexp lstsq lu_factor map matmul matrix_rank max max_pool maximum mean median
    meshgrid min minimum mod moments moveaxis multi_hot multiply nan_to_num nanargmax nanargmin
    nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile
    nanstd nansum nanvar ndim negative nextafter nn nonzero norm normalize not_equal numpy
    one_hot ones ones_like outer pad percentile pinv polar power prod psnr ptp qr quantile
    rad2deg ravel real rearrange reciprocal relu relu6 repeat reshape rfft right_shift
    rms_normalization roll rot90 round rsqrt saturate_cast scan scatter scatter_update
    searchsorted segment_max segment_min segment_prod segment_sum select selu separable_conv
    shape sigmoid sign signbit silu sin sinc sinh size slice slice_update slogdet soft_shrink
    softmax softplus softsign solve solve_triangular sort space_to_depth
    sparse_categorical_crossentropy sparse_plus sparse_sigmoid sparsemax split sqrt square
    squareplus squeeze stack std stft stop_gradient subtract sum svd swapaxes swish switch take
    take_along_axis tan tanh tanh_shrink tensordot threshold tile top_k trace transpose
    trapezoid tri tril triu true_divide trunc unfold unique unravel_index unstack vander var
    vdot vectorize vectorized_map view view_as_complex view_as_real vsplit vstack where
    while_loop zeros zeros_like
"""


def calls() -> list[str]:
    """All of them as text."""
    one = [
        f"{name}({'x' if name not in ('identity', 'hamming') else 3})" for name in OF_ONE.split()
    ]
    two = [f"{name}(x, z)" for name in OF_TWO.split()]
    return [*one, *two, *CALLS.strip().splitlines()]


def result(call: str, ops: Any) -> list[Any]:
    """What a call gives, as a list of plain arrays."""
    found = eval(f"ops.{call}", {"ops": ops, **NAMES})
    return [np.asarray(part) for part in leaves(found)]


def leaves(found: Any) -> list[Any]:
    """The arrays in lists and tuples."""
    if isinstance(found, (list, tuple)) and not all(isinstance(n, int) for n in found):
        return [x for part in found for x in leaves(part)]
    return [found.numpy() if hasattr(found, "numpy") else found]


def record() -> dict[str, Any]:
    """For each call its arrays."""
    import keras

    return {
        call: [part.tolist() if part.dtype.kind in "USO" else numbers(part) for part in found]
        for call in calls()
        for found in [result(call, keras.ops)]
    }


if __name__ == "__main__":
    import os
    import sys
    from importlib.metadata import version
    from pathlib import Path

    from tests.reference.writing import write

    os.environ["KERAS_BACKEND"] = "jax"
    told = {name: version(name) for name in ("keras", "jax", "numpy")}
    write(Path(sys.argv[1]) / "keras_ops.json", {"versions": told, "calls": record()})
