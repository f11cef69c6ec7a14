"""The command `make drift`: the manifest of the served version, and a stack that is missing."""

import io
from pathlib import Path
from typing import Any

import pytest

from stacks.commands.aws_account import UnreadableAccountError
from stacks.commands.current_stack import CurrentStack
from stacks.commands.drift.__main__ import main
from stacks.commands.drift.deployed_manifest import deployed_manifest
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import deployed
from tests.tiny_bundle import tiny_manifest, write_tiny_bundle


class Account:
    """S3 with objects by key."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects

    def read(self, service: str, operation: str, *, action: str, missing: str, **call: Any) -> Any:
        """Returns an object; None when there is none."""
        assert (service, operation, action) == ("s3", "get_object", "s3:GetObject")
        assert (missing, call["Bucket"]) == ("NoSuchKey", "artifacts")
        found = self._objects.get(call["Key"])
        return None if found is None else {"Body": io.BytesIO(found)}


def stack(**outputs: str) -> CurrentStack:
    return CurrentStack(
        name="Tiny",
        hosting="realtime",
        stage="dev",
        instance_type=None,
        is_scaled=False,
        sets_logging_role=False,
        parameters={},
        outputs={"ArtifactBucket": "artifacts", "Models": "tiny"} | outputs,
    )


def found(outputs: dict[str, str], objects: dict[str, bytes], **options: Any) -> str:
    return deployed_manifest(Account(objects), stack(**outputs), **options).version  # type: ignore[arg-type]


def test_the_manifest_is_that_of_the_served_version_here_or_in_the_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = write_tiny_bundle(tmp_path / "build" / "tiny" / "model.tar.gz").manifest
    other = tiny_manifest(threshold=0.25).sealed(b"another graph")
    objects = {f"models/tiny/{other.version}/manifest.json": other.encode()}

    assert found({"ModelVersion": here.version}, {}) == here.version
    assert found({"ModelVersion": other.version}, objects) == other.version
    with pytest.raises(UnreadableAccountError, match=r"of that version: name its bundle with --bundle\.$"):
        found({"ModelVersion": "0" * 12}, objects)


def test_one_of_several_models_has_to_be_named(tmp_path: Path) -> None:
    bundle = tmp_path / "model.tar.gz"
    manifest = write_tiny_bundle(bundle).manifest
    outputs = {"Models": "tiny,square", "ModelVersionTiny": manifest.version, "ModelVersionSquare": "1"}

    assert found(outputs, {}, model="tiny", bundle=bundle) == manifest.version
    for model in (None, "round"):
        with pytest.raises(
            UnreadableAccountError, match=r"serves tiny, square: name one of them with --of\."
        ):
            found(outputs, {}, model=model, bundle=bundle)


@pytest.mark.usefixtures("signed_in")
def test_a_stack_that_is_missing_is_said_in_one_sentence(
    aws: AwsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.deploy("Other", deployed("realtime"))

    code = main(["-c", "model=first_model"], {"AWS_REGION": "eu-west-1"})

    assert (code, capsys.readouterr().err) == (
        1,
        "There is no stack FirstModel in eu-west-1: deploy it, or name another.\n",
    )
