"""Levenberg–Marquardt with `jacobian`: the certified fits of NIST's reference data.

`nist_strd.json` has the 27 nonlinear problems of the Statistical Reference Datasets with the two
starting points of each. The certified values were found in 128-bit arithmetic.
"""

import json
from pathlib import Path

import numpy as np

from autograd_nn import jacobian

PROBLEMS = json.loads(Path(__file__).with_name("nist_strd.json").read_text(encoding="utf-8"))
PROBLEMS.pop("source")


def gauss(b, x):
    return (
        b[0] * np.exp(-b[1] * x)
        + b[2] * np.exp(-((x - b[3]) ** 2) / b[4] ** 2)
        + b[5] * np.exp(-((x - b[6]) ** 2) / b[7] ** 2)
    )


def lanczos(b, x):
    return b[0] * np.exp(-b[1] * x) + b[2] * np.exp(-b[3] * x) + b[4] * np.exp(-b[5] * x)


def chwirut(b, x):
    return np.exp(-b[0] * x) / (b[1] + b[2] * x)


def cubics(b, x):
    return np.polyval(b[3::-1], x) / (1 + x * np.polyval(b[:3:-1], x))


def enso(b, x):
    x = 2 * np.pi * x
    return (
        b[0]
        + (b[1] * np.cos(x / 12) + b[2] * np.sin(x / 12))
        + (b[4] * np.cos(x / b[3]) + b[5] * np.sin(x / b[3]))
        + (b[7] * np.cos(x / b[6]) + b[8] * np.sin(x / b[6]))
    )


MODELS = {
    "Bennett5": lambda b, x: b[0] * (b[1] + x) ** (-1 / b[2]),
    "BoxBOD": lambda b, x: b[0] * (1 - np.exp(-b[1] * x)),
    "Chwirut1": chwirut,
    "Chwirut2": chwirut,
    "DanWood": lambda b, x: b[0] * x ** b[1],
    "Eckerle4": lambda b, x: b[0] / b[1] * np.exp(-0.5 * ((x - b[2]) / b[1]) ** 2),
    "ENSO": enso,
    "Gauss1": gauss,
    "Gauss2": gauss,
    "Gauss3": gauss,
    "Hahn1": cubics,
    "Kirby2": lambda b, x: (b[0] + b[1] * x + b[2] * x**2) / (1 + b[3] * x + b[4] * x**2),
    "Lanczos1": lanczos,
    "Lanczos2": lanczos,
    "Lanczos3": lanczos,
    "MGH09": lambda b, x: b[0] * (x**2 + x * b[1]) / (x**2 + x * b[2] + b[3]),
    "MGH10": lambda b, x: b[0] * np.exp(b[1] / (x + b[2])),
    "MGH17": lambda b, x: b[0] + b[1] * np.exp(-x * b[3]) + b[2] * np.exp(-x * b[4]),
    "Misra1a": lambda b, x: b[0] * (1 - np.exp(-b[1] * x)),
    "Misra1b": lambda b, x: b[0] * (1 - (1 + b[1] * x / 2) ** -2),
    "Misra1c": lambda b, x: b[0] * (1 - (1 + 2 * b[1] * x) ** -0.5),
    "Misra1d": lambda b, x: b[0] * b[1] * x / (1 + b[1] * x),
    "Nelson": lambda b, x1, x2: b[0] - b[1] * x1 * np.exp(-b[2] * x2),
    "Rat42": lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)),
    "Rat43": lambda b, x: b[0] / (1 + np.exp(b[1] - b[2] * x)) ** (1 / b[3]),
    "Roszman1": lambda b, x: b[0] - b[1] * x - np.arctan(b[2] / (x - b[3])) / np.pi,
    "Thurber": cubics,
}


def residuals_of(name):
    """The function of the parameters whose squares are to be as small as possible."""
    y = np.array(PROBLEMS[name]["y"])
    xs = [np.array(x) for x in PROBLEMS[name]["x"]]
    y = np.log(y) if name == "Nelson" else y
    return lambda b: MODELS[name](b, *xs) - y


def levenberg_marquardt(residuals, b, damping, steps=1000):
    """Least squares: steps that solve (JᵀJ + λD²)·δ = −Jᵀr, with D the lengths of J's columns."""
    derivatives = jacobian(residuals)
    r, scale = residuals(b), 0.0
    for _ in range(steps):
        j = derivatives(b)
        scale = np.maximum(scale, np.linalg.norm(j, axis=0))
        while damping < 1e20:
            rows = np.vstack([j, np.diag(np.sqrt(damping) * scale)])
            step = np.linalg.lstsq(rows, np.append(-r, np.zeros(len(b))), rcond=None)[0]
            there, straight = residuals(b + step), r + j @ step
            if there @ there < r @ r:
                break
            damping *= 3
        else:
            return b  # nothing is nearer, however short the step
        if r @ r - there @ there > 0.5 * (r @ r - straight @ straight):
            damping /= 10  # J told well how much would be gained
        b, r = b + step, there
    return b


def least_squares(residuals, b):
    """The better of a careful and of a bold beginning."""
    found = [levenberg_marquardt(residuals, b, damping) for damping in (1e-3, 1e-6)]
    return min(found, key=lambda b: np.sum(residuals(b) ** 2))


def digits(found, certified):
    """How many digits agree, in the worst of the parameters."""
    certified = np.array(certified)
    return -np.log10(np.max(np.abs(found / certified - 1)) + 1e-16)


def fit(name, start):
    """The digits of a certified fit that come out, from the first or the second start."""
    with np.errstate(all="ignore"):  # a step may go where the model has no number: it is refused
        found = least_squares(residuals_of(name), np.array(PROBLEMS[name]["starts"][start]))
    return digits(found, PROBLEMS[name]["certified"])


if __name__ == "__main__":
    for name in ("Misra1a", "Thurber", "MGH10", "BoxBOD", "ENSO"):
        right = [fit(name, start) for start in (0, 1)]
        print(f"{name:<10}", *(f"{r:4.1f} digits" for r in right), PROBLEMS[name]["model"])
        assert min(right) > 6
