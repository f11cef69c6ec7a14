"""S3 client of a Lambda function: GetObject and PutObject over http.client, without an AWS SDK."""

import base64
import functools
import hashlib
import re
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from serving.lambda_function.credentials import CredentialsSource
from serving.lambda_function.signature import sign
from serving.lambda_function.time_limit import TimeLimit

SCHEME = "s3://"

_ATTEMPTS = 2
_CONNECT_SECONDS = 1.0
_CHUNK_BYTES = 1 << 18
# The limit of an unpacked bundle.
_MAX_BYTES = 1 << 30
_CODE = re.compile(rb"<Code>([\w.]{1,64})</Code>")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
_KEY_ACTION = re.compile(rb"not authorized to perform: (kms:\w{1,64})")
_ERROR_TEXTS = {
    "PreconditionFailed": "it has changed since it was listed",
    "AccessDenied": "access is denied, or there is no such object",
    "NoSuchKey": "there is no such object",
    "NoSuchBucket": "there is no such bucket",
    "PermanentRedirect": "its bucket is in another region than the stack",
    "AuthorizationHeaderMalformed": "its bucket is in another region than the stack",
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    "InvalidObjectState": "its storage class is an archive: restore it, and keep the copy until it is read",
    "KMS.DisabledException": "the KMS key that encrypts it is disabled",
}

_WRITE_DENIED = "a policy of the role or of the bucket does not allow s3:PutObject"


class S3Error(Exception):
    """The object cannot be read or written; the message is the reason, as part of a sentence."""


class S3RefusalError(S3Error):
    """S3 refuses for a reason that another attempt does not change."""


class S3Object(NamedTuple):
    """Content of an object.

    Attributes:
        body: Bytes of the object.
        etag: ETag of the object.
    """

    body: bytes
    etag: str


class _BusyError(Exception):
    """S3 answered with a server error, after which a client should retry."""


