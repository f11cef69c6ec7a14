"""Resources of a synthesized template."""

from collections.abc import Iterator, Mapping
from typing import Any

ResourceProperties = Mapping[str, Any]


class Template:
    """The resources of one template, by logical id."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]]) -> None:
        self._resources = resources

    def all(self, kind: str) -> Iterator[tuple[str, ResourceProperties]]:
        """Yields logical id and properties of every resource of a type."""
        for logical_id, resource in self._resources.items():
            if resource["Type"] == kind:
                yield logical_id, resource.get("Properties", {})

    def target(self, reference: Any) -> tuple[str, ResourceProperties]:
        """Returns logical id and properties of the resource of a Ref or Fn::GetAtt; {} when it is absent."""
        logical_id = target_id(reference)
        return logical_id, self._resources.get(logical_id, {}).get("Properties", {})

    def granted(self, role_id: str, action: str) -> Iterator[Any]:
        """Yields the ARN of each resource that a policy of the template allows a role an action on."""
        for _, policy in self.all("AWS::IAM::Policy"):
            if role_id in map(target_id, policy.get("Roles", [])):
                for statement in policy["PolicyDocument"]["Statement"]:
                    if statement["Effect"] == "Allow" and action in _as_list(statement["Action"]):
                        yield from _as_list(statement["Resource"])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def target_id(reference: Any) -> str:
    """Returns the logical id in a Ref or Fn::GetAtt, and "" for any other value."""
    if not isinstance(reference, Mapping):
        return ""
    return str(reference.get("Ref") or (reference.get("Fn::GetAtt") or [""])[0])


def joined_parts(value: Any) -> list[Any]:
    """Returns the parts of a Fn::Join without a separator, and any other value as the only part."""
    if isinstance(value, Mapping) and "Fn::Join" in value:
        return list(value["Fn::Join"][1])
    return [value]
