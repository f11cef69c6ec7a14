"""Effects of faults on requests: `python -m benchmarks.faults`."""
