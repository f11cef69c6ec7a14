"""The server without what only Linux has: it serves, replaces its workers and ends as on Linux."""

import os
import signal
from pathlib import Path

import pytest

from tests.contract.conftest import unpack_tiny_bundle
from tests.contract.direct_connections.test_lone_client import until_direct, workers
from tests.contract.support.process import PortableProcess
from tests.tiny_bundle import EXAMPLE


@pytest.mark.slow
def test_the_server_needs_nothing_that_only_linux_has(tmp_path: Path) -> None:
    # Given a server that has none of it, with its default number of fronts for many workers
    unpack_tiny_bundle(tmp_path)
    with PortableProcess(tmp_path, SAGEMAKER_MODEL_SERVER_WORKERS="4") as process:
        process.until_ready()

        # When rows come, one by one on one connection too, and a worker is killed
        assert process.predict(EXAMPLE).status == 200
        with process.connect() as client:
            until_direct(process, client)
        killed = workers(process)[0]
        os.kill(killed, signal.SIGKILL)
        process.until(lambda: len(workers(process)) == 5)

        # Then it goes on, says how much memory it has, and ends when it is told to
        assert process.predict(EXAMPLE).status == 200
        process.stop()
        assert process.exit_code() == 0
