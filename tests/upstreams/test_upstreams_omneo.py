"""The Omneo client against the simulated tenant: what is read, what is written, and how each ends."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from upstreams_rig import OmneoSide, OpenOmneo

from proxy.domain.capture import GiveBack, OmneoRedemption, Redeem
from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import CaptureId, OmneoRedemptionId, ProfileId
from proxy.domain.money import Money
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.transaction import TransactionLine, TransactionWrite
from proxy.ports import Omneo
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.upstreams.omneo import OmneoOptions

pytestmark = pytest.mark.anyio

ADA = ProfileId(str(seed.ADA.profile_id))
BENEDIKT = ProfileId(str(seed.BENEDIKT.profile_id))
REDEEM = "POST /api/v3/profiles/*/redeem"


@pytest.fixture
async def omneo(open_omneo: OpenOmneo) -> OmneoSide:
    return await open_omneo()


def aud(amount: str) -> Money:
    return Money.parse(amount, "AUD")


def wish(amount: str = "12.10", **facts: Any) -> Redeem:
    given = {"profile": ADA, "strategies": ("rewards",), "label": "cap_1", "receipt_ref": "#1001"} | facts
    return Redeem(amount=aud(amount), capture=CaptureId("cap_1"), **given)


def value(outcome: Outcome[Any]) -> Any:
    assert isinstance(outcome, Answered), outcome
    return outcome.value


def balance(side: OmneoSide, profile: str = ADA) -> Decimal:
    return side.sandbox.state.reward_balance(profile, side.sandbox.clock.now())


async def test_the_client_fits_the_port(omneo: OmneoSide) -> None:
    port: Omneo = omneo.client
    await port.verify()


async def test_a_customer_is_found_by_identity_with_the_name_intact(omneo: OmneoSide) -> None:
    found = await omneo.client.find_profile("shopify", "1002")
    assert found is not None
    assert (found.id, found.last_name, found.may_redeem) == (BENEDIKT, "Åström", True)


async def test_a_customer_who_is_not_in_omneo_is_nobody(omneo: OmneoSide) -> None:
    assert await omneo.client.find_profile("shopify", "1003") is None
    assert await omneo.client.find_profile("other-handle", "1001") is None


@pytest.mark.parametrize("lookup", ["identities-filter", "identities-search"])
async def test_other_lookups_find_the_same_profile(open_omneo: OpenOmneo, lookup: str) -> None:
    side = await open_omneo(OmneoOptions(identity_lookups=(lookup,)), guide_paths=True)
    found = await side.client.find_profile("shopify", "1001")
    assert found is not None
    assert found.id == ADA
    assert await side.client.find_profile("shopify", "1003") is None


async def test_balance_and_rewards_are_read_exactly(omneo: OmneoSide) -> None:
    read = await omneo.client.balance(ADA)
    assert (read.rewards, read.points, read.points_value, read.combined, read.currency) == (25, 1500, 15, 40, "AUD")
    rewards = await omneo.client.rewards(ADA)
    assert sorted((reward.remaining, reward.state) for reward in rewards) == [(10, "active"), (15, "active")]
    assert all(reward.expires_at and reward.expires_at.tzinfo is UTC for reward in rewards)


@pytest.mark.parametrize("kind", ["stringly", "omit"])
async def test_numbers_in_any_form_and_missing_fields_are_read(omneo: OmneoSide, kind: str) -> None:
    optional = ("localised", "currency", "credit_balance", "combined_balance_dollars", "source_id", "is_active")
    omneo.sandbox.faults.add(Fault("*", kind, times=None, fields=optional if kind == "omit" else ()))
    read = await omneo.client.balance(ADA)
    assert (read.rewards, read.combined) == (25, 40)
    assert [reward.state for reward in await omneo.client.rewards(ADA)] == ["active", "active"]
    assert len(await omneo.client.benefits(ADA)) == 2
    done = value(await omneo.client.redeem(wish()))
    assert done.total == Decimal("12.10")
    page = await omneo.client.transactions(ADA, 1, 2)
    assert [sale.total for sale in page.items] == [Decimal("35.00"), Decimal("12.50")]


async def test_an_unknown_profile_is_not_found(omneo: OmneoSide) -> None:
    nobody = ProfileId("00000000-0000-4000-8000-000000000000")
    for read in (omneo.client.profile, omneo.client.balance, omneo.client.rewards, omneo.client.benefits):
        with pytest.raises(NotFound):
            await read(nobody)
    assert await omneo.client.redeem(wish(profile=nobody)) == Refused("not_found")


async def test_benefits_tier_and_history_are_shown(omneo: OmneoSide) -> None:
    benefits = await omneo.client.benefits(ADA)
    assert {(benefit.handle, benefit.remaining) for benefit in benefits} == {
        ("birthday-gift", 1),
        ("free-alterations", 2),
    }
    tier = await omneo.client.tier(ADA)
    assert tier is not None
    assert tier.current == "Gold"
    first = await omneo.client.transactions(ADA, 1, 2)
    second = await omneo.client.transactions(ADA, 2, 2)
    assert (first.total, first.more, second.more) == (3, True, False)
    assert {sale.external_id for sale in first.items + second.items} == {"earlier-1", "earlier-2", "earlier-3"}


async def test_a_redeem_spends_and_tells_the_new_balance(omneo: OmneoSide) -> None:
    done: OmneoRedemption = value(await omneo.client.redeem(wish("12.10")))
    assert (done.total, done.label, done.capture) == (Decimal("12.10"), "cap_1", "cap_1")
    assert done.balance_after == Decimal("12.90") == balance(omneo)
    kept = omneo.sandbox.state.redemptions[done.id]
    assert (kept.transaction_external_id, kept.transaction_receipt_ref) == ("cap_1", "#1001")
    assert kept.meta == {"capture_id": "cap_1"}


async def test_points_count_in_the_balance_after_when_they_may_be_spent(omneo: OmneoSide) -> None:
    done = value(await omneo.client.redeem(wish("30", strategies=("rewards", "points"))))
    assert done.balance_after == 10


async def test_a_strict_redeem_beyond_the_balance_is_refused(omneo: OmneoSide) -> None:
    assert await omneo.client.redeem(wish("25.01")) == Refused("insufficient")
    assert balance(omneo) == 25


async def test_a_short_redemption_is_told_by_its_total(open_omneo: OpenOmneo) -> None:
    side = await open_omneo(strict_supported=False)
    assert value(await side.client.redeem(wish("40"))).total == 25


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_an_answer_lost_after_commit_is_unknown_and_found_by_its_label(omneo: OmneoSide, kind: str) -> None:
    omneo.sandbox.faults.add(Fault(REDEEM, kind))
    outcome = await omneo.client.redeem(wish())
    assert isinstance(outcome, Unknown)
    assert omneo.sandbox.calls["POST /api/v3/profiles/{id}/redeem"] == 1
    found = await omneo.client.redemptions(ADA, "cap_1")
    assert [(row.type, row.total, row.capture) for row in found] == [("redeem", Decimal("12.10"), "cap_1")]


@pytest.mark.parametrize("kind", ["drop_before", "server_error"])
async def test_a_write_that_may_not_have_arrived_is_unknown_and_not_sent_again(omneo: OmneoSide, kind: str) -> None:
    omneo.sandbox.faults.add(Fault(REDEEM, kind))
    assert isinstance(await omneo.client.redeem(wish()), Unknown)
    assert omneo.sandbox.calls["POST /api/v3/profiles/{id}/redeem"] == 1
    assert await omneo.client.redemptions(ADA, "cap_1") == ()
    assert balance(omneo) == 25


@pytest.mark.parametrize("retry_after_s", [None, 0.0])
async def test_a_rate_limited_write_was_not_executed_and_is_sent_again(
    omneo: OmneoSide, retry_after_s: float | None
) -> None:
    omneo.sandbox.faults.add(Fault(REDEEM, "rate_limited", times=2, retry_after_s=retry_after_s))
    assert value(await omneo.client.redeem(wish())).total == Decimal("12.10")
    assert balance(omneo) == Decimal("12.90")


async def test_a_retry_after_beyond_our_patience_is_not_waited_for(omneo: OmneoSide) -> None:
    omneo.sandbox.faults.add(Fault("*", "rate_limited", times=None, retry_after_s=3600))
    assert await omneo.client.redeem(wish()) == Refused("rate_limited", transient=True)
    with pytest.raises(UpstreamUnavailable) as refused:
        await omneo.client.balance(ADA)
    assert refused.value.details["reason"] == "rate_limited"
    assert sum(omneo.sandbox.calls.values()) == 2


@pytest.mark.parametrize("kind", ["server_error", "drop_before", "drop_after", "rate_limited"])
async def test_a_read_is_asked_again_until_it_is_answered(omneo: OmneoSide, kind: str) -> None:
    omneo.sandbox.faults.add(Fault("GET *", kind, times=2))
    assert (await omneo.client.balance(ADA)).rewards == 25
    assert sum(omneo.sandbox.calls.values()) == 3


async def test_a_read_gives_up_after_its_tries(omneo: OmneoSide) -> None:
    omneo.sandbox.faults.add(Fault("GET *", "server_error", times=None, status=502))
    with pytest.raises(UpstreamUnavailable) as down:
        await omneo.client.balance(ADA)
    assert down.value.details == {
        "reason": "status_502",
        "status": 502,
        "upstream": "omneo",
        "operation": "balances",
    }
    assert sum(omneo.sandbox.calls.values()) == 3


async def test_a_refused_token_is_named(open_omneo: OpenOmneo) -> None:
    side = await open_omneo(tokens=())
    with pytest.raises(UpstreamUnavailable) as refused:
        await side.client.verify()
    assert refused.value.details["reason"] == "omneo_token_refused"
    assert await side.client.redeem(wish()) == Refused("omneo_token_refused", transient=True)


async def test_a_reversal_restores_and_carries_the_label_of_what_it_undoes(omneo: OmneoSide) -> None:
    done = value(await omneo.client.redeem(wish()))
    undone = value(await omneo.client.reverse(done.id))
    assert (undone.type, undone.total, balance(omneo)) == ("reversal", Decimal("12.10"), 25)
    types = sorted(row.type for row in await omneo.client.redemptions(ADA, "cap_1"))
    assert types == ["redeem", "reversal"]


async def test_a_reversal_after_the_window_is_refused(omneo: OmneoSide) -> None:
    done = value(await omneo.client.redeem(wish()))
    omneo.sandbox.clock.advance(601)
    assert await omneo.client.reverse(done.id) == Refused("validation")
    assert await omneo.client.reverse(OmneoRedemptionId(999_999)) == Refused("not_found")


async def test_a_give_back_returns_a_part_and_is_found_by_its_row(omneo: OmneoSide) -> None:
    done = value(await omneo.client.redeem(wish()))
    back = value(await omneo.client.give_back(GiveBack(done.id, aud("2.10"), "gb_label", "gb_row")))
    assert (back.type, back.total, back.capture, balance(omneo)) == ("return", Decimal("2.10"), "gb_row", 15)
    found = await omneo.client.redemptions(ADA, "gb_label")
    assert [(row.type, row.capture, row.id) for row in found] == [("return", "gb_row", back.id)]


async def test_a_label_of_another_form_than_the_capture_id_is_found(omneo: OmneoSide) -> None:
    value(await omneo.client.redeem(wish(label="shopify:6024113000001")))
    assert len(await omneo.client.redemptions(ADA, "shopify:6024113000001")) == 1
    assert await omneo.client.redemptions(BENEDIKT, "shopify:6024113000001") == ()


def sale(**facts: Any) -> TransactionWrite:
    line = TransactionLine(
        name="Café cup",
        sku="CUP",
        variant_external_id="50101",
        external_id="line-1",
        quantity=2,
        price_original=aud("20"),
        price_current=aud("20"),
        price_sell=aud("13.95"),
        tax=aud("2.54"),
        discounts=((aud("12.10"), "RW-CODE"),),
    )
    given = {"omneo_redemption": None, "profile": "1001", "profile_handle": "shopify", "meta": {"order": "1"}} | facts
    return TransactionWrite(
        external_id="6024113000001",
        receipt_ref="#1001",
        total=aud("27.90"),
        total_original=aud("40"),
        transacted_at=datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC),
        location=seed.LOCATION.external_id,
        systems=("web",),
        items=(line,),
        **given,
    )


async def test_a_transaction_carries_the_redemption_the_customer_and_the_location(omneo: OmneoSide) -> None:
    spent = value(await omneo.client.redeem(wish()))
    written = value(await omneo.client.write_transaction(sale(omneo_redemption=spent.id)))
    kept = omneo.sandbox.state.transactions[written]
    assert (kept.profile_id, kept.redemption_id, kept.total) == (ADA, spent.id, Decimal("27.90"))
    assert kept.transacted_at == datetime(2026, 11, 21, 1, 2, 3, tzinfo=UTC)
    assert kept.location_id is not None
    assert omneo.sandbox.state.redemptions[spent.id].transaction_id == written
    page = await omneo.client.transactions(ADA, 1, 1)
    shown = page.items[0]
    assert (shown.id, [spent.total for spent in shown.redemptions], shown.location, shown.systems) == (
        written,
        [Decimal("12.10")],
        seed.LOCATION.name,
        ("web",),
    )
    assert [(item.name, item.sku, item.quantity, item.price) for item in shown.items] == [
        ("Café cup", "CUP", 2, Decimal("13.95"))
    ]


async def test_writing_the_same_transaction_twice_keeps_one(omneo: OmneoSide) -> None:
    first = value(await omneo.client.write_transaction(sale()))
    assert value(await omneo.client.write_transaction(sale())) == first
    standing = await omneo.client.sale_at("6024113000001")
    assert standing is not None
    assert standing.id == first
    assert await omneo.client.sale_at("nobody/knows?it") is None


async def test_a_transaction_of_nobody_names_no_profile(omneo: OmneoSide) -> None:
    written = value(await omneo.client.write_transaction(sale(profile=None)))
    assert omneo.sandbox.state.transactions[written].profile_id is None


async def test_a_location_is_asked_for_once_and_its_absence_stops_no_sale(omneo: OmneoSide) -> None:
    for _ in range(2):
        value(await omneo.client.write_transaction(sale()))
    asked = [name for name in omneo.sandbox.calls.elements() if name.endswith("/locations")]
    assert len(asked) == 1
    omneo.sandbox.reset()
    omneo.sandbox.faults.add(Fault("GET */locations", "server_error", times=None))
    value(await omneo.client.redeem(wish("1", location="9999")))
    assert balance(omneo) == 24
