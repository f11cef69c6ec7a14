"""Titles and members of problem documents."""

from http import HTTPStatus

import pytest

from bundle import REQUEST_LIMITS, problem_document, title_of


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Bad Request"),
        (413, "Content Too Large"),
        (422, "Unprocessable Content"),
        (503, "Service Unavailable"),
    ],
)
def test_a_title_is_the_reason_phrase_of_rfc_9110(status: int, title: str) -> None:
    assert title_of(status) == title


def test_a_document_has_the_four_members_in_order() -> None:
    document = problem_document(HTTPStatus.NOT_FOUND, "There is nothing here.")

    assert [*document.items()] == [
        ("type", "about:blank"),
        ("title", "Not Found"),
        ("status", 404),
        ("detail", "There is nothing here."),
    ]
    assert type(document["status"]) is int


def test_the_limits_of_a_request_are_part_of_a_sentence() -> None:
    assert REQUEST_LIMITS == "1,000 rows and 1,048,576 bytes"
