"""The custom resource that fails when SageMaker has rolled the update of the endpoint back."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.publisher.cloudformation import Inbox, receive


@pytest.fixture(scope="module")
def publisher(cold_start: Import) -> ModuleType:
    return cold_start("lambda_src.publisher.handler")


@pytest.fixture
def inbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with receive() as inbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER", inbox.url.partition("/answer")[0])
        yield inbox


def request(kind: str, inbox: Inbox) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResourceType": "Custom::ServedConfiguration",
        "ResponseURL": inbox.url,
        "StackId": "stack-1",
        "RequestId": "request-1",
        "LogicalResourceId": "Served",
        "ResourceProperties": {"EndpointName": "Tiny", "EndpointConfigName": "new"},
    } | ({} if kind == "Create" else {"PhysicalResourceId": "endpoint/Tiny"})


@pytest.mark.parametrize("kind", ["Create", "Update"])
def test_the_new_configuration_that_serves_succeeds(publisher: ModuleType, inbox: Inbox, kind: str) -> None:
    # A reason of an earlier update may be there.
    inbox.endpoint = {"EndpointName": "Tiny", "EndpointConfigName": "new", "FailureReason": "an earlier one"}

    publisher.handler(request(kind, inbox), None)

    [answer] = inbox.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "endpoint/Tiny")


@pytest.mark.parametrize(
    ("reason", "found"),
    [("Alarms are in ALARM.", "Alarms are in ALARM."), (None, "SageMaker gives no reason.")],
)
def test_another_configuration_that_serves_fails_with_the_reason(
    publisher: ModuleType, inbox: Inbox, reason: str | None, found: str
) -> None:
    inbox.endpoint = {"EndpointName": "Tiny", "EndpointConfigName": "old"}
    inbox.endpoint |= {"FailureReason": reason} if reason else {}

    publisher.handler(request("Update", inbox), None)

    [answer] = inbox.answers
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == (
        "The served configuration's Update failed: SageMaker rolled back the update of the endpoint Tiny to "
        f"new, so old serves and the stack is rolled back too: {found}"
    )
    # Another id would be a replacement, which CloudFormation deletes.
    assert answer["PhysicalResourceId"] == "endpoint/Tiny"


def test_delete_asks_for_nothing(publisher: ModuleType, inbox: Inbox) -> None:
    """A paused stack has no endpoint any more."""
    publisher.handler(request("Delete", inbox), None)

    [answer] = inbox.answers
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("SUCCESS", "endpoint/Tiny")
