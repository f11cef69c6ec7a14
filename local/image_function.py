"""Lambda functions that come as an image, run from the checkout's source: nothing here builds images.

On AWS the image's program is awslambdaric, Lambda's runtime for Python, and its argument the handler. Here
that handler is imported by a function of MiniStack's, with everything else that the template says of it.
"""

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

from local.aws import ROOT

_TYPE = "AWS::Lambda::Function"
_PROGRAM = "awslambdaric"
_RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
_CODE = """# In place of the image {image}
import sys

sys.path.insert(0, {root!r})
from {module} import {name} as handler
"""

Properties = Mapping[str, Any]
Provisioned = tuple[str, dict[str, str]]

logger = logging.getLogger(__name__)


class ImageFunctionError(Exception):
    """The image does not run a handler of Python; the message becomes the reason of the stack's event."""


def from_source(properties: Properties) -> Properties:
    """The properties of a function that runs an image's handler from source; others as they are.

    Raises:
        ImageFunctionError: The image's program is not awslambdaric with a handler.
    """
    if properties.get("PackageType") != "Image":
        return properties
    image = properties.get("ImageConfig", {})
    program, arguments = image.get("EntryPoint", []), image.get("Command", [])
    if program[-1:] != [_PROGRAM] or len(arguments) != 1:
        raise ImageFunctionError(
            f"A function here runs an image whose EntryPoint ends in {_PROGRAM} and whose Command is one "
            f"handler, and this one's are {program} and {arguments}."
        )
    module, _, name = arguments[0].rpartition(".")
    code = _CODE.format(image=properties["Code"]["ImageUri"], root=str(ROOT), module=module, name=name)
    kept = {key: value for key, value in properties.items() if key not in ("PackageType", "ImageConfig")}
    return kept | {"Runtime": _RUNTIME, "Handler": "index.handler", "Code": {"ZipFile": code}}


class FunctionType:
    """Lambda functions as MiniStack makes them, those that come as an image from source.

    Args:
        made: How MiniStack creates and updates functions.
    """

    def __init__(self, made: Mapping[str, Callable[..., Provisioned]]) -> None:
        self._create = made["create"]
        self._update = made["update"]

    def create(self, logical_id: str, properties: Properties, stack: str) -> Provisioned:
        """Create a function."""
        _tell(logical_id, properties)
        return self._create(logical_id, from_source(properties), stack)

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Provisioned:
        """Change a function in place."""
        _tell(logical_id, new)
        return self._update(physical_id, from_source(old), from_source(new), stack, logical_id)


def install() -> None:
    """Let MiniStack's CloudFormation run functions that come as an image without one."""
    made = provisioners._RESOURCE_HANDLERS[_TYPE]
    kind = FunctionType(made)
    provisioners._RESOURCE_HANDLERS[_TYPE] = made | {"create": kind.create, "update": kind.update}


def _tell(name: str, properties: Properties) -> None:
    if properties.get("PackageType") == "Image":
        logger.info("Function %s: its image is not built here, its handler runs from source.", name)
