"""Checks of a CreateTransformJob request beyond the types of its parameters.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html
"""

import re
from collections.abc import Mapping
from typing import Any

from local.sagemaker.errors import SageMakerError, invalid
from local.sagemaker.transform.records.data_processing import DataProcessing

_MAX_PAYLOAD_MB = 100
_BINARY = ("TFRecord", "RecordIO")
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_UNSUPPORTED = ("DataCaptureConfig", "ExperimentConfig")


def check_transform_request(request: Mapping[str, Any]) -> None:
    """Checks a request.

    Raises:
        SageMakerError: A value is invalid, or not supported on this machine.
    """
    source, output = request["TransformInput"], request["TransformOutput"]
    _check_choice("batchStrategy", request.get("BatchStrategy"), "MultiRecord, SingleRecord")
    _check_choice("transformInput.splitType", source.get("SplitType"), "None, TFRecord, Line, RecordIO")
    _check_choice("transformInput.compressionType", source.get("CompressionType"), "None, Gzip")
    _check_choice("transformOutput.assembleWith", output.get("AssembleWith"), "None, Line")
    _check_choice(
        "transformInput.dataSource.s3DataSource.s3DataType",
        source["DataSource"]["S3DataSource"]["S3DataType"],
        "ManifestFile, S3Prefix",
    )
    _check_limits(request)
    if (split := source.get("SplitType")) in _BINARY:
        raise invalid(f"AWS on this machine does not support SplitType {split}: give Line or None.")
    for name in _UNSUPPORTED:
        if name in request:
            raise invalid(f"AWS on this machine does not support {name} of a transform job.")
    for name in request.get("Environment", ()):
        if not _VARIABLE.fullmatch(name):
            raise _constraint(
                "environment", name, f"Map keys must satisfy regular expression pattern: {_VARIABLE.pattern}"
            )
    # Reads the filters and the media types.
    DataProcessing.read(request)


def _check_limits(request: Mapping[str, Any]) -> None:
    payload = request.get("MaxPayloadInMB")
    if payload is not None and payload > _MAX_PAYLOAD_MB:
        raise _constraint(
            "maxPayloadInMB", payload, f"Member must have value less than or equal to {_MAX_PAYLOAD_MB}"
        )
    concurrent = request.get("MaxConcurrentTransforms", 0)
    if payload and concurrent * payload > _MAX_PAYLOAD_MB:
        raise invalid(
            f"The value of MaxConcurrentTransforms * MaxPayloadInMB is {concurrent} * {payload} and cannot "
            f"exceed {_MAX_PAYLOAD_MB} MB."
        )


def _check_choice(name: str, value: str | None, choices: str) -> None:
    if value is not None and value not in choices.split(", "):
        raise _constraint(name, value, f"Member must satisfy enum value set: [{choices}]")


def _constraint(name: str, value: object, constraint: str) -> SageMakerError:
    return invalid(
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: {constraint}"
    )
