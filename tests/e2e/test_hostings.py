"""Stacks of each hosting: deployed, updated, checked, deleted; and one of a model with many columns."""

import json
from pathlib import Path

import pytest

from tests.e2e.support.account import Account, call
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle, write_wide_bundle

COLUMNS = 2000


# A function starts from a snapshot of its zip.
SETTINGS = {"serverless": dict[str, str](), "lambda": {"snapstart": "true"}}


@pytest.mark.parametrize("hosting", SETTINGS)
def test_a_stack_without_instances_predicts_follows_its_bundle_and_is_deleted(
    account: Account, hosting: str, tmp_path: Path
) -> None:
    # Given a deployed stack
    settings = SETTINGS[hosting]
    old = write_tiny_bundle(tmp_path / "old.tar.gz")
    outputs = account.deploy(tmp_path / "old.tar.gz", hosting=hosting, **settings)
    assert outputs["ModelVersion"] == old.manifest.version
    service = account.find()

    # Then a row is predicted, and an invalid row is refused by row, field and rule
    answer = call("POST", service.url, body={"size": 0.0}, key=service.api_key)
    assert (answer.status, answer.type) == (200, "application/json")
    assert answer.body["predictions"] == [{"label": "yes", "probability": 0.5}]
    rows = {"instances": [EXAMPLE, EXAMPLE | {"size": 101}]}
    refused = call("POST", service.url, body=rows, key=service.api_key)
    assert (refused.status, refused.type) == (422, "application/problem+json")
    [error] = refused.body["errors"]
    assert (error["row"], error["field"]) == (1, "size")
    assert_hosted_by(account, hosting)

    # When another bundle is deployed, the function behind IAM authorization
    new = write_tiny_bundle(tmp_path / "new.tar.gz", weight=2.0)
    auth = "iam" if hosting == "lambda" else "key"
    account.deploy(tmp_path / "new.tar.gz", hosting=hosting, auth=auth, **settings)

    # Then it serves. A prediction waits for a cold start; /health does not.
    first = json.loads(account.local("predict", "--row", json.dumps(EXAMPLE)).stdout)
    assert first["model"]["version"] == new.manifest.version
    health = call("GET", account.find().url.replace("/predict", "/health"))
    assert (health.status, health.body["model"]["version"]) == (200, new.manifest.version)
    smoke = account.local("smoke", "--model", "tiny", "--bundle", str(tmp_path / "new.tar.gz"), check=False)
    assert (smoke.returncode, smoke.stderr) == (0, ""), smoke.stdout
    missing = {"key": "the key", "iam": "a signature"}[auth]
    assert f"without {missing} responds with 403" in smoke.stdout

    # And a deleted stack leaves no resource
    account.delete_stack("Tiny")
    assert account.resources() == []


def assert_hosted_by(account: Account, hosting: str) -> None:
    sagemaker = account.aws.client("sagemaker")
    endpoints = sagemaker.list_endpoints()["Endpoints"]
    if hosting == "lambda":
        assert endpoints == []
        assert_runs_from_a_published_zip(account)
        return
    [variant] = sagemaker.describe_endpoint(EndpointName=endpoints[0]["EndpointName"])["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def assert_runs_from_a_published_zip(account: Account) -> None:
    functions = account.aws.client("lambda")
    names = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    [name] = [name for name in names if "ModelFunction" in name]
    version = functions.get_function_configuration(FunctionName=name, Qualifier="live")
    assert (version["PackageType"], version["Version"], version["State"]) == ("Zip", "1", "Active")
    assert version["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "On"}
    # Unpacked it is larger than its code alone: the packages are in it.
    assert version["CodeSize"] > 10_000_000


@pytest.mark.parametrize(
    "settings",
    [{"hosting": "realtime"}, {"hosting": "lambda", "packaging": "image"}],
    ids=["realtime", "image"],
)
def test_a_model_of_two_thousand_columns_deploys_and_answers(
    account: Account, settings: dict[str, str], tmp_path: Path
) -> None:
    # When a model of 2,000 columns is deployed
    bundle = write_wide_bundle(tmp_path / "wide.tar.gz", columns=COLUMNS)
    outputs = account.deploy(bundle, model="wide", **settings)
    service = account.find("wide")

    # Then `python -m local predict` has an example row and gets its prediction
    row = json.loads(service.example)
    assert len(row) == COLUMNS
    printed = json.loads(account.local("predict", "--model", "wide").stdout)
    assert printed["predictions"] == [{"label": "yes", "probability": 0.5}]
    assert printed["model"]["version"] == outputs["ModelVersion"]

    # And many rows, in the form of a table
    rows = {"values": [list(row.values())] * 50}
    answer = call("POST", service.url, body=rows, key=service.api_key)
    assert (answer.status, len(answer.body["predictions"])) == (200, 50)

    # And the health check asks the model for its golden row, and the API describes every column
    health = call("GET", outputs["HealthUrl"].replace(public(outputs), service.api_url))
    assert (health.status, health.body["model"]["version"]) == (200, outputs["ModelVersion"])
    description = call("GET", f"{service.api_url}/openapi.json")
    assert description.status == 200
    assert f"column_{COLUMNS - 1}" in description.body["components"]["schemas"]["Row"]["properties"]
    account.delete_stack("Wide")


def public(outputs: dict[str, str]) -> str:
    return outputs["HealthUrl"].removesuffix("/health")
