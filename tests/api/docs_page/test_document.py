"""The page of the API's document as a file: its viewer, its policy, its size."""

import base64
import gzip
import hashlib
import re

from api import Page, Viewer, docs_page

VIEWER = Viewer(style=".viewer { color: red }", script="window.viewer = 'ü';" + " " * 100_000)


def policy(made: Page) -> dict[str, str]:
    parts = made.headers["content-security-policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_page_has_the_viewer_compressed_and_its_policy_the_hashes_of_its_texts() -> None:
    made = docs_page(["first_one"], viewer=VIEWER)

    for name, text in VIEWER._asdict().items():
        [packed] = re.findall(rf'id="viewer-{name}">([^<]*)<', made.body)
        assert gzip.decompress(base64.b64decode(packed)).decode() == text
        assert of(text) in policy(made)[f"{name}-src"].split()
    assert len(made.body) < 30_000


def test_nothing_unsafe_is_allowed_and_no_other_host_is_asked() -> None:
    made = docs_page(["first_one"], viewer=VIEWER)

    assert "unsafe" not in made.headers["content-security-policy"]
    assert (policy(made)["default-src"], policy(made)["connect-src"]) == ("'none'", "'self'")
    assert re.findall(r"""(?:src|href)=["']?(?:\w+:)?//""", made.body) == []


def test_the_same_viewer_makes_the_same_page() -> None:
    pages = [docs_page(["first_one"], viewer=VIEWER, auth="iam") for _ in range(2)]

    assert pages[0] == pages[1]
    assert '"auth":"iam"' in pages[0].body
