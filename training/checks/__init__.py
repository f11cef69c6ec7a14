"""Checks of what a model file gives: columns, targets, rows and pipeline; each error is a sentence."""
