import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import boto3
import pytest

from stacks.commands import prepare_bundles
from stacks.commands.prepare_bundles import main
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


class Done(NamedTuple):
    """Exit code and output of the command."""

    code: int
    out: str
    err: str


Prepare = Callable[..., Done]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a training room that only prints its arguments."""
    (tmp_path / "training").mkdir()
    (tmp_path / "training" / "__main__.py").write_text(TRAINING)
    for module in ("settings.settings", "commands.prepare_bundles"):
        monkeypatch.setattr(f"stacks.{module}.ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def prepare(checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Prepare:
    """Runs the command in this process, in `checkout`."""
    monkeypatch.chdir(checkout)

    def run(*, environment: dict[str, str] | None = None, **context: str) -> Done:
        for name, value in (environment or {}).items():
            monkeypatch.setenv(name, value)
        code = main(os.environ | {"CDK_CONTEXT_JSON": json.dumps(context)})
        return Done(code, *capfd.readouterr())

    return run


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    context = {"model": "first", "bundle": str(tmp_path / "model.tar.gz")}

    done = subprocess.run(
        [sys.executable, "-m", "stacks.commands.prepare_bundles"],
        cwd=ROOT,
        env=os.environ | {"CDK_CONTEXT_JSON": json.dumps(context)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_model_without_a_bundle_is_trained_and_stdout_stays_empty(checkout: Path, prepare: Prepare) -> None:
    done = prepare(model="first")

    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines() == [
        "Training first, because there is no bundle in build/first.",
        "progress of first --out build/first",
    ]
    assert (checkout / "build" / "first" / "model.tar.gz").read_text() == "trained"


def test_an_existing_bundle_is_not_trained_again(checkout: Path, prepare: Prepare) -> None:
    bundle = checkout / "build" / "first" / "model.tar.gz"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("trained before")

    done = prepare(model="first")

    assert (done.code, done.out, done.err) == (0, "", "")
    assert bundle.read_text() == "trained before"


def test_a_missing_bundle_at_another_path_is_not_trained(checkout: Path, prepare: Prepare) -> None:
    done = prepare(model="first", bundle="elsewhere/model.tar.gz")

    assert (done.code, done.err) == (0, "")
    assert not (checkout / "build").exists()


def test_only_models_without_a_bundle_are_trained(checkout: Path, prepare: Prepare) -> None:
    bundle = checkout / "build" / "second" / "model.tar.gz"
    bundle.parent.mkdir(parents=True)
    bundle.write_text("trained before")

    done = prepare(model="other", models="first,second,third")

    assert (done.code, done.out) == (0, "")
    assert [line for line in done.err.splitlines() if line.startswith("progress")] == [
        "progress of first --out build/first",
        "progress of third --out build/third",
    ]
    assert bundle.read_text() == "trained before"
    assert not (checkout / "build" / "other").exists()


def test_a_failed_training_skips_the_next_models(checkout: Path, prepare: Prepare) -> None:
    done = prepare(model="other", models="broken,second")

    assert done.code == 7
    assert not (checkout / "build" / "second").exists()


def test_the_exit_code_of_a_failed_training_is_returned(prepare: Prepare) -> None:
    assert prepare(model="broken").code == 7


def test_invalid_settings_are_reported_without_a_training(checkout: Path, prepare: Prepare) -> None:
    done = prepare(model="first", instance_count="0", colour="red")

    assert done.code == 1
    assert [line.split()[2] for line in done.err.splitlines()] == ["instance_count", "colour"]
    assert not (checkout / "build").exists()


@pytest.fixture(scope="module")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulate_s3(tmp_path_factory.mktemp("s3")) as url:
        yield url


@pytest.fixture(scope="module")
def credentials(s3_url: str) -> dict[str, str]:
    """Environment of an account whose bucket `team-bundles` has one bundle."""
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


def test_a_bundle_in_s3_is_downloaded_each_time(
    checkout: Path, prepare: Prepare, credentials: dict[str, str]
) -> None:
    uri = "s3://team-bundles/first/model.tar.gz"

    first = prepare(environment=credentials, model="first", bundle=uri)
    again = prepare(environment=credentials, model="first", bundle=uri)

    for done in (first, again):
        assert (done.code, done.out, done.err) == (0, "", f"Downloading {uri}.\n")
    assert fetched(checkout) == [b"from S3"]


def test_the_profile_of_the_deployment_downloads_the_bundle(
    checkout: Path, prepare: Prepare, credentials: dict[str, str], tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile other]\naws_access_key_id = test\naws_secret_access_key = test\n", encoding="utf-8"
    )
    only_profile = {name: value for name, value in credentials.items() if "_KEY" not in name}
    environment = {**only_profile, "AWS_CONFIG_FILE": str(config), "AWS_EC2_METADATA_DISABLED": "true"}
    uri = "s3://team-bundles/first/model.tar.gz"

    without = prepare(environment=environment, model="first", bundle=uri)
    done = prepare(environment={**environment, "BUNDLE_PROFILE": "other"}, model="first", bundle=uri)

    assert "Unable to locate credentials" in without.err
    assert (done.code, fetched(checkout)) == (0, [b"from S3"])


@pytest.mark.parametrize(
    ("uri", "changed", "reason"),
    [
        ("s3://team-bundles/other", {}, "there is no such object"),
        ("s3://no-such-bucket/model.tar.gz", {}, "there is no such bucket"),
        (
            "s3://team-bundles/first/model.tar.gz",
            {"CDK_DEFAULT_REGION": "us-west-2"},
            "its bucket is in eu-west-1, and the stack is deployed to us-west-2",
        ),
        (
            "s3://team-bundles/first/model.tar.gz",
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
            "Could not connect",
        ),
    ],
)
def test_a_failed_download_is_reported_in_one_sentence(
    checkout: Path,
    prepare: Prepare,
    credentials: dict[str, str],
    uri: str,
    changed: dict[str, str],
    reason: str,
) -> None:
    done = prepare(environment=credentials | changed, model="first", bundle=uri)

    assert (done.code, done.out) == (1, "")
    _, sentence = done.err.splitlines()
    assert sentence.startswith(f"The setting bundle is {uri!r}, and it cannot be downloaded: ")
    assert reason in sentence
    assert fetched(checkout) == []


def test_a_download_without_credentials_is_reported_without_a_traceback(
    prepare: Prepare, tmp_path: Path
) -> None:
    no_credentials = {
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_PROFILE": "default",
    }

    done = prepare(environment=no_credentials, model="first", bundle="s3://team-bundles/model.tar.gz")

    assert done.code == 1
    assert len(done.err.splitlines()) == 2
    assert "Traceback" not in done.err


@pytest.mark.usefixtures("checkout")
@pytest.mark.slow
def test_an_interrupted_training_ends_the_command_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare_bundles, "run_program", interrupt)

    assert main({"CDK_CONTEXT_JSON": json.dumps({"model": "iris"})}) == 130
