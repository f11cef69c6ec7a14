"""pip's settings on this machine as uv's: uv reads no pip configuration of its own.

Sources: https://docs.astral.sh/uv/reference/environment/ and https://pip.pypa.io/en/stable/topics/configuration/
"""

from collections.abc import Mapping

_VARIABLES = {
    "cert": "SSL_CERT_FILE",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "proxy": "ALL_PROXY",
    "timeout": "UV_HTTP_TIMEOUT",
    "trusted-host": "UV_INSECURE_HOST",
}


# The user's own variables for uv that say from where and how packages are loaded. Others would change where
# they go, or which ones they are.
_OF_SOURCES = (
    *("UV_CACHE_", "UV_CONCURRENT_", "UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_HTTP_"),
    *("UV_INDEX", "UV_INSECURE_HOST", "UV_KEYRING_", "UV_LINK_MODE", "UV_NATIVE_TLS", "UV_NO_CACHE"),
    *("UV_NO_PROGRESS", "UV_OFFLINE", "UV_REQUEST_", "UV_SYSTEM_CERTS"),
)


def uv_settings(settings: Mapping[str, str]) -> dict[str, str]:
    """Environment variables for uv which mean the same as pip's settings.

    Args:
        settings: Result of `read_source_settings`.
    """
    found = {
        _VARIABLES[name]: _separated(_VARIABLES[name], value)
        for name, value in settings.items()
        if name in _VARIABLES
    }
    found = {variable: value for variable, value in found.items() if value}
    if "UV_INDEX" in found:
        # pip takes the best version of all indexes. uv would stop at the first index that has the package.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def uv_environment(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a uv that has these settings of pip and the user's own of sources.

    Args:
        environ: The user's environment.
        settings: Result of `read_source_settings`.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("UV_") or name.startswith(_OF_SOURCES)
    }
    return kept | uv_settings(settings)


def _separated(variable: str, value: str) -> str:
    """A list with uv's separators, without the indexes on this disk.

    pip skips packages that such an index lacks; uv fails on them.
    """
    words = [word for word in value.split() if not (variable == "UV_INDEX" and word.startswith("file:"))]
    return (",".join if variable == "UV_FIND_LINKS" else " ".join)(words)
