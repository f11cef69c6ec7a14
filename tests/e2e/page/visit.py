"""A visit to the page: what a person does there, and what the browser notices."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, FilePayload, Locator, Page, Request

ROOT = Path(__file__).parents[3]
PICTURES = ROOT / "build" / "page"
# Chromium logs each response of 400 and above, which a refused request is.
_REFUSED = "Failed to load resource: the server responded with a status of 4"


class Visit:
    """One page in a browser.

    Attributes:
        page: The page.
        errors: Errors of scripts, and those that the browser writes on the console.
        foreign_requests: Addresses on other hosts that were asked.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.foreign_requests: list[str] = []
        self._host = urlsplit(url).netloc
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note_request)

    @property
    def key(self) -> Locator:
        return self.page.get_by_role("textbox", name="API key")

    @property
    def answers(self) -> Locator:
        """The answers in view."""
        return self.page.locator(".answer:visible")

    def field(self, label: str) -> Locator:
        """The control of a field of the model in view."""
        return self.page.locator("input:visible, select:visible, textarea:visible").and_(
            self.page.get_by_label(label)
        )

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def predict(self, key: str) -> Locator:
        """Types the key, asks, and returns the answer."""
        self.key.fill(key)
        self.press("Predict")
        self.answers.first.wait_for()
        return self.answers

    def sends(self, name: str, text: str) -> None:
        """Chooses a CSV file of this content."""
        file = FilePayload(name=name, mimeType="text/csv", buffer=text.encode())
        self.page.locator("input[type=file]:visible").set_input_files(file)

    def picture(self, name: str) -> None:
        """Takes a picture of the whole page, for people to look at."""
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=True)

    def violations(self, axe: str, *, without: str = "") -> list[Any]:
        """The rules of accessibility that the page violates, with the elements that do.

        Args:
            axe: The script that checks them.
            without: Selector of the elements of others, which are not checked.
        """
        # Without a value: the script's own one cannot be sent.
        self.page.evaluate(f"{axe}; null")
        found = self.page.evaluate("without => axe.run(without ? {exclude: without} : document)", without)
        return [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]

    def _note_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_REFUSED):
            self.errors.append(message.text)

    def _note_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._host:
            self.foreign_requests.append(request.url)
