"""Run the simulators, alone or together with the proxy and a small shop page."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from starlette.routing import BaseRoute

from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.demo.child import ProxyFailedError, ProxyProcess
from proxy.sandbox.demo.pages import PREVIEW, page_app
from proxy.sandbox.demo.ports import HOST, Ports, choose
from proxy.sandbox.demo.storefront import storefront_pages
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox

# Signs transient tokens that open nothing but a proxy on this machine.
_TRANSIENT_KEY = "sandbox-transient-key-for-local-use-0001"
# What the seeded benefits give in the sandbox's shop; one that is left out can be seen and not used.
_BENEFITS = {
    "birthday": {"handle": "birthday-10", "gives": "percentage", "percent": "10"},
    "socks": {
        "handle": "free-socks",
        "gives": "free_product",
        "products": [f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"],
    },
    "shipping": {"handle": "free-shipping", "gives": "free_shipping", "surfaces": ["checkout", "storefront"]},
    "coffee": {"handle": "coffee", "gives": "record", "surfaces": ["pos"]},
    "vip": {
        "tag": "vip",
        "gives": "amount",
        "amount": "20.00",
        "collections": [f"gid://shopify/Collection/{seed.ACCESSORIES.id}"],
    },
}
# Shorter than in production, where nobody sits and watches a release or a crash being repaired.
_GRACE_REMOVAL_S = 6
_LEASE_S = 3


@dataclass(frozen=True, slots=True)
class _Sandboxes:
    omneo: OmneoSandbox
    shopify: ShopifySandbox

    def reset(self) -> None:
        self.omneo.reset()
        self.shopify.reset()


def environment(omneo_port: int, shopify_port: int) -> dict[str, str]:
    """Return the settings with which `proxy serve` talks to the simulators on these ports."""
    return {
        "PROXY_SHOP_DOMAIN": seed.SHOP_DOMAIN,
        "PROXY_SHOP_CURRENCY": seed.CURRENCY,
        "PROXY_SHOPIFY_CLIENT_ID": seed.CLIENT_ID,
        "PROXY_SHOPIFY_CLIENT_SECRET": seed.CLIENT_SECRET,
        "PROXY_SHOPIFY_BASE_URL": f"http://{HOST}:{shopify_port}",
        "PROXY_OMNEO_TENANT": seed.OMNEO_TENANT,
        "PROXY_OMNEO_TOKEN": seed.OMNEO_TOKEN,
        "PROXY_OMNEO_BASE_URL": f"http://{HOST}:{omneo_port}/api/v3",
        "PROXY_LOOKUP_HANDLES": seed.MEMBER_HANDLE,
        "PROXY_BENEFITS": json.dumps(_BENEFITS),
        "PROXY_TRANSACTION_MODE": "own",
        "PROXY_TRANSIENT_KEYS": _TRANSIENT_KEY,
    }


async def run_sandboxes(omneo_port: int, shopify_port: int, proxy_url: str) -> None:
    """Serve both simulators until SIGINT or SIGTERM."""
    # Lines are not folded: addresses and commands are copied from here.
    console = Console(soft_wrap=True, highlight=False)
    with _ended_by_signals():
        try:
            async with _sandboxes(omneo_port, shopify_port, proxy_url) as (_, omneo_url, shopify_url):
                _explain(console, omneo_url, shopify_url, proxy_url)
                await asyncio.Event().wait()
        except OSError as error:
            console.print(f"[red]A port could not be opened:[/] {escape(str(error))}")
            raise SystemExit(1) from None
        except asyncio.CancelledError:
            console.print("Ended.")


async def run_demo(port: int, *, open_browser: bool) -> None:
    """Serve both simulators, the proxy and the shop page until SIGINT or SIGTERM.

    The page is on `port`, the others on the three before it; all four on free ones when one is taken.
    """
    console = Console(soft_wrap=True, highlight=False)
    directory = Path(tempfile.mkdtemp(prefix="proxy-demo-"))
    with _ended_by_signals():
        try:
            await _demo(console, choose(port), directory, open_browser)
        except ProxyFailedError as error:
            console.print(f"[red]{escape(str(error))}[/]\nThe log is kept in {directory}.")
            raise SystemExit(1) from None
        except asyncio.CancelledError:
            shutil.rmtree(directory, ignore_errors=True)
            console.print("Ended; nothing is left behind.")


async def _demo(console: Console, ports: Ports, directory: Path, open_browser: bool) -> None:
    proxy_url = f"http://{HOST}:{ports.proxy}"
    child_environment = environment(ports.omneo, ports.shopify) | {
        "PROXY_HOST": HOST,
        "PROXY_PORT": str(ports.proxy),
        "PROXY_GRACE_REMOVAL_S": str(_GRACE_REMOVAL_S),
        "PROXY_WORKER_LEASE_S": str(_LEASE_S),
    }
    config = {
        "proxy": proxy_url,
        "omneo": f"http://{HOST}:{ports.omneo}",
        "shopify": f"http://{HOST}:{ports.shopify}",
        "page": f"http://{HOST}:{ports.page}",
        "currency": seed.CURRENCY,
        "customer": seed.ADA.id,
    }
    console.print("Starting the demo: four servers on this machine, nothing leaves it.")
    proxy = ProxyProcess(child_environment, proxy_url, directory, lambda text: console.print(escape(text)))
    with console.status("Starting both simulators…") as progress:
        running = _sandboxes(ports.omneo, ports.shopify, proxy_url, storefront_pages(config))
        async with running as (sandboxes, omneo_url, shopify_url):
            console.print(f"  Omneo simulator    {omneo_url}")
            console.print(f"  Shopify simulator  {shopify_url}")
            try:
                progress.update("Making the ledger and starting the proxy…")
                await proxy.start()
                console.print(f"  Proxy              {proxy_url}  (pid {proxy.pid})")
                console.print(f"  Its log            {proxy.log}")
                page = page_app(config, proxy.status, lambda: _start_over(proxy, sandboxes, directory))
                async with serving(page, ports.page) as page_url:
                    progress.stop()
                    _announce(console, page_url, proxy, directory)
                    if open_browser:
                        webbrowser.open(page_url)
                    await proxy.keep()
            finally:
                await proxy.stop()


async def _start_over(proxy: ProxyProcess, sandboxes: _Sandboxes, directory: Path) -> None:
    # The ledger must go too: it knows holds and balances of a shop and a tenant that are no more.
    await proxy.renew(sandboxes.reset)
    _write_environment(proxy, directory)


def _announce(console: Console, page_url: str, proxy: ProxyProcess, directory: Path) -> None:
    script = _write_environment(proxy, directory)
    console.print(f"\n  [bold]Open[/]  [bold cyan]{page_url}[/]\n")
    console.print(f"  A till on the same shop and tenant: {page_url}/till")
    if PREVIEW.is_dir():
        console.print(f"  The extensions themselves, on stand-in elements: {page_url}/preview/\n")
    else:
        console.print("  The extensions themselves are not built: install nodejs and npm, then `make demo`.\n")
    console.print("Ctrl-C ends everything. To watch the proxy recover, kill it at any moment:")
    console.print(f"  kill -9 {proxy.pid}")
    console.print("To follow a redemption through the ledger, in another terminal:")
    console.print(f"  . {script}; python -m proxy redemptions list")


def _write_environment(proxy: ProxyProcess, directory: Path) -> Path:
    script = directory / "environment.sh"
    script.write_text("".join(f"export {name}='{value}'\n" for name, value in proxy.environment.items()))
    return script


@asynccontextmanager
async def _sandboxes(
    omneo_port: int, shopify_port: int, proxy_url: str, pages: Sequence[BaseRoute] = ()
) -> AsyncIterator[tuple[_Sandboxes, str, str]]:
    # The simulators call the proxy themselves, and no system-wide HTTP proxy knows the way to loopback.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = ",".join(
        filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), HOST, "localhost"])
    )
    clock = SandboxClock()
    omneo, shopify = OmneoSandbox(clock), ShopifySandbox(clock, pages=pages)
    shopify.set_proxy_url(proxy_url)
    async with serving(omneo.app, omneo_port) as omneo_url, serving(shopify.app, shopify_port) as shopify_url:
        yield _Sandboxes(omneo, shopify), omneo_url, shopify_url


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM cancel the running task, once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    ended = False

    def end() -> None:
        nonlocal ended
        # Once: an impatient second Ctrl-C must not keep the first from ending the child.
        if not ended:
            ended = True
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _explain(console: Console, omneo_url: str, shopify_url: str, proxy_url: str) -> None:
    for what, value in (
        ("Omneo API", f"{omneo_url}/api/v3"),
        ("  token", seed.OMNEO_TOKEN),
        ("  a second one", f"{seed.OMNEO_OTHER_TOKEN} (another namespace)"),
        ("  webhook secret", seed.OMNEO_WEBHOOK_SECRET),
        ("Shopify Admin API", f"{shopify_url}/admin/api/2026-10/graphql.json"),
        ("  shop", seed.SHOP_DOMAIN),
        ("  client id", seed.CLIENT_ID),
        ("  client secret", seed.CLIENT_SECRET),
        ("Storefront host", f"{shopify_url}/apps/rewards  (signed and sent on to the proxy)"),
        ("Webhooks, app proxy go to", proxy_url),
    ):
        console.print(f"  {what:<29} {value}")
    console.print("\nBoth answer under /_sandbox, for tests and for people:")
    for method, path, meaning in (
        ("GET", "/_sandbox/state", "everything they hold"),
        ("POST", "/_sandbox/reset", "back to the seed"),
        ("POST", "/_sandbox/clock", '{"advance_s": 1800}; the proxy keeps the real time'),
        ("POST", "/_sandbox/faults", '{"route": "POST /api/v3/profiles/*/redeem", "kind": "drop_after"}'),
        ("GET", "/_sandbox/calls", "how often each route was called"),
        ("POST", "/_sandbox/deliveries", '{"duplicate": true}, {"lose": true} or {"hold": true}'),
        ("GET", "/_sandbox/tokens", "Shopify: ?surface=checkout&customer_id=1001"),
        ("POST", "/_sandbox/carts", "Shopify: a cart, then …/codes and …/order"),
        ("POST", "/_sandbox/pos/carts", '{"location_id": 8801}, then …/lines, …/customer, …/codes and …/sale'),
    ):
        console.print(f"  {method:<5} {path:<22} {escape(meaning)}")
    console.print("\nThe settings for a proxy: `proxy sandbox --print-env`. Ctrl-C ends both.")
