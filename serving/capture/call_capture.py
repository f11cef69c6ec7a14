"""Capture of a function's calls: a sample of them, written after the response or when the function ends."""

import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Self

from serving.capture.capture_buffer import CaptureBuffer
from serving.capture.extension import Extension, ExtensionError
from serving.capture.record import CapturedRequest
from serving.lambda_function.s3 import S3Client

_WRITE_SECONDS = 5.0
# A function with an internal extension has half a second after SIGTERM:
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
_LAST_WRITE_SECONDS = 0.4
# Of the system, because environments that start from one snapshot have the same state of `random`.
_RANDOM = random.SystemRandom()


class CallCapture:
    """Captures a percentage of the calls.

    Without an extension, a call that finds a batch due writes it before its response.

    Args:
        buffer: Buffer of the calls.
        percent: Percentage of the calls, above 0.
        draw: Returns a random number from 0 to below 1.
    """

    def __init__(
        self, buffer: CaptureBuffer, *, percent: int, draw: Callable[[], float] = _RANDOM.random
    ) -> None:
        self._buffer = buffer
        self._percent = percent
        self._draw = draw
        self._extension: Extension | None = None

    @classmethod
    def start(cls, environ: Mapping[str, str]) -> Self | None:
        """Starts the capture of a function that starts; returns None when it captures nothing.

        Args:
            environ: Environment of the function:
                CAPTURE_PERCENT: Percentage of the calls; nothing is captured unless set.
                CAPTURE_URL: S3 URI of the folder of all captures.
                CAPTURE_VARIANT: Folder below that of the function.
        """
        if "CAPTURE_PERCENT" not in environ:
            return None
        name = environ["AWS_LAMBDA_FUNCTION_NAME"]
        folder = f"{environ['CAPTURE_URL']}/{name}/{environ['CAPTURE_VARIANT']}"
        capture = cls(
            CaptureBuffer(folder, S3Client(environ), function=name), percent=int(environ["CAPTURE_PERCENT"])
        )
        capture.start_extension(environ.get("AWS_LAMBDA_RUNTIME_API", ""))
        return capture

    def start_extension(self, address: str) -> None:
        """Writes from now on after the responses, and when the function ends."""
        extension = Extension(address, work=self._write_if_due)
        try:
            extension.start()
        except ExtensionError as error:
            print(f"Data capture writes before responses, because it is no extension: {error}", flush=True)
            return
        self._extension = extension
        _call_at_end(lambda: self._buffer.write(seconds=_LAST_WRITE_SECONDS))

    def is_sampled(self) -> bool:
        """Draws whether the next call is captured."""
        return 100 * self._draw() < self._percent

    def add(self, call: CapturedRequest) -> None:
        """Adds a call."""
        self._buffer.add(call)

    def end_call(self, request_id: str) -> None:
        """Takes note that the handler returns.

        Args:
            request_id: Lambda's id of the call.
        """
        if self._extension:
            self._extension.end_call(request_id)
        else:
            self._write_if_due()

    def _write_if_due(self) -> None:
        if self._buffer.is_due:
            self._buffer.write(seconds=_WRITE_SECONDS)


def _call_at_end(work: Callable[[], None]) -> None:
    """Calls a function at SIGTERM, in a thread: the main thread waits in code that is not Python's."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)

    def wait() -> None:
        while os.read(read, 1) != bytes([signal.SIGTERM]):
            pass
        try:
            work()
        except Exception:
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
