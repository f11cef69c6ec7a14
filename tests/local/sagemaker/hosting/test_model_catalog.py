"""Catalog of models: the model of an endpoint configuration, and its execution role."""

from typing import Any, cast

import pytest

from local.local_aws import ACCOUNT, REGION
from local.sagemaker.errors import SageMakerError
from local.sagemaker.execution_role import ExecutionRole
from local.sagemaker.hosting.model_catalog import ModelCatalog
from local.sagemaker.resource_collection import SageMakerResource

ROLE = f"arn:aws:iam::{ACCOUNT}:role/model"
CONFIG = SageMakerResource(name="config", request={"ProductionVariants": [{"ModelName": "one"}]})


def model(name: str = "one", **request: Any) -> SageMakerResource:
    return SageMakerResource(name=name, request=request)


def refuse_to_assume(role_arn: str, /, *, source_arn: str) -> ExecutionRole:
    raise AssertionError(f"{role_arn} is assumed for {source_arn}")


def test_the_model_of_a_configuration_is_that_of_its_variant() -> None:
    catalog = ModelCatalog(refuse_to_assume)
    catalog.add(model("other"))
    catalog.add(one := model("one"))

    assert catalog.of(CONFIG) is one


def test_a_configuration_of_a_deleted_model_has_no_model() -> None:
    catalog = ModelCatalog(refuse_to_assume)

    with pytest.raises(SageMakerError, match=r'Could not find model "arn:aws:sagemaker:.*:model/one"'):
        catalog.of(CONFIG)


def test_a_models_role_is_assumed_for_the_model() -> None:
    calls: list[tuple[str, str]] = []
    role = cast("ExecutionRole", object())

    def assume(role_arn: str, /, *, source_arn: str) -> ExecutionRole:
        calls.append((role_arn, source_arn))
        return role

    assert ModelCatalog(assume).assume_role(model(ExecutionRoleArn=ROLE)) is role
    assert calls == [(ROLE, f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/one")]


def test_a_model_without_a_role_is_refused_with_the_reason() -> None:
    with pytest.raises(SageMakerError, match="Model one has no ExecutionRoleArn: AWS on this machine reads"):
        ModelCatalog(refuse_to_assume).assume_role(model())
