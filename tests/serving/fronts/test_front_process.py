"""Front process that is started while a connection waits: it keeps no copy of the connection."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]

# A server whose only front has a full channel, so that the accepted connection waits in the parent. Another
# front is started then. The program writes what the client receives after the connection was closed.
PROGRAM = """
import socket
from serving.fronts.connection_dispatcher import ConnectionDispatcher
from serving.fronts.front_process import FrontProcess
from serving.fronts.shared_front_states import SharedFrontStates
from serving.http.listener import open_listener

listener = open_listener("127.0.0.1", 0)
channel, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
channel.setblocking(False)
dispatcher = ConnectionDispatcher(listener, SharedFrontStates(2), workers=[1, 1], room=100)
dispatcher.fronts[0] = FrontProcess(0, -1, channel)
try:
    while True:
        channel.send(b"x")
except BlockingIOError:
    pass
client = socket.create_connection(listener.getsockname())
client.settimeout(30)
assert not dispatcher.accept_some()

started = FrontProcess.start(1, lambda front, own: len(own.recv(1)), dispatcher.sockets())

dispatcher._waiting.close()
try:
    print(client.recv(1))
finally:
    started.kill()
"""


def test_a_front_that_starts_keeps_no_connection_that_waits_in_its_parent() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, check=False, capture_output=True, text=True, timeout=60
    )

    assert (done.stdout, done.returncode) == ("b''\n", 0), done.stderr
