"""Inputs: the files to score, their own columns in batches, and the columns that become fields."""
