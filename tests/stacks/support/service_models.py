"""Descriptions of AWS's services, which botocore reads from large files."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

import botocore.session
import pytest


@contextmanager
def shared_service_models() -> Iterator[None]:
    """Keeps the descriptions that a session of botocore has read for the sessions that other tests open.

    A session reads each file once; reading takes most of the time of a test that opens its own.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", _create_loader)
        yield


_create_loader = functools.cache(botocore.session.create_loader)
