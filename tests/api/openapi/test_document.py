"""OpenAPI document of an API with one model."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

from api import Auth, encode, openapi_document
from bundle import CSV_FORMAT, Field, Golden, Interval, Manifest
from serving.predict.predictor import Predictor
from tests.api.odd_names import CUSTOMER
from tests.reference import REFERENCE
from tests.tiny_bundle import FIELDS, tiny_manifest, tiny_quantiles, write_tiny_bundle

FLOWER = (Field(name="data", type="text", description="Named as a member of requests.", example="red"),)
MANIFESTS = {
    "binary": tiny_manifest(version="0123456789ab"),
    "multiclass": tiny_manifest(
        task="multiclass",
        labels=("low", "middle", "high"),
        positive_label=None,
        threshold=None,
        golden=(Golden(instance={"size": 1.0}, prediction={"label": "low", "probability": 0.5}),),
    ),
    "regression": tiny_manifest(
        task="regression",
        labels=(),
        positive_label=None,
        threshold=None,
        golden=(Golden(instance={"size": 1.0}, prediction={"value": 1.5}),),
    ),
    "regression with an interval": tiny_manifest(
        task="regression",
        labels=(),
        positive_label=None,
        threshold=None,
        golden=(Golden(instance={"size": 1.0}, prediction={"value": 1.5}),),
        interval=Interval(level=0.9, half_width=1.0, coverage=0.9),
    ),
    "with a reference": tiny_manifest(reference=REFERENCE),
    "names that are no identifiers": CUSTOMER,
    "a field named data": tiny_manifest(
        fields=FLOWER,
        golden=(Golden(instance={"data": "red"}, prediction={"label": "yes", "probability": 0.5}),),
    ),
}


@pytest.fixture(params=MANIFESTS)
def manifest(request: pytest.FixtureRequest) -> Manifest:
    return MANIFESTS[request.param]


def schema_of(document: dict[str, Any], name: str) -> Any:
    """Returns a validator for one of the document's schemas."""
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{name}"} | document)


def predict(document: dict[str, Any]) -> Any:
    return document["paths"]["/predict"]["post"]


@pytest.mark.parametrize("auth", ["key", "iam"])
def test_it_is_valid_openapi_3_1(manifest: Manifest, auth: Auth) -> None:
    validate(openapi_document(manifest, auth=auth))


def test_it_is_the_same_bytes_every_time(manifest: Manifest) -> None:
    one, other = (Manifest.decode(manifest.sealed(b"").encode()) for _ in range(2))

    assert encode(openapi_document(one)) == encode(openapi_document(other))


def test_every_reference_resolves(manifest: Manifest) -> None:
    document = openapi_document(manifest)

    references = set(_references(document))

    assert references
    for reference in references:
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def test_every_component_is_referenced_or_is_an_error_of_unknown_routes(manifest: Manifest) -> None:
    document = openapi_document(manifest)

    references = set(_references(document))

    parts = {
        f"#/components/{kind}/{name}"
        for kind, members in document["components"].items()
        for name in members
        if kind != "securitySchemes"
    }
    elsewhere = {f"#/components/responses/{name}" for name in ("NotFound", "MethodNotAllowed")}
    assert parts - references == elsewhere


def test_every_request_example_is_valid_by_its_schema(manifest: Manifest) -> None:
    document = openapi_document(manifest)

    examples = predict(document)["requestBody"]["content"]["application/json"]["examples"]

    assert {"one_row", "instances", "values"} <= examples.keys()
    for example in examples.values():
        schema_of(document, "Request").validate(example["value"])


def test_every_response_example_is_valid_by_its_schema(manifest: Manifest) -> None:
    document = openapi_document(manifest)

    examples = predict(document)["responses"]["200"]["content"]["application/json"]["examples"]

    for example in examples.values():
        schema_of(document, "Answer").validate(example["value"])


@pytest.mark.parametrize("auth", ["key", "iam"])
def test_every_error_has_a_valid_problem_as_example(manifest: Manifest, auth: Auth) -> None:
    document = openapi_document(manifest, auth=auth)

    for response in document["components"]["responses"].values():
        schema_of(document, "Problem").validate(response["content"]["application/problem+json"]["example"])


@pytest.mark.parametrize(
    ("task", "taken"),
    [
        ("binary", {"on_error", "probabilities", "threshold"}),
        ("multiclass", {"on_error", "probabilities"}),
        ("regression", {"on_error"}),
    ],
)
def test_a_model_has_the_parameters_of_its_task(task: str, taken: set[str]) -> None:
    document = openapi_document(MANIFESTS[task])

    assert set(document["components"]["parameters"]) == taken
    assert len(predict(document)["parameters"]) == len(taken)


def test_every_field_has_its_unit_and_example() -> None:
    document = openapi_document(MANIFESTS["binary"])

    properties = document["components"]["schemas"]["Row"]["properties"]

    assert list(properties) == [field.name for field in FIELDS]
    assert properties["size"]["description"] == "How large it is. (cm)"
    assert properties["size"]["examples"] == [3]


def test_a_prediction_has_the_members_of_its_task() -> None:
    def members(task: str) -> set[str]:
        prediction = openapi_document(MANIFESTS[task])["components"]["schemas"]["Prediction"]
        return set(prediction["properties"])

    assert members("binary") == members("multiclass") == {"label", "probability", "probabilities"}
    assert members("regression") == {"value"}


