"""Data capture of one serving process: samples calls, and writes their records to S3 in batches."""

import random
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from local.sagemaker.capture.record import CapturedCall, record_of

_SECONDS_OF_A_BATCH = 1.0


class DataCapture:
    """Captures calls until it is closed; records that the role may not write are lost, as on AWS.

    Args:
        config: DataCaptureConfig of the endpoint configuration.
        s3: A boto3 client of S3 with the permissions of the execution role.
        place: The names of endpoint and variant, which are folders below DestinationS3Uri.
        log_file: The file whose lines are the endpoint's log.
        clock: The time of a call.
        draw: Returns a random number from 0 to below 1.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        s3: Any,
        place: tuple[str, str],
        log_file: Path,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._s3 = s3
        self._place = place
        self._log_file = log_file
        self._clock = clock
        self._draw = draw
        self._batch: list[tuple[datetime, str]] = []
        self._changing = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._write_batches, daemon=True)

    def start(self) -> None:
        """Starts to write batches."""
        self._thread.start()

    def capture(
        self, *, request: bytes, request_type: str, response: bytes, response_type: str, inference_id: str
    ) -> None:
        """Adds a call to the batch if it is in the sample.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
        """
        if 100 * self._draw() >= self._config["InitialSamplingPercentage"]:
            return
        call = CapturedCall(
            request=request,
            request_type=request_type,
            response=response,
            response_type=response_type,
            inference_id=inference_id,
            time=self._clock(),
        )
        record = record_of(call, self._config, event_id=str(uuid.uuid4()))
        with self._changing:
            self._batch.append((call.time, record))

    def close(self) -> None:
        """Writes the last batch; returns when it is written."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()
        else:
            self.write_batch()

    def write_batch(self) -> None:
        """Writes the records since the last batch, one object for each hour."""
        with self._changing:
            batch, self._batch = self._batch, []
        by_hour: dict[str, list[tuple[datetime, str]]] = {}
        for time, record in batch:
            by_hour.setdefault(f"{time:%Y/%m/%d/%H}", []).append((time, record))
        for hour, records in by_hour.items():
            self._write(hour, records[0][0], "".join(f"{record}\n" for _, record in records))

    def _write(self, hour: str, first: datetime, lines: str) -> None:
        destination = urlsplit(self._config["DestinationS3Uri"])
        # SageMaker names a file after minute, second and millisecond of its first record.
        name = f"{first:%M-%S}-{first.microsecond // 1000:03}-{uuid.uuid4()}.jsonl"
        key = "/".join([*filter(None, [destination.path.strip("/")]), *self._place, hour, name])
        key_id = self._config.get("KmsKeyId")
        encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
        try:
            self._s3.put_object(Bucket=destination.netloc, Key=key, Body=lines.encode(), **encryption)
        except (ClientError, BotoCoreError) as error:
            # On a full disk too, the thread must go on.
            with suppress(OSError), self._log_file.open("a", encoding="utf-8") as log:
                log.write(f"SageMaker: captured data is lost: {error}\n")

    def _write_batches(self) -> None:
        while not self._closing.wait(_SECONDS_OF_A_BATCH):
            self.write_batch()
        self.write_batch()
