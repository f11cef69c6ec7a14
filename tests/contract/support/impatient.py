"""`python -m tests.contract.support.impatient serve`: short timeouts for slow clients and fronts."""

import sys

import serving.fronts.front_supervisor
import serving.http.connection
from serving.__main__ import main

TIMEOUT_SECONDS = 1.0

if __name__ == "__main__":
    serving.fronts.front_supervisor.SILENT_TICKS = 10
    serving.http.connection.HEAD_SECONDS = TIMEOUT_SECONDS
    serving.http.connection.BODY_SECONDS = TIMEOUT_SECONDS
    serving.http.connection.WRITE_SECONDS = TIMEOUT_SECONDS
    sys.exit(main())
