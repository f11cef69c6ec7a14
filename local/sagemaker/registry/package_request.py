"""Checks of requests that create or update a model package, beyond the types of their parameters.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackage.html
"""

import unicodedata
from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import SageMakerError, invalid

_APPROVALS = ("Approved", "Rejected", "PendingManualApproval")
_MAX_PROPERTIES = 50
_MAX_KEY, _MAX_VALUE = 128, 256
_MAX_DESCRIPTION = 1024
_PUNCTUATION = frozenset("_.:/=+-@")
_PATTERN = r"([\p{L}\p{Z}\p{N}_.:\/=+\-@]*)"
# Members that the emulator refuses, because it has no behaviour for them.
_UNSUPPORTED = (
    "CertifyForMarketplace",
    "ManagedStorageType",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SecurityConfig",
    "SourceAlgorithmSpecification",
    "ValidationSpecification",
)
_UNSUPPORTED_UPDATES = (
    "AdditionalInferenceSpecificationsToAdd",
    "ModelCard",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)


def check_created_package(request: Mapping[str, Any]) -> None:
    """Checks a CreateModelPackage request.

    Raises:
        SageMakerError: A value is invalid, or not supported on this machine.
    """
    _check_names(request)
    for name in _UNSUPPORTED:
        if request.get(name):
            raise invalid(f"AWS on this machine does not support {name} of a model package.")
    # A version has the tags of its group, and takes none of its own: the page of CreateModelPackage.
    if request.get("Tags"):
        raise invalid("Tags cannot be specified for a versioned ModelPackage: tag its ModelPackageGroup.")
    # https://github.com/aws/sagemaker-python-sdk/pull/4492
    if "InferenceSpecification" in request and "SourceUri" in request:
        raise invalid("InferenceSpecification and SourceUri cannot both be specified.")
    _check_source(request)
    _check_approval(request)
    check_properties(request.get("CustomerMetadataProperties", {}))


def check_updated_package(request: Mapping[str, Any]) -> None:
    """Checks an UpdateModelPackage request.

    Raises:
        SageMakerError: A value is invalid, or not supported on this machine.
    """
    for name in _UNSUPPORTED_UPDATES:
        if request.get(name):
            raise invalid(f"AWS on this machine does not support {name} of a model package.")
    _check_source(request)
    _check_approval(request)
    description = request.get("ApprovalDescription", "")
    if len(description) > _MAX_DESCRIPTION:
        raise _constraint(
            "approvalDescription",
            description,
            f"Member must have length less than or equal to {_MAX_DESCRIPTION}",
        )
    # A dot of the pattern matches no end of a line.
    if len(description.splitlines()) > 1:
        raise _constraint(
            "approvalDescription", description, "Member must satisfy regular expression pattern: .*"
        )
    check_properties(request.get("CustomerMetadataProperties", {}))


def check_properties(properties: Mapping[str, str]) -> None:
    """Checks CustomerMetadataProperties: number, lengths and characters.

    Raises:
        SageMakerError: They are invalid.
    """
    if len(properties) > _MAX_PROPERTIES:
        raise _constraint(
            "customerMetadataProperties",
            properties,
            f"Member must have length less than or equal to {_MAX_PROPERTIES}",
        )
    for member, longest, texts in (
        ("keys", _MAX_KEY, properties.keys()),
        ("value", _MAX_VALUE, properties.values()),
    ):
        if not all(1 <= len(text) <= longest and _is_allowed(text) for text in texts):
            raise _constraint(
                "customerMetadataProperties",
                properties,
                f"Map {member} must satisfy constraint: [Member must have length less than or equal to "
                f"{longest}, Member must have length greater than or equal to 1, Member must satisfy regular "
                f"expression pattern: {_PATTERN}${{1,{longest}}}]",
            )


def _is_allowed(text: str) -> bool:
    return all(letter in _PUNCTUATION or unicodedata.category(letter)[0] in "LZN" for letter in text)


def _check_names(request: Mapping[str, Any]) -> None:
    # Both sentences are SageMaker's: https://github.com/getmoto/moto/pull/7165
    if "ModelPackageGroupName" in request and "ModelPackageName" in request:
        raise invalid(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot determine "
            "which one to use."
        )
    if "ModelPackageGroupName" in request:
        return
    if "ModelPackageName" not in request:
        raise invalid("Missing ARN.")
    raise invalid(
        "AWS on this machine supports the versions of a model package group only: give ModelPackageGroupName "
        "instead of ModelPackageName."
    )


def _check_source(request: Mapping[str, Any]) -> None:
    # SageMaker copies the specification of a model, or of another package.
    if request.get("SourceUri", "").startswith("arn:"):
        raise invalid("AWS on this machine does not support an ARN as SourceUri of a model package.")


def _check_approval(request: Mapping[str, Any]) -> None:
    approval = request.get("ModelApprovalStatus")
    if approval is not None and approval not in _APPROVALS:
        raise _constraint(
            "modelApprovalStatus", approval, f"Member must satisfy enum value set: [{', '.join(_APPROVALS)}]"
        )


def _constraint(name: str, value: object, constraint: str) -> SageMakerError:
    shown = dict(value) if isinstance(value, Mapping) else value
    return invalid(
        f"1 validation error detected: Value '{shown}' at '{name}' failed to satisfy constraint: {constraint}"
    )
