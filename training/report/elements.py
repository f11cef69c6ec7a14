"""HTML, in which nothing that was not made here can be anything but text."""

import html
from collections.abc import Iterable, Sequence


class Markup(str):
    """HTML as it stands; every other string is text and is escaped."""

    __slots__ = ()


def markup(value: object) -> Markup:
    """Anything as HTML."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value)))


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """An element; `class_` is its class, and an underscore in an attribute's name a hyphen."""
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
    )
    return Markup(f"<{tag}{said}>{joined(children)}</{tag}>")


def joined(children: Iterable[object]) -> Markup:
    """Several after each other."""
    return Markup("".join(markup(child) for child in children))


def table(
    headings: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    numbers_from: int = 1,
) -> Markup:
    """A table that scrolls where the page is narrow, its columns from `numbers_from` on aligned right."""

    def cell(tag: str, place: int, child: object, **attributes: object) -> Markup:
        return element(tag, child, **attributes, **({"class_": "number"} if place >= numbers_from else {}))

    head = (cell("th", place, heading, scope="col") for place, heading in enumerate(headings))
    body = (
        element(
            "tr",
            element("th", first, scope="row"),
            *(cell("td", place, child) for place, child in enumerate(rest, start=1)),
        )
        for first, *rest in rows
    )
    return element(
        "div",
        element("table", element("thead", element("tr", *head)), element("tbody", *body)),
        class_="scroll",
    )


def definitions(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Names and what they are."""
    return element("dl", *(joined((element("dt", name), element("dd", said))) for name, said in pairs))


def bullets(sentences: Iterable[object]) -> Markup:
    """A list."""
    return element("ul", *(element("li", sentence) for sentence in sentences))
