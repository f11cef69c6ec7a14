"""What clients are given: the API's description (OpenAPI) and a collection of requests (Postman)."""

from api.document import openapi_document
from api.errors import Auth
from api.files import encode, write_openapi, write_postman
from api.postman.collection import SECRETS, postman_collection, postman_environment

__all__ = [
    "SECRETS",
    "Auth",
    "encode",
    "openapi_document",
    "postman_collection",
    "postman_environment",
    "write_openapi",
    "write_postman",
]
