"""A real browser, which the system installs, with the page of an API open in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, sync_playwright

from docs.page_picture import BROWSER_OPTIONS, find_browser
from tests.e2e.page.visit import ROOT, Visit

Open = Callable[..., Visit]
Scheme = Literal["light", "dark"]

# Otherwise each visit starts two renderer processes, and a tenth of the processor time is the second one's.
_OPTIONS = [*BROWSER_OPTIONS, "--disable-site-isolation-trials"]


# Playwright's event loop runs in this thread until the end of the module: other tests start their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        pytest.skip("There is no browser to try the page in: install chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens an address in a browser without a past, and expects no script's error and no foreign request."""
    visits: list[Visit] = []

    def open_page(url: str, *, scheme: Scheme = "light", width: int = 1280) -> Visit:
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, reduced_motion="reduce"
        )
        visits.append(Visit(context.new_page(), url))
        visits[-1].page.goto(url)
        return visits[-1]

    yield open_page
    for visit in visits:
        visit.page.context.close()
        assert visit.errors == []
        assert visit.foreign_requests == []


@pytest.fixture(scope="module")
def axe(node_packages: None) -> str:  # noqa: ARG001 - a fixture cannot use another one by a mark
    """The script of axe-core, which checks accessibility."""
    return Path(ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
