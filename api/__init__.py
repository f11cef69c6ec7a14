"""Documents for clients of the API: OpenAPI description, Postman collection, page, table of errors."""

from api.docs_page.document import Viewer, docs_page
from api.error_table import EXPOSED_HEADERS, Auth
from api.generated_files import encode, write_openapi, write_postman
from api.model_page.document import REPORT_POLICY, ModelPages, model_pages
from api.model_url_paths import in_camel_case, model_prefixes, stack_name_of
from api.openapi.document import openapi_document
from api.page.document import html_page
from api.postman.collection import SECRETS, postman_collection, postman_environment
from api.routes import PAGE_PATH, PAGE_PATHS, join_with_and, predict_paths, predict_pattern, routes
from api.web.web_page import Page, page_headers

__all__ = [
    "EXPOSED_HEADERS",
    "PAGE_PATH",
    "PAGE_PATHS",
    "REPORT_POLICY",
    "SECRETS",
    "Auth",
    "ModelPages",
    "Page",
    "Viewer",
    "docs_page",
    "encode",
    "html_page",
    "in_camel_case",
    "join_with_and",
    "model_pages",
    "model_prefixes",
    "openapi_document",
    "page_headers",
    "postman_collection",
    "postman_environment",
    "predict_paths",
    "predict_pattern",
    "routes",
    "stack_name_of",
    "write_openapi",
    "write_postman",
]
