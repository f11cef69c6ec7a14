import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.settings.settings import ROOT
from tests.stacks.synthesis import context
from tests.tiny_bundle import write_tiny_bundle

CDK = ROOT / "node_modules" / ".bin" / "cdk"
# The CDK says so of an asset that is put together, here without Docker.
PUT_TOGETHER = "Bundling asset SomeModel/Api/Invoker/Function/Code/Stage...\n"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    write_tiny_bundle(tmp_path / "model.tar.gz", name="some_model")
    return tmp_path / "model.tar.gz"


def run_app(outdir: Path, *, checkout: Path = ROOT, **settings: Any) -> subprocess.CompletedProcess[str]:
    variables = {"CDK_CONTEXT_JSON": json.dumps(context(**settings)), "CDK_OUTDIR": str(outdir)}
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=checkout,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_application_makes_the_stack_of_the_model(tmp_path: Path, bundle: Path) -> None:
    done = run_app(tmp_path / "out", model="some_model", bundle=str(bundle))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", PUT_TOGETHER)
    assert [path.name for path in (tmp_path / "out").glob("*.template.json")] == ["SomeModel.template.json"]


@pytest.mark.parametrize(
    ("settings", "sentences"),
    [
        ({"instance_count": "0", "colour": "red", "cors_origins": "example.com"}, 3),
        ({"bundle": "/nowhere/model.tar.gz"}, 1),
        ({"stage": "prod "}, 1),
        ({"instance_type": "m5.large"}, 1),
        ({"instance_count": "3", "max_instance_count": "2"}, 1),
        ({"hosting": "serverless", "data_capture_percent": "10"}, 1),
        ({"hosting": "serverless", "previous_hosting": "realtime"}, 1),
        ({"models": "first_model,second,first_model"}, 1),
        ({"models": "first,second", "hosting": "lambda", "bundle": "/nowhere/model.tar.gz"}, 2),
    ],
)
def test_wrong_settings_end_it_with_a_sentence_each_and_no_traceback(
    tmp_path: Path, settings: dict[str, Any], sentences: int
) -> None:
    done = run_app(tmp_path / "out", **settings)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == sentences
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").glob("*.template.json"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy with the bundles of two models in its build/."""
    copy = tmp_path / "checkout"
    for room in ("stacks", "api", "bundle", "lambda_src", "serving"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", copy)
    for model in ("first", "second"):
        write_tiny_bundle(copy / "build" / model / "model.tar.gz", name=model)
    return copy


def test_the_application_makes_one_stack_of_several_models(tmp_path: Path, checkout: Path) -> None:
    done = run_app(tmp_path / "out", checkout=checkout, models="second,first")

    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    [template] = (tmp_path / "out").glob("*.template.json")
    assert template.name == "SecondFirst.template.json"


def test_a_place_of_several_models_that_holds_another_one_is_refused(tmp_path: Path, checkout: Path) -> None:
    write_tiny_bundle(checkout / "build" / "second" / "model.tar.gz", name="another")

    done = run_app(tmp_path / "out", checkout=checkout, models="first,second")

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("The setting models names 'second', and ")
    assert line.endswith("model.tar.gz holds the model another: train second again.")


def test_a_bundle_of_another_model_is_refused(tmp_path: Path, bundle: Path) -> None:
    done = run_app(tmp_path / "out", model="other_model", bundle=str(bundle))

    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert str(bundle) in line
    assert "set model to some_model" in line


def test_the_cli_synthesizes_without_network_credentials_or_docker(tmp_path: Path, bundle: Path) -> None:
    # Whoever tries the network is sent to a port where nobody listens.
    nobody = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "http://127.0.0.1:9")
    environment = nobody | {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CDK_HOME": str(tmp_path / "cdk"),
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
        timeout=300,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Description: ")
    assert "AWS::SageMaker::Endpoint" in done.stdout
    assert done.stderr.strip() == PUT_TOGETHER.strip()
