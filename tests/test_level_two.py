"""Names, addresses, e-mail and phone pass by in what Shopify sends: none of it is stored or logged."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from proxy.sandbox.shopify.payload import order_payload
from proxy.sandbox.shopify.payload_customer import STREET
from tests.services.test_privacy import happens, rests
from tests.world.rows import every_value
from tests.world.world import ADA, BENEDIKT, CHLOE, World

pytestmark = pytest.mark.anyio


def level_two() -> dict[str, str]:
    """Everything that the sandbox's payloads say of its customers beyond their ids."""
    people = {c.first_name: (c.first_name, c.last_name, c.email, c.phone) for c in seed.CUSTOMERS}
    said = {f"{name}'s {value}": value for name, values in people.items() for value in values if value}
    return said | {name: str(STREET[name]) for name in ("address1", "city")}


def found(personal: dict[str, str], text: str) -> list[str]:
    """Name what stands there as a word of its own: three letters may well be a part of some id."""
    return [
        name
        for name, value in personal.items()
        if re.search(rf"(?<![0-9a-z]){re.escape(value)}(?![0-9a-z])", text, re.IGNORECASE)
    ]


def strings(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for each in value.values():
                yield from strings(each)
        case list():
            for each in value:
                yield from strings(each)
        case str():
            yield value


async def day(world: World) -> Any:
    """Redeem, buy, refund, sell at a till, change and merge customers, and ask about each of them."""
    shopify = world.shopify
    redemption = await world.redeemed("12.50")
    order = world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    shopify.refund(order.id, [(order.lines[1].id, 1)], note=f"for {seed.ADA.email}")
    await world.noted(redemption["id"], "given_back")
    assert (await world.redeem("9000.00", BENEDIKT)).status_code == 409
    token = shopify.id_token("pos", user_id=seed.STAFF_USER_ID)
    till = await world.http.get(f"/v1/pos/customers/{CHLOE}", headers={"Authorization": f"Bearer {token}"})
    assert till.status_code == 200, till.text
    for topic in ("customers/create", "customers/update"):
        shopify.webhooks.customer(shopify.state.customers[ADA], topic)
    shopify.compliance("customers/data_request", ADA)
    shopify.compliance("customers/redact", BENEDIKT)
    shopify.compliance("customers/redact", CHLOE)
    # What does not fit its topic is refused, and says as little.
    body = {"admin_graphql_api_id": "gid://shopify/Customer/1", **order_payload(shopify.state, order)["customer"]}
    shopify.webhooks.send("orders/create", body)

    async def refused() -> bool:
        return any(attempt.status == 400 for attempt in shopify.deliveries.log)

    await world.eventually(refused)
    shopify.deliveries.reset()  # it would be sent for hours
    shopify.merge_customers(kept_id=ADA, gone_id=seed.DEV.id)
    await rests(world)
    await happens(world, "privacy.redacted", 2)
    return order


async def test_a_day_leaves_nothing_of_level_two_in_the_database_or_the_log(world: World, database_url: str) -> None:
    order = await day(world)
    personal = level_two()
    sent = set(strings(json.loads(json.dumps(order_payload(world.shopify.state, order)))))
    assert {seed.ADA.email, seed.ADA.first_name, STREET["address1"]} <= sent  # it did pass by
    kept = [str(value) for value in every_value(database_url)]
    assert len(kept) > 100
    assert found(personal, "\n".join([*kept, world.log.getvalue()])) == []
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        raw = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*")).decode("latin-1")
        assert found({name: value for name, value in personal.items() if len(value) > 4}, raw) == []
