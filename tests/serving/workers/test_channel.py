"""Channel: commands one after the other, replies, cancellation, and the loss of the worker."""

import asyncio
import os
from collections.abc import Coroutine

import pytest
import uvloop

from serving.http.exchange import Exchange
from serving.http.response import Response
from serving.predict.request import InferenceRequest
from serving.workers.channel import SELF_TEST_SECONDS, WorkerChannel, WorkerLostError
from serving.workers.protocol import (
    FrameReader,
    Infer,
    Inferred,
    LoadModel,
    ModelUnloaded,
    SelfTest,
    SelfTested,
    UnloadModel,
    WorkerCommand,
    WorkerReply,
    decode_command,
    encode_frame,
)
from tests.serving.clock import FakeClock


class FakeTransport(asyncio.Transport):
    """Records the commands that are written."""

    def __init__(self) -> None:
        super().__init__()
        self.commands: list[WorkerCommand] = []
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.commands.append(decode_command(FrameReader().feed(bytes(data)) or b""))


class RecordingObserver:
    """Records the events of a channel."""

    def __init__(self) -> None:
        self.responses: list[tuple[list[Exchange], list[Response]]] = []
        self.freed_times = 0
        self.lost_exchanges: list[list[Exchange]] = []

    def answered(self, exchanges: list[Exchange], responses: list[Response]) -> None:
        self.responses.append((exchanges, responses))

    def freed(self, channel: WorkerChannel) -> None:
        assert not channel.busy
        self.freed_times += 1

    def lost(self, channel: WorkerChannel, exchanges: list[Exchange]) -> None:
        assert channel.gone.is_set()
        self.lost_exchanges.append(exchanges)


class Setup:
    """A channel between a fake transport and a recording observer."""

    def __init__(self) -> None:
        self.observer = RecordingObserver()
        self.clock = FakeClock()
        self.transport = FakeTransport()
        self.channel = WorkerChannel(self.observer, self.clock, self.transport)

    def reply(self, reply: WorkerReply) -> None:
        self.channel.data_received(encode_frame(reply))


def exchange(body: bytes = b"{}") -> Exchange:
    found = Exchange(lambda *_: None)
    found.inference = InferenceRequest("", body, (b"", b"", b"", b""))
    return found


