"""Two models of one API, with different tasks and fields."""

from api import Auth
from bundle import Field, Golden
from tests.tiny_bundle import tiny_manifest

WIDTH = (Field(name="width", type="number", description="How wide.", example=2.5),)
BINARY = tiny_manifest(name="first_one", version="0123456789ab", threshold=0.25)
REGRESSION = tiny_manifest(
    name="second",
    version="ba9876543210",
    fields=WIDTH,
    task="regression",
    labels=(),
    positive_label=None,
    threshold=None,
    golden=(Golden(instance={"width": 2.5}, prediction={"value": 1.5}),),
)
MODELS = {"FirstOne": BINARY, "Second": REGRESSION}
AUTHS: tuple[Auth, ...] = ("key", "iam")
