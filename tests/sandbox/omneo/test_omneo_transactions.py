"""Transactions: the upsert, its rules, and the link to a redemption."""

import pytest

pytestmark = pytest.mark.anyio

ITEM = {"name": "Linen shirt", "quantity": 1, "price_current": 79, "price_sell": 66.5, "sku": "LINEN-SHIRT"}


def sale(**more):
    return {
        "external_id": "order-1",
        "total": 66.5,
        "transacted_at": "2026-01-02 10:00:00",
        "timezone": "Australia/Melbourne",
        "systems": ["web"],
        "tags": ["first"],
        "items": [ITEM],
    } | more


async def upsert(omneo, **more):
    return await omneo.call("POST", "/transactions/update-create", sale(**more))


async def test_update_create_matches_the_external_id_then_the_id(omneo):
    created = (await upsert(omneo)).json()["data"]
    assert created["transacted_at"] == "2026-01-01 23:00:00"
    assert created["total"] == 66.5
    by_external = (await upsert(omneo, total=60, items=None)).json()["data"]
    assert by_external["id"] == created["id"]
    assert len(by_external["items"]) == 1
    other = await omneo.call("POST", "/transactions/update-create", {"id": created["id"], "total": 50})
    assert other.json()["data"]["total"] == 50
    assert len(await omneo.get("/transactions", **{"filter[external_id]": "order-1"})) == 1


async def test_an_answer_can_be_sent_back(omneo):
    read = (await upsert(omneo, redemption_id=None)).json()["data"]
    changed = read | {"total": 200, "tags": [*read["tags"], "updated"]}
    again = (await omneo.call("POST", "/transactions/update-create", changed)).json()["data"]
    assert again["tags"] == ["first", "updated"]
    assert again["total"] == 200
    assert len(again["items"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"is_void": None},
        {"receipt_is_email": None},
        {"total": None},
        {"transacted_at": "yesterday-ish"},
        {"timezone": "Mars/Olympus"},
        {"redemption_id": 4711},
        {"location_id": "nowhere"},
        {"profile_id": "nobody"},
        {"profile_id": "1003", "profile_id_handle": "shopify"},
        {"items": [{"name": "x"}]},
        {"items": ["x"]},
    ],
)
async def test_a_bad_transaction_is_refused_whole(omneo, change):
    answer = await upsert(omneo, **change)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert (await omneo.call("GET", "/transactions/external/order-1")).status_code == 404


@pytest.mark.parametrize(("handle", "value"), [(None, None), ("email", "ADA@example.com"), ("shopify", "1001")])
async def test_the_profile_is_found_by_its_handle(omneo, handle, value):
    body = {"profile_id": value or omneo.ada, "profile_id_handle": handle}
    assert (await upsert(omneo, **body)).json()["data"]["profile_id"] == omneo.ada


async def test_a_location_is_found_by_id_then_external_id(omneo):
    assert (await upsert(omneo, location_id=1)).json()["data"]["location"]["id"] == 1
    assert (await upsert(omneo, location_id="8801")).json()["data"]["location"]["id"] == 1


async def test_a_redemption_belongs_to_one_transaction(omneo):
    redemption = (await omneo.redeem(omneo.ada, amount=12.5)).json()["data"]["id"]
    linked = (await upsert(omneo, redemption_id=redemption)).json()["data"]
    assert linked["redemption"]["total"] == 12.5
    read = await omneo.get(f"/redemptions/{redemption}")
    assert read["transaction_id"] == linked["id"]
    assert read["transaction"]["external_id"] == "order-1"
    assert (await upsert(omneo, redemption_id=redemption)).is_success
    assert (await upsert(omneo, external_id="order-2", redemption_id=redemption)).status_code == 422


async def test_a_put_attaches_a_redemption_and_voids_without_touching_it(omneo):
    redemption = (await omneo.redeem(omneo.ada, amount=12.5)).json()["data"]["id"]
    made = (await omneo.call("POST", "/transactions", sale())).json()["data"]
    path = f"/transactions/{made['id']}"
    put = await omneo.call("PUT", path, {"redemption_id": redemption})
    assert put.json()["data"]["redemption"]["id"] == redemption
    void = (await omneo.call("PUT", path, {"is_void": True})).json()["data"]
    assert void["is_void"] is True
    assert void["redemption"]["id"] == redemption
    assert await omneo.remaining(omneo.ada) == [0, 12.5]


async def test_a_plain_create_needs_its_header(omneo):
    answer = await omneo.call("POST", "/transactions", {"external_id": "x"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"total", "transacted_at", "timezone", "items"}


async def test_a_deleted_transaction_is_gone(omneo):
    made = (await upsert(omneo)).json()["data"]["id"]
    deleted = await omneo.call("DELETE", f"/transactions/{made}")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await omneo.call("GET", f"/transactions/{made}")).status_code == 404


async def test_history_is_the_profiles_own_and_newest_first(omneo):
    history = await omneo.get(f"/profiles/{omneo.ada}/transactions")
    assert [t["external_id"] for t in history] == ["earlier-3", "earlier-2", "earlier-1"]
    assert history[0]["items"][0]["name"] == "Canvas tote"
    assert await omneo.get(f"/profiles/{omneo.dev}/transactions") == []


async def test_a_return_sale_has_negative_items(omneo):
    body = {"external_id": "refund-1", "total": -66.5, "items": [ITEM | {"quantity": -1}]}
    made = (await upsert(omneo, **body)).json()["data"]
    assert made["total"] == -66.5
    assert made["items"][0]["is_return"] is True


async def test_existing_items_can_be_replaced(omneo):
    await upsert(omneo)
    two = (await upsert(omneo, items=[ITEM | {"name": "Wool socks"}])).json()["data"]["items"]
    assert [i["name"] for i in two] == ["Linen shirt", "Wool socks"]
    one = (await upsert(omneo, delete_existing_items=True)).json()["data"]["items"]
    assert len(one) == 1


async def test_the_ledger_tells_whose_each_entry_is_and_gives_one_of_the_profiles_own(omneo):
    entries = await omneo.get(f"/profiles/{omneo.ada}/ledgers")
    assert {entry["profile"]["id"] for entry in entries} == {omneo.ada}
    one = entries[0]
    assert await omneo.get(f"/profiles/{omneo.ada}/ledgers/{one['id']}") == one
    assert (await omneo.call("GET", f"/profiles/{omneo.benedikt}/ledgers/{one['id']}")).status_code == 404


async def test_requests_are_kept_as_they_were_sent(omneo):
    await omneo.http.get(f"/api/v3/profiles/{omneo.ada}/rewards?page%5Bsize%5D=1")
    assert list(omneo.sandbox.requests) == [f"GET /api/v3/profiles/{omneo.ada}/rewards?page%5Bsize%5D=1"]
    omneo.sandbox.reset()
    assert not omneo.sandbox.requests
