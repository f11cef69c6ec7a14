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

from stacks.gates.validation_plugins import add_validations
from stacks.settings.settings import ROOT
from tests.stacks.support.synthesis import context

CDK = ROOT / "node_modules" / ".bin" / "cdk"
# A role without a condition in its trust policy, which only the project's rules report.
APP = """
import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from stacks.gates.validation_plugins import add_validations

app = cdk.App()
stack = cdk.Stack(app, "Careless")
iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
add_validations(app, stack, models=["any"], hosting="realtime")
app.synth()
"""


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    return cdk.App(context=context(), outdir=str(tmp_path / "out"))


def refusal(app: cdk.App, stack: cdk.Stack) -> str:
    add_validations(app, stack, models=["any"], hosting="realtime")
    with pytest.raises(RuntimeError) as refused:
        app.synth()
    return str(refused.value)


def test_a_finding_of_cdk_nag_fails_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    s3.CfnBucket(stack, "Bucket")

    report = refusal(app, stack)

    assert "AwsSolutions-S1" in report
    assert "Careless/Bucket" in report


def test_a_violation_of_a_project_rule_fails_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))

    report = refusal(app, stack)

    assert "has a condition on aws:SourceArn or aws:SourceAccount" in report
    assert "Careless/Role/Resource" in report


def test_a_finding_of_the_cdks_template_validation_fails_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    sagemaker.CfnEndpoint(stack, "Endpoint", endpoint_config_name="not a name!")

    report = refusal(app, stack)

    assert "CloudFormation Validate" in report
    assert "Careless/Endpoint" in report


def test_a_finding_accepted_at_another_path_fails_the_synth(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Careless")
    # The rule is accepted at Artifacts/Bucket.
    s3.CfnBucket(stack, "Artifacts")

    assert "AwsSolutions-S1" in refusal(app, stack)


@pytest.mark.usefixtures("node_packages")
def test_the_cdk_cli_fails_and_names_the_finding(tmp_path: Path) -> None:
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
        timeout=900,
    )

    assert done.returncode == 1
    assert "Careless/Role/Resource" in done.stderr
    assert "Traceback" not in done.stderr
    report = json.loads((tmp_path / "out" / "validation-report.json").read_text())
    assert [found["pluginName"] for found in report["pluginReports"] if found["violations"]] == ["House"]
