"""The command line with several shops: every shop is asked, and each answer says whose it is."""

import json
from pathlib import Path

import pytest

from tests.test_commands import run
from tests.world.databases import Databases
from tests.world.process import environment
from tests.world.shops import SHOPS, Shops, open_shops

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def told(shops: Shops) -> dict[str, str]:
    """The environment of an operator: every shop in variables, none in a file."""
    return environment(shops.north.settings, COLUMNS="200")


async def test_check_asks_for_every_shop_by_name(databases: Databases, tmp_path: Path) -> None:
    own = {"east": {"shopify_client_secret": "another-secret-than-east-has"}, "south": {"omneo_id_tokens": True}}
    async with open_shops(databases.sqlite(tmp_path / "proxy.db"), own) as shops:
        ended = await run(told(shops), "check", "--json")
    results = json.loads(ended.out)
    assert ended.status == 1
    wrong = results.pop("east: shopify access")
    assert wrong != "ok"
    assert "another-secret" not in wrong
    assert results == {
        "database": "ok",
        "north: omneo token": "ok",
        "north: shopify access": "ok",
        "south: omneo token": "ok",
        "south: omneo id tokens": "ok",
        "south: shopify access": "ok",
        "east: omneo token": "ok",
    }


async def test_reconcile_compares_every_shop_or_the_one_that_is_named(databases: Databases, tmp_path: Path) -> None:
    async with open_shops(databases.sqlite(tmp_path / "proxy.db")) as shops:
        redemption = await shops.south.redeemed("12.50")
        shops.south.shopify.deliveries.lose = True
        shops.south.buy(redemption["code"])
        env = told(shops) | {"PROXY_RECONCILE_QUIET_S": "0"}
        everything = await run(env, "reconcile", "--json")
        north = await run(env, "reconcile", "--shop", SHOPS["north"].shop, "--json")
        south = await run(env, "reconcile", "--shop", SHOPS["south"].shop)
        nobody = await run(env, "reconcile", "--shop", "nobody.myshopify.com")
        people = await run(env, "redemptions", "list")
    said = json.loads(everything.out)
    assert (everything.status, north.status, south.status, nobody.status) == (1, 0, 1, 2)
    assert said["shops"] == [config.shop for config in SHOPS.values()]
    assert [(f["shop"], f["code"]) for f in said["findings"]] == [(SHOPS["south"].shop, "order_not_captured")]
    assert json.loads(north.out)["shops"] == [SHOPS["north"].shop]
    assert "order_not_captured" in south.out
    assert redemption["id"] in people.out


async def test_a_shop_that_has_removed_the_app_hides_no_others_drift(databases: Databases, tmp_path: Path) -> None:
    async with open_shops(databases.sqlite(tmp_path / "proxy.db")) as shops:
        redemption = await shops.south.redeemed("12.50")
        shops.south.shopify.deliveries.lose = True
        shops.south.buy(redemption["code"])
        shops.north.shopify.uninstall()
        ended = await run(told(shops) | {"PROXY_RECONCILE_QUIET_S": "0"}, "reconcile", "--json")
    said = json.loads(ended.out)
    assert ended.status == 2
    assert said["shops"] == [SHOPS["south"].shop, SHOPS["east"].shop]
    assert [(f["shop"], f["code"]) for f in said["findings"]] == [(SHOPS["south"].shop, "order_not_captured")]
    assert SHOPS["north"].shop in ended.err
