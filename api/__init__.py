"""Documents for clients of the API: OpenAPI description, Postman collection, page, table of errors."""

from api.error_table import EXPOSED_HEADERS, Auth
from api.generated_files import encode, write_openapi, write_postman
from api.model_url_paths import in_camel_case, model_prefixes, stack_name_of
from api.openapi.document import openapi_document
from api.page.document import Page, html_page
from api.postman.collection import SECRETS, postman_collection, postman_environment
from api.routes import PAGE_PATH, join_with_and, predict_paths, predict_pattern, routes

__all__ = [
    "EXPOSED_HEADERS",
    "PAGE_PATH",
    "SECRETS",
    "Auth",
    "Page",
    "encode",
    "html_page",
    "in_camel_case",
    "join_with_and",
    "model_prefixes",
    "openapi_document",
    "postman_collection",
    "postman_environment",
    "predict_paths",
    "predict_pattern",
    "routes",
    "stack_name_of",
    "write_openapi",
    "write_postman",
]
