"""Response headers of the API that pages of other origins may read."""

# Value of Access-Control-Expose-Headers: https://fetch.spec.whatwg.org/#http-access-control-expose-headers
EXPOSED_HEADERS = "x-model-version, x-request-id, retry-after"
