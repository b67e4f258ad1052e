"""Sales of all channels: in which order, what each redeemed, and what came back, was undone or was void."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from tests.web.questions import at
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

SOCKS = {"name": "Wool socks", "sku": "WOOL-SOCKS", "price_current": "12.50", "price_sell": "11.25"}


async def history(world: World, query: str = "", customer: int = ADA) -> list[dict[str, Any]]:
    """What the customer sees, which is what the till sees."""
    world.clock.advance(11)  # nobody told us: what is shown may be as old as that
    own = await world.http.get(f"/v1/history{query}", headers=at(world, customer))
    till = await world.http.get(f"/v1/pos/customers/{customer}/history{query}", headers=at(world, None, "pos"))
    assert own.status_code == 200, own.text
    assert till.json() == own.json()
    return list(own.json()["transactions"])


async def sold(world: World, total: str, *, days_ago: int = 0, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """Have another system of the retailer write a sale, as a till that is not Shopify's would."""
    when = world.clock.now() - timedelta(days=days_ago)
    body = {
        "profile_id": world.omneo_profile(),
        "total": total,
        "transacted_at": when.strftime("%Y-%m-%d %H:%M:%S"),
        "timezone": "UTC",
        "systems": ["pos"],
        "location_id": seed.LOCATION.external_id,
        "items": [SOCKS | {"quantity": quantity}],
        **more,
    }
    answer = await world.omneo_api("POST", "/transactions", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json()["data"])


async def spent(world: World, **body: Any) -> int:
    answer = await world.omneo_api("POST", f"/profiles/{world.omneo_profile()}/redeem", body)
    assert answer.is_success, answer.text
    return int(answer.json()["data"]["id"])


async def test_a_sale_says_where_how_much_of_what_and_at_which_price(sqlite_world: World) -> None:
    made = await sold(sqlite_world, "22.5", quantity="2", receipt_ref="R-7")
    sale = (await history(sqlite_world))[0]
    assert sale.pop("transacted_at").startswith(made["transacted_at"].replace(" ", "T"))
    assert sale == {
        "id": made["id"],
        "external_id": None,
        "receipt_ref": "R-7",
        "linked_receipt_ref": None,
        "location": seed.LOCATION.name,
        "channels": ["pos"],
        "total": "22.50",
        "currency": "AUD",
        "redemptions": [],
        "reversed": [],
        "void": False,
        "returned": False,
        "items": [
            {"name": "Wool socks", "sku": "WOOL-SOCKS", "quantity": "2", "price": "11.25", "returned": False},
        ],
    }


