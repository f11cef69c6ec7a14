"""Nothing here reads a pickle, and nothing that is imported may: loading one runs what it says.

numpy imports pickle, so it cannot be left out of the image; what can be kept from it is to find any code.
"""

import sys


class UnpicklingError(RuntimeError):
    """Something tried to unpickle more than plain data."""


def refuse_unpickling() -> None:
    """Makes every attempt to unpickle a class or a function fail, for as long as this process lives.

    Source: https://docs.python.org/3/library/pickle.html#pickle.Unpickler.find_class on what is audited.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "pickle.find_class":
        raise UnpicklingError(f"This program unpickles nothing, and not {'.'.join(map(str, arguments))}.")
