"""Fitting: estimators, tuning and calibration."""
