from typing import Any

import msgspec
import pytest

from bundle import Field, Manifest, changed_parts, interface_of
from tests.tiny_bundle import FIELDS, tiny_manifest

SIZE, *OTHERS = FIELDS


def with_size(**parts: Any) -> Manifest:
    return tiny_manifest(fields=(msgspec.structs.replace(SIZE, **parts), *OTHERS))


@pytest.mark.parametrize(
    "other",
    [
        tiny_manifest(threshold=0.1),
        tiny_manifest(libraries={"a": "2"}),
        with_size(description="Another word for it."),
        with_size(example=7),
        tiny_manifest().sealed(b"graph"),
    ],
)
def test_what_clients_do_not_rely_on_may_change(other: Manifest) -> None:
    assert interface_of(other) == interface_of(tiny_manifest())
    assert changed_parts(tiny_manifest(), other) == []


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        (tiny_manifest(name="other"), ["the name"]),
        (tiny_manifest(labels=("no", "maybe")), ["the labels"]),
        (tiny_manifest(task="regression", labels=()), ["the task", "the labels"]),
        (with_size(maximum=99), ["the field size"]),
        (with_size(unit="m"), ["the field size"]),
        (with_size(required=False), ["the field size"]),
        (tiny_manifest(fields=FIELDS[:-1]), ["the field kind"]),
        (
            tiny_manifest(fields=(*FIELDS, Field(name="new", type="text", required=False, example="x"))),
            ["the field new"],
        ),
        (tiny_manifest(fields=(*OTHERS, SIZE)), ["the order of the fields"]),
    ],
)
def test_what_they_rely_on_is_another_interface_and_is_named(other: Manifest, changed: list[str]) -> None:
    assert interface_of(other) != interface_of(tiny_manifest())
    assert changed_parts(tiny_manifest(), other) == changed
    assert changed_parts(other, tiny_manifest()) == changed
