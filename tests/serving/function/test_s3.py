"""Objects of S3, over real sockets."""

import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving.function.s3 import S3, Content, S3Error
from tests.serving.object_store import URL, ObjectStore, object_store

SECONDS = 20.0


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with object_store() as store:
        store.body = b"content" * 100_000
        yield store


@pytest.fixture
def s3(store: ObjectStore) -> S3:
    return S3(store.environment | {"AWS_SESSION_TOKEN": "token"})


def read(s3: S3, *, unless: str = "") -> Content:
    found = s3.read(URL, seconds=SECONDS, unless=unless)
    assert found is not None
    return found


def test_an_object_is_read_with_its_etag(s3: S3, store: ObjectStore) -> None:
    found = read(s3)

    assert found.body == store.body
    assert found.etag.startswith('"')
    assert "if-none-match" not in store.asked[0]
    assert store.asked[0]["x-amz-security-token"] == "token"


@pytest.mark.parametrize("size", [0, 1, 700_000])
def test_a_store_that_closes_its_connections_is_read_too(s3: S3, store: ObjectStore, size: int) -> None:
    store.closing, store.body = True, b"x" * size

    assert read(s3).body == store.body


def test_an_object_that_did_not_change_is_not_sent_again(s3: S3, store: ObjectStore) -> None:
    etag = read(s3).etag

    assert s3.read(URL, seconds=SECONDS, unless=etag) is None
    store.body = b"other"
    assert read(s3, unless=etag).body == b"other"
    assert store.statuses == [200, 304, 200]


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "s3://models/elsewhere",
            "access is denied, or there is no such object (S3 answers 403 AccessDenied)",
        ),
        (URL + "?versionId=1", "access is denied, or there is no such object (S3 answers 403 AccessDenied)"),
    ],
)
def test_an_object_that_is_not_there_is_a_sentence(s3: S3, url: str, sentence: str) -> None:
    with pytest.raises(S3Error) as raised:
        s3.read(url, seconds=SECONDS)

    assert str(raised.value) == sentence


def test_what_is_cut_short_once_is_read_again(s3: S3, store: ObjectStore) -> None:
    store.failures = 1

    assert read(s3).body == store.body
    assert store.statuses == [503, 200]


def test_what_is_cut_short_again_is_refused(s3: S3, store: ObjectStore) -> None:
    store.cut = 1000

    with pytest.raises(S3Error, match="S3 sent 1,000 of 700,000 bytes"):
        read(s3)

    assert store.statuses == [200, 200]


def test_a_store_that_stays_busy_is_left(s3: S3, store: ObjectStore) -> None:
    store.failures = 9

    with pytest.raises(S3Error, match="S3 answers 503 SlowDown"):
        read(s3)

    assert store.statuses == [503, 503]


@pytest.mark.parametrize("gate", ["gate", "body_gate"])
def test_a_store_that_is_slow_is_left_in_time(s3: S3, store: ObjectStore, gate: str) -> None:
    getattr(store, gate).clear()

    begun = time.monotonic()
    with pytest.raises(S3Error, match=r"S3 has not sent it within 0\.3 seconds"):
        s3.read(URL, seconds=0.3)

    assert 0.3 <= time.monotonic() - begun < 2


def test_nobody_who_answers_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(S3Error, match="Connection refused"):
        read(S3({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine, with its key, that nobody else vouches for."""
    path, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = ["-nodes", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", *words, *names, "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.mark.skipif(not shutil.which("openssl"), reason="a certificate is made with openssl")
def test_a_store_is_trusted_by_its_certificate_and_not_without(store: ObjectStore, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    store.socket = context.wrap_socket(store.socket, server_side=True)
    environment = store.environment | {"AWS_ENDPOINT_URL": f"https://localhost:{store.server_port}"}

    assert read(S3(environment | {"AWS_CA_BUNDLE": str(certificate)})).body == store.body
    with pytest.raises(S3Error, match="CERTIFICATE_VERIFY_FAILED"):
        read(S3(environment))


@pytest.mark.parametrize(
    ("environment", "bucket", "url"),
    [
        ({"AWS_REGION": "eu-west-1"}, "models", "https://models.s3.eu-west-1.amazonaws.com/a%20b/c"),
        ({"AWS_REGION": "eu-west-1"}, "our.models", "https://s3.eu-west-1.amazonaws.com/our.models/a%20b/c"),
        (
            {"AWS_REGION": "cn-north-1", "URL_SUFFIX": "amazonaws.com.cn"},
            "models",
            "https://models.s3.cn-north-1.amazonaws.com.cn/a%20b/c",
        ),
        (
            {"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_S3": "http://b:1"},
            "models",
            "http://b:1/models/a%20b/c",
        ),
    ],
)
def test_an_object_is_asked_for_where_it_is(environment: dict[str, str], bucket: str, url: str) -> None:
    assert "".join(S3(environment)._place(bucket, "a b/c")) == url
