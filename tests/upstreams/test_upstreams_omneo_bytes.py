"""The Omneo client against answers that no sandbox gives, and the bytes that it sends itself."""

import asyncio
import logging
import time
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from byte_server import HOLD, ByteServer, answer
from upstreams_rig import Wired

from proxy.domain.allowance import Reading
from proxy.domain.capture import GiveBack, Redeem
from proxy.domain.errors import CurrencyMismatch, NotFound, UpstreamUnavailable
from proxy.domain.ids import CaptureId, OmneoRedemptionId, ProfileId
from proxy.domain.member import Identity, MemberCode
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.shop import Spendable
from proxy.upstreams.breaker import Breaker
from proxy.upstreams.http import Timeouts
from proxy.upstreams.omneo import OmneoOptions

pytestmark = pytest.mark.anyio

ME = ProfileId("p-1")
WISH = Redeem(ME, Money.parse("12.1", "AUD"), ("rewards",), "cap_1", "#1001", CaptureId("cap_1"))


def page(rows: list[Any], number: int, last: int) -> bytes:
    return answer({"data": rows, "meta": {"current_page": number, "last_page": last, "total": 3}})


async def test_an_amount_leaves_as_the_number_it_is(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {"id": "7", "total": 12.1}}, 201)]
    client = await wired.omneo(server.url)
    outcome = await client.redeem(WISH)
    assert isinstance(outcome, Answered)
    assert (outcome.value.id, outcome.value.total) == (7, Decimal("12.1"))
    sent = server.requests[0]
    assert b'"amount":12.10,' in sent.body
    assert b"null" not in sent.body
    assert (sent.method, sent.target) == ("POST", "/profiles/p-1/redeem")
    assert sent.headers["authorization"] == "Bearer sandbox-omneo-token"
    assert sent.json["strict"] is True
    assert "currency" not in sent.json


async def test_path_and_currency_of_a_redeem_are_settings(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {"id": 7, "total": "12.10"}})]
    options = OmneoOptions(redeem_path="/profiles/{profile}/redemptions", send_currency=True)
    client = await wired.omneo(server.url, options)
    assert isinstance(await client.redeem(WISH), Answered)
    assert server.requests[0].target == "/profiles/p-1/redemptions"
    assert server.requests[0].json["currency"] == "AUD"


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'{"data":null}', b'{"data":{"id":7}}', b'{"data":{"total":NaN}}', b""]
)
async def test_a_success_that_cannot_be_read_is_unknown(server: ByteServer, wired: Wired, body: bytes) -> None:
    server.script = [answer(body)]
    client = await wired.omneo(server.url)
    assert await client.redeem(WISH) == Unknown("unreadable")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Refused("status_400")),
        (403, Refused("forbidden")),
        (405, Refused("status_405")),
        (409, Refused("status_409")),
        (422, Refused("validation")),
        (302, Unknown("status_302")),
        (408, Unknown("status_408")),
        (500, Unknown("status_500")),
        (504, Unknown("status_504")),
    ],
)
async def test_each_status_of_a_write_has_its_outcome(
    server: ByteServer, wired: Wired, status: int, outcome: object
) -> None:
    server.script = [answer({"message": "No."}, status)]
    client = await wired.omneo(server.url)
    assert await client.redeem(WISH) == outcome
    assert len(server.requests) == 1


async def test_a_short_balance_is_told_from_other_refusals_by_its_words(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"message": "No.", "errors": {"amount": ["Insufficient balance."]}}, 422)]
    client = await wired.omneo(server.url)
    assert await client.redeem(WISH) == Refused("insufficient")


async def test_a_write_that_never_connected_is_refused(unused_url: str, wired: Wired) -> None:
    client = await wired.omneo(unused_url)
    assert await client.redeem(WISH) == Refused("not_connected", transient=True)
    assert len(wired.observed) == 3
    with pytest.raises(UpstreamUnavailable):
        await client.balance(ME)


