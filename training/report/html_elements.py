"""HTML elements; every string that is not Markup is escaped."""

import html
from collections.abc import Iterable, Sequence


class Markup(str):
    """A string of HTML, which is not escaped again."""

    __slots__ = ()


def markup(value: object) -> Markup:
    """Converts a value to HTML: Markup as it is, everything else as escaped text."""
    return value if isinstance(value, Markup) else Markup(html.escape(str(value)))


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """Returns an element; in attribute names `class_` stands for class and an underscore for a hyphen."""
    text = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
    )
    return Markup(f"<{tag}{text}>{joined(children)}</{tag}>")


def joined(children: Iterable[object]) -> Markup:
    """Concatenates values as HTML."""
    return Markup("".join(markup(child) for child in children))


def table(
    headings: Sequence[object],
    rows: Iterable[Sequence[object]],
    *,
    numbers_from: int = 1,
) -> Markup:
    """Returns a table that scrolls on a narrow page.

    Args:
        headings: Headings of the columns.
        rows: Cells of each row; the first is the row's heading.
        numbers_from: First column that is aligned right.
    """

    def cell(tag: str, column: int, child: object, **attributes: object) -> Markup:
        alignment = {"class_": "number"} if column >= numbers_from else {}
        return element(tag, child, **attributes, **alignment)

    head = (
        cell("th", column, heading, scope="col") if heading else cell("td", column, "")
        for column, heading in enumerate(headings)
    )
    body = (
        element(
            "tr",
            element("th", first, scope="row"),
            *(cell("td", column, child) for column, child in enumerate(rest, start=1)),
        )
        for first, *rest in rows
    )
    return element(
        "div",
        element("table", element("thead", element("tr", *head)), element("tbody", *body)),
        class_="scroll",
        # A part that scrolls has to be reached with the keyboard, and to say what it is.
        tabindex=0,
        role="region",
        aria_label=f"Table: {', '.join(str(heading) for heading in headings if heading)}",
    )


def document(title: str, style: str, *children: object) -> str:
    """Returns a whole page.

    Args:
        title: Title of the window.
        style: CSS of the page.
        children: Content of its `main` element.
    """
    head = joined(
        (
            Markup('<meta charset="utf-8">'),
            Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            element("title", title),
            element("style", Markup(style)),
        )
    )
    body = element("body", element("main", *children))
    return f"<!doctype html>\n{element('html', element('head', head), body, lang='en')}\n"


def definitions(pairs: Iterable[tuple[object, object]]) -> Markup:
    """Returns a list of names and their values."""
    return element("dl", *(joined((element("dt", name), element("dd", value))) for name, value in pairs))


def bullets(sentences: Iterable[object]) -> Markup:
    """Returns a bulleted list."""
    return element("ul", *(element("li", sentence) for sentence in sentences))
