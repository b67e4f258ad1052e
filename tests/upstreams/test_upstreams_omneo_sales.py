"""Sales that stand in Omneo, against answers that no sandbox gives."""

import pytest
from byte_server import ByteServer, answer
from upstreams_rig import Wired

from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import OmneoRedemptionId, TransactionId
from proxy.domain.outcome import Answered, Unknown

pytestmark = pytest.mark.anyio


async def test_a_standing_sale_is_read_in_every_form_that_its_ids_come_in(server: ByteServer, wired: Wired) -> None:
    sale = {"id": "7", "total": "91.50", "order_number": 1001, "transacted_at": "2026-11-21 01:00:00", "is_void": ""}
    meta = {"shopify_shop": "one.myshopify.com", "shopify_order": "6024113000001"}
    server.script = [
        answer({"data": {**sale, "profile_id": "p-1", "redemption": {"id": "12"}, "meta": []}}),
        answer({"data": {**sale, "profile_id": None, "redemption": None, "redemption_id": 12, "meta": meta}}),
    ]
    client = await wired.omneo(server.url)
    plain, ours = [await client.sale_at("a/1") for _ in range(2)]
    assert plain is not None
    assert ours is not None
    assert (plain.id, plain.order_number, plain.profile, plain.redemption, plain.order) == (7, "1001", "p-1", 12, None)
    assert (ours.redemption, ours.profile, ours.order) == (12, None, ("one.myshopify.com", "6024113000001"))
    assert server.requests[0].target == "/transactions/external/a%2F1"


async def test_sales_are_asked_for_by_one_value_plainly_and_by_several_as_a_list(
    server: ByteServer, wired: Wired
) -> None:
    server.script = [answer({"data": [{"id": 1}, {"id": 2}]}), answer({"data": None}), answer({}, 404), answer({}, 422)]
    client = await wired.omneo(server.url)
    assert [sale.id for sale in await client.sales_where("receipt_ref", ["#1001"])] == [1, 2]
    assert server.requests[0].target.startswith("/transactions?filter%5Breceipt_ref%5D=%231001&page")
    assert await client.sales_where("external_id", ["a", "b"]) == ()
    assert "filter%5Bexternal_id%5D%5Bin%5D=a%2Cb" in server.requests[1].target
    for _ in ("no such list", "no such filter"):
        assert await client.sales_where("order_number", ["1"]) == ()


async def test_a_look_for_a_sale_that_failed_is_not_taken_for_absence(server: ByteServer, wired: Wired) -> None:
    client = await wired.omneo(server.url)
    for status in (401, 403, 503):
        server.script = [answer({}, status)] * 4
        with pytest.raises(UpstreamUnavailable):
            await client.sale_at("a")
        server.script = [answer({}, status)] * 4
        with pytest.raises(UpstreamUnavailable):
            await client.sales_where("receipt_ref", ["a"])


async def test_attaching_sends_the_redemption_alone_and_an_empty_answer_is_unknown(
    server: ByteServer, wired: Wired
) -> None:
    server.script = [answer({"data": {"id": 7, "redemption": {"id": 12}}}), answer(None, 204)]
    client = await wired.omneo(server.url)
    attached = await client.attach_redemption(TransactionId(7), OmneoRedemptionId(12))
    assert isinstance(attached, Answered)
    assert attached.value.redemption == 12
    assert (server.requests[0].method, server.requests[0].target) == ("PUT", "/transactions/7")
    assert server.requests[0].json == {"redemption_id": 12}
    assert isinstance(await client.attach_redemption(TransactionId(7), OmneoRedemptionId(12)), Unknown)
