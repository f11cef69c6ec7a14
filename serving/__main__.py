"""`python -m serving serve`: the container's program.

Environment, by the names of SageMaker's own toolkits:
    SAGEMAKER_BASE_DIR: Folder whose `model` folder holds the unpacked bundle; /opt/ml unless set.
    SAGEMAKER_BIND_TO_PORT: Port to listen on, 0 for any free one; 8080 unless set.
    SERVING_HOST: Address to listen on; every one unless set.
"""

import argparse
import asyncio
import logging
import os
import re
from functools import partial
from pathlib import Path

import uvloop

from serving.predictor import Predictor
from serving.server import Server, listen

EXIT_NO_PORT = 1
MAX_PORT = 65_535

logger = logging.getLogger("serving")


def main() -> int:
    """Serves the model until told to stop.

    Returns:
        The exit code: 0 stopped, 1 no such address, 3 no model; 2, for wrong usage, is argparse's own.
    """
    parser = argparse.ArgumentParser(prog="python -m serving", description="Serves one model over HTTP.")
    parser.add_argument("command", choices=["serve"], help="the only thing this program does")
    parser.parse_args()
    port = os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")
    if not re.fullmatch("[0-9]{1,5}", port) or int(port) > MAX_PORT:
        parser.error(f"SAGEMAKER_BIND_TO_PORT is {port!r}: give a port from 0 to {MAX_PORT}")
    model = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml")) / "model"
    _log_to_stderr()
    return _serve(os.environ.get("SERVING_HOST", "0.0.0.0"), int(port), model)  # noqa: S104  # a container's


def _serve(host: str, port: int, model: Path) -> int:
    try:
        listener = listen(host, port)
    except OSError as error:
        logger.critical("Cannot listen on %s port %d: %s.", host, port, error.strerror)
        return EXIT_NO_PORT
    logger.info("Listening on %s port %d", *listener.getsockname()[:2])
    server = Server(partial(Predictor.load, model))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(server.serve(sockets=[listener]))
    return server.exit_code


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # The thread that loads the model may be inside the runtime, which the interpreter's own end would abort.
    os._exit(code)
