"""S3 client, over real sockets."""

import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from serving.lambda_function.s3 import S3Client, S3Error, S3Object, S3RefusalError
from tests.serving.lambda_function.object_store import DENIED, URL, ObjectStore

SECONDS = 20.0


@pytest.fixture
def store(store: ObjectStore) -> ObjectStore:
    store.body = b"content" * 100_000
    return store


@pytest.fixture
def s3(store: ObjectStore) -> S3Client:
    return S3Client(store.environment | {"AWS_SESSION_TOKEN": "token"})


def read(s3: S3Client, *, unless: str = "") -> S3Object:
    found = s3.read(URL, seconds=SECONDS, unless=unless)
    assert found is not None
    return found


def test_an_object_is_read_with_its_etag(s3: S3Client, store: ObjectStore) -> None:
    found = read(s3)

    assert found.body == store.body
    assert found.etag.startswith('"')
    assert "if-none-match" not in store.asked[0]
    assert store.asked[0]["x-amz-security-token"] == "token"


@pytest.mark.parametrize("size", [0, 1, 700_000])
def test_a_store_may_close_its_connections(s3: S3Client, store: ObjectStore, size: int) -> None:
    store.closing, store.body = True, b"x" * size

    assert read(s3).body == store.body


def test_an_unchanged_object_is_not_sent_again(s3: S3Client, store: ObjectStore) -> None:
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
def test_a_missing_object_is_an_error_with_the_reason(s3: S3Client, url: str, sentence: str) -> None:
    with pytest.raises(S3RefusalError) as raised:
        s3.read(url, seconds=SECONDS)

    assert str(raised.value) == sentence


KEY_REFUSED = (
    "the role or the key's policy does not allow kms:Decrypt with its KMS key (S3 answers 403 AccessDenied)"
)
KEY_DENIED = (
    "User: arn:aws:sts::111122223333:assumed-role/role/name is not authorized to perform: kms:Decrypt on "
    "resource: arn:aws:kms:us-east-1:111122223333:key/1 because no identity-based policy allows the action"
)


@pytest.mark.parametrize(
    ("status", "code", "message", "sentence"),
    [
        (
            403,
            "AccessDenied",
            KEY_DENIED,
            KEY_REFUSED,
        ),
        (
            400,
            "KMS.DisabledException",
            "The key is disabled.",
            "the KMS key that encrypts it is disabled (S3 answers 400 KMS.DisabledException)",
        ),
        (
            301,
            "PermanentRedirect",
            "The bucket must be addressed using another endpoint.",
            "its bucket is in another region than the stack (S3 answers 301 PermanentRedirect)",
        ),
        (
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
            "its bucket is in another region than the stack (S3 answers 400 AuthorizationHeaderMalformed)",
        ),
        (
            403,
            "InvalidObjectState",
            "The operation is not valid for the object's storage class",
            (
                "its storage class is an archive: restore it, and keep the copy until it is read "
                "(S3 answers 403 InvalidObjectState)"
            ),
        ),
    ],
)
def test_a_refusal_names_key_and_region(
    s3: S3Client, store: ObjectStore, status: int, code: str, message: str, sentence: str
) -> None:
    store.refusal = status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()

    with pytest.raises(S3RefusalError) as raised:
        s3.read(URL, seconds=SECONDS)

    assert str(raised.value) == sentence
    assert store.statuses == [status]


def test_a_server_error_is_retried_once(s3: S3Client, store: ObjectStore) -> None:
    store.failures = 1

    assert read(s3).body == store.body
    assert store.statuses == [503, 200]


def test_a_response_that_is_truncated_twice_is_an_error(s3: S3Client, store: ObjectStore) -> None:
    store.cut = 1000

    with pytest.raises(S3Error, match="S3 sent 1,000 of 700,000 bytes"):
        read(s3)

    assert store.statuses == [200, 200]


def test_a_second_server_error_is_an_error(s3: S3Client, store: ObjectStore) -> None:
    store.failures = 9

    with pytest.raises(S3Error, match="S3 answers 503 SlowDown"):
        read(s3)

    assert store.statuses == [503, 503]


@pytest.mark.parametrize("gate", ["gate", "body_gate"])
def test_a_slow_store_is_an_error_after_the_time_limit(s3: S3Client, store: ObjectStore, gate: str) -> None:
    getattr(store, gate).clear()

    # The store waits for the gate longer than any read may take.
    with pytest.raises(S3Error, match=r"S3 has not sent it within 0\.3 seconds"):
        s3.read(URL, seconds=0.3)


def test_the_attempts_share_one_time_limit(store: ObjectStore) -> None:
    # Given a clock by which each response takes 100 seconds
    s3 = S3Client(store.environment, clock=lambda: 100.0 * len(store.statuses))
    store.failures = 9

    # When an object is read within fewer
    with pytest.raises(S3Error, match="S3 answers 503 SlowDown"):
        s3.read(URL, seconds=50)

    # Then there is no second attempt
    assert store.statuses == [503]


def test_a_refused_connection_is_an_error_with_the_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(S3Error, match="Connection refused"):
        read(S3Client({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for localhost, with its key."""
    path, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    words = ["-nodes", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", *words, *names, "-keyout", str(key), "-out", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + key.read_text())
    return path


@pytest.mark.skipif(not shutil.which("openssl"), reason="a certificate is made with openssl")
def test_the_certificate_of_the_store_is_verified(store: ObjectStore, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    store.socket = context.wrap_socket(store.socket, server_side=True)
    environment = store.environment | {"AWS_ENDPOINT_URL": f"https://localhost:{store.server_port}"}

    assert read(S3Client(environment | {"AWS_CA_BUNDLE": str(certificate)})).body == store.body
    with pytest.raises(S3Error, match="CERTIFICATE_VERIFY_FAILED"):
        read(S3Client(environment))


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
def test_the_location_depends_on_region_and_endpoint(
    environment: dict[str, str], bucket: str, url: str
) -> None:
    assert "".join(S3Client(environment)._location(bucket, "a b/c")) == url


def test_a_write_that_is_denied_names_the_permission(s3: S3Client, store: ObjectStore) -> None:
    store.refusal = 403, DENIED

    with pytest.raises(S3RefusalError) as raised:
        s3.write(URL, b"rows", media_type="text/csv", seconds=SECONDS)

    assert str(raised.value) == (
        "a policy of the role or of the bucket does not allow s3:PutObject (S3 answers 403 AccessDenied)"
    )
    assert store.asked[0]["content-md5"] == "3zR6NzuPkqoK492SCl7C9g=="
