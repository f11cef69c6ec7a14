"""Number with its noun, for messages."""


def counted(number: int, noun: str) -> str:
    """Returns a number with its noun for a message, such as "1 row" or "2,000 rows".

    The plural ends in "s" or, after an "s", in "es".
    """
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number:,} {noun}{ending}"
