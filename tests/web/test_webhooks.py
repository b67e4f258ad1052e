"""Shopify's webhooks: proven, stored once, answered; what they say is a hint only."""

import asyncio
import base64
import hashlib
import hmac
import json
import sqlite3
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from tests.web.questions import assert_problem, said, spoil
from tests.world.databases import Databases
from tests.world.world import World, open_world

pytestmark = pytest.mark.anyio

ORDER = {"id": 6024113999999, "admin_graphql_api_id": "gid://shopify/Order/6024113999999", "test": False}
REFUND = {"id": 77, "admin_graphql_api_id": "gid://shopify/Refund/77", "order_id": 6024113999999}
EDIT = {"order_edit": {"id": 5, "order_id": 6024113999999}}
MERGE = {
    "admin_graphql_api_customer_kept_id": "gid://shopify/Customer/1001",
    "admin_graphql_api_customer_deleted_id": "gid://shopify/Customer/1002",
}
CUSTOMER = {"id": 1001, "admin_graphql_api_id": "gid://shopify/Customer/1001"}
SHOP = {"id": 880042, "domain": seed.SHOP_DOMAIN, "myshopify_domain": seed.SHOP_DOMAIN}
REQUEST = {"shop_id": 880042, "shop_domain": seed.SHOP_DOMAIN, "customer": {"id": 1001}, "orders_requested": []}
REDACT = {"shop_id": 880042, "shop_domain": seed.SHOP_DOMAIN, "customer": {"id": 1001}, "orders_to_redact": []}


