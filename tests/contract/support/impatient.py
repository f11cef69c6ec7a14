"""`python -m tests.contract.support.impatient serve`: the program with short timeouts for slow clients."""

import sys

import serving.http.connection
from serving.__main__ import main

TIMEOUT_SECONDS = 1.0

if __name__ == "__main__":
    serving.http.connection.HEAD_SECONDS = TIMEOUT_SECONDS
    serving.http.connection.BODY_SECONDS = TIMEOUT_SECONDS
    serving.http.connection.WRITE_SECONDS = TIMEOUT_SECONDS
    sys.exit(main())
