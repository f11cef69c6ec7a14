"""Version of a model in the registry: a model package, read from SageMaker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

_SOURCES = ("InferenceSpecification", "SourceUri")


@dataclass(frozen=True, kw_only=True)
class RegisteredVersion:
    """A model package.

    Attributes:
        arn: Its ARN.
        approval: Approved, Rejected or PendingManualApproval.
        approved_by: The person or run that has approved or rejected it, and why; "" when nobody has said.
        registered_at: When it was registered, in UTC: ISO 8601 with seconds.
        properties: CustomerMetadataProperties.
        source: What serves it: InferenceSpecification, or SourceUri for a function in a zip.
    """

    arn: str
    approval: str
    approved_by: str
    registered_at: str
    properties: Mapping[str, str]
    source: Mapping[str, Any]

    @classmethod
    def of(cls, package: Mapping[str, Any]) -> Self:
        """Reads the response of DescribeModelPackage."""
        return cls(
            arn=package["ModelPackageArn"],
            approval=package["ModelApprovalStatus"],
            approved_by=package.get("ApprovalDescription", ""),
            registered_at=package["CreationTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
            properties=package.get("CustomerMetadataProperties", {}),
            source={name: package[name] for name in _SOURCES if name in package},
        )

    @property
    def version(self) -> str:
        """The version; "" for a package that this project has not registered."""
        return self.properties.get("version", "")

    @property
    def replaced(self) -> str:
        """Version that served before it, which a roll-back releases; "" when it has replaced none."""
        return self.properties.get("replaced", "")

    @property
    def figures(self) -> Mapping[str, float]:
        """Its figures by name, from the property metrics; empty when they cannot be read."""
        pairs = [pair.rpartition("=") for pair in self.properties.get("metrics", "").split()]
        try:
            return {name: float(value) for name, _, value in pairs}
        except ValueError:
            return {}

    def source_with(self, url: str) -> Mapping[str, Any]:
        """Returns what serves another bundle as this one is served.

        Args:
            url: S3 URI of the other bundle.
        """
        specification = self.source.get("InferenceSpecification")
        if specification is None:
            return {"SourceUri": url}
        [first, *others] = specification["Containers"]
        return {
            "InferenceSpecification": {
                **specification,
                "Containers": [{**first, "ModelDataUrl": url}, *others],
            }
        }
