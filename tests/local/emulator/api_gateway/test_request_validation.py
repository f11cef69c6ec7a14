"""The model that validates a body."""

import pytest

from local.emulator.api_gateway.request_validation import select_models

MODELS = {"application/json": "Json", "application/xml": "Xml"}


@pytest.mark.parametrize(
    ("content_type", "model"),
    [
        ("application/json", "Json"),
        ("", "Json"),
        ("Application/JSON; charset=utf-8", "Json"),
        ("application/xml", "Xml"),
    ],
)
def test_a_body_is_validated_by_the_model_of_its_content_type(content_type: str, model: str) -> None:
    assert select_models(MODELS, content_type) == {"application/json": model}


def test_a_content_type_without_a_model_is_not_validated() -> None:
    assert select_models(MODELS, "text/csv") == {}


def test_the_default_model_validates_every_other_content_type() -> None:
    models = MODELS | {"$default": "Any"}

    assert select_models(models, "text/csv") == {"application/json": "Any"}
    assert select_models(models, "application/xml") == {"application/json": "Xml"}
