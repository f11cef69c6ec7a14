"""Evaluation of a model on its test rows: metrics, confidence intervals, baselines, slices and importance."""
