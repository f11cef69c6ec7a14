"""Lambda function with the code of the model: a zip, or the image of the endpoints."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Annotations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from function_zip.contents import contents_digest
from function_zip.lambda_platform import LAMBDA
from stacks.functions.published_zip import PublishedZip
from stacks.functions.python_function import remove_redundant_dependencies
from stacks.hosting.model_image import ModelImage
from stacks.settings.parsers import Packaging
from stacks.settings.settings import ROOT

_ENTRYPOINT = ["/opt/venv/bin/python", "-m", "awslambdaric"]
_MAKE_ZIP = ("python3", "-m", "function_zip")


def make_packaged_function(
    scope: Construct,
    id: str,
    *,
    handler: str,
    packaging: Packaging | None,
    image: ModelImage,
    properties: Mapping[str, Any],
    has_snapshot: bool = False,
) -> lambda_.Function:
    """Returns a function of the model's code.

    Args:
        scope: Parent construct.
        id: Id of the construct.
        handler: Its handler, as module and name.
        packaging: zip, or the image.
        image: The image.
        properties: Other properties of the function.
        has_snapshot: Whether its versions start from snapshots; only in a zip.
    """
    shared: dict[str, Any] = {"architecture": lambda_.Architecture.X86_64, **properties}
    function: lambda_.Function
    if packaging == "zip":
        function = lambda_.Function(
            scope,
            id,
            code=PublishedZip(command=_MAKE_ZIP, digest=contents_digest(ROOT, LAMBDA)),
            handler=handler,
            runtime=lambda_.Runtime(
                f"python{LAMBDA.python}", lambda_.RuntimeFamily.PYTHON, supports_snap_start=True
            ),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if has_snapshot else None,
            **shared,
        )
        Annotations.of(function).acknowledge_warning(
            "@aws-cdk/aws-lambda:snapStartRequirePublish", "The alias refers to a published version."
        )
    else:
        asset = image.asset
        code = lambda_.DockerImageCode.from_ecr(
            asset.repository, tag_or_digest=asset.image_tag, entrypoint=_ENTRYPOINT, cmd=[handler]
        )
        function = lambda_.DockerImageFunction(scope, id, code=code, **shared)
    remove_redundant_dependencies(function)
    return function
