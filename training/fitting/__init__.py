"""Fitting of a model's pipeline: gradient boosting, its calibration, and tuning."""
