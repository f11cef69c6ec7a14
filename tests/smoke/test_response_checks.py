"""Checks of the API's responses, against an HTTP server."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from bundle import Golden, Manifest
from smoke.api import ApiClient, with_key
from smoke.errors import CheckFailedError
from smoke.response_checks import (
    check_golden,
    check_health,
    check_health_of_several,
    check_refusal,
    check_version,
)
from tests.smoke.web import ReceivedRequest, serving
from tests.tiny_bundle import tiny_manifest, tiny_quantiles

VERSION = "0123456789ab"
GOLDEN = {0.0: {"label": "no", "probability": 0.25}, 1.0: {"label": "yes", "probability": 0.75}}
MANIFEST = tiny_manifest(
    version=VERSION,
    golden=tuple(Golden(instance={"size": size}, prediction=row) for size, row in GOLDEN.items()),
)


def service(
    *, predictions: dict[float, Any] = GOLDEN, version: str = VERSION, refusal: int = 403, health: int = 200
) -> Callable[[ReceivedRequest], tuple[int, Any]]:
    """A prediction service; `predictions` are by the row's size."""
    model = {"name": "tiny", "version": version}

    def reply(request: ReceivedRequest) -> tuple[int, Any]:
        if (request.method, request.path) == ("GET", "/health"):
            return health, {"status": "ok", "model": model, "detail": "asleep"}
        if request.headers.get("x-api-key") != "secret":
            return refusal, {"message": "Forbidden"}
        return 200, {"predictions": [predictions[request.json["size"]]], "model": model}

    return reply


def run(
    check: Callable[[ApiClient, Manifest], str], reply: Callable[[ReceivedRequest], tuple[int, Any]]
) -> str:
    with serving(reply) as web:
        api = ApiClient(
            predict_url=f"{web.url}/predict",
            health_url=f"{web.url}/health",
            authorize=with_key("secret"),
            patience=0,
        )
        return check(api, MANIFEST)


def version(output: str = VERSION) -> Callable[[ApiClient, Manifest], str]:
    return lambda api, manifest: check_version(api, manifest, output=output)


def check_version_after_reload(api: ApiClient, manifest: Manifest) -> str:
    return check_version(api, manifest, output="ba9876543210", follows=True)


def refusal(api: ApiClient, manifest: Manifest) -> str:
    return check_refusal(api, manifest, without="the key")


def test_all_checks_pass_for_a_service_of_the_bundle() -> None:
    close = {0.0: GOLDEN[0.0], 1.0: {"label": "yes", "probability": 0.75009}}

    for check in (check_health, version(), check_golden, refusal):
        assert run(check, service(predictions=close))


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": "yes", "probability": 0.7502},
        {"label": "no", "probability": 0.75},
        {"label": "yes", "probability": "0.75"},
        {"label": "yes", "probability": None},
        {"label": "yes", "probability": float("nan")},
        {"label": "yes"},
        {"label": "yes", "probability": 0.75, "more": 1},
        "yes",
    ],
    ids=str,
)
def test_a_prediction_that_differs_fails_with_both_predictions(wrong: Any) -> None:
    with pytest.raises(
        CheckFailedError, match=r"^1 of 2 golden rows differ: row 1 gets .*, not .*0\.75"
    ) as found:
        run(check_golden, service(predictions=GOLDEN | {1.0: wrong}))

    assert str(wrong) in str(found.value)


def test_a_golden_row_that_gets_an_error_fails_with_it() -> None:
    with pytest.raises(CheckFailedError, match="row 0 gets 422 wrong size, not "):
        run(check_golden, lambda _: (422, {"detail": "wrong size"}))


def test_the_message_has_the_first_three_of_many_rows_that_differ() -> None:
    manifest = tiny_manifest(golden=MANIFEST.golden * 3)

    with pytest.raises(CheckFailedError, match=r"^6 of 6 .*row 2 gets .*; and 3 more$"):
        run(lambda api, _: check_golden(api, manifest), lambda _: (500, {}))


