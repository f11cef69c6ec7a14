"""Memory that a worker and its front share: a slot for each direct connection, counts, and records."""

import mmap
import os
from tempfile import TemporaryFile

from serving.direct_connections.memory.handover_slot import SLOT_BYTES, HandoverSlot
from serving.direct_connections.memory.response_counts import COUNTS_BYTES, ResponseCounts
from serving.direct_connections.memory.response_records import RECORDS_BYTES, ResponseRecords

# Most connections that a worker answers itself.
MAX_SLOTS = 128
_COUNTS_START = RECORDS_BYTES
_SLOTS_START = _COUNTS_START + -(-COUNTS_BYTES // 64) * 64
_SIZE = _SLOTS_START + MAX_SLOTS * SLOT_BYTES


class HandoverMemory:
    """The memory of one worker. It outlives the worker, so that nothing is lost with it.

    Attributes:
        records: Records of responses that the worker has sent.
        counts: Counts of the other responses.
        slots: What the worker does with each connection.
    """

    def __init__(self, descriptor: int) -> None:
        """Maps the memory of a descriptor, which may be closed then."""
        view = memoryview(mmap.mmap(descriptor, _SIZE))
        self.records = ResponseRecords(view[:RECORDS_BYTES])
        self.counts = ResponseCounts(view[_COUNTS_START:_SLOTS_START])
        starts = range(_SLOTS_START, _SIZE, SLOT_BYTES)
        self.slots = tuple(HandoverSlot(view[start : start + SLOT_BYTES]) for start in starts)

    @staticmethod
    def create() -> int:
        """Returns the descriptor of new memory, of which only the written pages take up memory.

        Raises:
            OSError: When the kernel has no memory or no descriptor for it.
        """
        if hasattr(os, "memfd_create"):
            descriptor = os.memfd_create("handover")
        else:
            # Only Linux has files that are memory; elsewhere it is a file without a name.
            with TemporaryFile() as file:
                descriptor = os.dup(file.fileno())
        os.ftruncate(descriptor, _SIZE)
        return descriptor
