"""Converter of some estimators of a class; skl2onnx's own converter is for the others."""

from collections.abc import Callable
from typing import Any

from skl2onnx import update_registered_converter
from skl2onnx.common._registration import get_converter, get_shape_calculator


class ConditionalConverter:
    """Converter of those estimators of a class that skl2onnx converts wrongly or not at all.

    Args:
        kind: Class of scikit-learn.
        applies: Returns whether the converter is for an operator of skl2onnx.
        shapes: Sets the types of such an operator's outputs.
        convert: Adds the nodes of such an operator to a container.
    """

    def __init__(
        self,
        kind: type,
        *,
        applies: Callable[[Any], bool],
        shapes: Callable[[Any], None],
        convert: Callable[[Any, Any, Any], None],
    ) -> None:
        self._kind, self._applies, self._own = kind, applies, (shapes, convert)
        self._originals: tuple[Callable[..., None], Callable[..., None]] | None = None

    def register(self) -> None:
        """Registers it with skl2onnx, once for this process."""
        if self._originals is not None:
            return
        name = f"Sklearn{self._kind.__name__}"
        self._originals = get_shape_calculator(name), get_converter(name)._fct
        update_registered_converter(self._kind, name, self._set_shapes, self._convert, overwrite=True)

    def _set_shapes(self, operator: Any) -> None:
        shapes, _ = self._chosen(operator)
        shapes(operator)

    def _convert(self, scope: Any, operator: Any, container: Any) -> None:
        _, convert = self._chosen(operator)
        convert(scope, operator, container)

    def _chosen(self, operator: Any) -> tuple[Callable[..., None], Callable[..., None]]:
        return self._own if self._originals is None or self._applies(operator) else self._originals
