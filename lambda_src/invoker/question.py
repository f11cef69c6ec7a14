"""What a model is asked, whatever hosts it."""

from typing import NamedTuple


class Question(NamedTuple):
    """A request for predictions.

    Attributes:
        body: The rows, JSON or CSV.
        content_type: What the body is.
        accept: What the answer should be.
        query: The URL's query, percent-encoded.
    """

    body: bytes
    content_type: str = "application/json"
    accept: str = "application/json"
    query: str = ""
