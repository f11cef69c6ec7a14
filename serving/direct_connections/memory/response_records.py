"""Records of the responses of direct connections, in memory that a worker and its front share."""

import struct
import zlib
from collections.abc import Iterator

import msgspec

from serving.http.response import ResponseRecord

# More than a worker can answer between two ticks of the front, which reads them then.
MAX_RECORDS = 8_192
# Room for every kind of warning.
_RECORD_BYTES = 256
_HEAD = struct.Struct("IIH")
_COUNT_BYTES = 64
_WRITTEN, _READ = range(2)
RECORDS_BYTES = _COUNT_BYTES + MAX_RECORDS * _RECORD_BYTES

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(ResponseRecord).decode


class ResponseRecords:
    """A ring of records. The worker writes and the front reads; there is no lock.

    A record has a checksum, because a processor may show another one the number of records before the last
    of them.
    """

    def __init__(self, view: memoryview) -> None:
        """Takes RECORDS_BYTES of shared memory, which were 0 when they were new."""
        self._view = view
        self._counts = view[:_COUNT_BYTES].cast("Q")

    def has_room(self, count: int) -> bool:
        """Whether there is room for so many records. The front makes room when it reads records."""
        return self._counts[_WRITTEN] - self._counts[_READ] + count <= MAX_RECORDS

    def write(self, slot: int, record: ResponseRecord) -> None:
        """Writes a record, for which there must be room.

        Args:
            slot: Number of the connection's slot.
            record: The record.
        """
        content = _encode(record)
        number = self._counts[_WRITTEN]
        start = _start(number)
        head = _HEAD.pack(len(content), zlib.crc32(content), slot)
        self._view[start : start + len(head) + len(content)] = head + content
        self._counts[_WRITTEN] = number + 1

    def read(self) -> Iterator[tuple[int, ResponseRecord]]:
        """Yields the slots and records that were not read before."""
        while (number := self._counts[_READ]) < self._counts[_WRITTEN]:
            start = _start(number)
            length, checksum, slot = _HEAD.unpack_from(self._view, start)
            start += _HEAD.size
            content = self._view[start : start + min(length, _RECORD_BYTES)]
            if zlib.crc32(content) != checksum:
                # The processor has shown the number before the record: it is there the next time.
                return
            self._counts[_READ] = number + 1
            yield slot, _decode(content)


def _start(number: int) -> int:
    return _COUNT_BYTES + number % MAX_RECORDS * _RECORD_BYTES
