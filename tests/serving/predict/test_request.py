"""What a request says, and how large it may be."""

import pytest

from bundle import MAX_BODY_BYTES
from serving.predict.request import check_size, terms_of
from serving.problem import Problem

HEADERS = {b"content-type": b"text/csv", b"content-encoding": b"br", b"accept": b"*/*", b"host": b"x"}
ATTRIBUTES = {b"x-amzn-sagemaker-custom-attributes": b"threshold=0.1"}


def test_a_request_says_how_its_body_is_to_be_read_and_answered() -> None:
    assert terms_of(HEADERS | ATTRIBUTES, b"threshold=0.4") == (b"text/csv", b"br", b"*/*", b"threshold=0.4")


def test_sagemakers_attributes_stand_in_for_a_query() -> None:
    assert terms_of(ATTRIBUTES, b"") == (b"", b"", b"", b"threshold=0.1")


def test_the_most_bytes_are_not_too_many() -> None:
    check_size(MAX_BODY_BYTES)


def test_one_byte_more_is_refused_naming_both_limits() -> None:
    with pytest.raises(Problem) as refused:
        check_size(MAX_BODY_BYTES + 1)

    assert refused.value.status == 413
    assert "1,000 rows and 1,048,576 bytes" in refused.value.detail