async def test_slow_beyond_the_deadline_is_unknown_for_a_write_and_unavailable_for_a_read(
    server: ByteServer, wired: Wired
) -> None:
    server.script = [HOLD]
    client = await wired.omneo(server.url, timeouts=Timeouts(total_s=0.05))
    assert await client.redeem(WISH) == Unknown("deadline")
    with pytest.raises(UpstreamUnavailable) as slow:
        await client.balance(ME)
    assert slow.value.details["reason"] == "deadline"


async def test_an_empty_success_undoes(server: ByteServer, wired: Wired) -> None:
    server.script = [answer(None, 204)]
    client = await wired.omneo(server.url)
    reversed_ = await client.reverse(OmneoRedemptionId(7))
    assert isinstance(reversed_, Answered)
    assert (reversed_.value.id, reversed_.value.type) == (7, "reversal")
    returned = await client.give_back(GiveBack(OmneoRedemptionId(7), Money.parse("2.5", "AUD"), "label", "row"))
    assert isinstance(returned, Answered)
    assert returned.value.total == Decimal("2.50")
    assert (server.requests[0].target, server.requests[0].body) == ("/redemptions/7/reversal", b"")
    assert server.requests[1].body.startswith(b'{"amount":2.50,')


async def test_an_open_breaker_refuses_writes_and_makes_reads_unavailable(server: ByteServer, wired: Wired) -> None:
    server.script = [answer(None, 500)]
    client = await wired.omneo(server.url, breaker=Breaker(1, 1000.0, time.monotonic))
    assert await client.redeem(WISH) == Unknown("status_500")
    assert await client.redeem(WISH) == Refused("breaker_open", transient=True)
    with pytest.raises(UpstreamUnavailable) as held_back:
        await client.balance(ME)
    assert held_back.value.details["reason"] == "breaker_open"
    assert len(server.requests) == 1


async def test_a_route_that_a_tenant_lacks_leads_to_the_next_lookup(server: ByteServer, wired: Wired) -> None:
    identity = {"handle": "shopify", "identifier": "1001", "profile_id": "p-1", "is_active": True}
    other = identity | {"identifier": "1002", "profile_id": "p-2"}
    server.script = [answer({}, 405), answer({"data": [other, identity]}), answer({"data": {"id": "p-1"}})]
    client = await wired.omneo(server.url, OmneoOptions(identity_lookups=("search-id", "identities-filter")))
    found = await client.find_profile("shopify", "1001")
    assert found is not None
    assert found.id == ME
    server.script = [answer({}, 405)]
    with pytest.raises(UpstreamUnavailable):
        await client.find_profile("shopify", "1001")


async def test_a_null_profile_is_nobody(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": None})]
    client = await wired.omneo(server.url)
    assert await client.find_profile("shopify", "1001") is None
    with pytest.raises(NotFound):
        await client.profile(ME)


async def test_a_meagre_tenant_is_read(server: ByteServer, wired: Wired) -> None:
    server.script = [
        answer({"data": {"id": 12, "first_name": None, "joined_at": "0000-00-00 00:00:00", "extra": {"a": 1}}}),
        answer({"data": {"reward_balance": "12.10", "point_balance_dollars": 1.15, "localised": [], "currency": []}}),
        answer({"data": [{"id": "3", "value_remaining": "4.05", "expires_at": "2026-12-01T00:00:00+11:00"}]}),
    ]
    client = await wired.omneo(server.url)
    profile = await client.profile(ME)
    assert (profile.id, profile.first_name, profile.joined_at, profile.may_redeem) == ("12", "", None, True)
    balance = await client.balance(ME)
    assert (balance.rewards, balance.combined, balance.currency) == (Decimal("12.10"), Decimal("13.25"), None)
    (reward,) = await client.rewards(ME)
    assert (reward.id, reward.remaining, reward.state) == (3, Decimal("4.05"), "active")
    assert reward.expires_at == datetime(2026, 11, 30, 13, tzinfo=UTC)


async def test_a_converted_balance_matches_no_shop(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {"reward_balance": 5, "currency": {"from": "AUD", "to": "NZD"}}})]
    client = await wired.omneo(server.url)
    balance = await client.balance(ME)
    for shop in ("AUD", "NZD"):
        with pytest.raises(CurrencyMismatch):
            Reading(balance, (), 0, datetime.now(UTC)).total(Spendable.REWARDS, shop)


