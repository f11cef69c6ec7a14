"""The deployed API and its OpenAPI document, tried by schemathesis, newman and a generated client."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api import openapi_document
from bundle import read_archive
from tests.api.schemathesis_cli import PHASES, run_schemathesis
from tests.e2e.support.account import Account, call
from tests.e2e.support.tiny_stack import TinyStack

# The program of a client's author, on top of the generated client.
CLIENT = """
import json, os, sys
from client import AuthenticatedClient
from client.api.predictions import predict
from client.api.service import get_health
from client.models import InstancesRequest, PredictOnError, Problem, Row

here = sys.argv[1]
client = AuthenticatedClient(here, token=os.environ["API_KEY"], prefix="", auth_header_name="x-api-key")
one = predict.sync(client=client, body=Row(size=0.0))
many = InstancesRequest([Row(size=0.0), Row(size=101.0)])
refused = predict.sync(client=client, body=many)
wanted = {"on_error": PredictOnError.SKIP, "probabilities": True, "threshold": 0.6}
skipped = predict.sync(client=client, body=many, **wanted)
health = get_health.sync(client=client)
assert isinstance(refused, Problem)
print(json.dumps([answer.to_dict() for answer in (one, refused, skipped, health)]))
"""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """The deployed tiny stack, with the address and the key of its API."""

    account: Account
    bundle: Path
    url: str
    key: str

    @property
    def document(self) -> Any:
        """The body of GET /openapi.json."""
        answer = call("GET", f"{self.url}/openapi.json")
        assert (answer.status, answer.type) == (200, "application/json")
        return answer.body


@pytest.fixture(scope="module")
def deployed(tiny_stack: TinyStack, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    # `local postman` writes beside the bundle.
    bundle = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    shutil.copy(tiny_stack.bundle, bundle)
    service = tiny_stack.service
    url = service.url.removesuffix("/predict")
    return Deployed(account=tiny_stack.account, bundle=bundle, url=url, key=service.api_key)


def test_openapi_json_is_the_document_of_the_bundle(deployed: Deployed) -> None:
    assert deployed.document == openapi_document(read_archive(deployed.bundle).manifest)


def test_schemathesis_passes_every_check_in_every_phase(deployed: Deployed, tmp_path: Path) -> None:
    run = run_schemathesis(deployed.document, url=deployed.url, folder=tmp_path, examples=8, key=deployed.key)

    assert (run.code, run.passed) == (0, set(PHASES)), run.text
    assert run.cases > 150


def test_the_postman_collection_passes_and_the_key_stays_secret(deployed: Deployed) -> None:
    done = deployed.account.local("postman", "--model", "tiny", "--bundle", str(deployed.bundle), check=False)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    written = [deployed.bundle.with_name(f"postman_{part}.json") for part in ("collection", "environment")]
    requests = json.loads(written[0].read_text())["item"]
    [ran] = re.findall(r"│ +requests │ +(\d+) │ +0 │", done.stdout)
    assert int(ran) == sum(len(folder["item"]) for folder in requests) > 20
    assert deployed.key not in done.stdout + "".join(path.read_text() for path in written)


def test_a_client_generated_from_the_document_makes_a_prediction(deployed: Deployed, tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(deployed.document))

    options = ("--path", "openapi.json", "--output-path", "client", "--meta", "none")
    generated = run("openapi_python_client", "generate", *options, folder=tmp_path)
    (tmp_path / "main.py").write_text(CLIENT)
    done = run("main", deployed.url, folder=tmp_path, API_KEY=deployed.key)

    # Its only warnings are about JSON Lines and CSV, which it does not support.
    assert re.findall(r"^WARNING|Unsupported content type \S+", generated, re.MULTILINE) == [
        "WARNING",
        "Unsupported content type application/jsonlines",
        "WARNING",
        "Unsupported content type text/csv",
    ]
    one, refused, skipped, health = json.loads(done)
    assert one["predictions"] == [{"label": "yes", "probability": 0.5}]
    assert [refused["status"], refused["errors"][0]["row"]] == [422, 1]
    assert skipped["predictions"][0]["label"] == "no"
    assert skipped["predictions"][0]["probabilities"] == {"no": 0.5, "yes": 0.5}
    assert skipped["predictions"][1]["errors"][0]["field"] == "size"
    assert health["model"] == one["model"]


def run(module: str, *arguments: str, folder: Path, **environment: str) -> str:
    """Runs a Python module in a folder and returns its output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={"PATH": "", "HOME": str(folder)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
