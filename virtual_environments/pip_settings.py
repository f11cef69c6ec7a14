"""pip's settings on this machine that say from where and how packages are loaded.

Settings that say where packages go (user, target, prefix, root, python), or which ones (constraint, no-deps),
are left out: the virtual environment and its lock file decide that.

Source: https://pip.pypa.io/en/stable/topics/configuration/
"""

import ast
import os
from collections.abc import Iterable, Mapping

_OF_SOURCES = frozenset(
    {
        *("cache-dir", "cert", "client-cert", "default-timeout", "extra-index-url", "find-links"),
        *("index-url", "keyring-provider", "no-cache-dir", "no-index", "proxy", "retries", "timeout"),
        *("trusted-host", "use-deprecated", "use-feature"),
    }
)
# pip's order: a later one overrides an earlier one.
_ORIGINS = ("global", "install", ":env:")


def read_source_settings(listed: Iterable[str]) -> dict[str, str]:
    """Selects the settings of sources for `pip install` from the lines of `pip config list`.

    Args:
        listed: Lines such as "global.index-url='https://packages.example/simple'".
    """
    found: dict[str, dict[str, str]] = {origin: {} for origin in _ORIGINS}
    for line in listed:
        key, _, value = line.partition("=")
        origin, _, name = key.rpartition(".")
        if origin in found and name in _OF_SOURCES:
            found[origin][name] = str(ast.literal_eval(value))
    return {name: value for origin in _ORIGINS for name, value in found[origin].items()}


def pip_environment(environ: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Returns the environment of a pip that has these settings and no others, from no file.

    Args:
        environ: The user's environment.
        settings: Result of `read_source_settings`.
    """
    kept = {name: value for name, value in environ.items() if not name.startswith("PIP_")}
    variables = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in settings.items()}
    return kept | variables | {"PIP_CONFIG_FILE": os.devnull, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
