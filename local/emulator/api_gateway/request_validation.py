"""Validation of request bodies against the model of their content type.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

from collections.abc import Mapping
from typing import Any

from ministack.services import apigateway_v1

# The model of every content type without one of its own.
_ANY_TYPE = "$default"
_JSON = "application/json"


def select_models(models: Mapping[str, str], content_type: str) -> dict[str, str]:
    """Returns the one model that validates a body, under application/json; empty when none does.

    Args:
        models: The method's request models by content type.
        content_type: The Content-Type header; "" is application/json.
    """
    media_type = content_type.split(";", 1)[0].strip().lower() or _JSON
    model = models.get(media_type) or models.get(_ANY_TYPE)
    return {_JSON: model} if model else {}


def install() -> None:
    """Keeps MiniStack from validating bodies without a model by the model of application/json."""
    check = apigateway_v1._check_request_validation

    def check_by_type(
        method: Mapping[str, Any],
        api_id: str,
        request: dict[str, Any],
        headers: Mapping[str, Any],
        body: bytes,
        query: Mapping[str, Any],
    ) -> Any:
        content_type = apigateway_v1._header_ci(headers, "content-type")
        models = select_models(method.get("requestModels") or {}, content_type)
        return check({**method, "requestModels": models}, api_id, request, headers, body, query)

    apigateway_v1._check_request_validation = check_by_type
