"""Graphs of trees: rows that repeat, and the order in which rows are run."""
