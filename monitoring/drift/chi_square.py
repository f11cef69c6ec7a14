"""Quantiles of the chi-squared distribution, without SciPy."""

from statistics import NormalDist

# Approximation of Wilson and Hilferty (1931), to 1 % for the tails and degrees of freedom in use:
# https://doi.org/10.1073/pnas.17.12.684


def chi_square_quantile(degrees: int, tail: float) -> float:
    """Returns the value that a chi-squared variable exceeds with the probability `tail`."""
    part = 2 / (9 * degrees)
    base = 1 - part + NormalDist().inv_cdf(1 - tail) * part**0.5
    return float(degrees * max(base, 0.0) ** 3)
