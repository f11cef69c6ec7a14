"""The OpenAPI document of an API with several models."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from api import Auth, encode, openapi_document
from bundle import Manifest
from tests.api.two_models import AUTHS, BINARY, MODELS, REGRESSION
from tests.tiny_bundle import tiny_manifest


@pytest.fixture
def document() -> dict[str, Any]:
    return openapi_document(BINARY, REGRESSION)


def operation(document: dict[str, Any], manifest: Manifest) -> Any:
    return document["paths"][f"/{manifest.name}/predict"]["post"]


def validator(document: dict[str, Any], schema: Any) -> Any:
    return jsonschema.Draft202012Validator(schema | {"components": document["components"]})


def references(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(found.get("$ref"), str):
            yield found["$ref"]
        for value in found.values():
            yield from references(value)
    elif isinstance(found, list):
        for value in found:
            yield from references(value)


@pytest.mark.parametrize("auth", AUTHS)
def test_it_is_valid_openapi_and_the_same_bytes_every_time(auth: Auth) -> None:
    one, other = (
        openapi_document(*(Manifest.decode(manifest.encode()) for manifest in MODELS.values()), auth=auth)
        for _ in range(2)
    )

    validate(one)
    assert encode(one) == encode(other)


def test_each_model_has_a_path_and_shared_schemas_are_there_once(
    document: dict[str, Any],
) -> None:
    assert list(document["paths"]) == [
        "/first_one/predict",
        "/second/predict",
        "/",
        "/docs",
        "/model",
        "/health",
        "/openapi.json",
    ]
    schemas = document["components"]["schemas"]
    assert {name for name in schemas if "_" not in name} == {
        "SkippedRow",
        "Model",
        "Health",
        "Problem",
        "HealthProblem",
        "RowError",
        "FieldError",
    }
    assert {name.split("_")[0] for name in schemas if "_" in name} == set(MODELS)


@pytest.mark.parametrize("mark", MODELS)
def test_an_operation_references_no_component_of_another_model(document: dict[str, Any], mark: str) -> None:
    [other] = MODELS.keys() - {mark}
    waiting, seen = {*references(operation(document, MODELS[mark]))}, set[str]()

    while waiting:
        reference = waiting.pop()
        seen.add(reference)
        found: Any = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        waiting |= {*references(found)} - seen

    names = {reference.rpartition("/")[2] for reference in seen}
    assert {f"{mark}_{part}" for part in ("Row", "Answer", "Prediction", "ModelVersion")} <= names
    assert f"{mark}_UnprocessableContent" in names
    assert not [name for name in names if name.startswith(f"{other}_")]


@pytest.mark.parametrize("manifest", MODELS.values(), ids=MODELS)
def test_the_examples_of_a_model_are_valid_by_its_schemas_only(
    document: dict[str, Any], manifest: Manifest
) -> None:
    [other] = [found for found in MODELS.values() if found != manifest]
    asked = operation(document, manifest)["requestBody"]["content"]["application/json"]
    answered = operation(document, manifest)["responses"]["200"]["content"]["application/json"]
    foreign = operation(document, other)["requestBody"]["content"]["application/json"]["schema"]

    for part in (asked, answered):
        for example in part["examples"].values():
            validator(document, part["schema"]).validate(example["value"])
    for name in ("one_row", "instances"):
        assert not validator(document, foreign).is_valid(asked["examples"][name]["value"])


def test_models_share_all_parameters_except_the_threshold(
    document: dict[str, Any],
) -> None:
    taken = {
        mark: [ref["$ref"].rpartition("/")[2] for ref in operation(document, manifest)["parameters"]]
        for mark, manifest in MODELS.items()
    }

    assert taken == {
        "FirstOne": ["on_error", "probabilities", "FirstOne_threshold"],
        "Second": ["on_error"],
    }
    threshold = document["components"]["parameters"]["FirstOne_threshold"]
    assert (threshold["name"], threshold["schema"]["default"]) == ("threshold", 0.25)


def test_component_names_of_different_models_differ() -> None:
    alike = [tiny_manifest(name=name) for name in ("flower", "flower_values", "skipped", "service")]

    document = openapi_document(*alike)

    validate(document)
    own = [name for name in document["components"]["schemas"] if name.endswith("_Row")]
    assert own == ["Flower_Row", "FlowerValues_Row", "Skipped_Row", "Service_Row"]
    assert "errors" in document["components"]["schemas"]["SkippedRow"]["properties"]
    tags = [tag["name"] for tag in document["tags"]]
    assert len(set(tags)) == len(tags) == 5


HEALTHY = {
    "status": "ok",
    "state": "InService",
    "models": {
        "first_one": {"version": "0123456789ab", "expected_version": "0123456789ab"},
        "second": {"version": "ba9876543210", "expected_version": "ba9876543210"},
    },
    "checked_at": "2026-01-01T00:00:00Z",
}


def test_a_health_response_must_have_all_models(document: dict[str, Any]) -> None:
    answers = document["paths"]["/health"]["get"]["responses"]
    healthy = validator(document, answers["200"]["content"]["application/json"]["schema"])

    healthy.validate(HEALTHY)
    assert not healthy.is_valid(HEALTHY | {"models": {"second": HEALTHY["models"]}})
    assert not healthy.is_valid(HEALTHY | {"model": {"name": "second", "version": "ba9876543210"}})
    assert set(answers["200"]["links"]) == {"predictFirstOne", "predictSecond"}


def test_the_health_problem_may_have_models_without_a_version(document: dict[str, Any]) -> None:
    answers = document["paths"]["/health"]["get"]["responses"]
    unhealthy = validator(document, answers["503"]["content"]["application/problem+json"]["schema"])
    problem = {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "The model second is not ready to answer.",
        "request_id": "1",
        "state": "Updating",
        "models": {
            "first_one": {"version": "0123456789ab", "expected_version": "0123456789ab"},
            "second": {"version": None, "expected_version": "ba9876543210"},
        },
        "checked_at": "2026-01-01T00:00:00Z",
    }

    unhealthy.validate(problem)
    assert not unhealthy.is_valid(problem | {"models": {"second": {"version": 1}}})


def test_the_error_for_an_unknown_path_names_every_route(document: dict[str, Any]) -> None:
    example = document["components"]["responses"]["NotFound"]["content"]["application/problem+json"][
        "example"
    ]

    assert example["detail"] == (
        "There is POST /first_one/predict, POST /second/predict, GET /, GET /docs, GET /model, "
        "GET /health and GET /openapi.json."
    )


def test_the_info_describes_each_model(document: dict[str, Any]) -> None:
    info = document["info"]

    assert (info["title"], info["version"]) == ("first_one, second", "0123456789ab, ba9876543210")
    first, second = info["description"].split("## second")
    assert "One of two labels (no, yes)" in first
    assert "A number for each row." in second
