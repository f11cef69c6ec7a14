"""Connection dispatcher: which front receives a connection, with real sockets and no front processes."""

import select
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack

import pytest

from serving.fronts.connection_dispatcher import ConnectionDispatcher
from serving.fronts.front_process import FrontProcess
from serving.fronts.shared_front_states import FrontState, SharedFrontStates
from serving.http.listener import open_listener

NO_PROCESS = -1


class Fronts:
    """The channels of some fronts, whose processes do not exist."""

    def __init__(self, stack: ExitStack, workers: list[int], *, room: int = 100) -> None:
        self.listener = stack.enter_context(open_listener("127.0.0.1", 0))
        self.states = SharedFrontStates(len(workers))
        self.dispatcher = ConnectionDispatcher(self.listener, self.states, workers=workers, room=room)
        self._stack = stack
        for front in range(len(workers)):
            pair = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            channel, self.last_end = map(stack.enter_context, pair)
            channel.setblocking(False)
            self.dispatcher.fronts[front] = FrontProcess(front, NO_PROCESS, channel)
            self.states.publish(front, FrontState(ready=True))

    def connect(self, count: int) -> None:
        for _ in range(count):
            self._stack.enter_context(socket.create_connection(self.listener.getsockname()))

    def held(self) -> list[int]:
        return [self.dispatcher.held(front) for front in self.dispatcher.fronts.values()]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_each_connection_goes_to_the_front_with_the_fewest(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1, 1, 1])

    fronts.connect(64)

    assert fronts.dispatcher.accept_some()
    assert fronts.held() == [16, 16, 16, 16]


def test_a_front_with_more_workers_gets_more_connections(stack: ExitStack) -> None:
    fronts = Fronts(stack, [2, 2, 1])

    fronts.connect(50)

    assert fronts.dispatcher.accept_some()
    assert fronts.held() == [20, 20, 10]


def test_a_front_whose_connections_have_ended_gets_the_next_ones(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1])
    fronts.connect(10)
    fronts.dispatcher.accept_some()
    for _ in range(4):
        fronts.states.count_closed(1)

    fronts.connect(4)
    fronts.dispatcher.accept_some()

    assert fronts.held() == [5, 5]


def test_a_front_without_a_ready_worker_gets_none_unless_no_front_has_one(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1])
    fronts.states.publish(0, FrontState("The model is being loaded."))
    fronts.connect(4)
    fronts.dispatcher.accept_some()
    assert fronts.held() == [0, 4]

    fronts.states.publish(1, FrontState("No worker is alive."))
    fronts.connect(4)
    fronts.dispatcher.accept_some()

    assert fronts.held() == [4, 4]


def test_a_front_that_may_hang_gets_none_unless_every_front_may(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1])
    fronts.dispatcher.fronts[0].is_silent = True
    fronts.connect(4)
    fronts.dispatcher.accept_some()
    assert fronts.held() == [0, 4]

    fronts.dispatcher.fronts[1].is_silent = True
    fronts.connect(4)
    fronts.dispatcher.accept_some()

    assert fronts.held() == [4, 4]


def test_connections_wait_in_the_backlog_while_no_front_has_room(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1], room=2)
    fronts.connect(6)

    assert not fronts.dispatcher.accept_some()
    assert fronts.held() == [2, 2]

    fronts.states.count_closed(0)
    assert not fronts.dispatcher.accept_some()
    assert fronts.held() == [2, 2]


def test_draining_passes_on_the_backlog_beyond_the_room(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1, 1], room=2)
    fronts.connect(6)

    assert fronts.dispatcher.drain()
    assert fronts.held() == [3, 3]


def test_a_connection_that_no_front_can_take_now_is_passed_on_later(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1])
    while fronts.dispatcher.accept_some() and fronts.held()[0] < 100:
        fronts.connect(1)
        # The channel is filled without connections, whose number a process may have under way is limited.
        for _ in range(20):
            fronts.dispatcher.fronts[0].stop()
    kept = fronts.held()[0]

    while select.select([fronts.last_end], [], [], 0)[0]:
        fronts.last_end.recv(1)

    assert fronts.dispatcher.accept_some()
    assert fronts.held() == [kept + 1]


def test_without_a_front_connections_wait(stack: ExitStack) -> None:
    fronts = Fronts(stack, [1])
    fronts.dispatcher.fronts.clear()
    fronts.connect(1)

    assert not fronts.dispatcher.accept_some()


def test_connections_wait_while_no_descriptor_is_left_and_the_log_says_so_once(
    stack: ExitStack,
    without_descriptors: Callable[[], AbstractContextManager[None]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fronts = Fronts(stack, [1])
    fronts.connect(1)

    with without_descriptors():
        assert not fronts.dispatcher.accept_some()
        # A server that stops tries again, too.
        assert not fronts.dispatcher.drain()
    assert fronts.dispatcher.drain()

    assert fronts.held() == [1]
    assert caplog.messages == ["cannot accept"]
