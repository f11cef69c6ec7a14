"""Numbers of things in messages: "1 row", "2 rows"."""


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun, whose plural ends in "s" or, after an "s", in "es"."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
