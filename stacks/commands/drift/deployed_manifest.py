"""Manifest of the model that a deployed stack serves."""

from collections.abc import Sequence
from pathlib import Path

from api.model_url_paths import model_prefixes
from bundle import ARCHIVE, MANIFEST, BundleError, Manifest, read_archive, version_folder
from stacks.commands.aws_account import AwsAccount, UnreadableAccountError
from stacks.commands.current_stack import CurrentStack


def deployed_manifest(
    account: AwsAccount, stack: CurrentStack, *, model: str | None = None, bundle: Path | None = None
) -> Manifest:
    """Returns the manifest of the served version: of a bundle here, or beside the bundle in S3.

    Args:
        account: Account of the stack.
        stack: The stack.
        model: Name of the model, of a stack of several; None for an only model.
        bundle: A bundle on this machine; None for that of the checkout.

    Raises:
        UnreadableAccountError: There is no such model, or no manifest of its version.
    """
    models = stack.outputs["Models"].split(",")
    name = model or models[0]
    if name not in models or (model is None and len(models) > 1):
        raise UnreadableAccountError(
            f"The stack {stack.name} serves {', '.join(models)}: name one of them with --of."
        )
    version = _version(stack, name, models)
    path = bundle or Path("build", name, ARCHIVE)
    if path.exists():
        try:
            manifest = read_archive(path).manifest
        except BundleError as error:
            raise UnreadableAccountError(str(error)) from error
        if manifest.version == version:
            return manifest
    return _in_bucket(account, stack, name, version, path)


def _version(stack: CurrentStack, name: str, models: Sequence[str]) -> str:
    return stack.outputs[f"ModelVersion{model_prefixes(models)[name]}"]


def _in_bucket(account: AwsAccount, stack: CurrentStack, name: str, version: str, path: Path) -> Manifest:
    key = f"{version_folder(name, version)}/{MANIFEST}"
    found = account.read(
        "s3",
        "get_object",
        action="s3:GetObject",
        missing="NoSuchKey",
        Bucket=stack.outputs["ArtifactBucket"],
        Key=key,
    )
    if found is None:
        raise UnreadableAccountError(
            f"The stack {stack.name} serves version {version} of {name}, and neither {path} nor {key} in its "
            "bucket is of that version: name its bundle with --bundle."
        )
    try:
        return Manifest.decode(found["Body"].read())
    except BundleError as error:
        raise UnreadableAccountError(str(error)) from error
