"""The Postman collection of an API with several models."""

import json

import pytest

from api import Auth, postman_collection, postman_environment
from bundle import Manifest
from tests.api.two_models import AUTHS, BINARY, MODELS, REGRESSION
from tests.tiny_bundle import tiny_manifest


@pytest.mark.parametrize("auth", AUTHS)
def test_the_collection_has_a_folder_for_each_model_and_one_for_the_service(auth: Auth) -> None:
    collection = postman_collection(BINARY, REGRESSION, auth=auth)

    first, second, service = collection["item"]
    assert [folder["name"] for folder in collection["item"]] == ["first_one", "second", "Service"]
    for folder, path in ((first, "/first_one/predict"), (second, "/second/predict")):
        assert [inner["name"] for inner in folder["item"]] == ["Predictions", "Refusals"]
        for item in folder["item"][0]["item"]:
            assert item["request"]["url"]["raw"].partition("?")[0] == "{{base_url}}" + path
            assert item["request"]["url"]["path"] == path.strip("/").split("/")
    assert [item["name"] for item in service["item"]] == ["Health", "Description"]


@pytest.mark.parametrize("auth", AUTHS)
def test_the_requests_of_a_model_are_those_of_its_own_collection_with_another_path(auth: Auth) -> None:
    together = postman_collection(BINARY, REGRESSION, auth=auth)

    for manifest, folder in zip(MODELS.values(), together["item"], strict=False):
        alone = postman_collection(manifest, auth=auth)["item"][:2]
        text = json.dumps(alone)
        for before, after in (
            ("{{base_url}}/predict", "{{base_url}}/" + manifest.name + "/predict"),
            ('"path": ["predict', f'"path": ["{manifest.name}", "predict'),
        ):
            assert before in text
            text = text.replace(before, after)
        assert json.loads(text) == folder["item"]


def test_the_collection_tests_the_version_of_every_model() -> None:
    *_, service = postman_collection(BINARY, REGRESSION)["item"]

    script = "\n".join(service["item"][0]["event"][0]["script"]["exec"])
    assert '{"first_one": "0123456789ab", "second": "ba9876543210"}' in script


def test_the_id_of_a_collection_depends_on_the_models_and_not_on_their_versions() -> None:
    def ids(*manifests: Manifest) -> tuple[str, str]:
        return (
            postman_collection(*manifests)["info"]["_postman_id"],
            postman_environment(*manifests)["id"],
        )

    newer = tiny_manifest(name="first_one", version="another")
    assert ids(BINARY, REGRESSION) == ids(newer, REGRESSION)
    assert not {*ids(BINARY, REGRESSION)} & {*ids(BINARY), *ids(REGRESSION), *ids(REGRESSION, BINARY)}
