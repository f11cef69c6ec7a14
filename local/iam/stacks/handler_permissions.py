"""Permissions of a resource type's handlers: actions, the resource's ARN, and the role that is passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local.local_aws import ACCOUNT, REGION


@dataclass(frozen=True, kw_only=True)
class TypePermissions:
    """The permissions of one resource type.

    Attributes:
        create: Actions that create a resource.
        update: Actions that change it in place.
        delete: Actions that delete it.
        arn: Its ARN after arn:aws:, with {region}, {account}, {name} and properties in braces.
        name: The property with its name, "" for a generated one.
        role: The property with a role that is passed, "" without one.
        service: The service that gets this role.
    """

    create: tuple[str, ...]
    update: tuple[str, ...]
    delete: tuple[str, ...]
    arn: str
    name: str = ""
    role: str = ""
    service: str = ""

    def resource(self, name: str, properties: Mapping[str, Any]) -> str:
        """Returns the ARN of a resource."""
        # A scaling policy has an ARN, and its actions are on the scalable target.
        if name.startswith("arn:") and self.arn != SCALING_ARN:
            return name
        texts = {key: text for key, value in properties.items() if (text := _first_text(value))}
        known = _Unknown(texts | {"region": REGION, "account": ACCOUNT, "name": name})
        found = self.arn.format_map(known)
        return found if found.startswith("arn:") else f"arn:aws:{found}"


class _Unknown(dict[str, str]):
    """A property that a resource lacks is any."""

    def __missing__(self, key: str) -> str:
        return "*"


def _first_text(value: Any) -> str:
    """Returns a property, or the first item of a list of names."""
    first = value[0] if isinstance(value, list) and value else value
    return first if isinstance(first, str) else ""


def gateway(path: str, *, put: bool = False, is_changed: bool = True) -> TypePermissions:
    """API Gateway's actions are HTTP methods on paths."""
    write = ("apigateway:PUT",) if put else ("apigateway:POST",)
    return TypePermissions(
        create=write,
        update=(("apigateway:PUT",) if put else ("apigateway:PATCH",)) if is_changed else (),
        delete=("apigateway:DELETE",),
        arn=f"apigateway:{{region}}::{path}",
    )


API_PATH = "/restapis/{RestApiId}"
SCALING_ARN = "application-autoscaling:{region}:{account}:scalable-target/*"


def crud(
    service: str, create: str, update: str, delete: str, *, arn: str, name: str = "", role: str = ""
) -> TypePermissions:
    """One action for each operation; "" for a type that is never changed in place."""
    return TypePermissions(
        create=(f"{service}:{create}",),
        update=(f"{service}:{update}",) if update else (),
        delete=(f"{service}:{delete}",) if delete else (),
        arn=arn,
        name=name,
        role=role,
        service=f"{service}.amazonaws.com" if role else "",
    )
