"""What a model costs as a Lambda function: ours, and the classic one of scikit-learn, pandas and a pickle.

    python -m benchmarks.function MODEL

Every contender runs in the same client of Lambda's runtime API, awslambdaric, with its own packages, and is
handed the same rows by the same server on loopback. Rounds are interleaved, so that a slow minute of the
machine slows them all.
"""
