"""Routes, methods and CORS headers."""

from pathlib import Path
from types import ModuleType

import pytest

from tests.lambda_src.conftest import Import
from tests.lambda_src.events import GOOD, assert_problem, document, get, post
from tests.lambda_src.packages import write_invoker
from tests.lambda_src.sagemaker_runtime import Runtime, prediction

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ALLOWED = {"/predict": {"POST"}, "/health": {"GET", "HEAD"}, "/openapi.json": {"GET", "HEAD"}}
SITE = "https://app.example.com"


@pytest.fixture
def open_invoker(start_invoker: Import, runtime: Runtime) -> ModuleType:
    """Invoker that allows two origins."""
    runtime.respond(prediction(GOOD))
    return start_invoker(runtime.url, ALLOWED_ORIGINS=f"{SITE}, http://localhost:3000")


@pytest.mark.parametrize(
    ("resource", "method"),
    [(path, method) for path in ALLOWED for method in METHODS if method not in ALLOWED[path] | {"HEAD"}],
)
def test_the_error_for_another_method_names_the_allowed_ones(
    invoker: ModuleType, resource: str, method: str
) -> None:
    answer = invoker.handler(get(resource, method=method), None)

    assert_problem(answer, 405)
    assert set(answer["headers"]["allow"].split(", ")) == ALLOWED[resource]


def test_head_is_not_allowed_where_get_is_not(invoker: ModuleType) -> None:
    answer = invoker.handler(get("/predict", method="HEAD"), None)

    assert (answer["statusCode"], answer["body"]) == (405, "")
    assert answer["headers"]["allow"] == "POST"


@pytest.mark.parametrize("method", METHODS[:1] + METHODS[2:])
def test_an_unknown_resource_is_404(invoker: ModuleType, method: str) -> None:
    assert_problem(invoker.handler(get("/other", method=method), None), 404)


def test_a_deployment_without_openapi_json_is_404_with_the_reason(invoker: ModuleType) -> None:
    answer = invoker.handler(get("/openapi.json"), None)

    assert_problem(answer, 404)
    assert "openapi.json" in document(answer)["detail"]


def test_openapi_json_is_answered_from_the_file_beside_the_code(
    start_invoker: Import, runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = write_invoker(tmp_path)
    (package / "openapi.json").write_text('{"openapi": "3.1.0", "info": {"title": "ü"}}', "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    start_invoker(runtime.url)
    import invoker.handler as at_aws  # type: ignore[import-not-found]  # the path in the zip

    whole = at_aws.handler(get("/openapi.json"), None)
    head = at_aws.handler(get("/openapi.json", method="HEAD"), None)

    assert (whole["statusCode"], whole["headers"]["content-type"]) == (200, "application/json")
    assert document(whole) == {"openapi": "3.1.0", "info": {"title": "ü"}}
    assert (head["statusCode"], head["headers"], head["body"]) == (200, whole["headers"], "")


def test_a_deployment_without_a_page_has_no_such_route(invoker: ModuleType) -> None:
    answer = invoker.handler(get("/"), None)

    assert_problem(answer, 404)
    assert "GET /," not in document(answer)["detail"]


def test_without_allowed_origins_no_response_has_cors_headers(invoker: ModuleType, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))

    answers = [
        invoker.handler(post("{}", headers={"Origin": SITE}), None),
        invoker.handler(get("/health", method="OPTIONS", Origin=SITE), None),
    ]

    assert [answer["statusCode"] for answer in answers] == [200, 405]
    assert not [name for answer in answers for name in answer["headers"] if name in ("vary", "allow-origin")]
    assert not [name for answer in answers for name in answer["headers"] if "access-control" in name]


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (post("{}", headers={"origin": SITE}), 200),
        (get("/health", origin=SITE), 200),
        (get("/openapi.json", Origin=SITE), 404),
        (get("/predict", ORIGIN=SITE), 405),
        (post("%", isBase64Encoded=True, headers={"Origin": SITE}), 400),
    ],
)
def test_every_response_to_an_allowed_origin_has_cors_headers(
    open_invoker: ModuleType, event: dict[str, object], status: int
) -> None:
    answer = open_invoker.handler(event, None)

    assert answer["statusCode"] == status
    assert answer["headers"]["access-control-allow-origin"] == SITE
    assert answer["headers"]["vary"] == "Origin"
    exposed = answer["headers"]["access-control-expose-headers"]
    assert set(exposed.split(", ")) == {"x-model-version", "x-request-id", "retry-after"}


@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", "https://app.example.com.evil", "null", "*", ""]
)
def test_another_origin_is_not_allowed(open_invoker: ModuleType, origin: str) -> None:
    answer = open_invoker.handler(post("{}", headers={"Origin": origin}), None)

    assert answer["statusCode"] == 200
    assert "access-control-allow-origin" not in answer["headers"]
    assert answer["headers"]["vary"] == "Origin"


@pytest.mark.parametrize("resource", ALLOWED)
def test_a_preflight_of_an_allowed_origin_is_answered(open_invoker: ModuleType, resource: str) -> None:
    answer = open_invoker.handler(get(resource, method="OPTIONS", Origin="http://localhost:3000"), None)

    assert (answer["statusCode"], answer["body"]) == (204, "")
    headers = answer["headers"]
    assert headers["access-control-allow-origin"] == "http://localhost:3000"
    assert set(headers["access-control-allow-methods"].split(", ")) == ALLOWED[resource]
    assert {"content-type", "x-api-key"} <= set(headers["access-control-allow-headers"].split(", "))
    assert headers["x-request-id"] == "request-1"


def test_a_preflight_request_of_another_origin_is_not_allowed(open_invoker: ModuleType) -> None:
    answer = open_invoker.handler(get("/predict", method="OPTIONS", Origin="https://evil.example.com"), None)

    assert answer["statusCode"] == 204
    assert "access-control-allow-origin" not in answer["headers"]


def test_a_star_allows_every_origin(start_invoker: Import, runtime: Runtime) -> None:
    runtime.respond(prediction(GOOD))
    answer = start_invoker(runtime.url, ALLOWED_ORIGINS="*").handler(
        post("{}", headers={"Origin": SITE}), None
    )

    assert answer["headers"]["access-control-allow-origin"] == "*"


def test_a_paused_service_answers_503_with_the_way_to_wake_it_and_asks_no_endpoint(
    start_invoker: Import, runtime: Runtime
) -> None:
    paused = start_invoker(runtime.url, PAUSED="true")
    runtime.requests.clear()

    for event in (post("{}"), get("/health")):
        answer = paused.handler(event, None)
        assert_problem(answer, 503, retry_after="300")
        assert "paused" in document(answer)["detail"]
        assert "make wake" in document(answer)["detail"]
    assert runtime.requests == []
