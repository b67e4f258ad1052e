"""A theme's page that was written for Omneo: it loads Omneo's own client and tells it our address."""

import subprocess
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.e2e.demo import Demo

_FOLDER = Path(__file__).parent / "front_end"
_BUNDLER = _FOLDER / "node_modules" / ".bin" / "esbuild"
_CALL = """async ([url, token, method, path, data]) => {
  const client = ShapesSDK.init({ url, token, isPrivate: true });
  return client.error ? { unusable: true } : client[method](path, data).then((a) => a, (e) => e);
}"""
_HYDRATE = """([url, token, path]) => new Promise((resolve) => {
  const client = ShapesSDK.init({ url, token });
  client.on(`shapes.${path}.ready`, () => resolve(client.find(path)));
  client.hydrate(path);
})"""


def omneos_client() -> str:
    """Bundle `@omneo/shapes-sdk` for a page."""
    if not _BUNDLER.exists():
        raise RuntimeError("Omneo's client is missing: run tests/parts.sh, as make test does")
    command = [str(_BUNDLER), "page.js", "--bundle", "--format=iife"]
    return subprocess.run(command, cwd=_FOLDER, check=True, capture_output=True, text=True, timeout=60).stdout


class FrontEnd:
    """The page stands on the shop's domain, where the app proxy is; the proxy itself is another origin."""

    def __init__(self, page: Page, demo: Demo, script: str) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        self._demo = demo
        self._id_url = f"{demo.proxy}/id"
        # No theme is simulated and nothing is there. What counts is the origin, and that a server gave it: to a page
        # that a test makes up, a browser lends no access to this machine.
        page.goto(f"{demo.shopify}/pages/rewards")
        page.add_script_tag(content=script)

    def sign_in(self, customer: int) -> None:
        self.page.context.add_cookies([{"name": "sandbox_customer", "value": str(customer), "url": self._demo.shopify}])

    def token(self) -> str:
        """Ask for a token as a theme does."""
        return str(self.page.evaluate("async () => (await (await fetch('/apps/rewards')).json()).token"))

    def call(self, method: str, path: str, data: Any = None, *, token: str | None = None) -> dict[str, Any]:
        """Have Omneo's client call; gives what its promise came to, kept or broken."""
        arguments = [self._id_url, token or self.token(), method, path, data]
        return dict(self.page.evaluate(_CALL, arguments))

    def hydrated(self, path: str) -> dict[str, Any]:
        """Have the client fill its own state, as Omneo's components do, and give that."""
        return dict(self.page.evaluate(_HYDRATE, [self._id_url, self.token(), path]))
