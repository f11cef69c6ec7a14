"""A synthesized template, as rules ask it."""

from collections.abc import Iterator, Mapping
from typing import Any

Properties = Mapping[str, Any]


class Template:
    """The resources of one template, by logical id."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]]) -> None:
        self._resources = resources

    def all(self, kind: str) -> Iterator[tuple[str, Properties]]:
        """Logical id and properties of every resource of a type."""
        for logical_id, resource in self._resources.items():
            if resource["Type"] == kind:
                yield logical_id, resource.get("Properties", {})

    def target(self, reference: Any) -> tuple[str, Properties]:
        """The resource that a Ref or Fn::GetAtt names; without properties if it is in no template."""
        logical_id = target_id(reference)
        return logical_id, self._resources.get(logical_id, {}).get("Properties", {})


def target_id(reference: Any) -> str:
    """The logical id in a Ref or Fn::GetAtt, an empty one in anything else."""
    if not isinstance(reference, Mapping):
        return ""
    return str(reference.get("Ref") or (reference.get("Fn::GetAtt") or [""])[0])
