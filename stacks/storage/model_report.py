"""Report of a training, which the page /model shows: the file report.html beside a bundle."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bundle import REPORT, version_folder
from stacks.settings.bundle_archive import Archive
from stacks.storage.bundle_layout import REPORTS

# A response of a function has at most 6 MB, as JSON and with its headers:
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_ANSWER_BYTES = 6_000_000


@dataclass(frozen=True, kw_only=True)
class ModelReport:
    """A report that can be shown.

    Attributes:
        path: The file.
        text: Its HTML.
        key: Its key in the artifact bucket: beside the bundle of a single model, and for one of several a key
            with the digest of the text.
    """

    path: Path
    text: str
    key: str


# Report of each model, or the sentence that says why it has none.
Reports = Mapping[str, ModelReport | str]


def find_reports(archives: Sequence[Archive]) -> Reports:
    """Returns the report of each bundle of a stack, or why there is none to show."""
    is_single = len(archives) == 1
    return {archive.model: find_report(archive, is_single=is_single) for archive in archives}


def find_report(archive: Archive, *, is_single: bool) -> ModelReport | str:
    """Returns the report of the training of a bundle, or why there is none to show, as a sentence.

    A deployment goes on without it: the model is what is deployed, and its page has a card instead.

    Args:
        archive: The bundle.
        is_single: Whether it is the only bundle of the stack.
    """
    path = archive.path.with_name(REPORT)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return (
            "None was deployed: there was no report.html beside the bundle. `make train` writes one, and "
            "`python -m training --no-report` does not."
        )
    if f"<code>{archive.bundle.manifest.version}</code>" not in text:
        return "None was deployed: the report.html beside the bundle is that of another version."
    size = len(json.dumps(text))
    if size > MAX_ANSWER_BYTES:
        return (
            f"None was deployed: the report has {size:,} bytes, and one answer of the API at most "
            f"{MAX_ANSWER_BYTES:,}. It is in the file report.html beside the bundle."
        )
    return ModelReport(path=path, text=text, key=_key(archive, text, is_single=is_single))


def _key(archive: Archive, text: str, *, is_single: bool) -> str:
    if is_single:
        return f"{version_folder(archive.model, archive.bundle.manifest.version)}/{REPORT}"
    return f"{REPORTS}/{archive.model}/{hashlib.sha256(text.encode()).hexdigest()}/{REPORT}"
