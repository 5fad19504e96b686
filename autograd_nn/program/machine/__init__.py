"""Programs as machine code, by Numba."""
