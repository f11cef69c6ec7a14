"""Runs of a graph of trees: without the rows that repeat, and in the order that is fastest."""
