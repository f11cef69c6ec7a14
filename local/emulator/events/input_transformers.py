"""Input transformers of EventBridge: array indices in paths, which MiniStack does not read.

The supported syntax includes dot notation and array indices, such as $.detail.variants[0].name:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import re
from collections.abc import Mapping
from typing import Any

from ministack.services import eventbridge

_INDEX = re.compile(r"\[(\d+)\]")


def install() -> None:
    """Wraps MiniStack's function that applies a transformer."""
    apply = eventbridge._apply_input_transformer

    def apply_with_indices(transformer: Mapping[str, Any], rule: Any, view: Any) -> str:
        paths = transformer.get("InputPathsMap") or {}
        # MiniStack reads each name between dots as a key.
        named = {name: _INDEX.sub(r".\1", path) for name, path in paths.items()}
        return str(apply({**transformer, "InputPathsMap": named}, rule, _IndexedView(view)))

    eventbridge._apply_input_transformer = apply_with_indices


class _IndexedList(list[Any]):
    """A list whose items are found by their index as a text too."""

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(int(index) if isinstance(index, str) else index)


class _IndexedView:
    """MiniStack's view of an event, with such lists."""

    def __init__(self, view: Any) -> None:
        self._view = view

    def envelope(self) -> Any:
        """Returns the event without its detail."""
        return self._view.envelope()

    def event_with_detail(self) -> Any:
        """Returns the whole event."""
        return _indexed(self._view.event_with_detail())


def _indexed(node: Any) -> Any:
    if isinstance(node, dict):
        return {name: _indexed(value) for name, value in node.items()}
    return _IndexedList(map(_indexed, node)) if isinstance(node, list) else node
