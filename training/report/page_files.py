"""Files of a report: the page and its pictures."""

from collections.abc import Mapping
from pathlib import Path

PAGE_FILE, PICTURE_FOLDER = "report.html", "report"


def write_page_files(folder: Path, page: str, pictures: Mapping[str, bytes]) -> Path:
    """Writes report.html and, into the folder report, its pictures by name; returns the path of report.html.

    Raises:
        OSError: When the folder cannot be written to.
    """
    picture_folder = folder / PICTURE_FOLDER
    picture_folder.mkdir(parents=True, exist_ok=True)
    _remove_pictures(folder)
    for name, png in pictures.items():
        (picture_folder / f"{name}.png").write_bytes(png)
    path = folder / PAGE_FILE
    path.write_text(page, encoding="utf-8")
    return path


def remove_page_files(folder: Path) -> None:
    """Removes the report of an earlier bundle, which the new bundle does not have."""
    (folder / PAGE_FILE).unlink(missing_ok=True)
    _remove_pictures(folder)


def _remove_pictures(folder: Path) -> None:
    for stale in (folder / PICTURE_FOLDER).glob("*.png"):
        stale.unlink()
