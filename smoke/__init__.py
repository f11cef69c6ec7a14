"""Smoke test of a deployed stack: compares what it serves with its template and its models' bundles."""
