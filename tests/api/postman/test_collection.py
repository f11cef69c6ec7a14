"""Postman collection and environment of an API with one model; tests/e2e runs them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api import Auth, encode, postman_collection, postman_environment
from api.postman.invalid_row import misspelled_field
from api.postman.warned_row import unfamiliar_rows
from bundle import Field, Manifest
from tests.api.odd_names import CUSTOMER
from tests.reference import REFERENCE
from tests.tiny_bundle import tiny_manifest, tiny_quantiles

MANIFEST = tiny_manifest(version="0123456789ab")
REGRESSION = tiny_manifest(task="regression", labels=(), positive_label=None, threshold=None)
AUTHS: tuple[Auth, ...] = ("key", "iam")


def items(collection: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for folder in collection["item"]:
        yield from folder["item"]


def texts(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    for value in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from texts(value)


@pytest.fixture(params=AUTHS)
def auth(request: pytest.FixtureRequest) -> Auth:
    found: Auth = request.param
    return found


def test_it_is_a_collection_of_version_2_1(auth: Auth) -> None:
    collection = postman_collection(MANIFEST, auth=auth)

    assert collection["info"]["schema"].endswith("/v2.1.0/collection.json")
    assert collection["info"]["name"] == "tiny"
    for item in items(collection):
        assert set(item) == {"name", "event", "request", "response"}
        assert set(item["request"]) <= {"method", "header", "url", "body", "auth", "description"}
        assert item["request"]["url"]["raw"].startswith("{{base_url}}/")


def test_every_request_has_a_unique_name_and_tests(auth: Auth) -> None:
    found = list(items(postman_collection(MANIFEST, auth=auth)))

    assert len({item["name"] for item in found}) == len(found)
    for item in found:
        scripts = {event["listen"]: "\n".join(event["script"]["exec"]) for event in item["event"]}
        assert "pm.test(" in scripts["test"]


def test_its_variables_are_those_of_its_environment(auth: Auth) -> None:
    used = {
        name
        for text in texts(postman_collection(MANIFEST, auth=auth))
        for name in re.findall(r"{{(\w+)}}", text)
    }

    known = {variable["key"] for variable in postman_environment(MANIFEST, auth=auth)["values"]}
    assert used - {"too_many_rows", "too_many_bytes"} == known


def test_a_secret_of_the_environment_is_empty_and_marked_as_secret(auth: Auth) -> None:
    environment = postman_environment(
        MANIFEST, base_url="https://api.example/v1", auth=auth, region="eu-west-1"
    )

    kinds = {variable["key"]: (variable["type"], variable["value"]) for variable in environment["values"]}
    secrets = {name for name, kind in kinds.items() if kind == ("secret", "")}
    assert kinds["base_url"] == ("default", "https://api.example/v1")
    assert secrets == (
        {"api_key"} if auth == "key" else {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}
    )


def test_the_base_url_is_its_only_variable() -> None:
    collection = postman_collection(MANIFEST)

    assert [variable["key"] for variable in collection["variable"]] == ["base_url"]


@pytest.mark.parametrize(
    ("auth", "statuses"),
    [
        ("key", {400, 403, 404, 405, 406, 413, 415, 422}),
        # With IAM, an unknown path is 403 instead of 404.
        ("iam", {400, 403, 405, 406, 413, 415, 422}),
    ],
)
def test_every_error_that_a_client_can_cause_has_a_request(auth: Auth, statuses: set[int]) -> None:
    folders = {folder["name"]: folder["item"] for folder in postman_collection(MANIFEST, auth=auth)["item"]}

    assert {int(item["name"].split(":")[0]) for item in folders["Refusals"]} == statuses


def test_requests_without_authorization_send_no_credentials(auth: Auth) -> None:
    requests = [item["request"] for item in items(postman_collection(MANIFEST, auth=auth))]

    for name in ("health", "openapi.json"):
        found = [request["auth"] for request in requests if request["url"]["path"][0] == name]
        assert found
        assert found == [{"type": "noauth"}] * len(found)


def test_the_requests_of_a_model_depend_on_its_task() -> None:
    def names(manifest: Manifest) -> set[str]:
        return {item["name"] for item in items(postman_collection(manifest))}

    assert names(MANIFEST) - names(REGRESSION) == {"Every label's probability", "Another threshold"}


def test_it_is_the_same_bytes_every_time() -> None:
    one, other = (Manifest.decode(MANIFEST.encode()) for _ in range(2))

    assert encode(postman_collection(one)) == encode(postman_collection(other))
    assert encode(postman_environment(one)) == encode(postman_environment(other))


def test_the_id_of_a_collection_is_the_same_for_every_version() -> None:
    older, newer = (postman_collection(tiny_manifest(version=version))["info"] for version in ("one", "two"))

    assert older["_postman_id"] == newer["_postman_id"]
    assert older["description"] != newer["description"]


def test_a_misspelled_field_is_not_a_field_of_the_model() -> None:
    fields = tuple(
        Field(name=name, type="number", description="", example=1) for name in ("size", "sizee", "other")
    )

    assert misspelled_field(tiny_manifest(fields=fields)) == ("size", "sizeee")


def test_field_names_that_are_not_identifiers_are_unchanged_in_requests_and_scripts() -> None:
    collection = postman_collection(CUSTOMER)

    bodies = [item["request"].get("body", {}).get("raw", "") for item in items(collection)]
    assert any('"Int\'l Plan"' in body and '"161.6"' in body for body in bodies)
    scripts = [text for text in texts(collection) if 'include("Int\'l Plan")' in text]
    assert len(scripts) == 1


def test_a_model_with_a_reference_has_requests_that_get_a_warning_and_are_refused_if_strict() -> None:
    manifest = tiny_manifest(reference=REFERENCE, version="0123456789ab")

    [row] = [row for _, row in unfamiliar_rows(manifest)]

    assert row["size"] == 12
    names = [item["name"] for item in items(postman_collection(manifest)) if "arning" in item["name"]]
    assert names == ["Warning of size", "422: warning, strict"]
    assert "Reasons" in {item["name"] for item in items(postman_collection(manifest))}
    assert [*unfamiliar_rows(tiny_manifest())] == []


def test_a_model_with_a_second_target_is_asked_for_its_quantiles() -> None:
    manifest = tiny_manifest(version="0123456789ab", quantiles=tiny_quantiles())

    [found] = [
        item
        for item in items(postman_collection(manifest, auth="key"))
        if item["request"]["url"]["raw"].endswith("?minutes=true")
    ]

    assert any('{"low": -5.0, "median": 0.0, "high": 20.0}' in text for text in texts(found["event"]))
    assert not any(
        "minutes" in item["request"]["url"]["raw"] for item in items(postman_collection(MANIFEST, auth="key"))
    )
