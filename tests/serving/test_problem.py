"""Problem documents (RFC 9457)."""

import json

import pytest

from serving.problem import Problem, RowError


def test_a_problem_document_has_its_status_title_detail_and_row_errors() -> None:
    errors = [
        RowError(row=0, rule="must be an object"),
        RowError(row=2, field="size", rule="must be a number"),
    ]

    document = json.loads(Problem(422, "It is wrong.", errors=errors).encode())

    assert document == {
        "type": "about:blank",
        "title": "Unprocessable Content",
        "status": 422,
        "detail": "It is wrong.",
        "errors": [
            {"row": 0, "rule": "must be an object"},
            {"row": 2, "field": "size", "rule": "must be a number"},
        ],
    }


@pytest.mark.parametrize(
    ("status", "title"),
    [
        (400, "Bad Request"),
        (413, "Content Too Large"),
        (415, "Unsupported Media Type"),
        (503, "Service Unavailable"),
    ],
)
def test_the_title_is_that_of_the_status_and_empty_errors_are_omitted(status: int, title: str) -> None:
    document = json.loads(Problem(status, "x").encode())

    assert (document["title"], "errors" in document) == (title, False)
