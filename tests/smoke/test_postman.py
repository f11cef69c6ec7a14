"""`python -m smoke.postman` as it is typed; tests/e2e runs it against all of a stack."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.environment import isolated
from smoke.target import ROOT
from tests.smoke.service import service
from tests.smoke.stacks import deployed
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "model.tar.gz"
    write_tiny_bundle(path)
    return path


def postman(*arguments: str, aws: LocalAws) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smoke.postman", *arguments],
        cwd=ROOT,
        env=isolated(os.environ) | {"AWS_ENDPOINT_URL": aws.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_service_that_answers_all_alike_fails_and_its_key_stays_secret(aws: LocalAws, bundle: Path) -> None:
    with deployed(aws, service(version="0123456789ab")) as url:
        [key] = aws.client("apigateway").get_api_keys(includeValues=True)["items"]

        done = postman("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)

    assert (done.returncode, done.stderr) == (1, "")
    assert "403: without an API key" in done.stdout
    written = [bundle.with_name(f"postman_{part}.json") for part in ("collection", "environment")]
    assert done.stdout.splitlines()[:2] == [str(path) for path in written]
    assert url in written[1].read_text()
    assert key["value"] not in done.stdout + "".join(path.read_text() for path in written)


def test_callers_who_sign_get_a_collection_that_signs(aws: LocalAws, bundle: Path) -> None:
    with deployed(aws, service(version="0123456789ab", auth="iam")) as url:
        done = postman("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)

    environment = json.loads(bundle.with_name("postman_environment.json").read_text())
    values = {variable["key"]: variable["value"] for variable in environment["values"]}
    assert "403: without a signature" in done.stdout
    assert (values["aws_region"], values["aws_secret_access_key"]) == ("us-east-1", "")


def test_nothing_deployed_is_one_sentence(aws: LocalAws, bundle: Path) -> None:
    done = postman("--stack", "Elsewhere", "--bundle", str(bundle), aws=aws)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no stack Elsewhere in us-east-1: deploy it, or name another.\n"
