"""Initializers: distributions against their closed forms, names, sizes, seeds."""

import json
import math

import numpy as np
import pytest

from autograd_nn import initializers
from autograd_nn.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    Initializer,
    LecunNormal,
    LecunUniform,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
    Zeros,
    check_size,
    get,
    serialize,
)
from autograd_nn.layers import Dense
from autograd_nn.settings import set_floatx, set_random_seed

ALL = [getattr(initializers, name) for name in initializers.__all__]
CLASSES = list(
    dict.fromkeys(made for made in ALL if isinstance(made, type) and made is not Initializer)
)
SCALED = [GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal]
RANDOM = [*SCALED, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, Orthogonal]

I, O = 300, 200  # noqa: E741 (inputs and outputs of a layer)


def normal_within(limit: float) -> float:
    """Standard deviation of a standard normal cut off at -limit and limit."""
    density = math.exp(-(limit**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * limit * density / math.erf(limit / math.sqrt(2)))


def assert_spread(values: np.ndarray, mean: float, stddev: float) -> None:
    """Mean and deviation of many draws, within five standard errors of what they should be."""
    n = values.size
    assert abs(values.mean() - mean) < 5 * stddev / math.sqrt(n)
    assert abs(values.std() / stddev - 1) < 5 / math.sqrt(2 * n)


@pytest.mark.parametrize(
    ("made", "limit"),
    [
        (GlorotUniform, math.sqrt(6 / (I + O))),
        (HeUniform, math.sqrt(6 / I)),
        (LecunUniform, math.sqrt(3 / I)),
    ],
)
def test_scaled_uniform(made: type[Initializer], limit: float) -> None:
    values = made()((I, O), "float64")
    assert np.abs(values).max() <= limit
    assert np.abs(values).max() > 0.999 * limit
    assert_spread(values, 0, limit / math.sqrt(3))


@pytest.mark.parametrize(
    ("made", "variance"),
    [(GlorotNormal, 2 / (I + O)), (HeNormal, 2 / I), (LecunNormal, 1 / I)],
)
def test_scaled_normal(made: type[Initializer], variance: float) -> None:
    values = made()((I, O), "float64")
    widened = math.sqrt(variance) / normal_within(2)
    assert np.abs(values).max() <= 2 * widened
    assert np.abs(values).max() > 1.99 * widened
    assert_spread(values, 0, math.sqrt(variance))


def test_truncated_normal() -> None:
    values = TruncatedNormal(mean=1.0, stddev=0.5)((I, O), "float64")
    assert values.min() >= 0
    assert values.max() <= 2
    assert_spread(values, 1.0, 0.5 * normal_within(2))


def test_truncated_normal_has_the_density_of_a_normal_between_its_ends() -> None:
    values = TruncatedNormal(stddev=1.0)((I, O), "float64")
    expected = math.erf(1 / math.sqrt(2)) / math.erf(2 / math.sqrt(2))
    assert abs((np.abs(values) < 1).mean() - expected) < 5 * 0.5 / math.sqrt(values.size)


def test_random_normal_and_uniform() -> None:
    assert_spread(RandomNormal(mean=-2, stddev=3)((I, O), "float64"), -2, 3)
    values = RandomUniform(minval=1, maxval=5)((I, O), "float64")
    assert (values >= 1).all()
    assert (values <= 5).all()
    assert_spread(values, 3, 4 / math.sqrt(12))


@pytest.mark.parametrize("distribution", ["truncated_normal", "untruncated_normal", "uniform"])
@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 300), ("fan_out", 200), ("fan_avg", 250)])
def test_variance_scaling(distribution: str, mode: str, fan: int) -> None:
    values = VarianceScaling(0.5, mode, distribution)((I, O), "float64")
    assert_spread(values, 0, math.sqrt(0.5 / fan))


