"""Quantiles of a model's second, numeric target: their fit, their correction and their metrics."""