@pytest.mark.parametrize(("high", "said"), [(20.00001, None), (21.0, "row 0 gets")])
def test_a_model_with_a_second_target_is_asked_for_the_quantiles_of_its_golden_rows(
    high: float, said: str | None
) -> None:
    second = tiny_quantiles(golden=((-5.0, 0.0, 20.0), (5.0, 10.0, 30.0)))
    manifest = tiny_manifest(golden=MANIFEST.golden, quantiles=second)
    found = {0.0: {"low": -5, "median": 0, "high": high}, 1.0: {"low": 5, "median": 10, "high": 30}}
    asked = {size: row | {"minutes": found[size]} for size, row in GOLDEN.items()}

    def reply(request: ReceivedRequest) -> tuple[int, Any]:
        return service(predictions=asked if request.path.endswith("?minutes=true") else GOLDEN)(request)

    with pytest.raises(CheckFailedError, match=said) if said else nullcontext():
        run(lambda api, _: check_golden(api, manifest), reply)


@pytest.mark.parametrize(
    ("answers", "output"), [("ba9876543210", VERSION), (VERSION, "ba9876543210")], ids=["answer", "output"]
)
def test_another_version_fails_with_all_three_versions(answers: str, output: str) -> None:
    found = f"version {answers} responds, the bundle has version {VERSION}, the stack output {output}"
    with pytest.raises(CheckFailedError, match=found):
        run(version(output), service(version=answers))


def test_a_function_that_reloads_may_serve_another_version_than_the_deployed_one() -> None:
    found = run(check_version_after_reload, service())

    assert found == f"version {VERSION} responds, the bundle's; ba9876543210 was deployed"


@pytest.mark.parametrize("answers", ["ba9876543210", "0000000000ab"])
def test_a_function_that_reloads_must_serve_the_bundles_version(answers: str) -> None:
    with pytest.raises(
        CheckFailedError, match=f"version {answers} responds, the bundle has version {VERSION}"
    ):
        run(check_version_after_reload, service(version=answers))


def test_a_prediction_with_an_error_fails_the_check_of_the_version() -> None:
    with pytest.raises(CheckFailedError, match="responds with 403 Forbidden, not 200"):
        run(version(), lambda _: (403, {"message": "Forbidden"}))


def test_another_status_of_health_fails_the_check() -> None:
    with pytest.raises(CheckFailedError, match="GET /health responds with 503 asleep, not 200"):
        run(check_health, service(health=503))


@pytest.mark.parametrize(
    "body", [{"model": {"version": "ba9876543210"}}, {"model": "tiny"}, ["tiny"]], ids=str
)
def test_another_version_of_health_fails_the_check(body: Any) -> None:
    with pytest.raises(
        CheckFailedError, match=f"health responds with version .*, the bundle has version {VERSION}"
    ):
        run(check_health, lambda _: (200, body))


def check_both(api: ApiClient, manifest: Manifest) -> str:
    return check_health_of_several(api, [manifest, tiny_manifest(name="other", version="ba9876543210")])


def healthy(**versions: Any) -> Callable[[ReceivedRequest], tuple[int, Any]]:
    models = {name: {"version": version} for name, version in versions.items()}
    return lambda _: (200, {"status": "ok", "models": models})


def test_the_health_of_several_models_has_each_version() -> None:
    found = run(check_both, healthy(tiny=VERSION, other="ba9876543210"))

    assert (
        found == f"GET /health responds with 200 and the versions {VERSION} of tiny and ba9876543210 of other"
    )


@pytest.mark.parametrize("version", [VERSION, None, {}])
def test_another_version_of_one_of_several_models_fails_with_its_name(version: Any) -> None:
    shown = version if isinstance(version, str) else None
    with pytest.raises(
        CheckFailedError, match=rf"^GET /health responds with version {shown} of other, the bundle"
    ):
        run(check_both, healthy(tiny=VERSION, other=version))


@pytest.mark.parametrize("body", [{"model": {"version": VERSION}}, {"models": "all"}, {"models": {}}, []])
def test_a_health_without_models_fails_for_each(body: Any) -> None:
    with pytest.raises(CheckFailedError, match=r"version None of tiny, .*; .* version None of other, "):
        run(check_both, lambda _: (200, body))


@pytest.mark.parametrize("status", [200, 401, 500])
def test_an_accepted_request_without_credentials_fails_the_check(status: int) -> None:
    with pytest.raises(CheckFailedError, match=f"without the key responds with {status} Forbidden, not 403"):
        run(refusal, service(refusal=status))
