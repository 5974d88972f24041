"""Logistic regression by iteratively reweighted least squares."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class NotConverged(ArithmeticError):
    """The iteration found no optimum, as with outcomes that the inputs separate completely."""


def fit_logistic(inputs: Floats, happened: Floats, *, penalty: float = 0.0) -> Floats:
    """Intercept and coefficients of the log-odds that `happened` is 1.

    `penalty` is the L2 weight on the coefficients (half of it times their squares, against the
    summed log likelihood); the intercept is free. Raises NotConverged after 100 steps.
    """
    design = np.column_stack([np.ones(len(inputs)), inputs])
    ridge = np.diag([0.0] + [penalty] * inputs.shape[1])
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        curvature = design.T @ (design * (chance * (1 - chance))[:, None]) + ridge
        step = np.linalg.solve(curvature, design.T @ (happened - chance) - ridge @ weights)
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            return np.asarray(weights, dtype=np.float64)
    raise NotConverged("no optimum found in 100 steps")


def fit_with_agreeing_signs(inputs: Floats, happened: Floats, *, penalty: float) -> Floats:
    """As `fit_logistic`, but an input whose coefficient would turn negative gets none.

    For inputs that are weights of evidence a negative coefficient would turn the evidence round.
    """
    kept = list(range(inputs.shape[1]))
    while True:
        weights = fit_logistic(inputs[:, kept], happened, penalty=penalty)
        worst = int(np.argmin(weights[1:])) if kept else 0
        if not kept or weights[1:][worst] >= 0:
            break
        del kept[worst]
    full = np.zeros(inputs.shape[1] + 1)
    full[[0, *(index + 1 for index in kept)]] = weights
    return full
