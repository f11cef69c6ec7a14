import pytest
from botocore.exceptions import ClientError

from lambda_src.publisher.artifact import once_permitted


def denial() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "CopyObject")


def test_a_permission_that_takes_a_while_to_hold_is_waited_for() -> None:
    outcomes = iter([denial(), denial(), None])

    def call() -> str:
        if error := next(outcomes):
            raise error
        return "copied"

    assert once_permitted(call, seconds=1.0) == "copied"


def test_a_permission_that_is_missing_is_not_waited_for_for_ever() -> None:
    def call() -> None:
        raise denial()

    with pytest.raises(ClientError, match="AccessDenied"):
        once_permitted(call, seconds=0.2)