async def test_an_order_shows_what_was_redeemed_on_it_and_from_which_rewards(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("12.50")
    sqlite_world.buy(redemption["code"])
    await sqlite_world.reaches(redemption["id"], "recorded")
    sale = (await history(sqlite_world))[0]
    assert (sale["channels"], sale["returned"], sale["reversed"]) == (["web"], False, [])
    reward = {"type": "reward", "name": "Loyalty reward", "count": None}
    assert sale["redemptions"] == [
        {"amount": "12.50", "used": [reward | {"value": "10.00"}, reward | {"value": "2.50"}]}
    ]


async def test_points_and_benefits_that_a_sale_used_are_told_too(sqlite_world: World) -> None:
    benefits = [{"handle": "free-alterations", "quantity": 2}]
    redeemed = await spent(sqlite_world, amount="3.00", strategies=["benefits", "points"], benefits=benefits)
    await sold(sqlite_world, "19.50", redemption_id=redeemed)
    sale = (await history(sqlite_world))[0]
    (redemption,) = sale["redemptions"]
    assert redemption["amount"] == "3.00"
    assert sorted(redemption["used"], key=lambda used: used["type"]) == [
        {"type": "benefit", "name": "Free alterations", "value": None, "count": "2"},
        {"type": "point", "name": None, "value": "3.00", "count": "300"},
    ]


async def test_a_redemption_that_a_sale_only_names_is_shown_beside_the_one_that_it_carries(sqlite_world: World) -> None:
    """Money and uses are two redemptions, and a transaction carries one; both are noted when we write it."""
    money = await spent(sqlite_world, amount="4.00", strategies=["rewards"])
    uses = await spent(sqlite_world, strategies=["benefits"], benefits=[{"handle": "birthday-gift", "quantity": 1}])
    body = {"amount": 5, "strategies": ["rewards"]}
    others = await sqlite_world.omneo_api("POST", f"/profiles/{sqlite_world.omneo_profile(BENEDIKT)}/redeem", body)
    note = f"{money},{uses},{others.json()['data']['id']},999999,x,,0,-1,{'9' * 30}"
    await sold(sqlite_world, "18.50", redemption_id=money, meta={"omneo_redemptions": note})
    sale = (await history(sqlite_world))[0]
    assert [[used["name"] for used in spent["used"]] for spent in sale["redemptions"]] == [
        ["Loyalty reward"],
        ["Birthday gift"],
    ]
    assert [spent["amount"] for spent in sale["redemptions"]] == ["4.00", "0.00"]


async def test_a_history_that_names_no_other_redemptions_asks_for_none(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("12.50")
    sqlite_world.buy(redemption["code"])
    await sqlite_world.reaches(redemption["id"], "recorded")
    sqlite_world.omneo.calls.clear()
    assert (await history(sqlite_world))[0]["redemptions"]
    assert not [call for call in sqlite_world.omneo.calls if "redemptions" in call]


async def test_a_redemption_that_was_reversed_says_so(sqlite_world: World) -> None:
    redeemed = await spent(sqlite_world, amount="4.00", strategies=["rewards"])
    await sold(sqlite_world, "18.50", redemption_id=redeemed)
    assert (await sqlite_world.omneo_api("POST", f"/redemptions/{redeemed}/reversal")).is_success
    sale = (await history(sqlite_world))[0]
    assert [spent["amount"] for spent in sale["redemptions"]] == ["4.00"]
    assert sale["reversed"] == sale["redemptions"]


async def test_returns_and_voids_are_marked(sqlite_world: World) -> None:
    await sold(sqlite_world, "25.00", days_ago=3, quantity="2", receipt_ref="R-1")
    await sold(sqlite_world, "-12.50", days_ago=2, quantity="-1", receipt_ref="R-2", linked_receipt_ref="R-1")
    await sold(sqlite_world, "0", days_ago=1, quantity="-1")  # what had been paid with value alone
    voided = await sold(sqlite_world, "12.50")
    assert (await sqlite_world.omneo_api("PUT", f"/transactions/{voided['id']}", {"is_void": True})).is_success
    shown = (await history(sqlite_world))[:4]
    assert [(sale["total"], sale["void"], sale["returned"]) for sale in shown] == [
        ("12.50", True, False),
        ("0.00", False, True),
        ("-12.50", False, True),
        ("25.00", False, False),
    ]
    assert shown[2]["linked_receipt_ref"] == "R-1"
    assert [sale["items"][0]["returned"] for sale in shown] == [False, True, True, False]


async def test_an_exchange_is_no_return_but_its_line_is_one(sqlite_world: World) -> None:
    lines = [SOCKS | {"quantity": "-1"}, SOCKS | {"name": "Linen shirt", "quantity": "1"}]
    await sold(sqlite_world, "0.00", items=lines)
    sale = (await history(sqlite_world))[0]
    assert sale["returned"] is False
    assert {line["name"]: line["returned"] for line in sale["items"]} == {"Wool socks": True, "Linen shirt": False}


async def test_the_newest_sale_comes_first_whenever_it_was_written(sqlite_world: World) -> None:
    await sold(sqlite_world, "1.00", days_ago=400)
    pages = [await history(sqlite_world, f"?page={page}&size=2") for page in (1, 2)]
    assert [sale["total"] for page in pages for sale in page] == ["35.00", "12.50", "79.00", "1.00"]


async def test_a_tenant_that_does_not_heed_the_order_has_each_page_in_order(
    databases: Databases, tmp_path: Path
) -> None:
    tenant = OmneoConfig(sort_supported=False)
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), tenant=tenant) as world:
        await sold(world, "1.00", days_ago=400)
        pages = [await history(world, f"?page={page}&size=2") for page in (1, 2)]
        assert [[sale["total"] for sale in page] for page in pages] == [["35.00", "1.00"], ["12.50", "79.00"]]


async def test_amounts_have_the_decimals_of_their_currency(sqlite_world: World) -> None:
    await sold(sqlite_world, "1200", currency="JPY", days_ago=2)
    await sold(sqlite_world, "7", currency="KWD", days_ago=1)
    exact = await sold(sqlite_world, "7.5")
    sqlite_world.omneo.state.transactions[exact["id"]].total = Decimal("7.505")
    assert [sale["total"] for sale in (await history(sqlite_world))[:3]] == ["7.505", "7.000", "1200"]


@pytest.mark.parametrize("kind", ["stringly", "omit"])
async def test_sales_in_any_form_are_shown(sqlite_world: World, kind: str) -> None:

    redeemed = await spent(sqlite_world, amount="4.00", strategies=["rewards"])
    await sold(sqlite_world, "18.50", redemption_id=redeemed)
    names = (
        "type_attributes",
        "reversed_redemptions",
        "location",
        "systems",
        "currency",
        "is_return",
        "linked_receipt_ref",
    )
    sqlite_world.omneo.faults.add(Fault("GET */transactions", kind, times=None, fields=names if kind == "omit" else ()))
    sale = (await history(sqlite_world))[0]
    (redemption,) = sale["redemptions"]
    assert (sale["total"], redemption["amount"], redemption["used"][0]["value"]) == ("18.50", "4.00", "4.00")