def signature(body: bytes, secret: str = seed.CLIENT_SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


async def send(world: World, group: str, topic: str, body: object, **changes: str | None) -> httpx.Response:
    """Deliver as Shopify does; `changes` replaces headers, None leaves one out."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers: dict[str, str | None] = {
        "X-Shopify-Topic": topic,
        "X-Shopify-Hmac-Sha256": signature(content),
        "X-Shopify-Shop-Domain": seed.SHOP_DOMAIN,
        "X-Shopify-Webhook-Id": str(uuid4()),
        "X-Shopify-Event-Id": "one-event",
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    sent = {name: value for name, value in headers.items() if value is not None}
    return await world.http.post(f"/webhooks/shopify/{group}", headers=sent, content=content)


def stored(world: World) -> list[tuple[str, str]]:
    with sqlite3.connect(world.settings.database_url.removeprefix("sqlite:///")) as connection:
        rows = connection.execute("SELECT topic, webhook_id FROM events").fetchall()
    connection.close()
    return [(str(topic), str(webhook)) for topic, webhook in rows]


GENUINE = [
    ("orders", "orders/create", ORDER),
    ("orders", "orders/paid", ORDER),
    ("orders", "orders/updated", ORDER),
    ("orders", "orders/cancelled", ORDER),
    ("orders", "orders/edited", EDIT),
    ("refunds", "refunds/create", REFUND),
    ("customers", "customers/create", CUSTOMER),
    ("customers", "customers/update", CUSTOMER),
    ("customers", "customers/delete", {"id": 1001}),
    ("customers", "customers/merge", MERGE),
    ("app", "app/uninstalled", SHOP),
    ("app", "app/scopes_update", {"id": 880042, "previous": [], "current": []}),
    ("compliance", "customers/data_request", REQUEST),
    ("compliance", "customers/redact", REDACT),
    ("compliance", "shop/redact", {"shop_id": 880042, "shop_domain": seed.SHOP_DOMAIN}),
]


async def test_a_genuine_webhook_of_every_topic_is_stored_and_answered(sqlite_world: World) -> None:
    for group, topic, body in GENUINE:
        answer = await send(sqlite_world, group, topic, body)
        assert answer.status_code == 200, (topic, answer.text)
        assert said(sqlite_world, answer, "event.received")["topic"] == topic
    assert sorted(t for t, _ in stored(sqlite_world)) == sorted(topic for _, topic, _ in GENUINE)


async def test_a_duplicate_is_answered_200_and_changes_nothing(sqlite_world: World) -> None:
    first = await send(sqlite_world, "orders", "orders/create", ORDER, X_Shopify_Webhook_Id="w-1")
    again = await send(sqlite_world, "orders", "orders/create", ORDER, X_Shopify_Webhook_Id="w-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert said(sqlite_world, again, "event.duplicate")["webhook"] == "w-1"
    assert stored(sqlite_world) == [("orders/create", "w-1")]


async def test_duplicates_at_the_same_time_are_stored_once(sqlite_world: World) -> None:
    sent = [send(sqlite_world, "orders", "orders/create", ORDER, X_Shopify_Webhook_Id="w-1") for _ in range(20)]
    assert {a.status_code for a in await asyncio.gather(*sent)} == {200}
    assert stored(sqlite_world) == [("orders/create", "w-1")]


async def test_without_a_usable_id_the_body_tells_duplicates(sqlite_world: World) -> None:
    hashes = set()
    for number, webhook_id in enumerate((None, "", "w" * 129, "w 1", "w;1")):
        first, other = ORDER | {"updated_at": number}, ORDER | {"updated_at": -number - 1}
        hashes |= {hashlib.sha256(json.dumps(body).encode()).hexdigest() for body in (first, other)}
        for body in (first, first, other):
            answer = await send(sqlite_world, "orders", "orders/updated", body, X_Shopify_Webhook_Id=webhook_id)
            assert answer.status_code == 200
    found = [webhook for _, webhook in stored(sqlite_world)]
    assert (set(found), len(found)) == (hashes, len(hashes))


async def test_one_event_id_over_several_webhooks_cancels_none_of_them(sqlite_world: World) -> None:
    for topic in ("orders/create", "orders/paid", "orders/updated"):
        answer = await send(sqlite_world, "orders", topic, ORDER, X_Shopify_Event_Id="the-same")
        assert said(sqlite_world, answer, "event.received")
    assert len(stored(sqlite_world)) == 3


async def test_one_webhook_id_under_two_topics_is_two_events(sqlite_world: World) -> None:
    for topic in ("orders/create", "orders/paid"):
        await send(sqlite_world, "orders", topic, ORDER, X_Shopify_Webhook_Id="w-1")
    assert len(stored(sqlite_world)) == 2


@pytest.mark.parametrize(
    "wrong",
    [None, "", "AAAA", "é" * 44, signature(b"another body"), signature(b"", "another-secret"), "A" * 43 + "="],
)
@pytest.mark.parametrize("group", ["orders", "refunds", "customers", "app", "compliance"])
async def test_what_shopify_did_not_sign_is_a_401_and_not_stored(
    shared_world: World, group: str, wrong: str | None
) -> None:
    topic = next(t for g, t, _ in GENUINE if g == group)
    content = json.dumps(ORDER).encode()
    headers = [(b"x-shopify-topic", topic.encode()), (b"x-shopify-shop-domain", seed.SHOP_DOMAIN.encode())]
    if wrong is not None:
        headers.append((b"x-shopify-hmac-sha256", wrong.encode("latin-1")))
    answer = await shared_world.http.post(f"/webhooks/shopify/{group}", headers=headers, content=content)
    assert_problem(answer, 401, "unauthenticated")
    assert said(shared_world, answer, "caller.refused")["reason"].startswith("webhook_signature")
    assert stored(shared_world) == []


@pytest.mark.parametrize("domain", [None, "", "other-shop.myshopify.com", "é", seed.SHOP_DOMAIN + ".evil.example"])
async def test_a_webhook_of_another_shop_is_a_401(shared_world: World, domain: str | None) -> None:
    content = json.dumps(ORDER).encode()
    headers = [(b"x-shopify-topic", b"orders/create"), (b"x-shopify-hmac-sha256", signature(content).encode())]
    if domain is not None:
        headers.append((b"x-shopify-shop-domain", domain.encode("latin-1")))
    answer = await shared_world.http.post("/webhooks/shopify/orders", headers=headers, content=content)
    assert_problem(answer, 401, "unauthenticated")


async def test_a_changed_byte_is_noticed(shared_world: World) -> None:
    content = json.dumps(ORDER).encode()
    answer = await send(
        shared_world, "orders", "orders/create", content + b" ", X_Shopify_Hmac_Sha256=signature(content)
    )
    assert_problem(answer, 401, "unauthenticated")


@pytest.mark.parametrize("group", ["Orders", "order", "products", "omneo", "%2e%2e"])
async def test_an_unknown_group_is_a_404(shared_world: World, group: str) -> None:
    assert_problem(await send(shared_world, group, "orders/create", ORDER), 404, "not_found")


FOREIGN = [
    ("orders", "products/update"),
    ("orders", "refunds/create"),
    ("orders", ""),
    ("orders", "ORDERS/CREATE"),
    ("compliance", "orders/create"),
    ("app", "customers/redact"),
    ("customers", "customers/redact"),
]


async def test_a_topic_that_this_url_does_not_take_is_answered_ignored_and_counted(sqlite_world: World) -> None:
    for group, topic in FOREIGN:
        answer = await send(sqlite_world, group, topic, ORDER)
        assert answer.status_code == 200
        assert said(sqlite_world, answer, "event.ignored")["why"] == "topic"
    assert stored(sqlite_world) == []
    metrics = (await sqlite_world.http.get("/metrics")).text
    assert f'proxy_happenings_total{{happening="event.ignored"}} {len(FOREIGN)}.0' in metrics


@pytest.mark.parametrize(
    ("group", "topic", "body"),
    [
        ("orders", "orders/create", REFUND),
        ("orders", "orders/create", CUSTOMER),
        ("orders", "orders/create", {}),
        ("orders", "orders/create", {"admin_graphql_api_id": "gid://shopify/Order/1"}),
        ("orders", "orders/create", ORDER | {"id": "x"}),
        ("orders", "orders/create", ORDER | {"id": 1.5}),
        ("orders", "orders/create", ORDER | {"id": -1}),
        ("orders", "orders/edited", {"order_edit": {}}),
        ("orders", "orders/create", []),
        ("orders", "orders/create", "order"),
        ("orders", "orders/create", b""),
        ("orders", "orders/create", b"{"),
        ("orders", "orders/create", b"\xff"),
        ("orders", "orders/create", b'{"id":' + b"9" * 5000 + b"}"),
        ("orders", "orders/create", b"[" * 100_000),
        ("refunds", "refunds/create", ORDER),
        ("refunds", "refunds/create", CUSTOMER),
        ("customers", "customers/merge", ORDER),
        ("customers", "customers/delete", ORDER),
        ("customers", "customers/update", ORDER),
        ("app", "app/uninstalled", ORDER),
        ("app", "app/uninstalled", CUSTOMER),
        ("app", "app/scopes_update", ORDER),
        ("compliance", "shop/redact", ORDER),
        ("compliance", "customers/redact", CUSTOMER),
    ],
)
async def test_a_genuine_body_of_another_kind_is_refused(
    shared_world: World, group: str, topic: str, body: object
) -> None:
    """The topic is not signed: whoever has one genuine body could send it under every topic."""
    assert_problem(await send(shared_world, group, topic, body), 400, "invalid_request")
    assert stored(shared_world) == []


async def test_while_secrets_rotate_both_are_accepted_and_no_third(databases: Databases, tmp_path: Path) -> None:
    old = "the-secret-before-the-rotation"
    async with open_world(databases.sqlite(tmp_path / "proxy.db"), shopify_client_secret_old=old) as world:
        body = json.dumps(ORDER).encode()
        for secret, status in ((seed.CLIENT_SECRET, 200), (old, 200), ("the-secret-before-that", 401)):
            answer = await send(world, "orders", "orders/paid", body, X_Shopify_Hmac_Sha256=signature(body, secret))
            assert answer.status_code == status


async def test_a_webhook_that_could_not_be_stored_is_not_acknowledged(sqlite_world: World) -> None:
    spoil(sqlite_world, "ALTER TABLE events RENAME TO gone")
    answer = await send(sqlite_world, "orders", "orders/create", ORDER)
    assert answer.status_code >= 500
    spoil(sqlite_world, "ALTER TABLE gone RENAME TO events")
    assert (await send(sqlite_world, "orders", "orders/create", ORDER)).status_code == 200


async def test_webhooks_of_an_order_arriving_twice_late_and_reversed_capture_once(sqlite_world: World) -> None:
    deliveries = sqlite_world.shopify.deliveries
    deliveries.duplicate = deliveries.hold = True
    redemption = await sqlite_world.redeemed("5.00")
    sqlite_world.buy(redemption["code"])
    deliveries.release(reverse=True)
    await sqlite_world.reaches(redemption["id"], "recorded")
    await deliveries.idle()
    assert {a.status for a in deliveries.log} == {200}
    assert len(sqlite_world.omneo_redemptions()) == 1
    assert len({w for _, w in stored(sqlite_world)}) == 3


async def test_a_webhook_about_an_order_that_shopify_does_not_know_moves_nothing(sqlite_world: World) -> None:
    redemption = await sqlite_world.redeemed("5.00")
    lie: dict[str, Any] = ORDER | {"discount_codes": [{"code": redemption["code"], "amount": "5.00"}]}
    await send(sqlite_world, "orders", "orders/paid", lie)

    async def looked_up() -> bool:
        return any(e["event"] == "order.unreadable" for e in sqlite_world.events())

    await sqlite_world.eventually(looked_up)
    assert (await sqlite_world.redemption(redemption["id"]))["state"] == "issued"
    assert sqlite_world.omneo_redemptions() == []
