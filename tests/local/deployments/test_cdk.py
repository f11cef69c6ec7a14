"""CDK CLI against AWS on this machine, with a cloud assembly from the test."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.deployments.cdk import Cdk
from local.errors import CdkError
from local.local_aws import ROOT, LocalAws
from local.process_environment import isolated
from terminal_output import Terminated, termination_as_exception
from tests.inherited_environ import inherited_environ
from tests.local.polling import PATIENT_WAITER

Assemble = Callable[[dict[str, Any]], Cdk]


# The CDK CLI runs on Node.
pytestmark = pytest.mark.usefixtures("node_packages")


@pytest.fixture
def assemble(aws: LocalAws, tmp_path: Path) -> Iterator[Assemble]:
    """Writes a cloud assembly of one stack, `ByHand`, which is deleted after the test."""

    def assemble(template: dict[str, Any]) -> Cdk:
        assembly = tmp_path / "assembly"
        assembly.mkdir(exist_ok=True)
        stack = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": "template.json"},
        }
        (assembly / "template.json").write_text(json.dumps(template))
        (assembly / "manifest.json").write_text(
            json.dumps({"version": "36.0.0", "artifacts": {"ByHand": stack}})
        )
        (tmp_path / "cdk.json").write_text(json.dumps({"app": "assembly"}))
        # Settings of a real account; the CLI must not use them.
        environ = {
            **inherited_environ(),
            "AWS_PROFILE": "production",
            "AWS_ENDPOINT_URL": "https://real.invalid",
        }
        return Cdk(aws, environ=environ, app=tmp_path)

    yield assemble
    cloudformation = aws.client("cloudformation")
    cloudformation.delete_stack(StackName="ByHand")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="ByHand", WaiterConfig=PATIENT_WAITER)


TOPIC = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "by-hand"}}


def test_a_stack_can_be_deployed_twice_and_destroyed(
    aws: LocalAws, assemble: Assemble, capfd: pytest.CaptureFixture[str]
) -> None:
    cdk = assemble({"Resources": {"Topic": TOPIC}, "Outputs": {"Arn": {"Value": {"Ref": "Topic"}}}})

    cdk.deploy()

    arn = "arn:aws:sns:us-east-1:000000000000:by-hand"
    assert json.loads(aws.outputs.read_text()) == {"ByHand": {"Arn": arn}}
    assert aws.client("sns").get_topic_attributes(TopicArn=arn)
    capfd.readouterr()

    cdk.deploy()

    printed = capfd.readouterr()
    assert "no changes" in printed.out + printed.err

    cdk.destroy()

    with pytest.raises(ClientError):
        aws.client("sns").get_topic_attributes(TopicArn=arn)


def test_the_account_is_bootstrapped_as_by_the_cli(aws: LocalAws, assemble: Assemble, tmp_path: Path) -> None:
    cdk = assemble({"Resources": {"Topic": TOPIC}})
    with ThreadPoolExecutor() as pool:
        # Two commands at once, of which one creates the stack.
        [*pool.map(lambda _: cdk.bootstrap(), range(2))]

    # The CLI compares its template and its parameters with those of the stack.
    done = subprocess.run(
        [str(ROOT / "node_modules" / ".bin" / "cdk"), "bootstrap", "aws://000000000000/us-east-1"],
        cwd=aws.state,
        env=isolated(inherited_environ()) | {"AWS_ENDPOINT_URL": aws.url, "CDK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "bootstrapped (no changes)" in done.stdout + done.stderr


def test_a_failed_stack_fails_the_command_and_prints_the_reason(
    assemble: Assemble, capfd: pytest.CaptureFixture[str]
) -> None:
    failing = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": "nothing"}}
    cdk = assemble({"Resources": {"Endpoint": failing}})

    with pytest.raises(CdkError, match="cdk deploy exited with code 1"):
        cdk.deploy()

    printed = capfd.readouterr()
    assert "Could not find endpoint configuration" in printed.out + printed.err


def test_the_cli_ends_with_a_command_that_is_terminated(
    aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a CLI that runs until SIGTERM
    program = tmp_path / "cdk"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, signal\n"
        "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})\nprint('runs', flush=True)\n"
        f"signal.sigwait({{signal.SIGTERM}})\npathlib.Path({str(tmp_path / 'ended')!r}).touch()\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr("local.deployments.cdk._program", lambda: program)

    # When the command that follows it is terminated
    def terminate(_self: object, lines: Iterable[str]) -> None:
        assert next(iter(lines)) == "runs\n"
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr("local.deployments.cdk.CdkProgress.follow", terminate)
    with pytest.raises(Terminated), termination_as_exception():
        Cdk(aws, environ=inherited_environ(), app=tmp_path).destroy()

    # Then both have ended
    assert (tmp_path / "ended").exists()
