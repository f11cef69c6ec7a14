"""Objects in S3, read with what a Lambda function knows of itself."""

import functools
import re
import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from serving.function.signature import Credentials, sign_get

SCHEME = "s3://"

_ATTEMPTS = 2
_CONNECT_SECONDS = 1.0
_CHUNK_BYTES = 1 << 18
# A bundle may not even unpack to more.
_MOST_BYTES = 1 << 30
_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")
_WORDS = {
    "AccessDenied": "access is denied, or there is no such object",
    "NoSuchKey": "there is no such object",
    "NoSuchBucket": "there is no such bucket",
}


class S3Error(Exception):
    """An object that cannot be read; the message says why in part of a sentence."""


class Content(NamedTuple):
    """What an object holds.

    Attributes:
        body: Its bytes.
        etag: What S3 calls this content of it.
    """

    body: bytes
    etag: str


class S3:
    """S3 of one region.

    Args:
        environ: A Lambda function's environment, https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
            with URL_SUFFIX, the end of AWS's host names, where it is not amazonaws.com.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._region = environ.get("AWS_REGION", "us-east-1")
        self._endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL", "")
        self._suffix = environ.get("URL_SUFFIX", "amazonaws.com")
        self._authorities = environ.get("AWS_CA_BUNDLE")
        self._credentials = Credentials(
            key=environ.get("AWS_ACCESS_KEY_ID", ""),
            secret=environ.get("AWS_SECRET_ACCESS_KEY", ""),
            token=environ.get("AWS_SESSION_TOKEN", ""),
        )

    def read(self, url: str, *, seconds: float, unless: str = "") -> Content | None:
        """What an object holds; None when that is still what it was.

        Args:
            url: Its address, s3://bucket/key.
            seconds: How long it may take.
            unless: The ETag of what is known already, empty for nothing.

        Raises:
            S3Error: When it cannot be read, or not in time.
        """
        bucket, _, key = url.removeprefix(SCHEME).partition("/")
        expires = time.monotonic() + seconds
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._ask(bucket, key, unless, expires)
            except (OSError, HTTPException, _BusyError) as error:
                if attempt == _ATTEMPTS or time.monotonic() >= expires:
                    raise S3Error(_reason(error, seconds)) from error
        raise AssertionError

    def _ask(self, bucket: str, key: str, unless: str, expires: float) -> Content | None:
        base, path = self._place(bucket, key)
        place = urlsplit(base)
        connection = self._connect(place.scheme, place.netloc, _left(expires))
        try:
            connection.connect()
            connection.sock.settimeout(_left(expires))
            now = datetime.now(UTC)
            signed = sign_get(self._credentials, host=place.netloc, path=path, region=self._region, now=now)
            connection.request(
                "GET", path, headers=dict(signed) | ({"if-none-match": unless} if unless else {})
            )
            return _content(connection, expires)
        finally:
            connection.close()

    def _place(self, bucket: str, key: str) -> tuple[str, str]:
        path = f"/{quote(key, safe='/-._~')}"
        if self._endpoint:
            return self._endpoint, f"/{bucket}{path}"
        host = f"s3.{self._region}.{self._suffix}"
        # A certificate of S3 is for one label in front of its name.
        return (
            (f"https://{host}", f"/{bucket}{path}") if "." in bucket else (f"https://{bucket}.{host}", path)
        )

    def _connect(self, scheme: str, netloc: str, left: float) -> HTTPConnection:
        seconds = min(_CONNECT_SECONDS, left)
        if scheme == "http":
            return HTTPConnection(netloc, timeout=seconds)
        return HTTPSConnection(netloc, timeout=seconds, context=self._trust)

    @functools.cached_property
    def _trust(self) -> ssl.SSLContext:
        # Reading the authorities takes as long as asking S3.
        return ssl.create_default_context(cafile=self._authorities)


class _BusyError(Exception):
    """S3 asks to be asked again."""


def _content(connection: HTTPConnection, expires: float) -> Content | None:
    # The response takes the socket away from the connection when it is the last one.
    socket = connection.sock
    response = connection.getresponse()
    if response.status == HTTPStatus.NOT_MODIFIED:
        return None
    if response.status != HTTPStatus.OK:
        raise _refusal(response)
    length = int(response.headers.get("content-length", -1))
    if length > _MOST_BYTES:
        raise S3Error(f"it has {length:,} bytes, and {_MOST_BYTES:,} are the most there may be")
    chunks = []
    # It closes itself with the last byte, or ends early.
    while not response.isclosed():
        socket.settimeout(_left(expires))
        chunks.append(response.read(_CHUNK_BYTES))
    body = b"".join(chunks)
    if len(body) != length:
        raise HTTPException(f"S3 sent {len(body):,} of {length:,} bytes")
    return Content(body, response.headers.get("etag", ""))


def _refusal(response: HTTPResponse) -> Exception:
    found = _CODE.search(response.read(_CHUNK_BYTES))
    code = found[1].decode() if found else ""
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BusyError(f"S3 answers {response.status} {code}".rstrip())
    said = f"S3 answers {response.status} {code}".rstrip()
    return S3Error(f"{_WORDS[code]} ({said})" if code in _WORDS else said)


def _left(expires: float) -> float:
    left = expires - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _reason(error: Exception, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        return f"S3 has not sent it within {seconds:g} seconds"
    return str(error) or type(error).__name__
