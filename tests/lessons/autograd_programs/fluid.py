"""Smoke on a grid: the wind's velocities are found by which the last picture is a given one."""

import autograd.numpy as np
from autograd import value_and_grad
from scipy.optimize import minimize

rows, cols, steps = 8, 8, 3


def project(vx, vy):
    """A field without divergence, by Jacobi's iteration."""
    p = np.zeros(vx.shape)
    div = -0.5 * (
        np.roll(vx, -1, axis=1) - np.roll(vx, 1, axis=1)
        + np.roll(vy, -1, axis=0) - np.roll(vy, 1, axis=0)
    )  # fmt: skip
    for _ in range(5):
        p = (div + np.roll(p, 1, 1) + np.roll(p, -1, 1) + np.roll(p, 1, 0) + np.roll(p, -1, 0)) / 4
    vx = vx - 0.5 * (np.roll(p, -1, axis=1) - np.roll(p, 1, axis=1))
    vy = vy - 0.5 * (np.roll(p, -1, axis=0) - np.roll(p, 1, axis=0))
    return vx, vy


def advect(f, vx, vy):
    """Each cell takes what stood where the wind comes from, between four others."""
    rows, cols = f.shape
    cell_ys, cell_xs = np.meshgrid(np.arange(cols), np.arange(rows))
    center_xs = (cell_xs - vx).ravel()
    center_ys = (cell_ys - vy).ravel()
    left_ix = np.floor(center_xs).astype(int)
    top_ix = np.floor(center_ys).astype(int)
    rw = center_xs - left_ix
    bw = center_ys - top_ix
    left_ix = np.mod(left_ix, rows)
    right_ix = np.mod(left_ix + 1, rows)
    top_ix = np.mod(top_ix, cols)
    bot_ix = np.mod(top_ix + 1, cols)
    flat_f = (1 - rw) * ((1 - bw) * f[left_ix, top_ix] + bw * f[left_ix, bot_ix]) + rw * (
        (1 - bw) * f[right_ix, top_ix] + bw * f[right_ix, bot_ix]
    )
    return np.reshape(flat_f, (rows, cols))


def simulate(vx, vy, smoke):
    for _ in range(steps):
        vx_updated = advect(vx, vx, vy)
        vy_updated = advect(vy, vx, vy)
        vx, vy = project(vx_updated, vy_updated)
        smoke = advect(smoke, vx, vy)
    return smoke


def convert_param_vector_to_matrices(params):
    return params[: rows * cols].reshape(rows, cols), params[rows * cols :].reshape(rows, cols)


def objective(params):
    vx, vy = convert_param_vector_to_matrices(params)
    return np.mean((target - simulate(vx, vy, init_smoke)) ** 2)


grid = np.arange(rows)
init_smoke = np.sin(grid[:, None] * 2.0) + np.cos(grid[None, :] * 1.5)
target = np.outer(np.exp(-((grid - 3.2) ** 2)), np.exp(-((grid - 4.1) ** 2)))
start = np.random.RandomState(1).randn(2 * rows * cols) * 0.3
with_gradient = value_and_grad(objective)
value, gradient = with_gradient(start)
found = minimize(with_gradient, start, jac=True, method="CG", options={"maxiter": 2})
results = {"value": value, "gradient": gradient, "after": found.fun}
