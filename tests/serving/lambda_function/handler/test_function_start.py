"""Cold starts of a function: which bundle it serves, and with which it does not start."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bundle import Bundle, Golden, interface_of
from local.local_aws import LocalAws
from serving.lambda_function.model_data import ModelDataError
from serving.predict.onnx_model import ModelError
from tests.serving.lambda_function.handler.cold_starts import BUCKET, ColdStart, upload
from tests.tiny_bundle import EXAMPLE, write_tiny_bundle


def test_a_reloading_function_serves_the_bundle_of_the_object(
    aws: LocalAws,
    cold_start: ColdStart,
    tiny: Bundle,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given requests that wait for a reload to end, however slow the machine is
    monkeypatch.setattr("serving.lambda_function.reload.PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr("serving.lambda_function.reload._START_SECONDS", 60.0)
    deployed = (tmp_path / "tiny.tar.gz").read_bytes()
    followed = upload(aws, "followed.tar.gz", deployed)
    function = cold_start(
        upload(aws, "tiny.tar.gz", deployed),
        RELOAD_SECONDS="0",
        RELOAD_URL=followed,
        MODEL_INTERFACE=interface_of(tiny.manifest),
    )
    versions = []
    for weight in (1.0, 2.0):
        changed = write_tiny_bundle(tmp_path / "changed.tar.gz", weight=weight)
        upload(aws, "followed.tar.gz", (tmp_path / "changed.tar.gz").read_bytes())
        versions += [function.handler(EXAMPLE, None)["model"]["version"], changed.manifest.version]
    upload(aws, "followed.tar.gz", b"no bundle")
    versions += [function.handler(EXAMPLE, None)["model"]["version"]]
    aws.client("s3").delete_object(Bucket=BUCKET, Key="followed.tar.gz")
    versions += [function.handler(EXAMPLE, None)["model"]["version"]]

    assert versions[0] == versions[1] == tiny.manifest.version
    assert len({*versions[2:]}) == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines] == ["bundle reloaded", *["bundle not reloaded"] * 2]


@pytest.mark.parametrize("url", ["", "https://artifacts/model.tar.gz", "s3://", "s3://artifacts"])
def test_a_function_without_an_s3_uri_does_not_start(cold_start: ColdStart, url: str) -> None:
    with pytest.raises(ModelDataError, match="it must be s3://bucket/key"):
        cold_start(url)


def test_a_function_whose_object_is_missing_does_not_start(cold_start: ColdStart) -> None:
    with pytest.raises(ModelDataError, match=r"The bundle s3://artifacts/gone cannot be read: .*NoSuchKey"):
        cold_start(f"s3://{BUCKET}/gone")


def test_a_function_with_an_invalid_bundle_does_not_start(aws: LocalAws, cold_start: ColdStart) -> None:
    url = upload(aws, "none", b"no archive")

    with pytest.raises(ModelDataError, match="The bundle s3://artifacts/none cannot be served: ") as raised:
        cold_start(url)

    assert "\n" not in str(raised.value)


def test_a_function_with_a_wrong_golden_row_does_not_start(
    aws: LocalAws, cold_start: ColdStart, tmp_path: Path
) -> None:
    golden = (Golden(instance=EXAMPLE, prediction={"label": "yes", "probability": 0.9}),)
    write_tiny_bundle(tmp_path / "wrong.tar.gz", golden=golden)
    url = upload(aws, "wrong.tar.gz", (tmp_path / "wrong.tar.gz").read_bytes())

    with pytest.raises(ModelError, match="golden row"):
        cold_start(url)


def test_the_server_does_not_import_the_packages_of_the_function() -> None:
    code = "import serving.__main__, sys; print({'boto3', 'botocore', 'awslambdaric'} & sys.modules.keys())"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
