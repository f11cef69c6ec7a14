"""Versions of a stack in the registry: deployed, rolled back and promoted, and shown by `make models`."""

import json
from pathlib import Path

from local.iam_decisions import fetch_decisions
from tests.e2e.support.account import Account
from tests.tiny_bundle import write_tiny_bundle


def test_each_deployed_version_is_registered_and_the_one_that_serves_is_marked(
    account: Account, tmp_path: Path
) -> None:
    # Given a stack that has served two versions
    first = write_tiny_bundle(tmp_path / "first.tar.gz").manifest.version
    second = write_tiny_bundle(tmp_path / "second.tar.gz", weight=2.0).manifest.version
    account.deploy(tmp_path / "first.tar.gz", hosting="lambda")
    outputs = account.deploy(tmp_path / "second.tar.gz", hosting="lambda")

    # Then both are in the registry, and the newer one has replaced the other
    newer, older = json.loads(account.local("models", "--json").stdout)
    assert [(found["version"], found["serves"]) for found in (newer, older)] == [
        (second, True),
        (first, False),
    ]
    assert newer["properties"]["replaced"] == first
    assert newer["properties"]["released_at"] >= older["properties"]["released_at"]
    assert "replaced" not in older["properties"]
    assert newer["source"]["SourceUri"].startswith(f"s3://{outputs['ArtifactBucket']}/models/tiny/")
    assert {found["approval"] for found in (newer, older)} == {"Approved"}
    table = account.local("models").stdout.splitlines()
    assert table[1].startswith(f"*  {second}  deployment")
    assert f"   {first}  deployment" in table[2]

    # When the version before is released again, then the registry has it, and who has rejected the other one
    done = json.loads(account.local("rollback", "--json").stdout)
    assert (done["version"], done["before"], done["changed"]) == (first, second, True)
    newer, older = json.loads(account.local("models", "--json").stdout)
    assert (newer["serves"], older["serves"]) == (False, True)
    assert older["properties"]["replaced"] == second
    assert newer["approval"] == "Rejected"
    assert newer["approved_by"].endswith(": rolled back with make rollback")

    # And a bundle that is promoted is registered too
    third = write_tiny_bundle(tmp_path / "third.tar.gz", weight=3.0).manifest.version
    account.local("promote", "--bundle", str(tmp_path / "third.tar.gz"))
    promoted = json.loads(account.local("models", "--json").stdout)[0]
    assert (promoted["version"], promoted["serves"], promoted["approval"]) == (third, True, "Approved")
    assert (promoted["properties"]["source"], promoted["properties"]["replaced"]) == ("promotion", first)

    # And the group goes with the stack
    assert fetch_decisions(account.aws).refused == []
    account.delete_stack("Tiny")
    groups = account.aws.client("sagemaker").list_model_package_groups()["ModelPackageGroupSummaryList"]
    assert groups == []
