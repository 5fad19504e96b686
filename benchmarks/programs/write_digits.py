"""python write_digits.py DIGITS.npz: the digits 0 and 1, float32, X (360, 64) and Y (360, 1)."""

import sys

import numpy as np

from autograd_nn.datasets import load_digits

train, test = load_digits(classes=(0, 1))
x, labels = (np.concatenate(arrays) for arrays in zip(train, test, strict=True))
np.savez(sys.argv[1], X=x, Y=labels.reshape(-1, 1).astype(np.float32))
