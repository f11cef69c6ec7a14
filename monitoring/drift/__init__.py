"""Drift: rows of a window beside the reference of the model, with thresholds that keep quiet weeks quiet."""
