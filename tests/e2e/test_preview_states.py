"""Every state of every surface: rendered from the real sources, and readable by everybody."""

import json

import pytest
from playwright.sync_api import expect

from tests.e2e.demo import ROOT, Demo
from tests.e2e.preview_page import PATIENCE_MS, PreviewPage, shows

_TARGETS = ROOT / "extensions" / "preview" / "dist" / "targets.json"
# The block runs the code of the order summary.
_SAME = {"purchase.checkout.block.render"}
# States in which an extension shows nothing on purpose.
_SILENT = {"The proxy does not answer: nothing"}
PROFILE = "customer-account.profile.block.render"


def parts() -> list[tuple[str, str]]:
    listed = json.loads(_TARGETS.read_text()) if _TARGETS.exists() else []
    return [(one["extension"], one["target"]) for one in listed if one["target"] not in _SAME]


@pytest.mark.parametrize(("extension", "target"), parts())
def test_every_state_is_shown_and_keeps_nobody_out(preview: PreviewPage, extension: str, target: str) -> None:
    preview.open(f"states.html?extension={extension}&target={target}")
    states = preview.page.locator(".state")
    expect(states.first).to_be_visible(timeout=PATIENCE_MS)
    for state in states.all():
        page = state.frame_locator("iframe").locator("html")
        expect(page).to_have_attribute("data-tapped", "true", timeout=PATIENCE_MS)
        if state.get_attribute("data-state") not in _SILENT:
            expect(page.locator("body > *").first).to_be_attached(timeout=PATIENCE_MS)

    assert preview.grave_faults() == []
    preview.picture(f"{extension}.{target}", "PREVIEW_STATES")


@pytest.mark.parametrize("page", ["index.html", "checkout.html", "account.html", "pos.html"])
def test_no_page_keeps_anybody_out(preview: PreviewPage, demo: Demo, page: str) -> None:
    preview.open(page)
    if page == "checkout.html":
        shows(preview.checkout(), "$25.00 available")
    preview.page.wait_for_load_state("networkidle")

    assert preview.grave_faults() == []


def test_an_account_shows_balance_rewards_and_tier(preview: PreviewPage) -> None:
    preview.open("account.html")
    account = preview.part(PROFILE)

    shows(account, "$25.00")
    shows(account, "Gold")
    preview.picture("account")
