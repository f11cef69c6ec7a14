import json
import os
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sagemaker as sagemaker

from stacks.gates import guard
from stacks.settings.settings import ROOT
from tests.stacks.synthesis import context

CDK = ROOT / "node_modules" / ".bin" / "cdk"
# A stack with a role that anybody's notebooks may take, which nobody but our own rules minds.
APP = """
import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from stacks.gates import guard

app = cdk.App()
stack = cdk.Stack(app, "Careless")
iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
guard(app, stack, models=["any"])
app.synth()
"""


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(context=context(), outdir=str(tmp_path / "out"))


def refusal(app: cdk.App, stack: cdk.Stack) -> str:
    guard(app, stack, models=["any"])
    with pytest.raises(RuntimeError) as refused:
        app.synth()
    return str(refused.value)


def test_what_cdk_nag_finds_ends_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    s3.CfnBucket(stack, "Bucket")

    report = refusal(app, stack)

    assert "AwsSolutions-S1" in report
    assert "Careless/Bucket" in report


def test_what_breaks_a_rule_of_our_own_ends_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    report = refusal(app, stack)

    assert "says for which account or resource" in report
    assert "Careless/Role/Resource" in report


def test_what_cdk_itself_finds_in_a_template_ends_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name="not a name!")

    report = refusal(app, stack)

    assert "CloudFormation Validate" in report
    assert "Careless/Endpoint" in report


def test_a_finding_that_is_acknowledged_elsewhere_counts_here(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    # The name of what is acknowledged, at another place.
    s3.CfnBucket(stack, "Artifacts")

    assert "AwsSolutions-S1" in refusal(app, stack)


def test_the_cli_fails_and_names_the_finding(tmp_path: Path) -> None:
    (tmp_path / "careless.py").write_text(APP)

    done = subprocess.run(
        [
            str(CDK),
            "synth",
            "--quiet",
            "--app",
            f"{sys.executable} {tmp_path / 'careless.py'}",
            "--output",
            str(tmp_path / "out"),
        ],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    assert done.returncode == 1
    assert "Careless/Role/Resource" in done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "out" / "validation-report.json").read_text())
    assert [found["pluginName"] for found in report["pluginReports"] if found["violations"]] == ["House"]
