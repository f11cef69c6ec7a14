"""`python -m smoke.postman`, and newman against an HTTP server; tests/e2e runs it against a full stack."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from api.postman.request import request
from api.postman.scripts import status_is
from local.local_aws import LocalAws
from local.process_environment import isolated
from smoke.errors import NotFoundError
from smoke.postman import run_collection
from smoke.stack_target import ROOT
from tests.inherited_environ import inherited_environ
from tests.smoke.service import deployed, service
from tests.tiny_bundle import write_tiny_bundle

# newman runs on Node.
pytestmark = pytest.mark.usefixtures("node_packages")


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    write_tiny_bundle(path)
    return path


def postman(*arguments: str, aws: LocalAws) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smoke.postman", *arguments],
        cwd=ROOT,
        env=isolated(inherited_environ()) | {"AWS_ENDPOINT_URL": aws.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_service_that_accepts_every_request_fails_and_its_key_is_not_printed(
    aws: LocalAws, bundle: Path
) -> None:
    with deployed(aws, service(version="0123456789ab")) as url:
        [key] = aws.client("apigateway").get_api_keys(includeValues=True)["items"]

        done = postman("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)

    assert (done.returncode, done.stderr) == (1, "")
    assert "403: without an API key" in done.stdout
    written = [bundle.with_name(f"postman_{part}.json") for part in ("collection", "environment")]
    assert done.stdout.splitlines()[:2] == [str(path) for path in written]
    assert url in written[1].read_text()
    assert key["value"] not in done.stdout + "".join(path.read_text() for path in written)


def test_the_collection_of_a_signed_api_signs_its_requests(aws: LocalAws, bundle: Path) -> None:
    with deployed(aws, service(version="0123456789ab", auth="iam")) as url:
        done = postman("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)

    environment = json.loads(bundle.with_name("postman_environment.json").read_text())
    values = {variable["key"]: variable["value"] for variable in environment["values"]}
    assert "403: without a signature" in done.stdout
    assert (values["aws_region"], values["aws_secret_access_key"]) == ("us-east-1", "")


def test_a_missing_stack_is_reported_in_one_sentence(aws: LocalAws, bundle: Path) -> None:
    done = postman("--stack", "Elsewhere", "--bundle", str(bundle), aws=aws)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no stack Elsewhere in us-east-1: deploy it, or name another.\n"


SECRET = "a-secret-api-key"
COLLECTION = {
    "info": {"name": "one", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "auth": {
        "type": "apikey",
        "apikey": [{"key": "key", "value": "x-api-key"}, {"key": "value", "value": "{{api_key}}"}],
    },
    "item": [request("ask", "GET", "/ask", tests=status_is(200))],
}


class KeyedHandler(BaseHTTPRequestHandler):
    """Responds with 200 to requests with the API key, with 403 to others."""

    def do_GET(self) -> None:
        self.send_response(200 if self.headers.get("x-api-key") == SECRET else 403)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Writes no log."""


@pytest.fixture
def url() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), KeyedHandler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    path = tmp_path / "collection.json"
    path.write_text(json.dumps(COLLECTION))
    return path


def postman_environment(**variables: str) -> dict[str, object]:
    return {"name": "one", "values": [{"key": key, "value": value} for key, value in variables.items()]}


def test_requests_contain_the_key_and_the_report_does_not(
    url: str, collection: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_collection(collection, postman_environment(base_url=url, api_key=SECRET))

    printed = capfd.readouterr()
    assert (code, printed.err) == (0, "")
    assert "the status is 200" in printed.out
    assert SECRET not in printed.out


def test_a_failed_test_gives_exit_code_1(
    url: str, collection: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = run_collection(collection, postman_environment(base_url=url, api_key="wrong"))

    assert code == 1
    assert "expected response to have status code 200 but got 403" in capfd.readouterr().out


def test_newman_gets_the_key_through_a_pipe_and_not_in_arguments_or_environment(
    collection: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "newman.js"
    program.write_text(
        'const piped = require("fs").readFileSync("/dev/stdin", "utf8");'
        "console.log(JSON.stringify([process.argv, process.env, piped]));"
    )

    code = run_collection(collection, postman_environment(api_key=SECRET), newman=program)

    arguments, variables, piped = json.loads(capfd.readouterr().out)
    assert code == 0
    assert SECRET in piped
    assert SECRET not in json.dumps([arguments, variables])


def test_the_error_without_newman_names_the_install_command(collection: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="npm ci"):
        run_collection(collection, postman_environment(), newman=tmp_path / "none")
