"""Operations on a stack during another one, and after a creation that was rolled back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.local_aws import LocalAws
from tests.local.emulator.endpoint_stack import Stack, resources_of, template
from tests.local.polling import until

Upload = Callable[..., str]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Path]:
    """A file whose serving process does not answer its health check while it exists."""
    gate = tmp_path / "gate"
    gate.touch()
    yield gate
    gate.unlink(missing_ok=True)


def endpoints(sagemaker: Any, name: str) -> list[str]:
    listed = sagemaker.list_endpoints(NameContains=name)["Endpoints"]
    return [found["EndpointStatus"] for found in listed]


def test_a_stack_that_is_deleted_while_it_is_created_leaves_nothing(
    aws: LocalAws, stack: Stack, upload: Upload, sagemaker: Any, gate: Path
) -> None:
    # Given a stack whose endpoint is being created
    cloudformation = aws.client("cloudformation")
    body = json.dumps(template(upload("one", unhealthy_while=str(gate))))
    cloudformation.create_stack(StackName=stack.name, TemplateBody=body)
    until(lambda: endpoints(sagemaker, stack.name) == ["Creating"])

    # When it is deleted, twice
    for _ in range(2):
        cloudformation.delete_stack(StackName=stack.name)
    gate.unlink()

    # Then its endpoint is deleted too, and its name is free
    stack._wait("stack_delete_complete")
    assert resources_of(sagemaker, stack.name) == []
    stack.create(template(upload("two", version="two")))
    assert stack.invoke()["version"] == "two"


def test_a_stack_is_not_deleted_while_it_is_updated(
    aws: LocalAws, stack: Stack, upload: Upload, sagemaker: Any, gate: Path
) -> None:
    cloudformation = aws.client("cloudformation")
    stack.create(template(upload("one", version="one")))
    body = json.dumps(template(upload("two", version="two", unhealthy_while=str(gate))))
    cloudformation.update_stack(StackName=stack.name, TemplateBody=body)
    until(lambda: endpoints(sagemaker, stack.name) == ["Updating"])

    with pytest.raises(ClientError, match=r"\] cannot be deleted while in status UPDATE_IN_PROGRESS"):
        cloudformation.delete_stack(StackName=stack.name)

    gate.unlink()
    stack._wait("stack_update_complete")
    assert stack.invoke()["version"] == "two"


def test_the_name_of_a_stack_whose_creation_was_rolled_back_is_taken(
    aws: LocalAws, stack: Stack, upload: Upload
) -> None:
    stack.create(template(upload("bad", content=b"no archive")))
    assert stack.described()["StackStatus"] == "ROLLBACK_COMPLETE"

    with pytest.raises(ClientError, match=r"AlreadyExistsException.* already exists"):
        aws.client("cloudformation").create_stack(
            StackName=stack.name, TemplateBody=json.dumps(template(upload("one")))
        )


def test_a_deletion_that_is_requested_again_changes_nothing(
    aws: LocalAws, stack: Stack, upload: Upload
) -> None:
    cloudformation = aws.client("cloudformation")
    stack.create(template(upload("one", version="one")))

    for _ in range(2):
        cloudformation.delete_stack(StackName=stack.name)
    # In progress or at its end.
    with pytest.raises(ClientError, match=r"DELETE_IN_PROGRESS|does not exist"):
        cloudformation.update_stack(StackName=stack.name, TemplateBody=json.dumps(template(upload("two"))))
    stack._wait("stack_delete_complete")
    cloudformation.delete_stack(StackName=stack.name)

    with pytest.raises(ClientError, match="does not exist"):
        stack.described()
