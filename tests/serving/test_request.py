"""Which content types are JSON in UTF-8."""

import pytest

from serving.problem import Problem
from serving.request import check_content_type


@pytest.mark.parametrize(
    "content_type",
    [
        b"application/json",
        b"Application/JSON",
        b"application/json;charset=utf-8",
        b'application/json ; Charset="UTF-8"',
        b"application/json; profile=x; charset=us-ascii",
    ],
)
def test_json_in_utf8_is_accepted(content_type: bytes) -> None:
    check_content_type({b"content-type": content_type})


@pytest.mark.parametrize(
    "content_type",
    [
        b"",
        b"text/csv",
        b"application/jsonlines",
        b"application/json; charset=utf-16",
        b"text/plain; charset=utf-8; a=application/json",
        b"\xff",
    ],
)
def test_anything_else_is_refused_by_name(content_type: bytes) -> None:
    with pytest.raises(Problem) as refused:
        check_content_type({b"content-type": content_type})

    assert refused.value.status == 415
    assert content_type.decode("latin-1") in refused.value.detail


def test_no_content_type_is_refused() -> None:
    with pytest.raises(Problem):
        check_content_type({})
