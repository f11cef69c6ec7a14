"""`python -m docs.generate`: writes the generated tables of the Markdown pages.

A table stands between `<!-- generated:NAME -->` and `<!-- /generated -->`. NAME is a key of TABLES.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from docs.tables import ROOT, TABLES

_BLOCK = re.compile(r"(<!-- generated:([\w-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
# Folders without pages of the project.
_SKIPPED = re.compile(r"\.|build$|node_modules$|cdk\.out$")


def pages() -> list[Path]:
    """Returns the Markdown pages of the project, hidden and generated folders left out except .github."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not _SKIPPED.match(path.name)]
    nested = [page for folder in (*folders, ROOT / ".github") for page in folder.rglob("*.md")]
    return sorted([*ROOT.glob("*.md"), *nested])


def regenerated(text: str) -> str:
    """Returns a page with its generated tables written anew.

    Raises:
        KeyError: When a marker names a table that is not in TABLES.
    """
    return _BLOCK.sub(lambda block: f"{block[1]}\n{TABLES[block[2]]()}\n{block[3]}", text)


def main(argv: Sequence[str]) -> int:
    """Writes the tables of all pages and prints the pages that changed; returns 0. It has no options."""
    argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__).parse_args(argv)
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if (new := regenerated(text)) != text:
            page.write_text(new, encoding="utf-8")
            print(f"{page.relative_to(ROOT)}: tables written anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
