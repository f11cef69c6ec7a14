"""Protection against unpickling, because loading a pickle runs the code that it names.

numpy imports pickle, so the image cannot leave the module out; an audit hook refuses its use instead.
"""

import sys


class UnpicklingError(RuntimeError):
    """Code of this process tried to unpickle a class or a function."""


def refuse_unpickling() -> None:
    """Makes every attempt to unpickle a class or a function fail, until this process ends.

    Source: https://docs.python.org/3/library/pickle.html#pickle.Unpickler.find_class (its audit event).
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event == "pickle.find_class":
        found = ".".join(map(str, arguments))
        raise UnpicklingError(f"This program refuses to unpickle classes and functions: found {found}.")
