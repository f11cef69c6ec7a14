"""pip's settings on this machine as uv's: uv reads no pip configuration of its own.

Sources: https://docs.astral.sh/uv/reference/environment/ and https://pip.pypa.io/en/stable/topics/configuration/
"""

import ast
from collections.abc import Iterable

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


def uv_settings(listed: Iterable[str]) -> dict[str, str]:
    """Environment variables for uv which mean the same as pip's settings.

    Args:
        listed: Lines of `pip config list`, such as "global.index-url='https://packages.example/simple'".
            A setting from the environment (":env:.") overrides one from a file, as pip has it.
    """
    found: dict[str, str] = {}
    for line in sorted(listed, key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        variable = _VARIABLES.get(name.rpartition(".")[2])
        if variable:
            found[variable] = _separated(variable, ast.literal_eval(value))
    found = {variable: value for variable, value in found.items() if value}
    if "UV_INDEX" in found:
        # pip takes the best version of all indexes. uv would stop at the first index that has the package.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def _separated(variable: str, value: str) -> str:
    """A list with uv's separators, without the indexes on this disk.

    pip skips packages that such an index lacks; uv fails on them.
    """
    words = [word for word in value.split() if not (variable == "UV_INDEX" and word.startswith("file:"))]
    return (",".join if variable == "UV_FIND_LINKS" else " ".join)(words)