@pytest.mark.parametrize(
    ("shape", "fan_in", "fan_out"),
    [((), 1, 1), ((7,), 7, 7), ((4, 6), 4, 6), ((3, 4, 6), 12, 18), ((5, 3, 4, 6), 60, 90)],
)
def test_fans_of_any_rank(shape: tuple[int, ...], fan_in: int, fan_out: int) -> None:
    # One draw of U(-1, 1) times the limit: the ratio of two initializers tells the fans.
    plain = RandomUniform(-1, 1, seed=5)(shape, "float64")
    for mode, fan in (
        ("fan_in", fan_in),
        ("fan_out", fan_out),
        ("fan_avg", (fan_in + fan_out) / 2),
    ):
        scaled = VarianceScaling(1.0, mode, "uniform", seed=5)(shape, "float64")
        np.testing.assert_allclose(scaled, plain * math.sqrt(3 / fan), rtol=1e-9, atol=1e-12)


def test_fans_of_named_axes() -> None:
    # A kernel (heads, inputs, width): fan_in 5, fan_out 2·3.
    given = {"input_axes": [1], "output_axes": [0, -1]}
    plain = RandomUniform(-1, 1, seed=5)((2, 5, 3), "float64")
    drawn = GlorotUniform(seed=5, **given)((2, 5, 3), "float64")
    np.testing.assert_allclose(drawn, plain * math.sqrt(6 / (5 + 6)), rtol=1e-9)
    assert get(serialize(GlorotUniform(seed=5, **given))).get_config() == {"seed": 5, **given}
    with pytest.raises(ValueError, match=r"no axis 3 in a weight of shape \(2, 5\)"):
        HeNormal(input_axes=[3], output_axes=[0])((2, 5))
    with pytest.raises(ValueError, match="together"):
        HeNormal(input_axes=[0])
    with pytest.raises(TypeError, match="`output_axes`"):
        HeNormal(input_axes=[0], output_axes=["a"])


def test_constants_along_the_last_axes() -> None:
    made = Constant([1.0, 2.0])
    assert made((2, 2)).tolist() == [[1, 2], [1, 2]]
    assert get(serialize(made))((1, 2)).tolist() == [[1, 2]]
    with pytest.raises(ValueError, match=r"\(2,\).*\(2, 3\)"):
        made((2, 3))
    with pytest.raises(TypeError, match="`value`"):
        Constant([1.0, math.nan])


def test_keras_s_other_names() -> None:
    assert initializers.OrthogonalInitializer is initializers.orthogonal is Orthogonal
    assert type(get("IdentityInitializer")) is Identity
    assert type(get({"module": "keras", "class_name": "Zeros", "config": {}})) is Zeros
    own = type("Own", (Ones,), {})
    assert type(initializers.deserialize({"class_name": "Own", "config": {}}, {"Own": own})) is own


def test_zeros_ones_constant() -> None:
    assert np.array_equal(Zeros()((2, 3)), np.zeros((2, 3)))
    assert np.array_equal(Ones()((4,)), [1, 1, 1, 1])
    assert np.array_equal(Constant(0.25)((2, 1)), [[0.25], [0.25]])
    assert np.array_equal(Zeros()((2,), dtype="int32"), np.zeros(2, dtype="int32"))


def test_identity() -> None:
    assert np.array_equal(Identity(gain=2)((2, 3)), [[2, 0, 0], [0, 2, 0]])
    with pytest.raises(ValueError, match=r"\(2, 2, 3\)"):
        Identity()((2, 2, 3))


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 3, 4), (2, 3, 8)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    w = Orthogonal(gain=2.0)(shape, "float64").reshape(-1, shape[-1])
    product = w.T @ w if w.shape[0] >= w.shape[1] else w @ w.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-12)


def test_orthogonal_is_turned_by_chance_in_every_direction() -> None:
    rotations = [Orthogonal(seed=seed)((2, 2), "float64") for seed in range(400)]
    for corner in ((0, 0), (0, 1), (1, 0), (1, 1)):
        positive = sum(w[corner] > 0 for w in rotations)
        assert 150 < positive < 250


def test_orthogonal_needs_two_axes() -> None:
    with pytest.raises(ValueError, match=r"two axes.*\(3,\)"):
        Orthogonal()((3,))


@pytest.mark.parametrize("made", CLASSES)
def test_dtype_is_floatx_unless_named(made: type[Initializer]) -> None:
    assert made()((3, 2)).dtype == np.float32
    assert made()((3, 2), "float64").dtype == np.float64
    assert made()((3, 2), dtype=np.dtype("float16")).dtype == np.float16
    set_floatx("float64")
    try:
        assert made()((3, 2)).dtype == np.float64
    finally:
        set_floatx("float32")


