import gc
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import context
from tests.tiny_bundle import write_tiny_bundle

RunApp = Callable[..., str]

CDK = ROOT / "node_modules" / ".bin" / "cdk"
JSII_CACHE = Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
# The CDK prints it for assets with bundling, which needs no Docker here.
BUNDLING = (
    "Bundling asset SomeModel/Artifacts/Publisher/Function/Code/Stage...\n"
    "Bundling asset SomeModel/Api/Invoker/Function/Code/Stage...\n"
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_tiny_bundle(tmp_path / "model.tar.gz", name="some_model")
    return tmp_path / "model.tar.gz"


@pytest.fixture
def run_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunApp]:
    """Runs app.py in this process; returns its message if it exits with one."""

    def run(**settings: Any) -> str:
        # The CDK CLI sets the context by environment variables, which Node.js read when it started.
        made = cdk.App(context=context(**settings), outdir=str(tmp_path / "out"))
        monkeypatch.setattr(cdk, "App", lambda: made)
        try:
            runpy.run_path(str(ROOT / "app.py"))["main"]()
        except SystemExit as exit_:
            return str(exit_.code)
        return ""

    yield run
    # The application leaves the garbage collector off, which is meant for a process of its own.
    gc.enable()


def templates(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "out").glob("*.template.json")]


def test_the_application_makes_the_stack_of_the_model(tmp_path: Path, bundle: Path, run_app: RunApp) -> None:
    assert run_app(model="some_model", bundle=str(bundle)) == ""
    assert templates(tmp_path) == ["SomeModel.template.json"]


WRONG = [
    ({"instance_count": "0", "colour": "red", "cors_origins": "example.com"}, 3),
    ({"bundle": "/nowhere/model.tar.gz"}, 1),
    ({"stage": "prod "}, 1),
    ({"instance_type": "m5.large"}, 1),
    ({"instance_count": "3", "max_instance_count": "2"}, 1),
    ({"hosting": "serverless", "data_capture_percent": "10"}, 1),
    ({"hosting": "serverless", "previous_hosting": "realtime"}, 1),
    ({"models": "first_model,second,first_model"}, 1),
    ({"models": "first,second", "hosting": "lambda", "bundle": "/nowhere/model.tar.gz"}, 2),
]


@pytest.mark.parametrize(("settings", "sentences"), WRONG)
def test_invalid_settings_exit_with_a_sentence_for_each_and_no_template(
    tmp_path: Path, run_app: RunApp, settings: dict[str, Any], sentences: int
) -> None:
    assert len(run_app(**settings).splitlines()) == sentences
    assert templates(tmp_path) == []


@pytest.mark.slow
def test_the_process_prints_the_sentences_to_stderr_without_a_traceback(tmp_path: Path) -> None:
    settings, sentences = WRONG[0]
    variables = {"CDK_CONTEXT_JSON": json.dumps(context(**settings)), "CDK_OUTDIR": str(tmp_path / "out")}

    done = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == sentences
    assert "Traceback" not in done.stderr


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A build/ with the bundles of two models."""
    monkeypatch.setattr("stacks.settings.settings.ROOT", tmp_path)
    for model in ("first", "second"):
        write_tiny_bundle(tmp_path / "build" / model / "model.tar.gz", name=model)
    return tmp_path / "build"


@pytest.mark.usefixtures("build")
def test_the_application_makes_one_stack_of_several_models(tmp_path: Path, run_app: RunApp) -> None:
    assert run_app(models="second,first") == ""
    assert templates(tmp_path) == ["SecondFirst.template.json"]


def test_a_bundle_in_build_that_holds_another_model_is_rejected(build: Path, run_app: RunApp) -> None:
    write_tiny_bundle(build / "second" / "model.tar.gz", name="another")

    [line] = run_app(models="first,second").splitlines()

    assert line.startswith("The setting models names 'second', and ")
    assert line.endswith("model.tar.gz holds the model another: train second again.")


def test_a_bundle_of_another_model_is_rejected(bundle: Path, run_app: RunApp) -> None:
    [line] = run_app(model="other_model", bundle=str(bundle)).splitlines()

    assert str(bundle) in line
    assert "set model to some_model" in line


@pytest.mark.usefixtures("node_packages")
def test_the_cli_synthesizes_without_network_credentials_or_docker(tmp_path: Path, bundle: Path) -> None:
    # The proxy is a port without a listener, so every network access fails.
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = proxies | {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CDK_HOME": str(tmp_path / "cdk"),
        # Where jsii keeps the unpacked AWS CDK; it would unpack it again in another home.
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(JSII_CACHE),
        "CDK_DOCKER": "false",
        "AWS_EC2_METADATA_DISABLED": "true",
    }

    done = subprocess.run(
        [
            *[str(CDK), "synth", "--output", str(tmp_path / "out")],
            *["--context", "model=some_model", "--context", f"bundle={bundle}"],
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Description: ")
    assert "AWS::SageMaker::Endpoint" in done.stdout
    assert done.stderr.strip() == BUNDLING.strip()
