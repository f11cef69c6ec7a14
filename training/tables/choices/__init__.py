"""Choices that the rows decide: task, split, leaks, the fields of a wide table, and the pipeline."""
