"""The one address: SageMaker's requests are answered here, all others by MiniStack."""

import socket

from local.aws import LocalAws


def test_a_bucket_may_be_called_endpoints(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="endpoints")

    s3.put_object(Bucket="endpoints", Key="any/invocations", Body=b"content")

    assert s3.get_object(Bucket="endpoints", Key="any/invocations")["Body"].read() == b"content"


def test_a_client_that_leaves_in_the_middle_of_its_request_does_no_harm(aws: LocalAws) -> None:
    head = b"POST /endpoints/any/invocations HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", aws.port)) as client:
        client.sendall(head + b"cut short")

    # Asked twice, so that the first request is over when the second is answered.
    for _ in range(2):
        assert aws.client("sagemaker").list_endpoints()["Endpoints"] is not None
    assert "Traceback" not in aws.log.read_text()
