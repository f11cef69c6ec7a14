"""In which forms bodies come and answers go."""

import pytest

from serving.predict.media_type import CSV, JSON, Form, accepted_form, content_form
from serving.problem import Problem


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/json", Form(JSON)),
        ("Application/JSON", Form(JSON)),
        ("application/json;charset=utf-8", Form(JSON)),
        ('application/json ; Charset="UTF-8"', Form(JSON)),
        ("application/json; profile=x; charset=us-ascii", Form(JSON)),
        ("application/json; header=present", Form(JSON)),
        ("text/csv", Form(CSV)),
        ("TEXT/CSV; charset=utf8", Form(CSV)),
        ("text/csv; header=present", Form(CSV, header=True)),
        ('text/csv; charset=utf-8; header="absent"', Form(CSV, header=False)),
    ],
)
def test_json_and_csv_in_utf8_are_read(content_type: str, form: Form) -> None:
    assert content_form(content_type) == form


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/jsonlines",
        "application/json; charset=utf-16",
        "text/csv; charset=latin-1",
        "text/plain; charset=utf-8; a=application/json",
        "\xff",
    ],
)
def test_anything_else_is_refused_by_name(content_type: str) -> None:
    with pytest.raises(Problem) as refused:
        content_form(content_type)

    assert (refused.value.status, repr(content_type) in refused.value.detail) == (415, True)


@pytest.mark.parametrize("value", ["maybe", ""])
def test_a_header_that_is_neither_present_nor_absent_is_refused(value: str) -> None:
    with pytest.raises(Problem, match="it is present, absent, or not said") as refused:
        content_form(f"text/csv; header={value}")

    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/json", JSON),
        ("application/*", JSON),
        ("text/csv", CSV),
        ("TEXT/*", CSV),
        ("text/csv, */*", CSV),
        ("*/*, text/csv;q=0.9", JSON),
        ("text/csv, application/json", JSON),
        ("text/csv, application/json;q=0.9", CSV),
        ("text/csv;q=0.1, application/json;q=0", CSV),
        ("application/json;q=0, */*;q=0.1", CSV),
        ("text/html, application/xml;q=0.9, */*;q=0.8", JSON),
        ("nonsense, ;;q=1, text/csv", CSV),
        ("text/csv;q=nan, application/json;q=0.001", JSON),
    ],
)
def test_the_form_liked_best_is_written(accept: str, media_type: str) -> None:
    assert accepted_form(accept).media_type == media_type


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json;q=0", "*/*;q=0.0", "text/csv;charset=utf-16", ",", "q", "*/*;q=2"],
)
def test_nothing_that_can_be_written_is_not_acceptable(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        accepted_form(accept)

    assert (refused.value.status, repr(accept) in refused.value.detail) == (406, True)


@pytest.mark.parametrize(
    ("accept", "header"),
    [("text/csv", True), ("text/csv; header=present", True), ("text/csv; q=0.5; header=absent", False)],
)
def test_the_header_line_may_be_left_out(accept: str, header: bool) -> None:
    assert accepted_form(accept) == Form(CSV, header=header)
