"""`python -m serving serve`: the container's program.

Environment, by the names of SageMaker's own toolkits where they have one:
    SAGEMAKER_BASE_DIR: Folder whose `model` folder holds the unpacked bundle; /opt/ml unless set.
    SAGEMAKER_BIND_TO_PORT: Port to listen on, 0 for any free one; 8080 unless set.
    SAGEMAKER_MODEL_SERVER_WORKERS: How many processes answer; as many as there are processors unless set.
    SAGEMAKER_MULTI_MODEL: "true" to serve the models that the multi-model API loads.
    SERVING_HOST: Address to listen on; every one unless set.
    SERVING_LOG_SAMPLE: Share of the requests that are logged, from 0 to 1; 0.01 unless set.
    SERVING_MODEL_MEMORY_MB: Most memory for the processes that hold models, which the multi-model API
        heeds; 80 % of the container's unless set.
"""

import argparse
import asyncio
import os
import socket
import sys

import uvloop

from serving.http.listener import listen
from serving.log import log_to_stderr, tell
from serving.server import Server
from serving.settings import SettingError, Settings
from serving.unpickling import refuse_unpickling

EXIT_NO_PORT = 1


def main() -> int:
    """Serves until told to stop.

    Returns:
        The exit code: 0 stopped, 1 no such address, 3 no model; 2, for wrong usage, is argparse's own.
    """
    parser = argparse.ArgumentParser(prog="python -m serving", description="Serves models over HTTP.")
    parser.add_argument("command", choices=["serve"], help="the only thing this program does")
    parser.parse_args()
    try:
        settings = Settings.read(os.environ)
    except SettingError as error:
        parser.error(f"{error}")
    refuse_unpickling()
    log_to_stderr()
    try:
        listener = listen(settings.host, settings.port)
    except OSError as error:
        tell("critical", "cannot listen", host=settings.host, port=settings.port, reason=error.strerror)
        return EXIT_NO_PORT
    host, port = listener.getsockname()[:2]
    tell("info", "listening", host=host, port=port)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(listener, settings))


async def _serve(listener: socket.socket, settings: Settings) -> int:
    return await Server(listener, settings).run()


if __name__ == "__main__":
    sys.exit(main())
