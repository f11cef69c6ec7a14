"""`python -m smoke` against a stack without SageMaker: passed and failed checks, and errors."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import pytest

from bundle import read_archive
from local.local_aws import LocalAws
from local.process_environment import isolated
from smoke.__main__ import main
from smoke.stack_target import ROOT
from tests.inherited_environ import inherited_environ
from tests.local.polling import PATIENT_WAITER
from tests.smoke.service import deployed, service, service_of_several
from tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bundle") / "model.tar.gz"


@pytest.fixture(scope="module")
def version(bundle: Path) -> str:
    return write_tiny_bundle(bundle).manifest.version


def smoke(
    *arguments: str, aws: LocalAws | None = None, environ: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the command in this process, with the environment of a separate process."""
    endpoint = {"AWS_ENDPOINT_URL": aws.url} if aws else {}
    environment = isolated(inherited_environ()) | endpoint | (environ or {})
    output, errors = StringIO(), StringIO()
    with patch.dict(os.environ, environment, clear=True), redirect_stdout(output), redirect_stderr(errors):
        code = main(arguments)
    return subprocess.CompletedProcess([*arguments], code, output.getvalue(), errors.getvalue())


@pytest.mark.parametrize(("auth", "without"), [("key", "the key"), ("iam", "a signature")])
def test_all_checks_of_a_function_with_the_bundle_pass(
    aws: LocalAws, bundle: Path, version: str, auth: str, without: str
) -> None:
    with deployed(aws, service(version=version, auth=auth)) as url:
        done = smoke("--stack", "Small", "--bundle", str(bundle), "--api-url", url, "--json", aws=aws)

    report = json.loads(done.stdout)
    assert (done.returncode, report["passed"], report["stack"]) == (0, True, "Small"), done
    found = {check["name"]: check["found"] for check in report["checks"] if check["passed"]}
    assert "its environment the template's" in found["configuration"]
    assert found["refusal"] == f"POST /predict without {without} responds with 403"
    assert len(found) == 6


def test_a_function_changed_outside_its_stack_fails_the_checks(
    aws: LocalAws, bundle: Path, version: str
) -> None:
    with deployed(aws, service(version=version)) as url:
        functions = aws.client("lambda")
        [function] = functions.list_functions()["Functions"]
        name, variables = function["FunctionName"], function["Environment"]["Variables"]
        functions.update_function_configuration(
            FunctionName=name, Environment={"Variables": variables | {"VERSION": "ba9876543210"}}
        )
        for event in ("function_active_v2", "function_updated_v2"):
            functions.get_waiter(event).wait(FunctionName=name, WaiterConfig=PATIENT_WAITER)
        changed = functions.publish_version(FunctionName=name)["Version"]
        functions.update_alias(FunctionName=name, Name="live", FunctionVersion=changed)
        done = smoke("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)

    assert done.returncode == 1
    crosses = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("✗")]
    assert crosses == ["configuration", "health", "version"]
    assert "environment: VERSION" in done.stdout
    assert done.stdout.endswith("3 of 6 checks fail.\n")


def test_a_paused_service_is_asked_once_for_each_check(aws: LocalAws, bundle: Path, version: str) -> None:
    """A 503 of another service is repeated for half a minute, because its hosting may be starting."""
    template = service(version=version) | {"Parameters": {"Paused": {"Type": "String", "Default": "true"}}}
    answers = "def handler(event, context):\n    return {'statusCode': 503, 'body': '{}'}\n"
    template["Resources"]["Function"]["Properties"]["Code"] = {"ZipFile": answers}

    with deployed(aws, template) as url:
        [function] = aws.client("lambda").list_functions()["Functions"]
        # The log group outlives a function; other tests have had one of this name.
        log = {"logGroupName": f"/aws/lambda/{function['FunctionName']}", "filterPattern": "START"}
        aws.client("lambda").invoke(FunctionName=function["FunctionName"])
        before = len(aws.client("logs").filter_log_events(**log)["events"])
        done = smoke("--stack", "Small", "--bundle", str(bundle), "--api-url", url, aws=aws)
        calls = aws.client("logs").filter_log_events(**log)["events"][before:]

    assert "Small is paused" in done.stdout
    failed = [line.removeprefix("✗ ").split(" ")[0] for line in done.stdout.splitlines() if "503" in line]
    assert failed == ["health", "version", "golden"]
    assert len(calls) == len(failed)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Paths of the bundles of two models, by model name."""
    folder = tmp_path_factory.mktemp("two")
    places = {name: folder / name / "model.tar.gz" for name in ("first_one", "second")}
    for weight, (name, place) in enumerate(places.items()):
        write_tiny_bundle(place, name=name, weight=weight)
    return places


def smoke_two(
    aws: LocalAws, two: dict[str, Path], *, answering: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Runs the checks of a stack of two models; `answering` has other versions than the stack's."""
    expected = {name: read_archive(place).manifest.version for name, place in two.items()}
    bundles = [word for place in two.values() for word in ("--bundle", str(place))]
    with deployed(aws, service_of_several(versions=expected | answering, expected=expected)) as url:
        return smoke("--stack", "Small", *bundles, "--api-url", url, aws=aws)


