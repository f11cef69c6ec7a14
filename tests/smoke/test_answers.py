"""What the API answers and what the bundle says, held against each other over a real socket."""

from collections.abc import Callable
from typing import Any

import pytest

from bundle import Golden, Manifest
from smoke.answers import (
    check_golden,
    check_health,
    check_health_of_several,
    check_refusal,
    check_version,
)
from smoke.api import Api, with_key
from smoke.errors import UnprovenError
from tests.smoke.web import Request, serving
from tests.tiny_bundle import tiny_manifest

VERSION = "0123456789ab"
GOLDEN = {0.0: {"label": "no", "probability": 0.25}, 1.0: {"label": "yes", "probability": 0.75}}
MANIFEST = tiny_manifest(
    version=VERSION,
    golden=tuple(Golden(instance={"size": size}, prediction=row) for size, row in GOLDEN.items()),
)


def service(
    *, predictions: dict[float, Any] = GOLDEN, version: str = VERSION, refusal: int = 403, health: int = 200
) -> Callable[[Request], tuple[int, Any]]:
    """A prediction service that answers sizes with `predictions`."""
    model = {"name": "tiny", "version": version}

    def reply(request: Request) -> tuple[int, Any]:
        if (request.method, request.path) == ("GET", "/health"):
            return health, {"status": "ok", "model": model, "detail": "asleep"}
        if request.headers.get("x-api-key") != "secret":
            return refusal, {"message": "Forbidden"}
        return 200, {"predictions": [predictions[request.json["size"]]], "model": model}

    return reply


def asked(check: Callable[[Api, Manifest], str], reply: Callable[[Request], tuple[int, Any]]) -> str:
    with serving(reply) as web:
        api = Api(
            predict_url=f"{web.url}/predict",
            health_url=f"{web.url}/health",
            authorize=with_key("secret"),
            patience=0,
        )
        return check(api, MANIFEST)


def version(output: str = VERSION) -> Callable[[Api, Manifest], str]:
    return lambda api, manifest: check_version(api, manifest, output=output)


def version_of_a_follower(api: Api, manifest: Manifest) -> str:
    return check_version(api, manifest, output="ba9876543210", follows=True)


def refusal(api: Api, manifest: Manifest) -> str:
    return check_refusal(api, manifest, without="the key")


def test_a_service_that_is_its_bundles_is_proven() -> None:
    close = {0.0: GOLDEN[0.0], 1.0: {"label": "yes", "probability": 0.75009}}

    for check in (check_health, version(), check_golden, refusal):
        assert asked(check, service(predictions=close))


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
def test_a_prediction_that_differs_is_refuted_with_both(wrong: Any) -> None:
    with pytest.raises(
        UnprovenError, match=r"^1 of 2 golden rows differ: row 1 gets .*, not .*0\.75"
    ) as found:
        asked(check_golden, service(predictions=GOLDEN | {1.0: wrong}))

    assert str(wrong) in str(found.value)


def test_a_row_that_gets_an_error_is_refuted_with_it() -> None:
    with pytest.raises(UnprovenError, match="row 0 gets 422 wrong size, not "):
        asked(check_golden, lambda _: (422, {"detail": "wrong size"}))


def test_of_many_rows_that_differ_the_first_are_shown() -> None:
    manifest = tiny_manifest(golden=MANIFEST.golden * 3)

    with pytest.raises(UnprovenError, match=r"^6 of 6 .*row 2 gets .*; and 3 more$"):
        asked(lambda api, _: check_golden(api, manifest), lambda _: (500, {}))


@pytest.mark.parametrize(
    ("answers", "output"), [("ba9876543210", VERSION), (VERSION, "ba9876543210")], ids=["answer", "output"]
)
def test_another_version_is_refuted_with_all_three(answers: str, output: str) -> None:
    found = f"version {answers} answers, the bundle is {VERSION}, the stack's output says {output}"
    with pytest.raises(UnprovenError, match=found):
        asked(version(output), service(version=answers))


def test_the_version_of_what_follows_its_bundle_need_not_be_the_deployed_one() -> None:
    found = asked(version_of_a_follower, service())

    assert found == f"version {VERSION} answers, the bundle's; ba9876543210 was deployed"


@pytest.mark.parametrize("answers", ["ba9876543210", "0000000000ab"])
def test_what_follows_its_bundle_must_answer_with_its_version_too(answers: str) -> None:
    with pytest.raises(UnprovenError, match=f"version {answers} answers, the bundle is {VERSION}"):
        asked(version_of_a_follower, service(version=answers))


def test_a_version_that_cannot_be_asked_is_refuted() -> None:
    with pytest.raises(UnprovenError, match="answers 403 Forbidden, not 200"):
        asked(version(), lambda _: (403, {"message": "Forbidden"}))


def test_a_health_that_is_not_well_is_refuted() -> None:
    with pytest.raises(UnprovenError, match="GET /health answers 503 asleep, not 200"):
        asked(check_health, service(health=503))


@pytest.mark.parametrize(
    "body", [{"model": {"version": "ba9876543210"}}, {"model": "tiny"}, ["tiny"]], ids=str
)
def test_a_health_of_another_version_is_refuted(body: Any) -> None:
    with pytest.raises(UnprovenError, match=f"GET /health answers with version .*, the bundle is {VERSION}"):
        asked(check_health, lambda _: (200, body))


def of_several(api: Api, manifest: Manifest) -> str:
    return check_health_of_several(api, [manifest, tiny_manifest(name="other", version="ba9876543210")])


def healthy(**versions: Any) -> Callable[[Request], tuple[int, Any]]:
    models = {name: {"version": version} for name, version in versions.items()}
    return lambda _: (200, {"status": "ok", "models": models})


def test_the_health_of_several_models_names_each_version() -> None:
    found = asked(of_several, healthy(tiny=VERSION, other="ba9876543210"))

    assert found == f"GET /health answers 200 with the versions {VERSION} of tiny and ba9876543210 of other"


@pytest.mark.parametrize("version", [VERSION, None, {}])
def test_one_of_several_with_another_version_is_refuted_by_its_name(version: Any) -> None:
    shown = version if isinstance(version, str) else None
    with pytest.raises(
        UnprovenError, match=rf"^GET /health answers with version {shown} of other, the bundle"
    ):
        asked(of_several, healthy(tiny=VERSION, other=version))


@pytest.mark.parametrize("body", [{"model": {"version": VERSION}}, {"models": "all"}, {"models": {}}, []])
def test_a_health_that_names_no_model_is_refuted_for_each(body: Any) -> None:
    with pytest.raises(UnprovenError, match=r"version None of tiny, .*; .* version None of other, "):
        asked(of_several, lambda _: (200, body))


@pytest.mark.parametrize("status", [200, 401, 500])
def test_a_stranger_who_is_not_refused_is_told(status: int) -> None:
    with pytest.raises(UnprovenError, match=f"without the key answers {status} Forbidden, not 403"):
        asked(refusal, service(refusal=status))
