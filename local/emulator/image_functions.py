"""Lambda functions of package type Image, run from the source tree: the emulator builds and pulls no image.

On AWS the image's entry point is awslambdaric, Lambda's runtime interface client for Python, and its command
is the handler. Here a MiniStack function of package type Zip imports that handler; all other properties stay.
"""

import logging
import sys

from local.emulator.resource_types import (
    EmulatedProperties,
    ProvisionedResource,
    ResourceHandlers,
    override,
)
from local.local_aws import ROOT

_TYPE = "AWS::Lambda::Function"
_PROGRAM = "awslambdaric"
_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
_CODE = """# In place of the image {image}
import sys

sys.path.insert(0, {root!r})
from {module} import {name} as handler
"""

logger = logging.getLogger(__name__)


class ImageFunctionError(Exception):
    """The image does not run a Python handler; the message becomes the reason of the stack event."""


class FunctionType:
    """AWS::Lambda::Function with MiniStack's handlers, called with properties of package type Zip.

    Args:
        handlers: MiniStack's handlers of the type.
    """

    def __init__(self, handlers: ResourceHandlers) -> None:
        self._handlers = handlers

    def create(self, logical_id: str, properties: EmulatedProperties, stack: str) -> ProvisionedResource:
        """Creates a function."""
        _log_image(logical_id, properties)
        created: ProvisionedResource = self._handlers["create"](
            logical_id, with_source_code(properties), stack
        )
        return created

    def update(
        self,
        physical_id: str,
        old: EmulatedProperties,
        new: EmulatedProperties,
        stack: str,
        logical_id: str,
    ) -> ProvisionedResource:
        """Updates a function in place."""
        _log_image(logical_id, new)
        updated: ProvisionedResource = self._handlers["update"](
            physical_id, with_source_code(old), with_source_code(new), stack, logical_id
        )
        return updated


def with_source_code(properties: EmulatedProperties) -> EmulatedProperties:
    """Converts the properties of a function from package type Image to Zip; others are returned unchanged.

    Raises:
        ImageFunctionError: The image's entry point is not awslambdaric with one handler.
    """
    if properties.get("PackageType") != "Image":
        return properties
    image = properties.get("ImageConfig", {})
    program, arguments = image.get("EntryPoint", []), image.get("Command", [])
    if program[-1:] != [_PROGRAM] or len(arguments) != 1:
        raise ImageFunctionError(
            "AWS on this machine runs an image function only if its ImageConfig has an EntryPoint that ends "
            f"in {_PROGRAM} and a Command of one handler. They are {program} and {arguments}."
        )
    module, _, name = arguments[0].rpartition(".")
    code = _CODE.format(image=properties["Code"]["ImageUri"], root=str(ROOT), module=module, name=name)
    kept = {key: value for key, value in properties.items() if key not in ("PackageType", "ImageConfig")}
    return kept | {"Runtime": _RUNTIME, "Handler": "index.handler", "Code": {"ZipFile": code}}


def install() -> None:
    """Replaces MiniStack's handlers for creating and updating functions."""

    def wrap(handlers: ResourceHandlers) -> ResourceHandlers:
        function_type = FunctionType(handlers)
        return {"create": function_type.create, "update": function_type.update}

    override(_TYPE, wrap)


def _log_image(name: str, properties: EmulatedProperties) -> None:
    if properties.get("PackageType") == "Image":
        logger.info("Function %s: its image is not built; its handler runs from the source tree.", name)
