"""Manifest, its checks and its interface digest."""

from typing import Any

import msgspec
import pytest

from bundle import BundleError, Field, Golden, Manifest, changed_parts, interface_of
from tests.tiny_bundle import EXAMPLE, FIELDS, tiny_manifest

ANSWER = {"label": "yes", "probability": 0.5}


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"name": "Tiny Model"}, "lower-case"),
        ({"fields": ()}, "no fields"),
        ({"fields": (FIELDS[0], FIELDS[0])}, "one field twice"),
        ({"fields": (Field(name='a"b', type="number", example=1),)}, "quotation mark"),
        ({"fields": (Field(name="", type="number", example=1),)}, "is empty"),
        ({"labels": ("no",)}, "has 1 labels"),
        ({"labels": ("yes", "yes")}, "has 2 labels"),
        ({"task": "multiclass"}, "does not fit its task, multiclass"),
        ({"task": "regression"}, "does not fit its task, regression"),
        ({"positive_label": "no"}, "positive label last"),
        ({"threshold": None}, "no threshold"),
        ({"threshold": 1.5}, "no threshold"),
        ({"golden": ()}, "no golden row"),
        ({"golden": (Golden(instance={"size": "large"}, prediction=ANSWER),)}, "own fields refuse"),
        (
            {"fields": (Field(name="kind", type="string", pattern="(", example="x"),)},
            "pattern is not valid",
        ),
        ({"fields": (Field(name="x", type="string", from_text=True, example="1"),)}, "is not a number"),
        ({"fields": (Field(name="x", type="string", ignored=True, example="1"),)}, "ignored and required"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(part: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BundleError, match=sentence):
        tiny_manifest(**part).check()


def test_a_threshold_of_zero_is_a_threshold() -> None:
    tiny_manifest(threshold=0.0).check()


def test_a_manifest_is_read_back_as_written() -> None:
    sealed = tiny_manifest().sealed(b"graph")

    assert Manifest.decode(sealed.encode()) == sealed


def test_the_version_does_not_depend_on_the_order_of_keys() -> None:
    one = tiny_manifest(libraries={"a": "1", "b": "2"}).sealed(b"graph")
    two = tiny_manifest(libraries={"b": "2", "a": "1"}).sealed(b"graph")

    assert one.version == two.version
    assert one.encode() == two.encode()


def test_sealing_twice_changes_nothing() -> None:
    sealed = tiny_manifest().sealed(b"graph")

    assert sealed.sealed(b"graph") == sealed


NEW = (
    Field(name="x", type="text", example="a b"),
    Field(name="x", type="number", from_text=True, example="1.5"),
    Field(name="x", type="number", required=False, ignored=True, example=1),
)


@pytest.mark.parametrize("new", NEW)
def test_only_manifests_with_newer_field_options_have_the_newer_format(new: Field) -> None:
    old, changed = tiny_manifest().sealed(b""), tiny_manifest(fields=(*FIELDS, new)).sealed(b"")

    assert (old.format, changed.format) == (1, 2)
    assert not {b"from_text", b"ignored"} & {word.strip(b'" :') for word in old.encode().split(b'"')}


@pytest.mark.parametrize("new", NEW)
def test_a_manifest_whose_format_is_too_old_for_its_fields_is_refused(new: Field) -> None:
    golden = (Golden(instance={"x": "1.5"} | EXAMPLE, prediction=ANSWER),)
    sealed = tiny_manifest(fields=(*FIELDS, new), golden=golden if new.required else ()).sealed(b"")

    with pytest.raises(BundleError, match="has format 1, but parts of format 2"):
        Manifest.decode(sealed.encode().replace(b'"format": 2', b'"format": 1'))


def test_a_manifest_with_a_boolean_has_format_3() -> None:
    """A program of format 2 would pass the boolean's text to the graph, or none of it."""
    boolean = Field(name="x", type="boolean", example=True)

    sealed = tiny_manifest(
        fields=(*FIELDS, boolean), golden=(Golden(instance=EXAMPLE | {"x": False}, prediction=ANSWER),)
    ).sealed(b"")

    assert sealed.format == 3
    assert Manifest.decode(sealed.encode()) == sealed
    with pytest.raises(BundleError, match="has format 2, but parts of format 3"):
        Manifest.decode(sealed.encode().replace(b'"format": 3', b'"format": 2'))


@pytest.mark.parametrize("rule", [{"values": ("true",)}, {"minimum": 0.0}, {"pattern": "^t"}])
def test_a_boolean_has_no_rules_of_other_types(rule: dict[str, Any]) -> None:
    boolean = Field(name="x", type="boolean", required=False, example=True, **rule)

    with pytest.raises(BundleError, match="boolean field with minimum, maximum, pattern, values"):
        tiny_manifest(fields=(*FIELDS, boolean)).check()


def test_a_golden_row_may_have_valid_numbers_as_text() -> None:
    fields = (Field(name="x", type="number", maximum=2, from_text=True, example="1.5"),)

    tiny_manifest(fields=fields, golden=(Golden(instance={"x": "1.5"}, prediction=ANSWER),)).check()
    for wrong in ("2.5", "1,5", "null"):
        with pytest.raises(BundleError, match="own fields refuse"):
            tiny_manifest(fields=fields, golden=(Golden(instance={"x": wrong}, prediction=ANSWER),)).check()


def test_a_golden_row_is_validated_as_a_request_is() -> None:
    tiny_manifest(golden=(Golden(instance=EXAMPLE, prediction=ANSWER),)).check()
    with pytest.raises(BundleError, match="own fields refuse"):
        tiny_manifest(golden=(Golden(instance=EXAMPLE | {"colour": "red"}, prediction=ANSWER),)).check()


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
def test_threshold_libraries_and_descriptions_are_not_part_of_the_interface(other: Manifest) -> None:
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
def test_another_interface_has_another_digest(other: Manifest, changed: list[str]) -> None:
    assert interface_of(other) != interface_of(tiny_manifest())
    assert changed_parts(tiny_manifest(), other) == changed
    assert changed_parts(other, tiny_manifest()) == changed