async def test_an_unreadable_expiry_is_no_promise_that_a_reward_lasts(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": [{"id": 3, "value_remaining": 4, "expires_at": "soon"}]})]
    client = await wired.omneo(server.url)
    with pytest.raises(UpstreamUnavailable) as unreadable:
        await client.rewards(ME)
    assert unreadable.value.details["fields"] == ["expires_at"]


async def test_all_pages_are_read(server: ByteServer, wired: Wired) -> None:
    rows = [{"id": n, "value_remaining": 1} for n in range(1, 4)]
    server.script = [page(rows[:1], 1, 3), page(rows[1:2], 2, 3), page(rows[2:], 3, 3)]
    client = await wired.omneo(server.url, OmneoOptions(page_size=1))
    assert [reward.id for reward in await client.rewards(ME)] == [1, 2, 3]
    assert [request.target.split("?")[1] for request in server.requests] == [
        f"page%5Bsize%5D=1&page%5Bnumber%5D={n}" for n in (1, 2, 3)
    ]


async def test_a_list_without_page_numbers_is_read_until_it_repeats(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": [{"id": 1, "value_remaining": 1}]})]
    client = await wired.omneo(server.url, OmneoOptions(page_size=1))
    assert len(await client.rewards(ME)) == 1
    assert len(server.requests) == 2


async def test_more_pages_than_the_bound_are_not_taken_for_the_whole(server: ByteServer, wired: Wired) -> None:
    server.script = [page([{"id": n}], n, 9) for n in (1, 2, 3)]
    client = await wired.omneo(server.url, OmneoOptions(max_pages=2))
    with pytest.raises(UpstreamUnavailable) as endless:
        await client.redemptions(ME, "cap_1")
    assert endless.value.details["reason"] == "too_many_pages"
    assert len(server.requests) == 2


async def test_a_redemption_is_matched_here_wherever_its_label_is_shown(server: ByteServer, wired: Wired) -> None:
    rows = [
        {"id": 1, "type": "redeem", "total": 1, "transaction_external_id": "cap_1", "meta": []},
        {"id": 2, "type": "return", "total": 2, "transaction": {"external_id": "cap_1"}, "meta": None},
        {"id": 3, "type": "redeem", "total": 3, "meta": {"capture_id": "cap_1"}},
        {"id": 4, "type": "redeem", "total": 4, "meta": {"capture_id": "cap_2"}},
    ]
    server.script = [page(rows[:2], 1, 2), page(rows[2:], 2, 2)]
    client = await wired.omneo(server.url)
    assert [row.id for row in await client.redemptions(ME, "cap_1")] == [1, 2, 3]
    assert "filter%5Btransaction_external_id%5D=cap_1" in server.requests[0].target


async def test_what_the_filter_hides_is_looked_for_without_it(server: ByteServer, wired: Wired) -> None:
    server.script = [page([], 1, 1), page([{"id": 3, "total": 3, "meta": {"capture_id": "cap_1"}}], 1, 1)]
    client = await wired.omneo(server.url)
    assert [row.id for row in await client.redemptions(ME, "cap_1")] == [3]
    assert "filter" not in server.requests[1].target


async def test_a_tenant_without_the_redeemable_list_is_asked_for_all(server: ByteServer, wired: Wired) -> None:
    rows = [
        {"id": 1, "is_redeemable": True, "definition": {"handle": "gift", "name": "Gift"}},
        {"id": 2, "is_redeemable": True, "is_expired": True},
        {"id": 3, "is_redeemable": True, "redemptions_remaining": 0},
        {"id": 4, "is_redeemable": False},
    ]
    server.script = [answer({"message": "The route could not be found."}, 404), answer({"data": rows})]
    client = await wired.omneo(server.url)
    assert [(benefit.id, benefit.handle) for benefit in await client.benefits(ME)] == [(1, "gift")]
    assert server.requests[1].target.startswith("/profiles/p-1/benefits?")


async def test_ids_are_quoted_into_the_path(server: ByteServer, wired: Wired) -> None:
    server.script = [answer({"data": {}}, 404)]
    client = await wired.omneo(server.url)
    assert await client.sale_at("a/b?c#d é") is None
    assert server.requests[0].target == "/transactions/external/a%2Fb%3Fc%23d%20%C3%A9"


async def test_logs_hold_no_token_no_id_and_no_body(
    server: ByteServer, wired: Wired, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"message": "ada@example.com has no balance", "errors": {"amount": ["ada@example.com"]}}
    server.script = [answer(None, 429), answer(body, 422)]
    client = await wired.omneo(server.url)
    with caplog.at_level(logging.INFO):
        assert await client.redeem(WISH) == Refused("insufficient")
    assert "omneo.refused" in [happening for happening, _ in wired.told]
    told = f"{wired.told} {caplog.text}"
    for secret in ("sandbox-omneo-token", "p-1", "ada@example.com", "cap_1"):
        assert secret not in told


async def test_a_cancelled_caller_is_not_answered_and_nothing_is_sent_twice(server: ByteServer, wired: Wired) -> None:
    server.script = [HOLD]
    client = await wired.omneo(server.url)
    task = asyncio.create_task(client.redeem(WISH))
    await server.requested.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 422, 500])