class S3Client:
    """Reads and writes objects of S3 in one region.

    Args:
        environ: Environment of a Lambda function with region and credentials,
            https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, and URL_SUFFIX, the
            domain of AWS's host names, unless it is amazonaws.com.
        clock: Seconds of a monotonic clock, for the time limits.
    """

    def __init__(self, environ: Mapping[str, str], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._region = environ.get("AWS_REGION", "us-east-1")
        self._endpoint = environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL", "")
        self._suffix = environ.get("URL_SUFFIX", "amazonaws.com")
        self._authorities = environ.get("AWS_CA_BUNDLE")
        self._credentials = CredentialsSource(environ)

    def read(self, url: str, *, seconds: float, unless: str = "") -> S3Object | None:
        """Reads an object; returns None when it still has the ETag `unless`.

        Args:
            url: S3 URI of the object, s3://bucket/key.
            seconds: Time limit of all attempts together.
            unless: ETag of a known content, or empty.

        Raises:
            S3Error: When the object cannot be read within the time limit.
        """
        conditions = {"if-none-match": unless} if unless else {}
        return self._send("GET", url, conditions, b"", seconds=seconds)

    def read_range(self, url: str, *, start: int, end: int, etag: str, seconds: float) -> bytes:
        """Reads the bytes from `start` to before `end` of an object with this ETag.

        Raises:
            S3Error: When the object has another ETag, or cannot be read within the time limit.
        """
        headers = {"range": f"bytes={start}-{end - 1}", "if-match": etag}
        found = self._send("GET", url, headers, b"", seconds=seconds)
        return found.body if found else b""

    def write(self, url: str, body: bytes, *, media_type: str, seconds: float) -> None:
        """Writes an object.

        Raises:
            S3Error: When it cannot be written within the time limit.
        """
        # A bucket whose objects are retained by default requires a checksum:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
        digest = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        headers = {"content-type": media_type, "content-md5": digest}
        self._send("PUT", url, headers, body, seconds=seconds)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> S3Object | None:
        bucket, _, key = url.removeprefix(SCHEME).partition("/")
        deadline = TimeLimit(self._clock, seconds)
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return self._try(method, self._location(bucket, key), headers, body, deadline)
            except (OSError, HTTPException, _BusyError) as error:
                if attempt == _ATTEMPTS or deadline.is_over():
                    raise S3Error(_reason(error, method, seconds)) from error
        raise AssertionError

    def _try(
        self,
        method: str,
        location: tuple[str, str],
        headers: Mapping[str, str],
        body: bytes,
        deadline: TimeLimit,
    ) -> S3Object | None:
        credentials = self._credentials.read(seconds=deadline.remaining())
        base, path = location
        host = urlsplit(base)
        connection = self._connect(host.scheme, host.netloc, deadline.remaining())
        try:
            connection.connect()
            connection.sock.settimeout(deadline.remaining())
            signed = sign(
                credentials,
                method=method,
                host=host.netloc,
                path=path,
                region=self._region,
                now=datetime.now(UTC),
                body=body,
            )
            connection.request(method, path, body=body or None, headers={**signed, **headers})
            return _read_object(connection, method, deadline)
        finally:
            connection.close()

    def _location(self, bucket: str, key: str) -> tuple[str, str]:
        path = f"/{quote(key, safe='/-._~')}"
        if self._endpoint:
            return self._endpoint, f"/{bucket}{path}"
        host = f"s3.{self._region}.{self._suffix}"
        # The certificate of S3 covers one label in front of its host name.
        return (
            (f"https://{host}", f"/{bucket}{path}") if "." in bucket else (f"https://{bucket}.{host}", path)
        )

    def _connect(self, scheme: str, netloc: str, remaining: float) -> HTTPConnection:
        seconds = min(_CONNECT_SECONDS, remaining)
        if scheme == "http":
            return HTTPConnection(netloc, timeout=seconds)
        return HTTPSConnection(netloc, timeout=seconds, context=self._trust)

    @functools.cached_property
    def _trust(self) -> ssl.SSLContext:
        # Loading the certificate authorities takes as long as a request.
        return ssl.create_default_context(cafile=self._authorities)


def _read_object(connection: HTTPConnection, method: str, deadline: TimeLimit) -> S3Object | None:
    # The connection loses its socket to the response when the server closes it.
    socket = connection.sock
    response = connection.getresponse()
    if response.status == HTTPStatus.NOT_MODIFIED:
        return None
    if response.status not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        raise _error_of(response, method)
    length = int(response.headers.get("content-length", -1))
    if length > _MAX_BYTES:
        raise S3Error(f"it has {length:,} bytes, and the limit is {_MAX_BYTES:,}")
    chunks = []
    # The response closes itself after the last byte, or when the connection ends early.
    while not response.isclosed():
        socket.settimeout(deadline.remaining())
        chunks.append(response.read(_CHUNK_BYTES))
    body = b"".join(chunks)
    if len(body) != length:
        raise HTTPException(f"S3 sent {len(body):,} of {length:,} bytes")
    return S3Object(body, response.headers.get("etag", ""))


def _error_of(response: HTTPResponse, method: str) -> Exception:
    body = response.read(_CHUNK_BYTES)
    found = _CODE.search(body)
    code = found[1].decode() if found else ""
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BusyError(f"S3 answers {response.status} {code}".rstrip())
    said = f"S3 answers {response.status} {code}".rstrip()
    if action := _KEY_ACTION.search(body):
        use = action[1].decode()
        return S3RefusalError(f"the role or the key's policy does not allow {use} with its KMS key ({said})")
    text = _WRITE_DENIED if (method, code) == ("PUT", "AccessDenied") else _ERROR_TEXTS.get(code)
    return S3RefusalError(f"{text} ({said})") if text else S3Error(said)


def _reason(error: Exception, method: str, seconds: float) -> str:
    if isinstance(error, TimeoutError):
        done = "sent" if method == "GET" else "accepted"
        return f"S3 has not {done} it within {seconds:g} seconds"
    return str(error) or type(error).__name__
