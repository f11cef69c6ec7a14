"""Latency and cold start of the invoker, for docs/design/lambda_src.md.

    python -m benchmarks.invoker

Every contender sends requests to the same stub of SageMaker's runtime from a process of its own; cold starts
are measured in separate processes. Rounds are interleaved to spread disturbances of the machine evenly.
"""