async def test_a_tenant_that_stumbles_over_an_order_is_asked_without_one_from_then_on(
    server: ByteServer, wired: Wired, status: int
) -> None:
    stumbles = [answer({}, status)] * (3 if status == 500 else 1)  # a fault of the moment is tried again first
    server.script = [*stumbles, page([{"id": 1, "total": "5.00"}], 1, 1)]
    client = await wired.omneo(server.url)
    for _ in range(2):
        assert [sale.id for sale in (await client.transactions(ME, 1, 10)).items] == [1]
    targets = [request.target for request in server.requests]
    assert [("sort=-transacted_at" in target) for target in targets] == [True] * len(stumbles) + [False, False]


@pytest.mark.parametrize("status", [401, 403, 404, 503])
async def test_what_is_no_word_about_the_order_leaves_it_as_it_is(
    server: ByteServer, wired: Wired, status: int
) -> None:
    server.script = [answer({}, status)]
    client = await wired.omneo(server.url)
    with pytest.raises((UpstreamUnavailable, NotFound)):
        await client.transactions(ME, 1, 10)
    server.script = [page([], 1, 1)]
    await client.transactions(ME, 1, 10)
    assert all("sort=-transacted_at" in request.target for request in server.requests)


async def test_sales_without_a_time_come_last_and_later_ids_first(server: ByteServer, wired: Wired) -> None:
    rows = [
        {"id": 1},
        {"id": 2, "transacted_at": "2026-01-01 10:00:00"},
        {"id": 4},
        {"id": 3, "transacted_at": "0000-00-00 00:00:00"},
    ]
    server.script = [page(rows, 1, 1)]
    client = await wired.omneo(server.url)
    assert [sale.id for sale in (await client.transactions(ME, 1, 10)).items] == [2, 4, 3, 1]


@pytest.mark.parametrize("identities", [None, [], {}, "x", ["x", None, {"handle": {}}, {"handle": "shopify"}]])
async def test_identities_that_cannot_be_read_hide_nobody(server: ByteServer, wired: Wired, identities: Any) -> None:
    server.script = [answer({"data": {"id": "p-1", "identities": identities}})]
    client = await wired.omneo(server.url)
    found = await client.find_member("member_code", MemberCode("M-1"))
    assert found is not None
    assert (found.profile.id, found.identities) == (ME, ())


async def test_identities_are_told_however_little_they_say(server: ByteServer, wired: Wired) -> None:
    rows = [
        {"handle": "shopify", "identifier": 1001},
        {"id": "7", "handle": "card", "identifier": "M-1", "is_active": 0},
    ]
    server.script = [answer({"data": rows})]
    client = await wired.omneo(server.url)
    assert await client.identities(ME) == (
        Identity(0, "shopify", "1001", active=True, created_at=None),
        Identity(7, "card", "M-1", active=False, created_at=None),
    )
    server.script = [answer({}, 404)]
    assert await client.identities(ME) == ()
