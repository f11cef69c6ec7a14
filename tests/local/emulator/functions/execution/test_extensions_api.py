"""Lambda's Extensions API in an execution environment."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from local.emulator.functions.execution.extensions_api import ExtensionsApi


@pytest.fixture
def api() -> Iterator[ExtensionsApi]:
    api = ExtensionsApi()
    yield api
    api.close()


def ask(api: ExtensionsApi, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
    connection = HTTPConnection(api.address, timeout=60)
    try:
        connection.request(method, f"/2020-01-01/extension/{path}", json.dumps(body), headers)
        response = connection.getresponse()
        identifier = response.headers.get("Lambda-Extension-Identifier", "")
        return response.status, json.loads(response.read()), identifier
    finally:
        connection.close()


def test_a_registered_extension_gets_an_event_for_each_call(api: ExtensionsApi) -> None:
    status, _, identifier = ask(api, "POST", "register", {"events": ["INVOKE"]})
    api.begin_call({"requestId": "one"}, seconds=0)

    answer = ask(api, "GET", "event/next", **{"Lambda-Extension-Identifier": identifier})

    assert status == 200
    assert answer[:2] == (200, {"eventType": "INVOKE", "requestId": "one"})


@pytest.mark.parametrize(
    ("events", "kind", "message"),
    [
        (
            ["SHUTDOWN"],
            "Extension.InvalidEventType",
            "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
        ),
        (["ANY"], "Extension.InvalidEventType", "ANY: ErrorInvalidEventType"),
    ],
)
def test_an_event_that_lambda_does_not_send_is_refused(
    api: ExtensionsApi, events: list[str], kind: str, message: str
) -> None:
    answer = ask(api, "POST", "register", {"events": events})

    assert answer[:2] == (403, {"errorType": kind, "errorMessage": message})
    assert not api.has_extensions


def test_an_extension_registers_before_the_first_call_only(api: ExtensionsApi) -> None:
    api.begin_call({"requestId": "one"}, seconds=0)

    status, error, _ = ask(api, "POST", "register", {"events": ["INVOKE"]})

    assert (status, error["errorType"]) == (403, "Extension.RegistrationClosed")


def test_an_unknown_extension_gets_no_event(api: ExtensionsApi) -> None:
    status, error, _ = ask(api, "GET", "event/next", **{"Lambda-Extension-Identifier": "other"})

    assert (status, error["errorType"]) == (403, "Extension.UnknownExtensionIdentifier")
