"""Omneo's own Shopify app, played: late, once for each order, in the form that it is told to use."""

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from proxy.sandbox import seed
from tests.sandbox.conftest import Omneo

pytestmark = pytest.mark.anyio

ORDER: dict[str, Any] = {
    "id": 6024113000009,
    "name": "#1009",
    "order_number": 1009,
    "total_price": "91.50",
    "processed_at": "2026-11-21T12:00:00+11:00",
    "customer": {"id": 1001},
    "line_items": [{"id": 1, "name": "Linen shirt", "quantity": 1, "price": "79.00", "sku": "LINEN-SHIRT"}],
}


def written(omneo: Omneo) -> list[Any]:
    rows = omneo.sandbox.state.transactions.values()
    return [t for t in rows if not str(t.external_id).startswith("earlier-")]


async def tell(omneo: Omneo, order: Any = ORDER, **changes: Any) -> Any:
    body = {"order": order, **changes} if changes else order
    return await omneo.call("POST", "/_sandbox/app/orders", body)


async def test_an_order_is_written_on_demand_with_number_receipt_and_profile(omneo: Omneo) -> None:
    told = await tell(omneo, delay_s=None)
    assert told.json() == {"pending": [ORDER["id"]], "written": []}
    assert written(omneo) == []
    assert (await omneo.call("POST", "/_sandbox/app/write")).json() == {"pending": [], "written": [ORDER["id"]]}
    (sale,) = written(omneo)
    assert (sale.external_id, sale.profile_id, sale.total) == (str(ORDER["id"]), omneo.ada, Decimal("91.50"))
    assert (sale.fields["order_number"], sale.fields["receipt_ref"]) == ("1009", "#1009")
    assert sale.transacted_at == datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert [item["name"] for item in sale.items] == ["Linen shirt"]
    assert sale.redemption_id is None


async def test_forms_are_as_told_and_an_empty_one_leaves_its_field_out(omneo: Omneo) -> None:
    await tell(omneo, delay_s=None, external_id="shop-{order_gid}", order_number="", receipt_ref="{order_number}")
    await omneo.call("POST", "/_sandbox/app/write")
    (sale,) = written(omneo)
    assert sale.external_id == f"shop-gid://shopify/Order/{ORDER['id']}"
    assert (sale.fields["order_number"], sale.fields["receipt_ref"]) == (None, "1009")


async def test_an_order_is_written_once_however_often_it_is_told(omneo: Omneo) -> None:
    for _ in range(2):
        await tell(omneo, delay_s=None)
        await tell(omneo, delay_s=None)
        await omneo.call("POST", "/_sandbox/app/write")
    assert len(written(omneo)) == 1


async def test_a_delay_is_by_the_sandboxs_clock(served_omneo: Omneo) -> None:
    assert (await tell(served_omneo, delay_s=3600)).status_code == 200
    assert written(served_omneo) == []
    await served_omneo.call("POST", "/_sandbox/clock", {"advance_s": 3601})
    deadline = time.monotonic() + 5
    while not written(served_omneo) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert len(written(served_omneo)) == 1


async def test_its_webhooks_go_to_every_namespace_but_its_own(omneo: Omneo) -> None:
    omneo.sandbox.deliveries.hold = True
    for namespace in ("proxy", f"shopify-{seed.OMNEO_TENANT}"):
        hook = {"trigger": "transaction.created", "url": f"http://127.0.0.1:9/{namespace}", "namespace": namespace}
        assert (await omneo.call("POST", "/webhooks", hook)).is_success
    await tell(omneo, delay_s=None)
    await omneo.call("POST", "/_sandbox/app/write")
    assert omneo.sandbox.deliveries.held == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"order": None},
        {**ORDER, "name": ""},
        {**ORDER, "processed_at": "yesterday"},
        {**ORDER, "total_price": "much"},
        {"order": ORDER, "colour": "blue"},
        {"order": ORDER, "external_id": "{nothing}"},
    ],
)
async def test_what_is_no_order_is_refused_at_once(omneo: Omneo, body: Any) -> None:
    assert (await omneo.call("POST", "/_sandbox/app/orders", body)).status_code == 422
    assert (await omneo.call("GET", "/_sandbox/app/orders")).json() == {"pending": [], "written": []}


async def test_a_reset_forgets_what_was_told(omneo: Omneo) -> None:
    await tell(omneo, delay_s=None)
    await omneo.call("POST", "/_sandbox/reset")
    await omneo.call("POST", "/_sandbox/app/write")
    assert written(omneo) == []
