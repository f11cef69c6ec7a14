"""What becomes of requests when something breaks: `python -m benchmarks.faults`."""
