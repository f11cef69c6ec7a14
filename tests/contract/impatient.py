"""`python -m tests.contract.impatient serve`: the program, with less patience for slow clients."""

import sys

import serving.http.connection
from serving.__main__ import main

PATIENCE_SECONDS = 1.0

if __name__ == "__main__":
    serving.http.connection.HEAD_SECONDS = PATIENCE_SECONDS
    serving.http.connection.BODY_SECONDS = PATIENCE_SECONDS
    serving.http.connection.WRITE_SECONDS = PATIENCE_SECONDS
    sys.exit(main())
