"""Retries while a permission is not effective yet, by a clock that the test sets."""

import pytest
from botocore.exceptions import ClientError

from lambda_src.publisher.retry_until_permitted import retry_until_permitted


def denial() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "CopyObject")


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_denied_call_is_tried_again_each_second_until_it_succeeds() -> None:
    clock = Clock()
    outcomes = iter([denial(), denial(), None])

    def call() -> str:
        if error := next(outcomes):
            raise error
        return "copied"

    assert retry_until_permitted(call, seconds=30, clock=clock, sleep=clock.sleep) == "copied"
    assert clock.now == 2


def test_a_call_that_is_still_denied_after_its_time_fails() -> None:
    clock = Clock()

    def call() -> None:
        raise denial()

    with pytest.raises(ClientError, match="AccessDenied"):
        retry_until_permitted(call, seconds=30, clock=clock, sleep=clock.sleep)
    assert clock.now == 30


def test_another_error_is_not_tried_again() -> None:
    clock = Clock()
    error = ClientError({"Error": {"Code": "NoSuchKey", "Message": "Not found"}}, "HeadObject")

    def call() -> None:
        raise error

    with pytest.raises(ClientError, match="NoSuchKey"):
        retry_until_permitted(call, seconds=30, clock=clock, sleep=clock.sleep)
    assert clock.now == 0
