"""Make autograd_nn/datasets/digits.npz from scikit-learn's copy of the digits.

    python tests/datasets/make_digits.py autograd_nn/datasets/digits.npz

Sorted by digit (equal digits in the order of the source), every fifth image from the first on is
for testing. Stored are the 1,437 training images, then the 360 test images, either in the order of
the source.
"""

import sys

import numpy as np


def stored_digits() -> dict[str, np.ndarray]:
    """The arrays of the file, by name."""
    from sklearn.datasets import load_digits

    source = load_digits()
    for_testing = np.zeros(len(source.target), dtype=bool)
    for_testing[np.argsort(source.target, kind="stable")[::5]] = True
    order = np.concatenate([np.flatnonzero(~for_testing), np.flatnonzero(for_testing)])
    return {
        "images": source.data[order].astype(np.uint8),
        "labels": source.target[order].astype(np.uint8),
    }


if __name__ == "__main__":
    np.savez_compressed(sys.argv[1], **stored_digits())
