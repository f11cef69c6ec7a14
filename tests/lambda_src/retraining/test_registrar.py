"""States Register, Approve and Reject: a version at its keys and in the registry."""

import io
import json
import tarfile
from typing import Any

import pytest

from tests.lambda_src.retraining.conftest import CHALLENGER, CHAMPION, Place, Start


def packed(**files: str) -> bytes:
    """An archive, as SageMaker packs a folder; two underscores of a name are a dot."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("__", "."))
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return archive.getvalue()


@pytest.fixture
def state(place: Place) -> dict[str, Any]:
    """What the states before have found: rows, the job that trained, and the one that judged."""
    manifest = {
        "name": "tiny",
        "version": CHALLENGER,
        "data": {"name": "rows", "rows": 900, "start": "2026-01-01", "end": "2026-03-01"},
    }
    place.put(
        "retraining/t/output/model.tar.gz", packed(model__onnx="graph", manifest__json=json.dumps(manifest))
    )
    place.put("retraining/t/output/output.tar.gz", packed(report__html="<h1>Report</h1>"))
    judge(place, passes=True)
    return {
        "run": {"champion": CHAMPION, "data": {"uri": f"s3://{place.name}/rows/", "sha256": "d" * 64}},
        "trained": {"job": "tiny-t", "model": f"s3://{place.name}/retraining/t/output/model.tar.gz"},
        "judged": {"job": "tiny-j", "model": f"s3://{place.name}/retraining/j/output/model.tar.gz"},
    }


def judge(place: Place, *, passes: bool) -> None:
    verdict = {
        "passes": passes,
        "reasons": ["It is worse (by 0.1, beyond noise)."],
        "rows": 300,
        "days": 14,
        "metrics": {
            "auc": {"champion": 0.7, "challenger": 0.71, "difference": 0.01, "low": 0.0, "high": 0.02}
        },
    }
    files = packed(verdict__json=json.dumps(verdict), verdict__html="<h1>Verdict</h1>")
    place.put("retraining/j/output/model.tar.gz", files)


def step(start: Start, name: str, state: dict[str, Any]) -> dict[str, Any]:
    event = {"step": name, "state": state, "execution": "arn:execution"}
    found: dict[str, Any] = start("registrar").handler(event, None)
    return found


def test_a_version_is_laid_out_and_registered_once(place: Place, start: Start, state: dict[str, Any]) -> None:
    registered = step(start, "register", state)
    again = step(start, "register", state)

    assert registered == again
    assert (registered["version"], registered["passes"]) == (CHALLENGER, True)
    folder = f"models/tiny/{CHALLENGER}"
    assert place.get(f"{folder}/model.tar.gz") == place.get("retraining/t/output/model.tar.gz")
    assert json.loads(place.get(f"{folder}/manifest.json"))["version"] == CHALLENGER
    assert place.get(f"{folder}/report.html") == b"<h1>Report</h1>"
    assert json.loads(place.get(f"{folder}/verdict.json"))["passes"] is True
    [package] = place.packages()
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["SourceUri"] == f"s3://{place.name}/{folder}/model.tar.gz"
    assert package["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"].endswith(f"{folder}/verdict.json")
    properties = package["CustomerMetadataProperties"]
    assert {name: properties[name] for name in ("version", "source", "rows", "champion", "metrics")} == {
        "version": CHALLENGER,
        "source": "retraining",
        "rows": "900",
        "champion": CHAMPION,
        "metrics": "auc=0.7100",
    }


def test_what_serves_a_new_version_is_what_serves_the_champion(
    place: Place, start: Start, state: dict[str, Any]
) -> None:
    image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/assets:serving"
    place.aws.client("sagemaker").create_model_package(
        ModelPackageGroupName=place.name,
        InferenceSpecification={
            "Containers": [{"Image": image, "ModelDataUrl": "s3://any/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        CustomerMetadataProperties={"version": CHAMPION},
    )

    step(start, "register", state)

    [_, package] = place.packages()
    [container] = package["InferenceSpecification"]["Containers"]
    assert container["Image"] == image
    assert container["ModelDataUrl"].endswith(f"models/tiny/{CHALLENGER}/model.tar.gz")


def test_a_version_that_the_judge_refuses_is_rejected_with_the_reasons(
    place: Place, start: Start, state: dict[str, Any]
) -> None:
    judge(place, passes=False)

    registered = step(start, "register", state)

    assert registered["passes"] is False
    [package] = place.packages()
    assert package["ModelApprovalStatus"] == "Rejected"
    assert package["ApprovalDescription"] == "It is worse (by 0.1, beyond noise)."
    assert "interface" not in package["CustomerMetadataProperties"]


def test_the_bundle_that_serves_is_not_written_again(
    place: Place, start: Start, state: dict[str, Any]
) -> None:
    place.put(f"models/tiny/{CHALLENGER}/model.tar.gz", "serves")
    place.package(CHALLENGER, "Approved")
    state["run"]["champion"] = CHALLENGER
    judge(place, passes=False)

    assert step(start, "register", state)["passes"] is False

    assert place.get(f"models/tiny/{CHALLENGER}/model.tar.gz") == b"serves"
    [package] = place.packages()
    assert package["ModelApprovalStatus"] == "Approved"


def test_approval_and_failure_are_written_down(place: Place, start: Start, state: dict[str, Any]) -> None:
    state["registered"] = step(start, "register", state)

    step(start, "approve", state)
    [package] = place.packages()
    assert package["ModelApprovalStatus"] == "Approved"
    assert "By rule" in package["ApprovalDescription"]

    step(start, "reject", {**state, "verification": {"passes": False, "reason": "A row\n differs."}})
    [package] = place.packages()
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == (
        "Rejected",
        "It failed in service: A row differs.",
    )
