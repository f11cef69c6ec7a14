"""Page with the API's OpenAPI document, to read and to try."""
