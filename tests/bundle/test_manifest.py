from typing import Any

import pytest

from bundle import BundleError, Field, Golden, Manifest
from tests.tiny_bundle import EXAMPLE, FIELDS, tiny_manifest

ANSWER = {"label": "yes", "probability": 0.5}


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ({"name": "Tiny Model"}, "lower-case"),
        ({"fields": ()}, "no fields"),
        ({"fields": (FIELDS[0], FIELDS[0])}, "one twice"),
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
        ({"fields": (Field(name="kind", type="string", pattern="(", example="x"),)}, "pattern is none"),
        ({"fields": (Field(name="x", type="string", from_text=True, example="1"),)}, "is no number"),
        ({"fields": (Field(name="x", type="string", ignored=True, example="1"),)}, "ignored and required"),
    ],
)
def test_a_manifest_that_contradicts_itself_is_refused(part: dict[str, Any], sentence: str) -> None:
    with pytest.raises(BundleError, match=sentence):
        tiny_manifest(**part).check()


def test_a_threshold_of_zero_is_a_threshold() -> None:
    tiny_manifest(threshold=0.0).check()


def test_a_manifest_reads_as_it_was_written() -> None:
    sealed = tiny_manifest().sealed(b"graph")

    assert Manifest.decode(sealed.encode()) == sealed


def test_the_version_does_not_depend_on_the_order_in_which_things_were_named() -> None:
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
def test_only_a_manifest_that_an_older_program_would_misread_has_the_newer_format(new: Field) -> None:
    old, changed = tiny_manifest().sealed(b""), tiny_manifest(fields=(*FIELDS, new)).sealed(b"")

    assert (old.format, changed.format) == (1, 2)
    assert not {b"from_text", b"ignored"} & {word.strip(b'" :') for word in old.encode().split(b'"')}


@pytest.mark.parametrize("new", NEW)
def test_a_manifest_whose_format_does_not_know_its_fields_is_refused(new: Field) -> None:
    golden = (Golden(instance={"x": "1.5"} | EXAMPLE, prediction=ANSWER),)
    sealed = tiny_manifest(fields=(*FIELDS, new), golden=golden if new.required else ()).sealed(b"")

    with pytest.raises(BundleError, match="has format 1, but fields of format 2"):
        Manifest.decode(sealed.encode().replace(b'"format": 2', b'"format": 1'))


def test_a_golden_row_may_send_its_numbers_as_text_only_if_they_are_numbers() -> None:
    fields = (Field(name="x", type="number", maximum=2, from_text=True, example="1.5"),)

    tiny_manifest(fields=fields, golden=(Golden(instance={"x": "1.5"}, prediction=ANSWER),)).check()
    for wrong in ("2.5", "1,5", "null"):
        with pytest.raises(BundleError, match="own fields refuse"):
            tiny_manifest(fields=fields, golden=(Golden(instance={"x": wrong}, prediction=ANSWER),)).check()


def test_a_golden_row_is_checked_as_a_request_would_be() -> None:
    tiny_manifest(golden=(Golden(instance=EXAMPLE, prediction=ANSWER),)).check()
    with pytest.raises(BundleError, match="own fields refuse"):
        tiny_manifest(golden=(Golden(instance=EXAMPLE | {"colour": "red"}, prediction=ANSWER),)).check()
