"""Remarks of predictions: warnings of unusual rows, and reasons."""
