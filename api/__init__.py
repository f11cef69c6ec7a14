"""What clients are given: the API's description (OpenAPI) and a collection of requests (Postman)."""

from api.errors import Auth
from api.files import encode, write_openapi, write_postman
from api.names import in_camel_case, listed, marks, predict_paths, predict_pattern, routes
from api.openapi.document import openapi_document
from api.postman.collection import SECRETS, postman_collection, postman_environment

__all__ = [
    "SECRETS",
    "Auth",
    "encode",
    "in_camel_case",
    "listed",
    "marks",
    "openapi_document",
    "postman_collection",
    "postman_environment",
    "predict_paths",
    "predict_pattern",
    "routes",
    "write_openapi",
    "write_postman",
]
