"""Models of public tables beside FLAML's: `python -m benchmarks.tables`."""