@pytest.mark.parametrize(
    "row",
    [
        {"label": "maybe", "probability": 0.5},
        {"label": "yes", "probability": 1.5},
        {"label": "yes"},
        {"errors": []},
        {"errors": [{"row": 0, "field": "size", "rule": "must be a number"}]},
        {"label": "yes", "probability": 0.5, "probabilities": {"yes": 1}},
    ],
)
def test_an_invalid_response_is_invalid_by_the_schema(row: dict[str, Any]) -> None:
    document = openapi_document(MANIFESTS["binary"])
    answer = {"predictions": [row], "model": {"name": "tiny", "version": "0123456789ab"}}

    assert not schema_of(document, "Answer").is_valid(answer)


@pytest.mark.parametrize(
    "row",
    [
        {"errors": [{"field": "size", "rule": "must be a number"}], "more": 3},
        {"errors": [{"rule": "must be an object"}]},
        {"label": "yes", "probability": 0.5, "probabilities": {"yes": 0.5, "no": 0.5}},
    ],
)
def test_a_skipped_row_and_all_probabilities_are_valid_by_the_schema(row: dict[str, Any]) -> None:
    document = openapi_document(MANIFESTS["binary"])
    answer = {"predictions": [row], "model": {"name": "tiny", "version": "0123456789ab"}}

    schema_of(document, "Answer").validate(answer)


def test_a_served_prediction_with_remarks_is_valid_only_by_the_schema_of_a_model_with_a_reference(
    tmp_path: Path,
) -> None:
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", reference=REFERENCE)
    predictor = Predictor(bundle)
    asked = predictor.parameters.read({b"content-type": b"application/json"}, b"reasons=1")

    served = json.loads(predictor.answer(b'{"size": 11, "kind": "wasp"}', asked))

    assert len(served["predictions"][0]["warnings"]) == 2
    assert len(served["predictions"][0]["reasons"]) == 1
    assert schema_of(openapi_document(bundle.manifest), "Answer").is_valid(served)
    assert not schema_of(openapi_document(tiny_manifest()), "Answer").is_valid(served)


def test_a_served_answer_with_quantiles_is_valid_only_for_a_model_with_a_second_target(
    tmp_path: Path,
) -> None:
    bundle = write_tiny_bundle(tmp_path / "model.tar.gz", quantiles=tiny_quantiles())
    predictor = Predictor(bundle)
    asked = predictor.parameters.read({b"content-type": b"application/json"}, b"minutes=true")

    served = json.loads(predictor.answer(b'{"size": 11}', asked))

    document = openapi_document(bundle.manifest)
    assert schema_of(document, "Answer").is_valid(served)
    assert not schema_of(openapi_document(tiny_manifest()), "Answer").is_valid(served)
    [parameter] = [one for one in document["components"]["parameters"].values() if one["name"] == "minutes"]
    assert "80%" in parameter["description"]


def test_the_schema_of_a_row_is_referenced_and_not_repeated() -> None:
    document = openapi_document(MANIFESTS["binary"])

    schemas = document["components"]["schemas"]
    assert schemas["InstancesRequest"]["properties"]["instances"]["items"]["$ref"].endswith("/Row")
    assert schemas["ValuesRequest"]["properties"]["values"]["items"]["$ref"].endswith("/ValuesRow")
    assert json.dumps(document).count('"How large it is. (cm)"') == 2


def test_requests_and_responses_may_be_csv() -> None:
    operation = predict(openapi_document(MANIFESTS["binary"]))

    asked = operation["requestBody"]["content"]["text/csv"]
    assert asked["schema"]["format"] == CSV_FORMAT
    assert asked["examples"]["csv"]["value"].splitlines() == [
        "size,count,day,at,kind",
        "0.0,,2024-02-29,17:45,ant",
    ]
    assert set(operation["responses"]["200"]["content"]) == {
        "application/json",
        "application/jsonlines",
        "text/csv",
    }


@pytest.mark.parametrize(
    ("auth", "header", "scheme"), [("key", "x-api-key", "ApiKey"), ("iam", "Authorization", "Signature")]
)
def test_only_predictions_need_credentials(auth: Auth, header: str, scheme: str) -> None:
    document = openapi_document(MANIFESTS["binary"], auth=auth)

    assert document["components"]["securitySchemes"][scheme]["name"] == header
    assert predict(document)["security"] == [{scheme: []}]
    assert [document["paths"][path]["get"]["security"] for path in ("/health", "/openapi.json")] == [[], []]


def test_the_server_url_is_relative() -> None:
    [server] = openapi_document(MANIFESTS["binary"])["servers"]

    assert server["url"] == "."


def _references(found: Any) -> list[str]:
    if isinstance(found, dict):
        own = [found["$ref"]] if isinstance(found.get("$ref"), str) else []
        return own + [reference for value in found.values() for reference in _references(value)]
    return (
        [reference for value in found for reference in _references(value)] if isinstance(found, list) else []
    )


def test_numbers_as_text_ignored_fields_and_odd_names_are_in_the_row_and_its_examples() -> None:
    document = openapi_document(CUSTOMER)

    row = document["components"]["schemas"]["Row"]
    assert row["required"] == ["Int'l Plan", "Day Mins."]
    assert row["properties"]["Day Mins."]["type"] == ["number", "string"]
    assert row["properties"]["Phone"]["type"] == ["string", "null"]
    for minutes, valid in (("161.6", True), (161.6, True), (" 161.6", False), ("", False), (-1, False)):
        sent = {"Int'l Plan": "no", "Day Mins.": minutes, "Phone": "371-7191"}
        assert schema_of(document, "Request").is_valid(sent) is valid
    examples = predict(document)["requestBody"]["content"]["text/csv"]["examples"]
    assert examples["csv"]["value"].startswith("Int'l Plan,Day Mins.,Phone\nno,161.6,\n")