@pytest.mark.parametrize("made", CLASSES)
def test_empty_shapes(made: type[Initializer]) -> None:
    assert made()((0, 3)).shape == (0, 3)


@pytest.mark.parametrize("made", RANDOM)
def test_with_a_seed_every_call_gives_the_same(made: type[Initializer]) -> None:
    initializer = made(seed=3)
    first = initializer((5, 4))
    assert np.array_equal(first, initializer((5, 4)))
    assert np.array_equal(first, made(seed=3)((5, 4)))
    assert not np.array_equal(first, made(seed=4)((5, 4)))
    np.testing.assert_allclose(first, initializer((5, 4), "float64"), rtol=1e-6)


@pytest.mark.parametrize("made", RANDOM)
def test_without_a_seed_the_seed_of_the_process_rules(made: type[Initializer]) -> None:
    initializer = made()
    set_random_seed(1)
    first, second = initializer((5, 4)), initializer((5, 4))
    assert not np.array_equal(first, second)
    set_random_seed(1)
    assert np.array_equal(first, initializer((5, 4)))


@pytest.mark.parametrize("made", CLASSES)
def test_names(made: type[Initializer]) -> None:
    assert type(get(made.__name__)) is made
    snake = "".join("_" + c.lower() if c.isupper() else c for c in made.__name__).lstrip("_")
    assert type(get(snake)) is made
    assert type(get(made)) is made


def test_short_names() -> None:
    assert type(get("normal")) is RandomNormal
    assert type(get("uniform")) is RandomUniform
    assert type(get("zero")) is Zeros
    assert type(get("one")) is Ones


@pytest.mark.parametrize(
    ("typo", "meant"),
    [("glorott_uniform", "glorot_uniform"), ("he_norml", "he_normal"), ("zeross", "zeros")],
)
def test_a_typo_is_answered_with_the_nearest_name(typo: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"'{typo}'.*Did you mean '{meant}'"):
        get(typo)


def test_an_instance_stays_what_it_is() -> None:
    instance = HeNormal(seed=1)
    assert get(instance) is instance


def test_an_array_is_copied_and_its_shape_checked() -> None:
    given = np.arange(6.0).reshape(2, 3)
    initializer = get(given)
    given[0, 0] = 99
    assert np.array_equal(initializer((2, 3)), [[0, 1, 2], [3, 4, 5]])
    assert initializer((2, 3)).dtype == np.float32
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(3, 2\)"):
        initializer((3, 2))


