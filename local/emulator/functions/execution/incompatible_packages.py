"""Packages of a zip that are compiled for another platform or Python than this machine's."""

import re
from collections.abc import Iterable
from importlib.machinery import EXTENSION_SUFFIXES

# The name of a compiled module has a tag of Python and platform: https://peps.python.org/pep-3149/
_TAGGED = re.compile(r"\.cpython-\d+\w*-[\w-]+\.so$")


def incompatible_packages(
    names: Iterable[str], *, suffixes: Iterable[str] = EXTENSION_SUFFIXES
) -> frozenset[str]:
    """Returns the top-level folders with a compiled module that this Python cannot import.

    The libraries that a wheel for Linux brings lie in a folder beside its package, such as numpy.libs.

    Args:
        names: Names of the files in a zip.
        suffixes: Ends of the names of modules that can be imported.
    """
    own = frozenset(suffixes)
    found = {
        name.partition("/")[0]
        for name in names
        if "/" in name and (tag := _TAGGED.search(name)) and tag[0] not in own
    }
    return frozenset(found | {f"{package}.libs" for package in found})
