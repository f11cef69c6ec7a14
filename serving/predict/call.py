"""What a request says beside its body: content type, Accept and options."""

from functools import lru_cache
from typing import NamedTuple

from bundle import Manifest
from serving.predict.media_type import Form, accepted_form, content_form
from serving.predict.options import NO_OPTIONS, Options, read_options
from serving.predict.request import Headers, Terms, terms_of
from serving.problem import Problem

_NO_CODINGS = frozenset({"", "identity"})


class Call(NamedTuple):
    """How a body is to be read and answered.

    Attributes:
        content: Form of the body.
        accept: Form of the answer.
        options: What the query asks for.
    """

    content: Form = Form()
    accept: Form = Form()
    options: Options = NO_OPTIONS


JSON_CALL = Call()


class CallReader:
    """Reads the calls of one model; the same words again are not read again."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        self._cached = lru_cache(maxsize=64)(self._read)

    def read(self, headers: Headers, query: bytes) -> Call:
        """The call of a request.

        Args:
            headers: Its headers, by their names in lower case.
            query: The query of its URL.

        Raises:
            Problem: 415 for a body in a form that is not read, 406 for an answer in one that is not
                written, 400 for wrong parameters.
        """
        return self.of(terms_of(headers, query))

    def of(self, terms: Terms) -> Call:
        """The call that says this.

        Raises:
            Problem: As `read`.
        """
        return self._cached(terms)

    def _read(self, terms: Terms) -> Call:
        content_type, encoding, accept, query = terms
        _check_encoding(encoding.decode("latin-1"))
        content = content_form(content_type.decode("latin-1"))
        accepted = accepted_form(accept.decode("latin-1"))
        return Call(content, accepted, read_options(query.decode("latin-1"), self._manifest))


def _check_encoding(encoding: str) -> None:
    if not _NO_CODINGS.issuperset(coding.strip() for coding in encoding.lower().split(",")):
        raise Problem(
            415,
            f"The body is encoded with {encoding[:100]!r}: send it uncompressed, without Content-Encoding.",
            headers=((b"accept-encoding", b"identity"),),
        )
