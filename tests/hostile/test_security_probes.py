"""What the probe of Shopify's CLI sends to a running app; every one of them has to be refused.

Source: https://shopify.dev/docs/apps/build/security/app-security-checks, and the CLI's own code.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest

from proxy.sandbox import seed
from proxy.sandbox.shopify.app_proxy import signature
from proxy.web.topics import TOPICS
from tests.hostile.stage import hostile_world
from tests.web.questions import assert_problem, proxied, routes
from tests.world.databases import Databases
from tests.world.world import ADA, World

pytestmark = pytest.mark.anyio

PROBE = "app-security-probe.invalid.myshopify.com"
AS_PROBE = {"User-Agent": "Shopify-CLI-App-Security-Probe"}
PATIENCE_S = 5
SECRETS = {"none": None, "another": "no-secret-of-this-app", "ours": seed.CLIENT_SECRET}


@pytest.fixture(scope="module")
async def world(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with hostile_world(databases.sqlite(tmp_path_factory.mktemp("probes") / "proxy.db")) as opened:
        yield opened


def of(world: World, prefix: str) -> list[tuple[str, str]]:
    """List the routes under a prefix, as a probe that was told of them would."""
    found = []
    for method, pattern in routes(world):
        path = pattern.replace("{id}", str(ADA)).replace("{tenant}", seed.OMNEO_TENANT)
        found += [(method, path.replace("{group}", group)) for group in TOPICS]
    return sorted({(method, path) for method, path in found if path.startswith(prefix)})


def query(shop: str, secret: str | None, *, at_s: int | None, twice: bool = False) -> str:
    pairs = [("shop", shop), ("logged_in_customer_id", ""), ("path_prefix", "/apps/rewards")]
    pairs += [("timestamp", str(at_s))] if at_s is not None else []
    pairs += [("shop", PROBE)] if twice else []
    return urlencode([*pairs, ("signature", signature(secret, pairs) if secret else "invalid")])


@pytest.mark.parametrize("shop", [PROBE, seed.SHOP_DOMAIN])
@pytest.mark.parametrize("signed_with", SECRETS)
async def test_every_app_proxy_probe_is_refused_whoever_signed_it(world: World, shop: str, signed_with: str) -> None:
    secret, now_s = SECRETS[signed_with], int(time.time())
    probes = {
        "no timestamp": query(shop, secret, at_s=None),
        "stale": query(shop, secret, at_s=now_s - 120),
        "two shops": query(shop, secret, at_s=now_s, twice=True),
        "no signature": query(shop, None, at_s=now_s).replace("&signature=invalid", ""),
        "invalid signature": query(shop, None, at_s=now_s),
    }
    for path in ("/storefront", "/storefront/", "/storefront/token"):
        for probe in probes.values():
            answer = await world.http.get(f"{path}?{probe}", headers=AS_PROBE, timeout=PATIENCE_S)
            assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("shop", [PROBE, seed.SHOP_DOMAIN])
async def test_every_webhook_probe_is_refused(world: World, shop: str) -> None:
    wrong = base64.b64encode(hmac.digest(b"wrong", b"{}", hashlib.sha256)).decode()
    for _, path in of(world, "/webhooks/"):
        headers = AS_PROBE | {"X-Shopify-Shop-Domain": shop, "X-Shopify-Topic": "orders/create"}
        assert_problem(await world.http.get(path, headers=headers, timeout=PATIENCE_S), 405, "method_not_allowed")
        for proof in ({}, {"X-Shopify-Hmac-Sha256": wrong}, {"X-Omneo-Hmac-SHA256": "0" * 64}):
            answer = await world.http.post(path, headers=headers | proof, content=b"{}", timeout=PATIENCE_S)
            assert_problem(answer, 401, "unauthenticated")


async def test_every_route_of_the_extensions_refuses_the_probes_token(world: World) -> None:
    headers = AS_PROBE | {"Authorization": "Bearer app-security.invalid.token"}
    posts = 0
    for method, path in of(world, "/v1/"):
        answer = await world.http.request(method, path, headers=headers, timeout=PATIENCE_S)
        assert_problem(answer, 401, "unauthenticated")
        posts += method == "POST"
    assert posts >= 8


async def test_what_the_probes_are_made_of_is_genuine(world: World) -> None:
    """Control: with a signature for now, one shop and ours, it is let in."""
    assert (await world.http.get(f"/storefront?{proxied(world)}", headers=AS_PROBE)).status_code == 200
    made = query(seed.SHOP_DOMAIN, seed.CLIENT_SECRET, at_s=int(time.time()))
    assert (await world.http.get(f"/storefront?{made}", headers=AS_PROBE)).status_code == 200
