"""A model with field names that are not identifiers, a number that may be text, and an ignored field."""

from bundle import Field, Golden
from tests.tiny_bundle import tiny_manifest

FIELDS = (
    Field(name="Int'l Plan", type="string", values=("no", "yes"), description="Abroad.", example="no"),
    Field(name="Day Mins.", type="number", minimum=0, from_text=True, description="By day.", example="161.6"),
    Field(name="Phone", type="string", required=False, ignored=True, description="Unused.", example="1-2"),
)
CUSTOMER = tiny_manifest(
    fields=FIELDS,
    golden=(
        Golden(
            instance={"Int'l Plan": "no", "Day Mins.": "161.6"},
            prediction={"label": "yes", "probability": 0.5},
        ),
    ),
)
