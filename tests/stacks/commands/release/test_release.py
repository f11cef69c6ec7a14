"""The command `make promote`: what it uploads, changes and refuses; what `make deploy` says of a release."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest

from bundle import Manifest
from stacks.commands.release.__main__ import main
from tests.emulated_s3 import emulate_s3
from tests.stacks.support.aws_server import AwsServer
from tests.stacks.support.deploy_account import Deploy, Done, deployed, steps
from tests.tiny_bundle import FIELDS, write_tiny_bundle, write_tiny_report

Run = Callable[..., Done]
MODEL, STACK, BUCKET = "first_model", "FirstModel", "artifacts"


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture
def bucket(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The artifact bucket, empty."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", s3_url)
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    s3 = boto3.resource("s3", endpoint_url=s3_url, region_name="us-east-1", **keys)
    made = s3.create_bucket(Bucket=BUCKET)
    yield made
    made.objects.delete()
    made.delete()


@pytest.fixture
def run(signed_in: None, capsys: pytest.CaptureFixture[str]) -> Run:  # noqa: ARG001 - sets credentials
    """Runs the command in this process."""

    def run(*words: str) -> Done:
        code = main(["promote", *words, "-c", f"model={MODEL}"], {"AWS_REGION": "us-east-1"})
        return Done(code, *capsys.readouterr())

    return run


def write(folder: Path, place: str, **parts: Any) -> tuple[Path, Manifest]:
    path = folder / place / "model.tar.gz"
    return path, write_tiny_bundle(path, **{"name": MODEL} | parts).manifest


def serve(aws: AwsServer, bucket: Any, folder: Path, **parts: Any) -> Manifest:
    """Adds the stack, which serves a bundle that is in its bucket; returns its manifest."""
    path, manifest = write(folder, "serving")
    put(bucket, path, manifest)
    aws.outputs = {"Models": MODEL, "ModelVersion": manifest.version, "ArtifactBucket": BUCKET}
    parts = {"ReleasedVersion": "", "status": "UPDATE_COMPLETE"} | parts
    aws.deploy(STACK, deployed("lambda"), **parts)
    return manifest


def put(bucket: Any, path: Path, manifest: Manifest) -> None:
    folder = f"models/{MODEL}/{manifest.version}"
    bucket.put_object(Key=f"{folder}/model.tar.gz", Body=path.read_bytes())
    bucket.put_object(Key=f"{folder}/manifest.json", Body=manifest.encode())


def released(aws: AwsServer) -> list[str]:
    """The values of the parameter in all updates, which change nothing else."""
    updates = [call.parameters for call in aws.calls if call.operation == "UpdateStack"]
    assert all(update["UsePreviousTemplate"] == "true" for update in updates)
    return [update["Parameters.member.1.ParameterValue"] for update in updates]


def test_a_bundle_is_uploaded_with_manifest_and_report_and_released(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    before = serve(aws, bucket, tmp_path)
    aws.accept_update(("UPDATE_COMPLETE", ""))
    path, manifest = write(tmp_path, "new", weight=2.0)
    report = write_tiny_report(path)

    done = run("--bundle", str(path), "--json")

    result = json.loads(done.out)
    assert (done.code, result["version"], result["before"]) == (0, manifest.version, before.version)
    assert result["changed"]
    assert result["state"].startswith("version 1 of function FirstModel is Active")
    assert released(aws) == [manifest.version]
    folder = f"models/{MODEL}/{manifest.version}"
    found = {one.key: one.get()["Body"].read() for one in bucket.objects.filter(Prefix=f"{folder}/")}
    assert found == {
        f"{folder}/model.tar.gz": path.read_bytes(),
        f"{folder}/manifest.json": manifest.encode(),
        f"{folder}/report.html": report.read_bytes(),
    }


def test_a_version_in_the_bucket_is_released_by_its_name(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    before = serve(aws, bucket, tmp_path)
    aws.accept_update(("UPDATE_COMPLETE", ""))
    path, manifest = write(tmp_path, "new", weight=2.0)
    put(bucket, path, manifest)

    done = run("--version", manifest.version)

    assert (done.code, released(aws)) == (0, [manifest.version])
    assert f"in place of {before.version}." in done.err
    assert done.out.startswith(f"Version {manifest.version} is released: ")


def test_the_version_that_serves_is_not_released_again(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    manifest = serve(aws, bucket, tmp_path)

    done = run("--version", manifest.version)

    assert (done.code, released(aws)) == (0, [])
    assert done.out.startswith(f"Version {manifest.version} serves already: ")


def test_another_interface_is_refused_with_what_has_changed(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    serve(aws, bucket, tmp_path)
    size, *others = FIELDS
    fields = (msgspec.structs.replace(size, maximum=50), *others)
    path, manifest = write(tmp_path, "new", fields=fields)

    of_file = run("--bundle", str(path))
    put(bucket, path, manifest)
    of_bucket = run("--version", manifest.version)

    assert {of_file.code, of_bucket.code} == {1}
    assert of_file.err == of_bucket.err
    assert "which serves: the field size changed. " in of_file.err
    assert released(aws) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--version", "0123456789ab"], "has no version 0123456789ab: "),
        (
            ["--bundle", "other/model.tar.gz"],
            "is a bundle of the model other, and the stack FirstModel serves ",
        ),
        (["--bundle", "none.tar.gz"], "none.tar.gz cannot be read"),
    ],
)
def test_what_is_no_version_of_the_model_is_refused(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path, words: list[str], sentence: str
) -> None:
    serve(aws, bucket, tmp_path)
    write(tmp_path, "other", name="other")
    before = [one.key for one in bucket.objects.all()]

    option, value = words
    done = run(option, str(tmp_path / value) if option == "--bundle" else value)

    assert (done.code, done.out, released(aws)) == (1, "", [])
    assert sentence in done.err
    assert [one.key for one in bucket.objects.all()] == before


@pytest.mark.parametrize(
    ("models", "sentence"),
    [
        ("first_model,other", "serves several models, which are released together"),
        (MODEL, "has no parameter ReleasedVersion. With the setting reload, "),
    ],
)
def test_a_stack_without_the_parameter_is_refused(
    run: Run, aws: AwsServer, models: str, sentence: str
) -> None:
    aws.outputs = {"Models": models}
    aws.deploy(STACK, deployed("realtime"))

    done = run("--version", "0123456789ab")

    assert (done.code, done.out) == (1, "")
    assert sentence in done.err


def test_an_update_that_is_rolled_back_names_the_version_that_goes_on_serving(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    before = serve(aws, bucket, tmp_path, status="UPDATE_ROLLBACK_COMPLETE")
    aws.accept_update(("UPDATE_FAILED", "alarms"))
    path, manifest = write(tmp_path, "new", weight=2.0)

    done = run("--bundle", str(path))

    assert (done.code, done.out) == (1, "")
    sentence = f"Version {manifest.version} is not released, and {before.version} goes on serving. "
    assert done.err.splitlines()[-1].startswith(f"{sentence}Stack FirstModel is UPDATE_ROLLBACK_COMPLETE: ")


def test_a_version_that_serves_is_released_whatever_could_not_be_deleted_after_the_update(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    serve(aws, bucket, tmp_path)
    aws.accept_update(("DELETE_FAILED", "in use"))
    path, manifest = write(tmp_path, "new", weight=2.0)

    done = run("--bundle", str(path))

    assert done.code == 0
    assert done.out.startswith(f"Version {manifest.version} is released: ")
    assert f"Version {manifest.version} serves, and something is left behind. " in done.err


def test_a_command_that_can_no_longer_ask_says_that_the_update_goes_on(
    run: Run, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    serve(aws, bucket, tmp_path)
    aws.accept_update()
    aws.refuse("DescribeStackEvents", "ExpiredToken", "The security token has expired")
    path, _ = write(tmp_path, "new", weight=2.0)

    done = run("--bundle", str(path))

    assert (done.code, done.out) == (1, "")
    assert "sign in again" in done.err
    assert done.err.endswith(
        "CloudFormation goes on with the update of stack FirstModel: run the same command again when it is "
        "done.\n"
    )


def deploy_over_release(
    deploy: Deploy, aws: AwsServer, bucket: Any, folder: Path, **parts: Any
) -> tuple[Done, str, str]:
    """Deploys a bundle while another version is released; returns both versions too."""
    path, manifest = write(folder, "serving")
    released_version = manifest.version
    serve(aws, bucket, folder, ReleasedVersion=released_version)
    path, own = write(folder, "own", **parts)
    done = deploy("-c", f"bundle={path}", "-c", "hosting=lambda")
    return done, released_version, own.version


def test_a_deployment_says_that_the_released_version_goes_on_serving(
    deploy: Deploy, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    done, version, own = deploy_over_release(deploy, aws, bucket, tmp_path, weight=2.0)

    assert done.err.startswith(f"Version {version} is released and goes on serving; ")
    assert f"`make promote VERSION={own}` releases it." in done.err
    assert "--parameters" not in steps(done)[1]


def test_a_deployment_of_the_released_version_says_nothing(
    deploy: Deploy, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    done, version, own = deploy_over_release(deploy, aws, bucket, tmp_path)

    assert (version, done.err) == (own, "")


def test_a_deployment_of_another_interface_releases_its_own_bundle(
    deploy: Deploy, aws: AwsServer, bucket: Any, tmp_path: Path
) -> None:
    done, version, own = deploy_over_release(deploy, aws, bucket, tmp_path, labels=("a", "yes"))

    assert done.err.startswith(f"This deployment releases version {own}, because version {version}, ")
    assert f"--parameters FirstModel:ReleasedVersion={own}" in " ".join(steps(done)[1])
