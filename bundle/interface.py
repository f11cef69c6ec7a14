"""What the clients of a model rely on, which another version of it must not change under them."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from bundle.field import Field
from bundle.manifest import Manifest


def interface_of(manifest: Manifest) -> str:
    """A digest, 12 hex digits, that two bundles share when a client of one could not tell it from the other.

    That is the model's name, task and labels, and its fields in order with what each allows. Threshold,
    golden rows and what is only said of a field are each version's own.
    """
    parts = msgspec.json.encode(list(_parts(manifest).items()), order="sorted")
    return hashlib.sha256(parts).hexdigest()[:12]


def changed_parts(before: Manifest, after: Manifest) -> list[str]:
    """The names of what differs between the interfaces of two bundles; empty when nothing does."""
    old, new = _parts(before), _parts(after)
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return changed or (["the order of the fields"] if list(old) != list(new) else [])


def _parts(manifest: Manifest) -> Mapping[str, Any]:
    return {
        "the name": manifest.name,
        "the task": manifest.task,
        "the labels": manifest.labels,
        **{f"the field {field.name}": _rules(field) for field in manifest.fields},
    }


def _rules(field: Field) -> Field:
    bare = msgspec.structs.replace(field, description="", example="")
    # As it is read from a bundle: a whole number in a float's place is a float then.
    return msgspec.json.decode(msgspec.json.encode(bare), type=Field)
