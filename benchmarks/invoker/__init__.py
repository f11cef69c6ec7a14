"""What the invoker costs: the measurement behind docs/decisions/0045-clients-of-botocore.md.

    python -m benchmarks.invoker

Every contender asks the same stub of SageMaker's runtime, in its own process, and starts cold in others.
Rounds are interleaved, so that a slow minute of the machine slows them all.
"""
