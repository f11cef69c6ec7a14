"""Latency of a model as a Lambda function, compared with scikit-learn, pandas and a pickle.

    python -m benchmarks.function MODEL

Every contender runs in Lambda's runtime interface client, awslambdaric, with its own packages, and gets the
same rows from the same server on loopback. Rounds are interleaved to spread disturbances evenly.
"""
