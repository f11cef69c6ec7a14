import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from stacks.settings.settings import ROOT
from tests.emulated_s3 import emulate_s3

TRAINING = """
import pathlib, sys
print("progress of", *sys.argv[1:])
folder = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
folder.mkdir(parents=True)
(folder / "model.tar.gz").write_text("trained")
sys.exit(7 if sys.argv[1] == "broken" else 0)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with a training room that only says what it was asked."""
    for room in ("stacks", "api", "bundle"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__main__.py").write_text(TRAINING)
    return tmp_path


def prepare(
    checkout: Path, *, environment: dict[str, str] | None = None, **context: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stacks.commands.prepare"],
        cwd=checkout,
        env=os.environ | {"CDK_CONTEXT_JSON": json.dumps(context)} | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_without_a_bundle_is_trained_and_stdout_left_to_the_template(checkout: Path) -> None:
    done = prepare(checkout, model="first")

    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "Training first, because there is no bundle in build/first.",
        "progress of first --out build/first",
    ]
    assert (checkout / "build" / "first" / "model.tar.gz").read_text() == "trained"


def test_a_bundle_that_is_there_is_left_alone(checkout: Path) -> None:
    bundle = checkout / "build" / "first" / "model.tar.gz"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("trained before")

    done = prepare(checkout, model="first")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert bundle.read_text() == "trained before"


def test_a_bundle_of_another_place_is_never_trained(checkout: Path) -> None:
    done = prepare(checkout, model="first", bundle="elsewhere/model.tar.gz")

    assert (done.returncode, done.stderr) == (0, "")
    assert not (checkout / "build").exists()


def test_of_several_models_those_without_a_bundle_are_trained(checkout: Path) -> None:
    bundle = checkout / "build" / "second" / "model.tar.gz"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("trained before")

    done = prepare(checkout, model="other", models="first,second,third")

    assert (done.returncode, done.stdout) == (0, "")
    assert [line for line in done.stderr.splitlines() if line.startswith("progress")] == [
        "progress of first --out build/first",
        "progress of third --out build/third",
    ]
    assert bundle.read_text() == "trained before"
    assert not (checkout / "build" / "other").exists()


def test_training_that_fails_ends_it_before_the_next_model(checkout: Path) -> None:
    done = prepare(checkout, model="other", models="broken,second")

    assert done.returncode == 7
    assert not (checkout / "build" / "second").exists()


def test_training_that_fails_ends_the_synth(checkout: Path) -> None:
    assert prepare(checkout, model="broken").returncode == 7


def test_wrong_settings_are_said_before_anything_is_trained(checkout: Path) -> None:
    done = prepare(checkout, model="first", instance_count="0", colour="red")

    assert done.returncode == 1
    assert [line.split()[2] for line in done.stderr.splitlines()] == ["instance_count", "colour"]
    assert not (checkout / "build").exists()


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture(scope="module")
def credentials(s3_url: str) -> dict[str, str]:
    """Of an account whose bucket `team-bundles` has one bundle."""
    environment = {
        "AWS_ENDPOINT_URL": s3_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "CDK_DEFAULT_REGION": "eu-west-1",
        "NO_PROXY": "127.0.0.1",
    }
    s3 = boto3.client(
        "s3",
        endpoint_url=s3_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="eu-west-1",
    )
    s3.create_bucket(Bucket="team-bundles", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="team-bundles", Key="first/model.tar.gz", Body=b"from S3")
    return environment


def fetched(checkout: Path) -> list[bytes]:
    return [path.read_bytes() for path in (checkout / "build" / "fetched").rglob("*") if path.is_file()]


def test_a_bundle_in_s3_is_fetched_each_time_as_it_is_then(
    checkout: Path, credentials: dict[str, str]
) -> None:
    uri = "s3://team-bundles/first/model.tar.gz"

    first = prepare(checkout, environment=credentials, model="first", bundle=uri)
    again = prepare(checkout, environment=credentials, model="first", bundle=uri)

    for done in (first, again):
        assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Fetching {uri}.\n")
    assert fetched(checkout) == [b"from S3"]


@pytest.mark.parametrize(
    ("uri", "changed", "reason"),
    [
        ("s3://team-bundles/other", {}, "there is no such object"),
        ("s3://no-such-bucket/model.tar.gz", {}, "there is no such bucket"),
        (
            "s3://team-bundles/first/model.tar.gz",
            {"CDK_DEFAULT_REGION": "us-west-2"},
            "its bucket is in eu-west-1, and the stack goes to us-west-2",
        ),
        (
            "s3://team-bundles/first/model.tar.gz",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "Could not connect",
        ),
    ],
)
def test_a_bundle_that_cannot_be_fetched_is_one_sentence(
    checkout: Path, credentials: dict[str, str], uri: str, changed: dict[str, str], reason: str
) -> None:
    done = prepare(checkout, environment=credentials | changed, model="first", bundle=uri)

    assert (done.returncode, done.stdout) == (1, "")
    _, sentence = done.stderr.splitlines()
    assert sentence.startswith(f"The setting bundle is {uri!r}, and it cannot be fetched: ")
    assert reason in sentence
    assert fetched(checkout) == []


def test_a_bundle_that_is_fetched_needs_credentials(checkout: Path, tmp_path: Path) -> None:
    nobody = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_PROFILE": "default",
    }

    done = prepare(checkout, environment=nobody, model="first", bundle="s3://team-bundles/model.tar.gz")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 2
    assert "Traceback" not in done.stderr
