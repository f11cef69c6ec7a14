"""A model of 2,000 columns: its row is in no environment variable, template or parameter."""

import json
from pathlib import Path

import pytest

from tests.e2e.support.account import Account, call
from tests.wide_bundle import write_wide_bundle

COLUMNS = 2000


@pytest.mark.parametrize("hosting", ["realtime", "lambda"])
def test_a_model_of_two_thousand_columns_deploys_and_answers(
    account: Account, hosting: str, tmp_path: Path
) -> None:
    # When a model of 2,000 columns is deployed
    bundle = write_wide_bundle(tmp_path / "wide.tar.gz", columns=COLUMNS)
    outputs = account.deploy(bundle, model="wide", hosting=hosting)
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
