import hashlib
import json
from pathlib import Path

import pytest

from bundle import read_archive
from stacks.settings.bundle_archive import Archive
from stacks.storage.model_report import MAX_ANSWER_BYTES, ModelReport, find_report
from tests.stacks.support.synthesis import Synthesis
from tests.tiny_bundle import write_tiny_bundle, write_tiny_report


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    path = tmp_path / "model.tar.gz"
    return Archive(path=path, bundle=write_tiny_bundle(path))


def test_the_report_beside_a_bundle_is_found(archive: Archive) -> None:
    path = write_tiny_report(archive.path)

    digest, version = hashlib.sha256(path.read_bytes()).hexdigest(), archive.bundle.manifest.version
    for is_single, key in (
        (True, f"models/tiny/{version}/report.html"),
        (False, f"models/reports/tiny/{digest}/report.html"),
    ):
        assert find_report(archive, is_single=is_single) == ModelReport(
            path=path, text=path.read_text(encoding="utf-8"), key=key
        )


def test_a_bundle_without_a_report_has_the_reason(archive: Archive) -> None:
    assert "no report.html beside the bundle" in str(find_report(archive, is_single=True))


def test_the_report_of_another_version_is_not_shown(archive: Archive) -> None:
    write_tiny_report(archive.path)

    other = Archive(path=archive.path, bundle=write_tiny_bundle(archive.path, weight=2))

    assert "another version" in str(find_report(other, is_single=True))


def test_a_report_that_is_larger_than_an_answer_is_not_shown(archive: Archive) -> None:
    path = write_tiny_report(archive.path)
    text = path.read_text(encoding="utf-8")
    # As JSON a quotation mark has two bytes.
    path.write_text(text + '"' * (MAX_ANSWER_BYTES // 2), encoding="utf-8")

    assert "6,000,000" in str(find_report(archive, is_single=True))


def test_a_report_in_another_encoding_is_none(archive: Archive) -> None:
    archive.path.with_name("report.html").write_bytes(b"\xff\xfe<")

    assert isinstance(find_report(archive, is_single=True), str)


def test_the_report_is_published_with_its_bundle_and_the_invoker_may_read_it_alone(
    stack: Synthesis, bundle: Path
) -> None:
    folder = f"models/tiny/{read_archive(bundle).manifest.version}"

    assert stack.properties("Custom::Bundle")["ReportKey"] == f"{folder}/report.html"
    invoker = stack.by_path("Api/Invoker/Function/Resource")["Properties"]
    [statement] = [
        found
        for found in stack.by_path("Api/Invoker/Role/DefaultPolicy/Resource")["Properties"]["PolicyDocument"][
            "Statement"
        ]
        if found["Action"] == "s3:GetObject"
    ]
    bucket, _ = stack.only("AWS::S3::Bucket")
    assert invoker["Environment"]["Variables"]["ARTIFACT_BUCKET"] == {"Ref": bucket}
    assert statement["Resource"] == [
        {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, f"/models/tiny/*/{name}"]]}
        for name in ("manifest.json", "report.html")
    ]


def test_one_of_several_models_may_have_no_report(several: Synthesis) -> None:
    published = [found["Properties"] for found in several.all("Custom::Bundle").values()]

    assert ["ReportKey" in found for found in published] == [True, False]
    [pages] = several.outdir.glob("asset.*/invoker/model.json")
    models = json.loads(pages.read_text(encoding="utf-8"))["models"]
    assert models["tiny"]["report"]["key"] == published[0]["ReportKey"]
    assert "that of another version" in models["other_tiny"]["body"]
