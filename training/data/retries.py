"""Repeated tries of a download: each failed one is shown with its cause before the pause that follows it."""

from urllib.parse import urlsplit

from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)
from urllib3.util import Retry, Timeout

from training.data.data_options import DataOptions

CONNECT_SECONDS = 5
FIRST_ANSWER_SECONDS, ANSWER_SECONDS = 8, 60
LONGEST_PAUSE = 64.0
BUSY = (429, 500, 502, 503, 504)

# Follows redirects only: a try that fails is repeated by `Tries`, which shows it.
REDIRECTS = Retry(total=None, connect=0, read=0, status=0, other=0, redirect=5)


class BusyError(HTTPError):
    """A site is busy; `pause` has the seconds of its Retry-After header, if it sent one."""

    def __init__(self, status: int, retry_after: str | None) -> None:
        super().__init__(f"it answered with status {status}")
        self.pause = REDIRECTS.parse_retry_after(retry_after) if retry_after else 0.0


class Tries:
    """The tries of one download.

    The first answer is awaited 8 s, so that a user hears of a silent site soon; a slow site gets 60 s.

    Args:
        url: Address of the file.
        options: Shows the failed tries, and pauses between them.
        pauses: Seconds of the pause after each failed try; there is one more try than pauses.
    """

    def __init__(self, url: str, options: DataOptions, pauses: tuple[float, ...]) -> None:
        self._site, self._options, self._pauses = urlsplit(url).netloc, options, pauses
        self._failed = 0
        self._answer_seconds = FIRST_ANSWER_SECONDS

    @property
    def timeout(self) -> Timeout:
        """Timeout of the next try."""
        return Timeout(connect=CONNECT_SECONDS, read=self._answer_seconds)

    def restart(self) -> None:
        """Counts the tries anew, after some bytes have arrived."""
        self._failed = 0

    def failed(self, error: HTTPError) -> None:
        """Shows a failed try and pauses.

        Raises:
            HTTPError: The error itself, after the last try.
        """
        self._answer_seconds = ANSWER_SECONDS
        if self._failed == len(self._pauses):
            raise error
        pause = self._pauses[self._failed]
        if isinstance(error, BusyError):
            pause = min(max(pause, error.pause), LONGEST_PAUSE)
        self._failed += 1
        self._options.progress.step(
            f"{self._site}: {cause_of(error)}; "
            f"try {self._failed + 1} of {len(self._pauses) + 1} in {pause:g} s"
        )
        self._options.sleep(pause)


def cause_of(error: HTTPError) -> str:
    """Returns why a try failed, in words for a user."""
    if isinstance(error, MaxRetryError) and isinstance(error.reason, HTTPError):
        return cause_of(error.reason)
    if isinstance(error, NameResolutionError):
        return "its name has no address here, so this machine is offline or the name is wrong"
    if isinstance(error, NewConnectionError):
        return "it cannot be reached, so it is down or this machine is offline"
    if isinstance(error, ConnectTimeoutError):
        return f"no connection within {CONNECT_SECONDS} s, so it is down or this machine is offline"
    if isinstance(error, ReadTimeoutError):
        return "no answer in time"
    return str(error).strip().partition("\n")[0]
