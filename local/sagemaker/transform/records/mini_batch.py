"""Mini-batches: the records of an input object, in payloads for the container.

https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform.html
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


class PayloadError(Exception):
    """A record is larger than a payload may be; the message is a line of the job's log."""


@dataclass(frozen=True, kw_only=True)
class MiniBatch:
    """The records of one request.

    Attributes:
        records: The records of the input.
        payload: The body of the request.
    """

    records: list[bytes]
    payload: bytes


@dataclass(frozen=True, kw_only=True)
class Batching:
    """Mini-batches: the records of one payload.

    Attributes:
        splits: Whether each line is a record; if not, the whole object is one.
        is_single: Whether a payload has one record: BatchStrategy SingleRecord.
        max_bytes: Largest payload; None for any size.
    """

    splits: bool
    is_single: bool
    max_bytes: int | None

    def mini_batches(self, path: Path, prepare: Callable[[bytes], bytes]) -> Iterator[MiniBatch]:
        """Yields the mini-batches of a file.

        Args:
            path: The file.
            prepare: Returns what the container gets of a record.

        Raises:
            PayloadError: A record is larger than a payload may be.
        """
        if not self.splits:
            content = path.read_bytes()
            yield self._batch([content], [prepare(content)])
            return
        records: list[bytes] = []
        prepared: list[bytes] = []
        size = 0
        with path.open("rb") as lines:
            for line in lines:
                record = line.removesuffix(b"\n")
                piece = prepare(record)
                if records and (self.is_single or not self._fits(size + len(piece) + 1)):
                    yield self._batch(records, prepared)
                    records, prepared, size = [], [], 0
                records.append(record)
                prepared.append(piece)
                size += len(piece) + (1 if size else 0)
        if records:
            yield self._batch(records, prepared)

    def _fits(self, size: int) -> bool:
        return self.max_bytes is None or size <= self.max_bytes

    def _batch(self, records: list[bytes], prepared: list[bytes]) -> MiniBatch:
        payload = b"\n".join(prepared)
        if not self._fits(len(payload)):
            raise PayloadError("Too much data for max payload size")
        return MiniBatch(records=records, payload=payload)
