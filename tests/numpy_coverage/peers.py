"""What HIPS autograd 1.9 or MyGrad 2.5 gets right for real input, and what of it cannot be here."""

_WITHOUT_SPACES = """
    abs absolute acos arccos arcsin asin arctan atan arctanh atanh arcsinh asinh cbrt cos cosh
    deg2rad degrees exp exp2 expm1 fabs log log10 log1p log2 negative positive rad2deg radians
    reciprocal sin sinc sinh sqrt square tan tanh conj conjugate real real_if_close nan_to_num
    acosh arccosh add subtract multiply divide true_divide power pow maximum minimum fmax fmin
    hypot arctan2 atan2 logaddexp logaddexp2 mod remainder sum mean prod max amax min amin var
    std cumsum cumprod diff trace dot inner matmul outer kron tensordot einsum cross append
    array_split split vsplit dsplit atleast_1d atleast_2d atleast_3d broadcast_to clip
    column_stack hstack vstack row_stack stack concat concatenate select where array astype diag
    tril triu expand_dims fliplr flipud rot90 ravel transpose permute_dims gradient moveaxis
    swapaxes rollaxis pad partition repeat reshape roll sort squeeze tile linspace full
    linalg.cholesky linalg.det linalg.inv linalg.pinv linalg.slogdet linalg.norm linalg.eigh
    linalg.eig linalg.solve
    .T .__abs__ .__add__ .__radd__ .__sub__ .__rsub__ .__mul__ .__rmul__ .__truediv__
    .__rtruediv__ .__pow__ .__rpow__ .__mod__ .__rmod__ .__matmul__ .__rmatmul__ .__neg__
    .__pos__ .__getitem__ .__iter__ .__copy__ .__deepcopy__ .astype .clip .cumprod .cumsum
    .flatten .max .mean .min .prod .ravel .squeeze .std .sum .trace .transpose .var .repeat
    .reshape .swapaxes .__iadd__ .__isub__ .__imul__ .__itruediv__ .__ipow__ .__imod__
    .__setitem__
    sum(axis=1) sum(axis=tuple) sum(keepdims) sum(initial) sum(dtype) sum(out) mean(axis=1)
    mean(axis=tuple) mean(keepdims) mean(dtype) mean(out) prod(axis=1) prod(axis=tuple)
    prod(keepdims) prod(initial) prod(dtype) prod(out) max(axis=1) max(axis=tuple) max(keepdims)
    max(where) max(initial) max(out) min(axis=1) min(axis=tuple) min(keepdims) min(where)
    min(initial) min(out) var(axis=1) var(axis=tuple) var(keepdims) var(dtype) var(out)
    std(axis=1) std(axis=tuple) std(keepdims) std(dtype) std(out) var(ddof=1) std(ddof=1)
    clip(a_min=,a_max=) reshape(order='F') ravel(order='F') x.reshape(4,3) x.reshape(-1)
    reshape(shape=) transpose(axes=) x.transpose(2,0,1) concatenate(axis=None)
    concatenate(axis=-1) concatenate(dtype=) concatenate(out=) stack(axis=-1)
    squeeze(axis=tuple) expand_dims(axis=tuple) exp(out=) exp(where=) exp(dtype=) add(out=)
    add(where=) add(dtype=) x[int] x[...,None] x[ix_] x[list] x[True] mean()
"""

COVERED_BY_PEERS = frozenset(_WITHOUT_SPACES.split()) | {
    *(
        "clip(x, None, hi)",
        "clip(array limits)",
        "clip(differentiable limits)",
        "split(list, axis=1)",
        "matmul 1-d @ 1-d",
        "matmul 1-d @ n-d",
        "matmul n-d @ 1-d",
        "matmul batch broadcast",
        "dot n-d, m-d",
        "dot scalar",
        "x[::-1, 1:]",
        "x[bool mask]",
        "x[int array] (repeated)",
        "x[arr, arr]",
        "x[:, arr]",
        "x[-1, ...]",
        "x[mask1d, :]",
        "max ties",
    ),
}

# They bring an `np` of their own; NumPy asks a Tensor only where one of its functions was told to.
CANNOT_BE_HERE = {
    "array": "NumPy does not ask its argument; t.copy(), or np.stack for a list",
    "full": "NumPy does not ask its arguments; np.full_like, np.broadcast_to",
    "linalg.eig": "complex, as eigenvalues of a matrix that is not symmetric are; np.linalg.eigh",
    ".__setitem__": "a recorded result is a new Tensor; t = t.at[i].set(v)",
}
