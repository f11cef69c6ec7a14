"""Which HTTP server carries serving/: the measurement behind docs/decisions/0020-http-server.md.

    pip install -r benchmarks/server_choice/requirements.txt; apt-get install wrk
    python -m benchmarks.server_choice build/<model>/model.tar.gz

Every contender does the same work in its own process on the first core; wrk loads it from the second. Rounds
are interleaved, so that a slow minute of the machine slows them all.
"""
