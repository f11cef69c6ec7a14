"""Checks of what a model file gives: columns, targets, rows and pipeline, each with a sentence for its user."""
