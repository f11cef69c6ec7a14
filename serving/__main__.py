"""`python -m serving serve`: the program of the serving container.

Environment variables; those of SageMaker's own serving toolkits keep their names:
    SAGEMAKER_BASE_DIR: Folder whose subfolder `model` holds the unpacked bundle; default /opt/ml.
    SAGEMAKER_BIND_TO_PORT: Port to listen on, 0 for any free one; default 8080.
    SAGEMAKER_MODEL_SERVER_WORKERS: Number of worker processes; default the number of processors.
    SERVING_FRONTS: Number of front processes, which do HTTP and have a share of the workers each; default one
        for two workers, but not more than half of the processors. The multi-model API and batch transform
        jobs always have one.
    SAGEMAKER_BATCH: "true" in a batch transform job, whose requests are answered with a line for each line.
    SAGEMAKER_MAX_PAYLOAD_IN_MB: Largest payload of such a job; default 6, and 0 for the most, 100.
    SERVING_TRANSFORM_OPTIONS: Options of the requests of such a job, as a query; default on_error=skip, with
        which an invalid row gets its errors in the place of its prediction.
    SAGEMAKER_MULTI_MODEL: "true" to serve the models that the multi-model API loads.
    SERVING_HOST: Address to listen on; default all addresses.
    SERVING_LOG_SAMPLE: Share of the requests that are logged, from 0 to 1; default 0.01.
    SERVING_MODEL_MEMORY_MB: Limit of the memory of all workers together, which the multi-model API keeps;
        default 80 % of the container's.
"""

import argparse
import asyncio
import os
import socket
import sys
from time import monotonic

import uvloop

from serving.fronts.connection_dispatcher import ConnectionDispatcher
from serving.fronts.front_interfaces import Intake, ListenerIntake, Peers
from serving.fronts.front_supervisor import FrontSupervisor
from serving.fronts.own_front_state import OwnFrontState
from serving.fronts.passed_connections import PassedConnections
from serving.fronts.shared_front_states import SharedFrontStates
from serving.http.listener import open_listener
from serving.http.open_connections import MAX_REFUSED
from serving.log import log_event, log_to_stderr
from serving.pickle_protection import refuse_unpickling
from serving.server import Server, connection_limit
from serving.settings import ServerSettings, SettingError

EXIT_NO_PORT = 1


def main() -> int:
    """Serves until SIGTERM or SIGINT.

    Returns:
        The exit code: 0 after a signal, 1 when the address cannot be bound, 3 when the model cannot be
        loaded or predicts its golden rows wrong; argparse itself exits with 2 on wrong usage.
    """
    parser = argparse.ArgumentParser(prog="python -m serving", description="Serves models over HTTP.")
    parser.add_argument("command", choices=["serve"], help="start the server")
    parser.parse_args()
    try:
        settings = ServerSettings.read(os.environ)
    except SettingError as error:
        parser.error(f"{error}")
    refuse_unpickling()
    log_to_stderr()
    try:
        listener = open_listener(settings.host, settings.port)
    except OSError as error:
        log_event("critical", "cannot listen", host=settings.host, port=settings.port, reason=error.strerror)
        return EXIT_NO_PORT
    host, port = listener.getsockname()[:2]
    log_event("info", "listening", host=host, port=port)
    return (
        _run_fronts(listener, settings) if settings.fronts > 1 else _run(ListenerIntake(listener), settings)
    )


def _run_fronts(listener: socket.socket, settings: ServerSettings) -> int:
    states = SharedFrontStates(settings.fronts)
    shares = [settings.share(front) for front in range(settings.fronts)]
    room = min(map(connection_limit, shares)) + MAX_REFUSED
    dispatcher = ConnectionDispatcher(
        listener, states, workers=[share.workers for share in shares], room=room
    )

    def run_front(front: int, channel: socket.socket) -> int:
        return _run(PassedConnections(channel), shares[front], OwnFrontState(states, front, monotonic))

    return FrontSupervisor(listener, states, dispatcher, run_front).run()


def _run(intake: Intake, settings: ServerSettings, peers: Peers | None = None) -> int:
    async def serve() -> int:
        return await Server(intake, settings, peers).run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve())


if __name__ == "__main__":
    sys.exit(main())
