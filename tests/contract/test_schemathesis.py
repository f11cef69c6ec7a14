"""schemathesis against the container: what it answers is what its document says, whatever it is sent."""

from pathlib import Path
from typing import Any

from api import openapi_document
from bundle import Manifest, read_directory
from tests.api.schemathesis_cli import PHASES, run_schemathesis
from tests.contract.process import ServingProcess


def of_the_container(manifest: Manifest) -> dict[str, Any]:
    """The API's document as far as the container has a part in it.

    POST /predict is its POST /invocations. The key, the request's id and the statuses that come without
    the container are the API's, and there is no other path to link to: so the request links to itself.
    """
    document = openapi_document(manifest)
    predict = document["paths"]["/predict"]["post"] | {"security": []}
    predict["responses"]["200"]["links"] = {
        "again": {"operationId": "predict", "requestBody": manifest.golden[0].instance}
    }
    document["paths"] = {"/invocations": {"post": predict}}
    document["components"]["headers"]["RequestId"]["required"] = False
    document["components"]["schemas"]["Problem"]["required"].remove("request_id")
    return document


def test_all_phases_and_all_checks_pass(server: ServingProcess, tmp_path: Path) -> None:
    document = of_the_container(read_directory(server.home.parent / "model").manifest)

    run = run_schemathesis(document, url=f"http://127.0.0.1:{server.port}", folder=tmp_path, examples=100)

    assert (run.code, run.passed) == (0, set(PHASES)), run.text
    assert run.cases > 500