async def turn() -> None:
    """Lets every task that is ready run."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_requests_are_sent_and_their_responses_go_to_the_observer() -> None:
    setup, exchanges = Setup(), [exchange(b"a"), exchange(b"b")]
    responses = [Response(200, b"", b"1", 1), Response(422, b"", b"2")]

    setup.channel.infer(exchanges, 2.0)
    busy = setup.channel.busy
    setup.clock.now += 1
    setup.reply(Inferred(responses))

    assert busy
    assert setup.transport.commands == [Infer([found.inference for found in exchanges if found.inference])]
    assert setup.observer.responses == [(exchanges, responses)]
    assert (setup.channel.exchanges, setup.observer.freed_times) == ([], 1)
    assert setup.channel.replied == setup.clock.now


def test_a_command_waits_for_the_reply_to_the_one_before_and_goes_before_further_requests() -> None:
    async def run() -> None:
        setup = Setup()
        setup.channel.infer([exchange()], 2.0)
        unload = asyncio.ensure_future(setup.channel.execute(UnloadModel("a"), 1.0))
        await turn()
        sent_at_first = len(setup.transport.commands)
        setup.reply(Inferred([Response(200, b"", b"")]))
        freed_before = setup.observer.freed_times
        setup.reply(ModelUnloaded(7))

        assert await unload == ModelUnloaded(7)
        assert sent_at_first == 1
        assert setup.transport.commands[1:] == [UnloadModel("a")]
        assert (freed_before, setup.observer.freed_times) == (0, 1)

    asyncio.run(run())


def test_the_reply_to_a_cancelled_command_is_discarded_and_the_channel_goes_on() -> None:
    async def run() -> None:
        setup = Setup()
        cancelled = asyncio.ensure_future(setup.channel.execute(SelfTest(), 1.0))
        waiting = asyncio.ensure_future(setup.channel.execute(UnloadModel("a"), 1.0))
        await turn()
        cancelled.cancel()
        await turn()
        setup.reply(SelfTested(None, 1))
        setup.reply(ModelUnloaded(2))

        assert cancelled.cancelled()
        assert await waiting == ModelUnloaded(2)
        assert setup.observer.freed_times == 1

    asyncio.run(run())


def test_the_loss_of_the_worker_fails_commands_and_returns_requests() -> None:
    async def run() -> None:
        setup, lost = Setup(), exchange()
        setup.channel.ready = True
        setup.channel.infer([lost], 2.0)
        first = asyncio.ensure_future(setup.channel.execute(SelfTest(), 1.0))
        second = asyncio.ensure_future(setup.channel.execute(LoadModel("a", "/a"), 1.0))
        await turn()
        second.cancel()
        await turn()
        setup.channel.connection_lost(None)

        with pytest.raises(WorkerLostError):
            await first
        with pytest.raises(WorkerLostError):
            await setup.channel.execute(SelfTest(), 1.0)
        assert setup.observer.lost_exchanges == [[lost]]
        assert (setup.channel.ready, setup.channel.exchanges) == (False, [])
        assert setup.transport.closed

    asyncio.run(run())


class EndOfPipe(asyncio.Protocol):
    """Protocol of the pipe of commands.

    Attributes:
        lost: Set when nobody reads the pipe any more.
    """

    def __init__(self) -> None:
        self.lost = asyncio.Event()

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self.lost.set()


def run_as_the_server(coroutine: Coroutine[object, object, None]) -> None:
    """Runs a coroutine in the event loop of the server."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(coroutine)


def test_a_request_after_the_loss_of_one_pipe_is_returned_with_the_loss_of_the_other() -> None:
    async def run() -> None:
        loop, observer, own = asyncio.get_running_loop(), RecordingObserver(), exchange()
        received, written = os.pipe()
        replies, replied = os.pipe()
        commands, end = await loop.connect_write_pipe(EndOfPipe, os.fdopen(written, "wb", buffering=0))
        channel = WorkerChannel(observer, FakeClock(), commands)
        await loop.connect_read_pipe(lambda: channel, os.fdopen(replies, "rb", buffering=0))

        try:
            # The end of a process closes its pipes one after the other.
            os.close(received)
            await end.lost.wait()
            await turn()
            channel.infer([own], 2.0)
        finally:
            os.close(replied)
            await channel.gone.wait()

        assert observer.lost_exchanges == [[own]]

    run_as_the_server(run())


def test_a_command_is_overdue_after_its_seconds_from_when_it_was_sent() -> None:
    setup = Setup()
    setup.channel.probe()

    assert setup.transport.commands == [SelfTest()]
    assert not setup.channel.is_overdue(setup.clock.now + SELF_TEST_SECONDS)
    assert setup.channel.is_overdue(setup.clock.now + SELF_TEST_SECONDS + 0.1)
    setup.reply(SelfTested(None, 1))
    assert not setup.channel.is_overdue(setup.clock.now + 100)


def test_the_time_of_a_deferred_command_begins_again() -> None:
    setup = Setup()
    setup.channel.probe()

    setup.channel.defer(setup.clock.now + 10)

    assert not setup.channel.is_overdue(setup.clock.now + 10 + SELF_TEST_SECONDS)
    assert setup.channel.is_overdue(setup.clock.now + 10.1 + SELF_TEST_SECONDS)


def test_requests_under_way_past_their_deadline_are_found() -> None:
    setup, late, timely = Setup(), exchange(), exchange()
    late.expires, timely.expires = 1.0, 2.0
    setup.channel.infer([late, timely], 2.0)

    assert setup.channel.expired(1.5) == [late]
