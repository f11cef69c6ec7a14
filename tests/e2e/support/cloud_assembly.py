"""Creation of a stack from its cloud assembly: its files are uploaded, and CloudFormation creates it."""

import io
import json
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.local_aws import ACCOUNT, REGION, ROOT, LocalAws
from tests.local.polling import PATIENT_WAITER

_PLACE = {"${AWS::Partition}": "aws", "${AWS::AccountId}": ACCOUNT, "${AWS::Region}": REGION}


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
    properties = _read(assembly / "manifest.json")["artifacts"][stack]["properties"]
    bucket, _, key = properties["stackTemplateAssetObjectUrl"].removeprefix("s3://").partition("/")
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateURL=f"https://s3.{REGION}.amazonaws.com/{bucket}/{key}",
        RoleARN=properties["cloudFormationExecutionRoleArn"],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig=PATIENT_WAITER)
    [created] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in created["Outputs"]}
    aws.outputs.write_text(json.dumps({stack: outputs}), encoding="utf-8")


def _upload(aws: LocalAws, assembly: Path, stack: str) -> None:
    s3 = aws.client("s3")
    for file in _read(assembly / f"{stack}.assets.json")["files"].values():
        source = file["source"]
        # The zip of the model's function is built when it is uploaded.
        path = assembly / (source["path"] if "path" in source else _printed(source["executable"]))
        content = _zipped(path) if source.get("packaging") == "zip" else path.read_bytes()
        for place in file["destinations"].values():
            s3.put_object(Bucket=place["bucketName"], Key=place["objectKey"], Body=content)


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
