"""Deployment of a cloud assembly without the CDK CLI: uploads its files, and creates or updates its stack."""

import io
import json
import subprocess
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.local_aws import ACCOUNT, REGION, ROOT, LocalAws
from tests.local.polling import PATIENT_WAITER, until

_PLACE = {"${AWS::Partition}": "aws", "${AWS::AccountId}": ACCOUNT, "${AWS::Region}": REGION}


_CAPABILITIES = ("CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
_UNFINISHED = ("_PENDING", "_IN_PROGRESS")


class FailedUpdateError(Exception):
    """CloudFormation has rolled back the update of a stack; the message has the status of the stack."""


def has_stack(aws: LocalAws, stack: str) -> bool:
    """Whether a stack of this name exists."""
    try:
        aws.client("cloudformation").describe_stacks(StackName=stack)
    except ClientError:
        return False
    return True


def create_stack(aws: LocalAws, assembly: Path, stack: str) -> None:
    """Creates a stack as `cdk deploy` does, without images, and writes its outputs to the file of the CLI.

    Args:
        aws: The AWS, which is bootstrapped and has no stack of this name.
        assembly: Folder of the cloud assembly.
        stack: Name of the stack, of its artifact and of its assets.

    Raises:
        WaiterError: The creation failed.
    """
    _upload(aws, assembly, stack)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(**_template(assembly, stack))
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    _write_outputs(aws, _describe(cloudformation, stack))


def update_stack(aws: LocalAws, assembly: Path, stack: str) -> None:
    """Updates a stack as `cdk deploy` does: by a change set, with the values that its parameters have.

    Args:
        aws: The AWS, which has the stack.
        assembly: Folder of the cloud assembly.
        stack: Name of the stack, of its artifact and of its assets.

    Raises:
        FailedUpdateError: CloudFormation has rolled the update back.
    """
    _upload(aws, assembly, stack)
    cloudformation = aws.client("cloudformation")
    names = [one["ParameterKey"] for one in _describe(cloudformation, stack).get("Parameters", ())]
    kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in names]
    change_set = {"StackName": stack, "ChangeSetName": f"update-{uuid.uuid4()}"}
    cloudformation.create_change_set(**(change_set | _template(assembly, stack)), Parameters=kept)
    if _await_change_set(cloudformation, change_set):
        cloudformation.execute_change_set(**change_set)
        _await_update(cloudformation, stack)
    else:
        cloudformation.delete_change_set(**change_set)
    _write_outputs(aws, _describe(cloudformation, stack))


def _template(assembly: Path, stack: str) -> dict[str, Any]:
    """Returns the parameters of CloudFormation's operations that name the uploaded template."""
    properties = _read(assembly / "manifest.json")["artifacts"][stack]["properties"]
    bucket, _, key = properties["stackTemplateAssetObjectUrl"].removeprefix("s3://").partition("/")
    return {
        "StackName": stack,
        "TemplateURL": f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}",
        "RoleARN": properties["cloudFormationExecutionRoleArn"],
        "Capabilities": _CAPABILITIES,
    }


def _await_change_set(cloudformation: Any, change_set: Mapping[str, str]) -> bool:
    """Waits for a change set, and returns whether it has changes."""
    found: dict[str, Any] = {}

    def is_created() -> bool:
        found.update(cloudformation.describe_change_set(**change_set))
        return not str(found["Status"]).endswith(_UNFINISHED)

    until(is_created)
    if found["Status"] == "FAILED":
        assert "didn't contain changes" in found["StatusReason"], found
    return bool(found["Status"] != "FAILED")


def _await_update(cloudformation: Any, stack: str) -> None:
    """Waits for the end of an update.

    Raises:
        FailedUpdateError: CloudFormation has rolled it back.
    """
    status = ""

    def has_ended() -> bool:
        nonlocal status
        status = _describe(cloudformation, stack)["StackStatus"]
        return not status.endswith(_UNFINISHED)

    until(has_ended, seconds=600)
    if status != "UPDATE_COMPLETE":
        raise FailedUpdateError(status)


def _describe(cloudformation: Any, stack: str) -> dict[str, Any]:
    [found] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return dict(found)


def _write_outputs(aws: LocalAws, described: Mapping[str, Any]) -> None:
    """Writes the outputs of a stack to the file of the CDK CLI."""
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    aws.outputs.write_text(json.dumps({described["StackName"]: outputs}), encoding="utf-8")


def _upload(aws: LocalAws, assembly: Path, stack: str) -> None:
    """Uploads what the bucket lacks, as the CDK CLI does: the names of objects are the digests of files."""
    s3 = aws.client("s3")
    for file in _read(assembly / f"{stack}.assets.json")["files"].values():
        source = file["source"]
        for place in file["destinations"].values():
            name = {"Bucket": place["bucketName"], "Key": place["objectKey"]}
            if s3.list_objects_v2(Bucket=name["Bucket"], Prefix=name["Key"])["KeyCount"]:
                continue
            # The zip of the model's function is built when it is uploaded.
            path = assembly / (source["path"] if "path" in source else _printed(source["executable"]))
            s3.put_object(
                **name, Body=_zipped(path) if source.get("packaging") == "zip" else path.read_bytes()
            )


def _printed(command: Sequence[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def _read(file: Path) -> Any:
    """Reads a file of the assembly, for the account and region of this AWS."""
    text = file.read_text(encoding="utf-8")
    for placeholder, value in _PLACE.items():
        text = text.replace(placeholder, value)
    return json.loads(text)
