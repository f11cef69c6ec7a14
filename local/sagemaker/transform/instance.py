"""Instance of a transform job: a serving process that gets the mini-batches of one object after another.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html
"""

import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import IO, Any

from local.sagemaker.hosting.container import Container
from local.sagemaker.hosting.container_client import ContainerResponse, send_request
from local.sagemaker.transform.invocations import NO_RESPONSE, Invocations, execution_parameters
from local.sagemaker.transform.records.data_processing import DataProcessing
from local.sagemaker.transform.records.mini_batch import Batching, MiniBatch

_MEGABYTE = 1 << 20
_RETRY_PAUSE_SECONDS = 0.2


class MiniBatchError(Exception):
    """The container refused a mini-batch, or did not answer it.

    Attributes:
        lines: Lines of the job's log.
        is_clients: Whether the input is to blame: a status of 4xx.
    """

    def __init__(self, *lines: str, is_clients: bool = False) -> None:
        super().__init__(lines[0])
        self.lines = lines
        self.is_clients = is_clients


class JobStoppedError(Exception):
    """The job is being stopped."""


class TransformInstance:
    """A running instance.

    Args:
        container: Its serving process, which is healthy.
        request: The request of CreateTransformJob.
        stopping: Set when the job is to be stopped.

    Attributes:
        container: Its serving process.
        invocations: Limits of the calls to the container.
    """

    def __init__(self, container: Container, request: Mapping[str, Any], stopping: threading.Event) -> None:
        self.container = container
        self.invocations = Invocations.of(request, execution_parameters(container))
        self._stopping = stopping
        self._processing = DataProcessing.read(request)
        source, output = request["TransformInput"], request["TransformOutput"]
        splits = source.get("SplitType", "None") != "None"
        self._batching = Batching(
            splits=splits,
            is_single=self.invocations.strategy == "SINGLE_RECORD",
            max_bytes=self.invocations.payload_mb * _MEGABYTE or None,
        )
        self._assembles_lines = output.get("AssembleWith", "None") != "None"

    def transform(self, source: Path, target: Path) -> None:
        """Writes the output of an input file, in the order of its records.

        Raises:
            MiniBatchError: The container refused a mini-batch or did not answer it.
            PayloadError: A record is larger than a payload may be.
            DataProcessingError: A record cannot be read, filtered or joined.
            JobStoppedError: The job is being stopped.
        """
        prepare = self._processing.filter_input if self._processing.changes_input else bytes
        batches = self._batching.mini_batches(source, prepare)
        with (
            target.open("wb") as output,
            ThreadPoolExecutor(max_workers=self.invocations.concurrent) as threads,
        ):
            pending: deque[tuple[MiniBatch, Future[bytes]]] = deque()
            try:
                for batch in batches:
                    pending.append((batch, threads.submit(self._invoke, batch.payload)))
                    if len(pending) > self.invocations.concurrent:
                        self._write(output, *pending.popleft())
                while pending:
                    self._write(output, *pending.popleft())
            finally:
                for _, response in pending:
                    response.cancel()

    def _write(self, output: IO[bytes], batch: MiniBatch, response: Future[bytes]) -> None:
        body = response.result()
        if self._processing.changes_output:
            body = self._processing.assemble(batch.records, body, whole=not self._batching.splits)
        output.write(body)
        if self._assembles_lines and not body.endswith(b"\n"):
            output.write(b"\n")

    def _invoke(self, payload: bytes) -> bytes:
        failures = 0
        while True:
            try:
                return self._response(payload)
            except MiniBatchError as error:
                failures += 1
                if error.is_clients or failures > self.invocations.retries:
                    raise
            self._stopping.wait(_RETRY_PAUSE_SECONDS * 2**failures)

    def _response(self, payload: bytes) -> bytes:
        if self._stopping.is_set():
            raise JobStoppedError
        calls = self.invocations
        try:
            with self.container.lease() as port:
                response = send_request(
                    port,
                    "POST",
                    "/invocations",
                    timeout=calls.seconds,
                    body=payload,
                    headers=calls.headers,
                )
        except NO_RESPONSE:
            raise MiniBatchError("Unable to get response from algorithm") from None
        if not response.is_success:
            raise _refusal(response)
        return response.body


def _refusal(response: ContainerResponse) -> MiniBatchError:
    status = response.status
    is_clients = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    first = f"ClientError: {status}" if is_clients else f"Bad HTTP status received from algorithm: {status}"
    return MiniBatchError(first, "", "Message:", *response.text.splitlines(), is_clients=is_clients)
