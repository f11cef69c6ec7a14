"""Handover of one connection to a worker, as the front keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.direct_connections.memory import handover_slot
from serving.direct_connections.tcp_byte_counts import TcpByteCounts
from serving.predict.request import InferenceRequest

if TYPE_CHECKING:
    from serving.direct_connections.memory.handover_slot import HandoverSlot
    from serving.http.exchange import Exchange, SharedConnection, SharedSocket
    from serving.http.response import ResponseRecord


class Handover:
    """A connection that a worker answers.

    Attributes:
        number: Number of its slot.
        slot: What the worker does with it.
        connection: The connection.
        is_recalled: Whether the worker was told to return it.
        is_busy: Whether a request was received between the last two ticks; at first it is.
        idle_ticks: Number of ticks in a row without a request.
    """

    def __init__(
        self,
        number: int,
        slot: HandoverSlot,
        connection: SharedConnection,
        shared: SharedSocket,
        request: Exchange,
    ) -> None:
        """Creates a handover, before its worker has the connection.

        Args:
            number: Number of its slot.
            slot: Its slot.
            connection: The connection.
            shared: Its socket.
            request: The last request that the front has answered.
        """
        self.number = number
        self.slot = slot
        self.connection = connection
        self.is_recalled = False
        self.is_busy = True
        self.idle_ticks = 0
        self._counts = TcpByteCounts(shared)
        self._request = request
        self._read = slot.all_read

    def record(self, record: ResponseRecord) -> None:
        """Records a response that the worker has sent."""
        self.connection.record(self._request.route, record)

    def tick(self) -> None:
        """Notes whether there were requests since the last tick."""
        before, self._read = self._read, self.slot.all_read
        self.is_busy = self._read != before
        is_idle = not self.is_busy and self.slot.stage == handover_slot.WAITING
        self.idle_ticks = self.idle_ticks + 1 if is_idle else 0

    def body(self) -> bytes:
        """Returns the body of the request that the worker has."""
        return self.slot.request().partition(b"\r\n\r\n")[2]

    def end(self) -> Exchange | None:
        """Has the front read the connection again; returns the request that the worker had not answered."""
        slot, take_back = self.slot, self.connection.take_back
        match slot.stage:
            case handover_slot.RECEIVING:
                read = self._counts.read()
                known = b"" if read is None else slot.request(read - slot.all_read)
                take_back(received=known, is_broken=read is None)
            case handover_slot.RECEIVED:
                take_back(received=slot.request())
            case handover_slot.ANSWERING:
                exchange = self._pending()
                take_back(pending=exchange)
                return exchange
            case handover_slot.SENDING:
                written = self._counts.written()
                unsent = b"" if written is None else slot.response()[written - slot.all_sent :]
                take_back(unsent=unsent, is_broken=written is None)
            case handover_slot.UNSENT:
                take_back(unsent=slot.unsent())
            case _:
                take_back()
        return None

    def _pending(self) -> Exchange:
        """Returns the request that the worker has; it has the head of an earlier one."""
        assert self._request.inference  # noqa: S101  # it was predicted
        exchange = self._request.with_same_head(self.connection.reply)
        exchange.body = self.body()
        exchange.inference = InferenceRequest("", exchange.body, self._request.inference.metadata)
        exchange.arrived = self.slot.arrived
        return exchange