def test_each_of_several_models_is_checked(aws: LocalAws, two: dict[str, Path]) -> None:
    done = smoke_two(aws, two, answering={})

    assert (done.returncode, done.stderr) == (0, ""), done
    *checks, verdict = done.stdout.splitlines()
    assert {line[0] for line in checks} == {"✓"}
    for name in ("version", "golden rows", "refusal"):
        for model in two:
            [_] = [line for line in checks if f" {name} of {model} " in line]
    assert len(checks) == 3 + 2 * 3
    assert verdict.endswith("all 9 checks pass.")


def test_another_version_of_one_of_several_models_fails_only_its_checks(
    aws: LocalAws, two: dict[str, Path]
) -> None:
    done = smoke_two(aws, two, answering={"second": "ba9876543210"})

    assert done.returncode == 1
    crosses = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert [line.removeprefix("✗ ")[:17].rstrip() for line in crosses] == ["health", "version of second"]
    assert all("ba9876543210" in line for line in crosses)


def test_a_single_model_stack_is_an_error_for_several_bundles(
    aws: LocalAws, two: dict[str, Path], version: str
) -> None:
    with deployed(aws, service(version=version)):
        bundles = [word for place in two.values() for word in ("--bundle", str(place))]
        done = smoke("--stack", "Small", *bundles, aws=aws)

    assert (done.returncode, done.stdout) == (1, "")
    assert "has no output PredictUrlFirstOne: it is not, or not yet, " in done.stderr


@pytest.mark.usefixtures("version")
def test_a_missing_stack_is_reported_in_one_sentence(aws: LocalAws, bundle: Path) -> None:
    done = smoke("--stack", "Elsewhere", "--bundle", str(bundle), aws=aws)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no stack Elsewhere in us-east-1: deploy it, or name another.\n"


@pytest.mark.usefixtures("version")
def test_a_stack_that_is_no_prediction_service_is_reported_in_one_sentence(
    aws: LocalAws, bundle: Path
) -> None:
    template = service(version="") | {"Outputs": {}}
    with deployed(aws, template):
        done = smoke("--stack", "Small", "--bundle", str(bundle), aws=aws)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        "Stack Small in us-east-1 is CREATE_COMPLETE and has no output PredictUrl: "
    )


def test_a_missing_bundle_is_reported_in_one_sentence(tmp_path: Path) -> None:
    done = smoke("--bundle", str(tmp_path / "none.tar.gz"))

    assert (done.returncode, done.stdout) == (1, "")
    assert "none.tar.gz cannot be read" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Unable to locate credentials"),
        (
            {"AWS_DEFAULT_REGION": "", "AWS_REGION": ""},
            "Invalid endpoint: https://cloudformation..amazonaws.com: check AWS_REGION",
        ),
        ({"AWS_PROFILE": "unknown"}, "profile (unknown) could not be found"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "Could not connect"),
    ],
    ids=["credentials", "region", "profile", "endpoint"],
)
@pytest.mark.usefixtures("version")
def test_missing_access_to_aws_is_reported_in_one_sentence(
    bundle: Path, environ: dict[str, str], message: str
) -> None:
    done = smoke("--bundle", str(bundle), environ=environ)

    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_wrong_arguments_print_the_usage() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "smoke", "--modle", "tiny"],
        cwd=ROOT,
        env=isolated(inherited_environ()),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "usage: python -m smoke" in done.stderr
