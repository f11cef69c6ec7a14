"""SageMaker's model registry of this machine on a port of its own, without policies."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

from local.sagemaker.api.model_package_group_operations import model_package_group_operations
from local.sagemaker.api.model_package_operations import model_package_operations
from local.sagemaker.api.sagemaker_api import SageMakerApi
from local.sagemaker.registry.registry import SageMakerRegistry


@contextmanager
def serve_registry() -> Iterator[str]:
    """Runs the registry; yields its URL."""
    registry = SageMakerRegistry(lambda *_event: None)
    api = SageMakerApi({**model_package_group_operations(registry), **model_package_operations(registry)})

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            response = api.respond(self.headers["x-amz-target"].partition(".")[2], body)
            self.send_response(int(response.status))
            for name, value in {**response.headers, "content-length": str(len(response.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Writes no log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def registry_client(url: str) -> Any:
    """Creates a SageMaker client of a registry."""
    return boto3.client(
        "sagemaker",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
