"""The handwritten digits: facts that their publishers state, the split, wrong classes."""

import runpy
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autograd_nn import datasets
from autograd_nn.datasets import load_digits

# Images per digit of the testing part, as its description in the UCI repository lists them.
IMAGES = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]

# digits.images[0] as scikit-learn's documentation prints it.
FIRST_ZERO = [
    [0, 0, 5, 13, 9, 1, 0, 0],
    [0, 0, 13, 15, 10, 15, 5, 0],
    [0, 3, 15, 2, 0, 11, 8, 0],
    [0, 4, 12, 0, 0, 8, 8, 0],
    [0, 5, 8, 0, 0, 9, 8, 0],
    [0, 4, 11, 0, 1, 12, 7, 0],
    [0, 2, 14, 5, 10, 12, 0, 0],
    [0, 0, 6, 13, 10, 0, 0, 0],
]


def test_shapes_and_dtypes() -> None:
    (x_train, y_train), (x_test, y_test) = load_digits()
    assert (x_train.shape, x_test.shape) == ((1437, 64), (360, 64))
    assert (y_train.shape, y_test.shape) == ((1437,), (360,))
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64


def test_images_per_digit() -> None:
    (_, y_train), (_, y_test) = load_digits()
    assert np.array_equal(np.bincount(y_train) + np.bincount(y_test), IMAGES)
    assert np.abs(np.bincount(y_test) - np.array(IMAGES) / 5).max() < 1


def test_pixels_are_sixteenths() -> None:
    (x_train, _), (x_test, _) = load_digits()
    x = np.concatenate([x_train, x_test])
    assert (x.min(), x.max()) == (0, 1)
    assert np.array_equal(x * 16, np.round(x * 16))


def test_the_first_zero_of_the_source_is_the_first_test_image() -> None:
    _, (x_test, y_test) = load_digits()
    assert y_test[0] == 0
    assert np.array_equal(x_test[0].reshape(8, 8) * 16, FIRST_ZERO)


def test_some_digits_only() -> None:
    (x_train, y_train), (x_test, y_test) = load_digits(classes=(0, 1))
    assert len(x_train) + len(x_test) == 178 + 182
    assert set(y_train) == set(y_test) == {0, 1}
    (x_all, y_all), _ = load_digits()
    assert np.array_equal(x_train, x_all[y_all <= 1])


def test_order_and_kind_of_classes_do_not_matter() -> None:
    (expected, _), _ = load_digits(classes=(3, 8))
    for classes in ([8, 3], {3, 8}, np.array([3, 8]), (digit for digit in (3, 8))):
        (x_train, y_train), _ = load_digits(classes)
        assert np.array_equal(x_train, expected)
        assert set(y_train) == {3, 8}


def test_what_a_user_changes_is_theirs() -> None:
    (x_train, y_train), _ = load_digits()
    x_train[:] = 7
    y_train[:] = 7
    (again, labels), _ = load_digits()
    assert again.max() == 1
    assert set(labels) == set(range(10))


@pytest.mark.parametrize(
    ("classes", "error", "message"),
    [
        ((0, 10), ValueError, "`classes`.*10"),
        ((-1, 1), ValueError, "`classes`.*-1"),
        ((), ValueError, "`classes` is empty"),
        ((1, 1), ValueError, "twice"),
        (3, TypeError, "`classes`.*3 of type int"),
        ("01", TypeError, "`classes`.*'01'"),
        ((0.5, 1), TypeError, "`classes`.*0.5"),
        ((True, False), TypeError, "`classes`.*True"),
    ],
)
def test_wrong_classes(classes: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        load_digits(classes)


def test_the_file_is_small_and_credits_its_makers() -> None:
    folder = Path(datasets.__file__).parent
    assert (folder / "digits.npz").stat().st_size < 50_000
    assert sorted(zipfile.ZipFile(folder / "digits.npz").namelist()) == ["images.npy", "labels.npy"]
    for text in ((folder / "digits.txt").read_text("utf-8"), load_digits.__doc__):
        for part in ("Alpaydin", "Kaynak", "1998", "10.24432/C50P49", "CC BY 4.0"):
            assert part in text


@pytest.mark.peers
def test_the_file_is_what_the_script_makes() -> None:
    script = runpy.run_path(str(Path(__file__).with_name("make_digits.py")))
    (x_train, y_train), (x_test, y_test) = load_digits()
    made = script["stored_digits"]()
    assert np.array_equal(np.concatenate([x_train, x_test]) * 16, made["images"])
    assert np.array_equal(np.concatenate([y_train, y_test]), made["labels"])
