"""`proxy privacy`, run as a merchant's engineer runs it."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.services.test_privacy import happens, rests, sold
from tests.test_commands import environment, run
from tests.world.world import ADA, BENEDIKT, World

pytestmark = pytest.mark.anyio


async def asked(world: World, topic: str = "customers/data_request", customer: int = ADA) -> None:
    world.shopify.compliance(topic, customer)
    await world.shopify.deliveries.idle(10)


async def listed(world: World, *options: str) -> list[dict[str, Any]]:
    result = await run(environment(world.settings.database_url), "privacy", "list", "--json", *options)
    assert (result.status, result.err) == (0, "")
    return list(json.loads(result.out))


async def test_a_data_request_is_listed_until_somebody_says_that_it_was_answered(world: World) -> None:
    await asked(world)
    (request,) = await listed(world, "--open")
    assert (request["kind"], request["customer"], request["done"]) == ("customers/data_request", str(ADA), None)
    env = environment(world.settings.database_url)
    number = str(request["request"])
    assert (await run(env, "privacy", "export", "--request", number)).status == 0
    assert len(await listed(world, "--open")) == 1  # to have read it is not to have answered it
    assert (await run(env, "privacy", "done", number)).status == 0
    assert (await run(env, "privacy", "done", number)).status == 1
    assert await listed(world, "--open") == []
    (done,) = await listed(world)
    assert done["done_by"].startswith("operator:")
    assert number in (await run(env, "privacy", "list")).out


async def test_an_export_tells_everything_of_a_customer_and_nothing_of_anybody_else(
    world: World, tmp_path: Path
) -> None:
    mine, order = await sold(world)
    world.shopify.refund(order.id, [(order.lines[1].id, 1)])
    await world.noted(mine["id"], "given_back")
    theirs, other = await sold(world, BENEDIKT, "4.00")
    file = tmp_path / "ada.json"
    shop = world.shopify.config.shop
    command = ("privacy", "export", "--shop", shop, "--customer", str(ADA), "--output", str(file))
    result = await run(environment(world.settings.database_url), *command)
    assert (result.status, result.err) == (0, "")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    (redemption,) = kept["redemptions"]
    assert (kept["customer"], kept["profiles"]) == (str(ADA), [world.omneo_profile()])
    assert (redemption["id"], redemption["cart"], redemption["order_id"]) == (mine["id"], "ada-s-cart", str(order.id))
    assert [move["note"] for move in redemption["journal"]][:2] == ["hold", "issue"]
    assert {move["actor"] for move in redemption["journal"]} == {"customer", "service"}
    assert redemption["captures"][0]["captured_minor"] == 1250
    assert redemption["give_backs"][0]["minor"] > 0
    assert redemption["transactions"][0]["order_id"] == str(order.id)
    assert len(kept["idempotency_keys"]) == 1
    assert not any(
        text in file.read_text() for text in (str(BENEDIKT), world.omneo_profile(BENEDIKT), theirs["id"], str(other.id))
    )


async def test_of_whom_nothing_is_kept_that_is_what_is_told(world: World) -> None:
    shop = world.shopify.config.shop
    result = await run(
        environment(world.settings.database_url), "privacy", "export", "--shop", shop, "--customer", "999"
    )
    kept = json.loads(result.out)
    assert (kept["redemptions"], kept["profiles"], kept["idempotency_keys"]) == ([], [], [])


async def test_after_a_redaction_the_request_stays_and_names_nobody(world: World) -> None:
    await sold(world)
    await rests(world)
    await asked(world, "customers/redact")
    await happens(world, "privacy.redacted")
    (request,) = await listed(world)
    assert (request["customer"], request["done_by"]) == (None, "service")
    result = await run(
        environment(world.settings.database_url), "privacy", "export", "--request", str(request["request"])
    )
    assert result.status == 1
    assert "Nothing is kept" in result.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--shop", "a.myshopify.com"],
        ["--customer", "1"],
        ["--request", "1", "--customer", "1", "--shop", "a.myshopify.com"],
    ],
)
async def test_an_export_of_nobody_in_particular_is_refused(database_url: str, arguments: list[str]) -> None:
    assert (await run(environment(database_url), "privacy", "export", *arguments)).status == 2


async def test_an_export_of_a_request_that_is_not_there_says_so(database_url: str) -> None:
    result = await run(environment(database_url), "privacy", "export", "--request", "7")
    assert result.status == 1
    assert result.err.strip() == "There is no request 7."
