"""Reference of the tiny bundle for tests: what a training would have seen of its fields."""

from bundle import Distribution, Reference

REFERENCE = Reference(
    rows=100,
    fields={
        "size": Distribution(edges=(0.0, 2.0, 10.0), shares=(0.5, 0.5)),
        "count": Distribution(missing=0.5, edges=(1.0, 5.0), shares=(1.0,)),
        "day": Distribution(missing=0.1, first="2024-01-31", last="2024-04-01"),
        "at": Distribution(missing=0.1, edges=(360.0, 1230.0), shares=(1.0,)),
        "kind": Distribution(missing=0.1, values={"ant": 0.6, "bee": 0.4}),
    },
    predictions={"": Distribution(edges=(0.0, 0.5, 1.0), shares=(0.5, 0.5))},
    typical={"size": 2.0, "day": "2024-03-01"},
    noise=0.01,
)
