"""All benchmarks in one command, and their goals in one table."""
