"""The server: MiniStack and SageMaker in one process, on one port of the loopback address."""

import argparse
import asyncio
import functools
import os
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import ministack.app
from hypercorn.asyncio import serve
from hypercorn.config import Config

from local import environment, image_function, recorded_types
from local.aws import LocalAws
from local.gateway import Gateway
from local.sagemaker import cloudformation
from local.sagemaker.api import Api
from local.sagemaker.hosting import Hosting
from local.sagemaker.model_data import fetch
from local.sagemaker.runtime import Runtime
from local.sagemaker.training.api import operations
from local.sagemaker.training.training import Training


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM, or until the keeper is gone.

    Args:
        argv: The state folder, the port, the descriptors of lock and socket, the training command as one
            word, and the serving command.
    """
    parser = argparse.ArgumentParser(prog="python -m local.server")
    parser.add_argument("state", type=Path)
    parser.add_argument("port", type=int)
    parser.add_argument("lock", type=int)
    parser.add_argument("socket", type=int)
    parser.add_argument("training", type=shlex.split)
    parser.add_argument("serving", nargs=argparse.REMAINDER)
    arguments = parser.parse_args(argv)
    aws = LocalAws(port=arguments.port, state=arguments.state)
    threading.Thread(target=_end_with_keeper, daemon=True).start()
    hosting = Hosting(
        folder=aws.state / "endpoints",
        command=arguments.serving,
        environment=environment.of_container(os.environ),
        fetch=functools.partial(fetch, aws),
        descriptors=[arguments.lock],
    )
    training = Training(
        aws,
        folder=aws.state / "training",
        command=arguments.training,
        environment=environment.of_container(os.environ),
        descriptors=[arguments.lock],
    )
    asyncio.run(_serve(hosting, training, arguments.socket))


async def _serve(hosting: Hosting, training: Training, listener: int) -> None:
    api = Api(hosting, operations(training))
    for types in (recorded_types, image_function):
        types.install()
    cloudformation.install(api)
    config = Config()
    config.bind = [f"fd://{listener}"]
    await serve(Gateway(emulator=ministack.app.app, api=api, runtime=Runtime(hosting)), config)
    training.close()
    hosting.close()
    # All that is left of the process group, keeper and server included. Returning instead would wait for the
    # threads that wait for Lambda functions.
    os.killpg(0, signal.SIGKILL)


def _end_with_keeper() -> None:
    """The keeper never writes: reading comes to an end when it is gone."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
