"""How large a body may be."""

import pytest

from bundle import MAX_BODY_BYTES, MAX_ROWS
from serving.problem import Problem
from serving.request import check_size


def test_the_most_bytes_are_not_too_many() -> None:
    check_size(MAX_BODY_BYTES, {})


@pytest.mark.parametrize(("headers", "closes"), [({}, False), ({b"expect": b"100-continue"}, True)])
def test_one_byte_more_is_refused_naming_both_limits(headers: dict[bytes, bytes], closes: bool) -> None:
    with pytest.raises(Problem) as refused:
        check_size(MAX_BODY_BYTES + 1, headers)

    assert refused.value.status == 413
    assert f"{MAX_ROWS:,} rows and {MAX_BODY_BYTES:,} bytes" in refused.value.detail
    assert (refused.value.headers == ((b"connection", b"close"),)) == closes
