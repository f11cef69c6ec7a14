"""What the invoker costs: the measurement behind docs/design/lambda_src.md.

    python -m benchmarks.invoker

Every contender asks the same stub of SageMaker's runtime, in its own process, and starts cold in others.
Rounds are interleaved, so that a slow minute of the machine slows them all.
"""
