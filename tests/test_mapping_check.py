"""What a mapping names is looked for on both other sides: by `proxy check`, and by every `serve` when it starts."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from tests.test_commands import environment, run, sandboxes
from tests.world.databases import Databases
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

SOCKS = f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"
ACCESSORIES = f"gid://shopify/Collection/{seed.ACCESSORIES.id}"
GONE = "gid://shopify/Collection/77"
STAFF_CODE = {
    "title": "Staff",
    "code": "STAFF20",
    "startsAt": "2026-01-01T00:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {"value": {"percentage": 0.2}, "items": {"all": True}},
}
GOOD = {
    "gift": {"handle": "birthday-gift", "gives": "free_product", "products": [SOCKS]},
    "tagged": {"tag": "not-there-yet", "gives": "percentage", "percent": 5, "collections": [ACCESSORIES]},
    "staff": {"handle": "welcome-tote", "gives": "code", "code": "staff20"},
    "coffee": {"meta": "coffee", "gives": "record"},
}
BAD = {
    "nowhere": {"handle": "no-such-benefit", "gives": "record"},
    "gone": {"handle": "birthday-gift", "gives": "percentage", "percent": 5, "collections": [ACCESSORIES, GONE]},
    "typo": {"handle": "birthday-gift", "gives": "code", "code": "STAFF2O"},
    "ended": {"handle": "birthday-gift", "gives": "code", "code": "LAST-YEAR"},
}
WRONG = {
    "nowhere": "omneo has no benefit definition no-such-benefit",
    "gone": f"shopify has no {GONE}",
    "typo": "shopify has no such code",
    "ended": "the code has expired",
}


async def checked(url: str, urls: Mapping[str, str], benefits: Mapping[str, Any]) -> tuple[int, dict[str, str]]:
    done = await run(environment(url, **urls, BENEFITS=json.dumps(benefits)), "check", "--json")
    said = json.loads(done.out)
    return done.status, {name.removeprefix("benefit "): told for name, told in said.items() if "benefit" in name}


async def test_check_says_of_each_entry_whether_what_it_names_is_there(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with sandboxes() as (_, shopify, urls):
        shopify.staff_create(STAFF_CODE)
        shopify.staff_create(STAFF_CODE | {"code": "LAST-YEAR", "endsAt": "2026-01-02T00:00:00Z"})
        assert await checked(url, urls, GOOD) == (0, dict.fromkeys(GOOD, "ok"))
        assert await checked(url, urls, GOOD | BAD) == (1, dict.fromkeys(GOOD, "ok") | WRONG)


async def test_check_names_the_scope_that_products_take(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with sandboxes() as (_, shopify, urls):
        shopify.staff_create(STAFF_CODE)
        shopify.grants.scopes = tuple(s for s in shopify.config.scopes if s != "read_products")
        status, said = await checked(url, urls, GOOD)
    assert status == 1
    assert said == dict.fromkeys(("gift", "tagged"), "missing scopes: read_products") | {"staff": "ok", "coffee": "ok"}


async def test_check_says_of_an_entry_that_a_side_could_not_be_asked(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with sandboxes() as (_, _, urls):
        status, said = await checked(url, dict(urls) | {"OMNEO_TOKEN": "a-wrong-token"}, {"gift": GOOD["gift"]})
    assert (status, said) == (1, {"gift": "omneo omneo_token_refused"})


async def told(world: World, entries: int) -> dict[str, str]:
    """Wait until so many entries were told of."""

    def lines() -> dict[str, str]:
        found = [e for e in world.events() if e["event"] == "benefits.mapping"]
        assert all((e["level"], e["shop"]) == ("warning", seed.SHOP_DOMAIN) for e in found)
        return {e["entry"]: e["reason"] for e in found}

    async def there() -> bool:
        return len(lines()) >= entries

    await world.eventually(there)
    return lines()


async def unusable(world: World) -> float:
    gauge = f'proxy_benefits_unusable{{shop="{seed.SHOP_DOMAIN}"}}'
    exposed = (await world.http.get("/metrics")).text
    return float(next((line.split()[1] for line in exposed.splitlines() if line.startswith(gauge)), "nan"))


async def test_a_start_tells_which_entries_name_what_is_not_there(databases: Databases, tmp_path: Path) -> None:
    entries = {"gift": GOOD["gift"], "nowhere": BAD["nowhere"], "gone": BAD["gone"]}
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), benefits=entries) as world:
        assert await told(world, 2) == {name: WRONG[name] for name in ("nowhere", "gone")}

        async def counted() -> bool:
            return await unusable(world) == 2

        await world.eventually(counted)


async def test_a_mapping_that_is_all_right_is_told_by_the_metric_alone(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), benefits={"gift": GOOD["gift"]}) as world:

        async def counted() -> bool:
            return await unusable(world) == 0

        await world.eventually(counted)
        assert await told(world, 0) == {}


async def test_a_start_waits_for_no_side_that_is_down(databases: Databases, tmp_path: Path) -> None:
    url, nowhere = databases.sqlite(tmp_path / "proxy.db"), "http://127.0.0.1:9/api/v3"
    async with open_world(url, benefits={"gift": GOOD["gift"]}, omneo_base_url=nowhere) as world:
        assert (await world.http.get("/readyz")).status_code == 200
        assert (await told(world, 1))["gift"].startswith("omneo ")


async def test_a_shop_without_a_mapping_asks_nobody(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        assert (await world.http.get("/readyz")).status_code == 200
        assert not world.omneo.calls
        assert not world.shopify.calls