def test_a_function_is_called_with_shape_and_dtype() -> None:
    def halves(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        assert dtype == np.float32
        return np.full(shape, 0.5, dtype)

    assert np.array_equal(get(halves)((2, 2)), [[0.5, 0.5], [0.5, 0.5]])
    assert np.array_equal(get(np.ones)((2,)), [1, 1])
    with pytest.raises(ValueError, match=r"wrong has shape \(1,\).*\(2, 2\)"):

        def wrong(shape: tuple[int, ...], dtype: np.dtype) -> list[float]:
            return [1.0]

        get(wrong)((2, 2))


@pytest.mark.parametrize("identifier", [None, 3, 0.5, [1.0, 2.0], np.array(["a"]), {"a": 1}])
def test_what_no_initializer_can_be_made_of(identifier: object) -> None:
    with pytest.raises(TypeError, match="initializer must be"):
        get(identifier)


@pytest.mark.parametrize("made", CLASSES)
def test_config_makes_an_equal_initializer(made: type[Initializer]) -> None:
    initializer = made(seed=2) if made in RANDOM else made()
    for again in (made.from_config(initializer.get_config()), get(serialize(initializer))):
        assert type(again) is made
        assert np.array_equal(again((3, 2)), initializer((3, 2)))


def test_configs_hold_keras_names() -> None:
    axes = {"input_axes": None, "output_axes": None}
    assert HeNormal(seed=1).get_config() == {"seed": 1, **axes}
    assert Constant(2).get_config() == {"value": 2}
    assert RandomNormal().get_config() == {"mean": 0.0, "stddev": 0.05, "seed": None}
    assert RandomUniform().get_config() == {"minval": -0.05, "maxval": 0.05, "seed": None}
    assert VarianceScaling().get_config() == {
        "scale": 1.0,
        "mode": "fan_in",
        "distribution": "truncated_normal",
        "seed": None,
        **axes,
    }


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: RandomNormal(stddev=-1), ValueError, "`stddev`.*-1"),
        (lambda: RandomNormal(std=1), TypeError, "`std`.*Did you mean 'stddev'"),
        (lambda: RandomNormal(mean=math.nan), ValueError, "`mean`.*nan"),
        (lambda: TruncatedNormal(stddev="1"), TypeError, "`stddev`.*'1'"),
        (lambda: RandomUniform(1, 0), ValueError, "`minval`.*minval=1.*maxval=0"),
        (lambda: VarianceScaling(scale=0), ValueError, "`scale`.*0"),
        (lambda: VarianceScaling(mode="fan_inn"), ValueError, "`mode`.*Did you mean 'fan_in'"),
        (lambda: VarianceScaling(distribution="gauss"), ValueError, "`distribution`.*uniform"),
        (lambda: GlorotUniform(seed=-1), ValueError, "`seed`.*-1"),
        (lambda: GlorotUniform(seed=1.5), TypeError, "`seed`.*1.5"),
        (lambda: Constant("a"), TypeError, "`value`.*'a'"),
        (lambda: GlorotUniform()((2, 2), "int32"), ValueError, "floating.*'int32'"),
        (lambda: Zeros()((2, 2), "float33"), TypeError, "`dtype`.*'float33'"),
        (lambda: Zeros()((2, 2), "complex64"), ValueError, "`dtype`.*'complex64'"),
        (lambda: Zeros()((2, -1)), ValueError, r"negative.*\(2, -1\)"),
        (lambda: Zeros()((2, None)), TypeError, r"\(2, None\)"),
        (lambda: Zeros()((2, 2.5)), TypeError, r"\(2, 2.5\)"),
    ],
)
def test_wrong_arguments(wrong, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        wrong()


def test_absurd_sizes_are_refused_before_allocating() -> None:
    # 10**18 float32 values are 4 * 10**18 bytes = 3,637,978.8 TiB.
    with pytest.raises(ValueError, match=r"\(1000000, 1000000000000\).*3,637,978.8 TiB"):
        check_size((10**6, 10**12), "float32")
    with pytest.raises(ValueError, match=r"\(65536, 32769\).*8.0 GiB"):
        GlorotUniform()((2**16, 2**15 + 1))
    assert check_size((2**16, 2**15), "float32") == (2**16, 2**15)


def test_a_number_is_a_shape_of_one_axis() -> None:
    assert Zeros()(3).shape == (3,)
    assert check_size(np.int64(3), "float32") == (3,)


def test_one_s_own_class() -> None:
    class Ramp(Initializer):
        def __init__(self, start: float = 0.0) -> None:
            self.start = start

        def values(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
            return np.arange(self.start, self.start + math.prod(shape), dtype=dtype).reshape(shape)

    assert np.array_equal(get(Ramp(2.0))((2, 2)), [[2, 3], [4, 5]])
    assert repr(Ramp(2.0)) == "Ramp(start=2.0)"


def test_one_s_own_class_as_it_is_written_for_keras() -> None:
    class Halves(Initializer):
        def __call__(self, shape, dtype=None, **others):
            return np.full(shape, 0.5)

    layer = Dense(2, kernel_initializer=Halves())
    layer.build((None, 3))
    assert layer.kernel.numpy().tolist() == [[0.5, 0.5]] * 3
    assert layer.kernel.dtype == np.float32


def test_an_own_class_that_says_nothing() -> None:
    class Empty(Initializer):
        pass

    with pytest.raises(RuntimeError, match=r"Empty does not say.*values"):
        get(Empty())((2, 2))


def test_an_array_as_initializer_has_a_config() -> None:
    config = initializers.serialize(initializers.get(np.array([[1.0, 2.0]])))
    twin = initializers.get(json.loads(json.dumps(config)))
    assert twin((1, 2)).tolist() == [[1.0, 2.0]]
