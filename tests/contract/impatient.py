"""`python -m tests.contract.impatient serve`: the program, with less patience for slow clients."""

import sys

import serving.connection
from serving.__main__ import main

PATIENCE_SECONDS = 1.0

if __name__ == "__main__":
    serving.connection.HEAD_SECONDS = PATIENCE_SECONDS
    serving.connection.BODY_SECONDS = PATIENCE_SECONDS
    serving.connection.WRITE_SECONDS = PATIENCE_SECONDS
    sys.exit(main())
