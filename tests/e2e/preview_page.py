"""The extensions as people meet them: a page of the preview, and in its frames what Shopify would show."""

import json
import os
from pathlib import Path
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.e2e.demo import ROOT

PATIENCE_MS = 25_000
BUILT = ROOT / "extensions" / "preview" / "dist" / "index.html"
AXE = ROOT / "extensions" / "node_modules" / "axe-core" / "axe.min.js"
REDUCTIONS = "purchase.checkout.reductions.render-after"
BLOCK = "purchase.checkout.block.render"
THANKS = "purchase.thank-you.block.render"
# Impacts that keep somebody from doing something.
_GRAVE = ("serious", "critical")


class PreviewPage:
    """Finds things by what a person reads: labels, roles and texts."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.faults: list[str] = []
        self._url = url
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.set_default_timeout(PATIENCE_MS)

    def open(self, name: str) -> "PreviewPage":
        self.page.goto(f"{self._url}/preview/{name}")
        return self

    def part(self, target: str, extension: str | None = None) -> Locator:
        """The frame's content: all that one target of an extension shows."""
        return self._frame(target, extension).locator("body")

    def checkout(self) -> Locator:
        return self.part(REDUCTIONS)

    def modal(self) -> Locator:
        return self.page.frame_locator("dialog iframe").locator("body")

    def switch(self, label: str) -> None:
        self.page.get_by_label(label).check()

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).select_option(label=option)

    def tap(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def shows(self, test_id: str, text: str) -> None:
        expect(self.page.get_by_test_id(test_id)).to_have_text(text, timeout=PATIENCE_MS)

    def grave_faults(self) -> list[str]:
        """What axe finds in the page and in each frame, where it keeps somebody out."""
        found = []
        for frame in self.page.frames:
            frame.add_script_tag(path=AXE)
            answer: dict[str, Any] = frame.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")
            for fault in answer["violations"]:
                if fault["impact"] in _GRAVE:
                    where = [node["html"][:120] for node in fault["nodes"]]
                    found.append(f"{frame.url.rsplit('/', 1)[-1]} {fault['id']}: {json.dumps(where)}")
        return found

    def picture(self, name: str, wanted: str = "PREVIEW_PICTURES") -> None:
        """Keep a picture where the variable `wanted` says a directory."""
        if directory := os.environ.get(wanted):
            self.page.screenshot(path=Path(directory) / f"{name}.png", full_page=True)

    def _frame(self, target: str, extension: str | None) -> FrameLocator:
        of = f'[data-extension="{extension}"]' if extension else ""
        return self.page.frame_locator(f'.frame[data-target="{target}"]{of} iframe')


def shows(part: Locator, text: str) -> None:
    expect(part.get_by_text(text).first).to_be_visible(timeout=PATIENCE_MS)


def hides(part: Locator, text: str) -> None:
    expect(part.get_by_text(text)).to_have_count(0, timeout=PATIENCE_MS)


def apply(part: Locator, amount: str, label: str = "Amount to use") -> None:
    """Type an amount and tap the button that names it."""
    part.get_by_role("textbox", name=label).fill(amount)
    part.get_by_role("button", name=f"Apply ${amount}").click()
