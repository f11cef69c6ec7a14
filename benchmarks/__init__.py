"""Benchmarks of serving (`make bench`), training, the invoker, Lambda functions and faults."""
