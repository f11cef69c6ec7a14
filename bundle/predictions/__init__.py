"""Predictions: from the output of a graph to a label, and golden rows."""
