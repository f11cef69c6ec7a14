"""Names in files of earlier versions of scikit-learn that the installed one lacks."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

from sklearn._loss import _loss
from sklearn.compose import _column_transformer
from sklearn.linear_model import _sgd_fast

# Cython's name of the function that makes a loss, until version 1.8.
_MAKERS = "__pyx_unpickle_"


class RemainderColumns(list[Any]):
    """Columns of a ColumnTransformer's remainder, as versions 1.5 and 1.6 wrote them."""

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.extend(state["data"])


class UnusedLoss:
    """Loss of SGDClassifier until version 1.5, which no prediction reads."""

    def __init__(self, *parameters: Any) -> None:
        self.parameters = parameters


@contextmanager
def older_names() -> Iterator[None]:
    """Adds the names of earlier versions of scikit-learn to its modules, and removes them at the end."""
    makers = {f"{_MAKERS}{name}": _made_loss for name in vars(_loss) if name.startswith("Cy")}
    with ExitStack() as stack:
        # Versions 1.5 to 1.8 wrote the module of the losses by its last name alone.
        stack.enter_context(patch.dict(sys.modules, {"_loss": _loss}))
        _add(stack, _loss, makers)
        _add(stack, _column_transformer, {"_RemainderColsList": RemainderColumns})
        _add(stack, _sgd_fast, dict.fromkeys(("Log", "SquaredLoss", "Huber"), UnusedLoss))
        yield


def _add(stack: ExitStack, module: ModuleType, names: Mapping[str, Any]) -> None:
    """Adds names that a module lacks, until the stack ends."""
    for name, value in names.items():
        if not hasattr(module, name):
            setattr(module, name, value)
            stack.callback(delattr, module, name)


def _made_loss(kind: type, _checksum: int, state: tuple[Any, ...] | None) -> Any:
    return kind(*(state or ()))
