"""Formats of request and response bodies by Content-Type and Accept."""

import pytest

from serving.predict.media_type import CSV_TYPE, JSON_TYPE, BodyFormat, accepted_format, content_format
from serving.problem import Problem


@pytest.mark.parametrize(
    ("content_type", "form"),
    [
        ("application/json", BodyFormat(JSON_TYPE)),
        ("Application/JSON", BodyFormat(JSON_TYPE)),
        ("application/json;charset=utf-8", BodyFormat(JSON_TYPE)),
        ('application/json ; Charset="UTF-8"', BodyFormat(JSON_TYPE)),
        ("application/json; profile=x; charset=us-ascii", BodyFormat(JSON_TYPE)),
        ("application/json; header=present", BodyFormat(JSON_TYPE)),
        ("application/jsonlines", BodyFormat("application/jsonlines")),
        ("application/x-jsonlines; charset=utf-8", BodyFormat("application/x-jsonlines")),
        ("application/x-ndjson", BodyFormat("application/x-ndjson")),
        ("application/jsonl; charset=UTF-8", BodyFormat("application/jsonl")),
        ("text/csv", BodyFormat(CSV_TYPE)),
        ("TEXT/CSV; charset=utf8", BodyFormat(CSV_TYPE)),
        ("text/csv; header=present", BodyFormat(CSV_TYPE, header=True)),
        ('text/csv; charset=utf-8; header="absent"', BodyFormat(CSV_TYPE, header=False)),
    ],
)
def test_json_and_csv_in_utf8_are_read(content_type: str, form: BodyFormat) -> None:
    assert content_format(content_type) == form


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/json; charset=utf-16",
        "text/csv; charset=latin-1",
        "text/plain; charset=utf-8; a=application/json",
        "\xff",
    ],
)
def test_any_other_content_type_is_415(content_type: str) -> None:
    with pytest.raises(Problem) as refused:
        content_format(content_type)

    assert (refused.value.status, repr(content_type) in refused.value.detail) == (415, True)


@pytest.mark.parametrize("value", ["maybe", ""])
def test_an_invalid_header_parameter_is_415(value: str) -> None:
    with pytest.raises(Problem, match="send present, absent, or no header parameter") as refused:
        content_format(f"text/csv; header={value}")

    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", JSON_TYPE),
        ("*/*", JSON_TYPE),
        ("application/json", JSON_TYPE),
        ("application/*", JSON_TYPE),
        ("text/csv", CSV_TYPE),
        ("TEXT/*", CSV_TYPE),
        ("text/csv, */*", CSV_TYPE),
        ("*/*, text/csv;q=0.9", JSON_TYPE),
        ("text/csv, application/json", JSON_TYPE),
        ("text/csv, application/json;q=0.9", CSV_TYPE),
        ("text/csv;q=0.1, application/json;q=0", CSV_TYPE),
        ("application/json;q=0, */*;q=0.1", CSV_TYPE),
        ("text/html, application/xml;q=0.9, */*;q=0.8", JSON_TYPE),
        ("nonsense, ;;q=1, text/csv", CSV_TYPE),
        ("text/csv;q=nan, application/json;q=0.001", JSON_TYPE),
    ],
)
def test_the_preferred_format_is_chosen(accept: str, media_type: str) -> None:
    assert accepted_format(accept).media_type == media_type


@pytest.mark.parametrize(
    "accept",
    ["text/html", "application/json;q=0", "*/*;q=0.0", "text/csv;charset=utf-16", ",", "q", "*/*;q=2"],
)
def test_an_accept_without_a_supported_format_is_406(accept: str) -> None:
    with pytest.raises(Problem) as refused:
        accepted_format(accept)

    assert (refused.value.status, repr(accept) in refused.value.detail) == (406, True)


@pytest.mark.parametrize(
    ("accept", "header"),
    [("text/csv", True), ("text/csv; header=present", True), ("text/csv; q=0.5; header=absent", False)],
)
def test_a_client_may_decline_the_header_line(accept: str, header: bool) -> None:
    assert accepted_format(accept) == BodyFormat(CSV_TYPE, header=header)
