"""Gateway: serves SageMaker requests itself and forwards all others to MiniStack."""

import socket

from local.local_aws import LocalAws


def test_a_bucket_can_have_the_name_endpoints(aws: LocalAws) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="endpoints")

    s3.put_object(Bucket="endpoints", Key="any/invocations", Body=b"content")

    assert s3.get_object(Bucket="endpoints", Key="any/invocations")["Body"].read() == b"content"


def test_a_client_that_disconnects_during_its_request_causes_no_error(aws: LocalAws) -> None:
    logged = len(aws.log.read_text())
    head = b"POST /endpoints/any/invocations HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection(("127.0.0.1", aws.port)) as client:
        client.sendall(head + b"cut short")

    # Two requests: the server has handled the disconnect before the second response.
    for _ in range(2):
        assert aws.client("sagemaker").list_endpoints()["Endpoints"] is not None
    assert "Traceback" not in aws.log.read_text()[logged:]
