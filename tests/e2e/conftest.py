"""A demo and a browser for the module, a clean slate and a fresh page for each test."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.demo import Demo, started_demo
from tests.e2e.preview_page import BUILT, PreviewPage
from tests.e2e.shop_page import ShopPage
from tests.e2e.till_page import TillPage

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.fail("Chromium is missing: install the package `chromium` (apt-get install chromium)")
    with sync_playwright() as playwright:
        # Its user-data-dir is a fresh temporary one.
        opened = playwright.chromium.launch(executable_path=path, headless=True, args=list(_QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def running_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with started_demo(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture
def demo(running_demo: Demo) -> Demo:
    """The demo as it is right after its start."""
    if _used(running_demo):
        running_demo.start_over()
    return running_demo


@pytest.fixture
def shop(demo: Demo, browser: Browser) -> Iterator[ShopPage]:
    """The page in a fresh browser profile, 1280 pixels wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-AU")
    opened = ShopPage(context.new_page(), demo.page)
    yield opened
    context.close()
    assert opened.faults == []


@pytest.fixture
def till(demo: Demo, browser: Browser) -> Iterator[TillPage]:
    """The till in a fresh browser profile, as large as the tablets that tills run on."""
    context = browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-AU", has_touch=True)
    opened = TillPage(context.new_page(), demo.page)
    yield opened
    context.close()
    assert opened.faults == []


@pytest.fixture
def preview(demo: Demo, browser: Browser) -> Iterator[PreviewPage]:
    """A page of the preview in a fresh browser profile; the extensions in it are the real ones."""
    if not BUILT.exists():
        pytest.fail("The preview is not built: make check-extensions CHECK=preview")
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-AU")
    opened = PreviewPage(context.new_page(), demo.page)
    yield opened
    context.close()
    assert opened.faults == []


def _used(demo: Demo) -> bool:
    # The proxy asks Shopify for nothing until somebody applies rewards, and to a broken Omneo it stops talking.
    if demo.faults(demo.omneo):
        return True
    calls = demo.http.get(f"{demo.shopify}/_sandbox/calls").json()["calls"]
    return any(name.startswith("graphql") for name in calls) or bool(demo.state(demo.shopify)["orders"])
