"""Reversal within the window, and return at any time."""

import pytest

pytestmark = pytest.mark.anyio


async def redeemed(omneo, amount=12.5, **body):
    answer = await omneo.redeem(omneo.ada, amount=amount, strategies=["rewards", "points"], **body)
    return answer.json()["data"]["id"]


async def undo(omneo, redemption, what, body=None):
    return await omneo.call("POST", f"/redemptions/{redemption}/{what}", body)


async def test_a_reversal_restores_exactly_what_was_consumed(omneo):
    redemption = await redeemed(omneo, 27)
    answer = await undo(omneo, redemption, "reversal")
    assert answer.is_success
    assert answer.json()["data"]["balances"]["reward_balance"] == 25
    assert answer.json()["data"]["balances"]["point_balance"] == 1500
    assert await omneo.remaining(omneo.ada) == [10, 15]
    listed = await omneo.get(f"/profiles/{omneo.ada}/redemptions", sort="id")
    assert [r["type"] for r in listed] == ["redeem", "reversal"]


async def test_a_reversal_happens_once_and_only_to_a_redeem(omneo):
    redemption = await redeemed(omneo)
    reversal = (await undo(omneo, redemption, "reversal")).json()["data"]["id"]
    assert (await undo(omneo, redemption, "reversal")).status_code == 422
    assert (await undo(omneo, reversal, "reversal")).status_code == 422
    assert (await undo(omneo, 999, "reversal")).status_code == 404
    assert (await undo(omneo, "x", "reversal")).status_code == 404
    assert await omneo.remaining(omneo.ada) == [10, 15]


async def test_the_reversal_window_is_ten_minutes_of_the_sandbox_clock(omneo):
    early, late = await redeemed(omneo, 1), await redeemed(omneo, 2)
    omneo.sandbox.clock.advance(590)
    assert (await undo(omneo, early, "reversal")).is_success
    omneo.sandbox.clock.advance(11)
    refused = await undo(omneo, late, "reversal")
    assert refused.status_code == 422
    assert refused.json()["message"]


async def test_a_return_mints_a_new_reward_with_its_own_expiry(omneo):
    redemption = await redeemed(omneo)
    omneo.sandbox.clock.advance(3600)
    answer = await undo(omneo, redemption, "return", {"amount": 2.5, "meta": {"return": "r1"}})
    body = answer.json()["data"]
    assert body["total"] == 2.5
    assert body["meta"] == {"return": "r1"}
    assert await omneo.remaining(omneo.ada) == [0, 12.5, 2.5]
    minted = (await omneo.get(f"/profiles/{omneo.ada}/rewards"))[0]
    assert minted["value_initial"] == 2.5
    assert minted["source_type"] == "redemption"
    assert minted["source_id"] == body["id"]
    assert minted["definition"]["handle"] == "returned-value"


async def test_returns_add_up_to_the_redemption_and_no_further(omneo):
    redemption = await redeemed(omneo)
    assert (await undo(omneo, redemption, "return", {"amount": 5})).is_success
    assert (await undo(omneo, redemption, "return", {"amount": 7.51})).status_code == 422
    assert (await undo(omneo, redemption, "return")).json()["data"]["total"] == 7.5
    assert (await undo(omneo, redemption, "return")).status_code == 422
    assert (await omneo.get(f"/profiles/{omneo.ada}/balances"))["reward_balance"] == 25


async def test_after_any_return_a_reversal_is_refused_and_the_other_way_round(omneo):
    returned, reversed_ = await redeemed(omneo, 5), await redeemed(omneo, 5)
    await undo(omneo, returned, "return", {"amount": 1})
    assert (await undo(omneo, returned, "reversal")).status_code == 422
    await undo(omneo, reversed_, "reversal")
    assert (await undo(omneo, reversed_, "return")).status_code == 422


async def test_a_reversal_shows_on_the_transaction(omneo):
    redemption = await redeemed(omneo)
    sale = {"external_id": "s1", "total": 10, "transacted_at": "2026-01-01 00:00:00", "timezone": "UTC"}
    sale |= {"items": [], "redemption_id": redemption}
    await omneo.call("POST", "/transactions", sale)
    await undo(omneo, redemption, "reversal")
    read = await omneo.get("/transactions/external/s1")
    assert read["redemption"]["id"] == redemption
    assert [r["type"] for r in read["reversed_redemptions"]] == ["reversal"]


async def test_a_benefit_return_gives_uses_back(omneo):
    benefit = next(b for b in await omneo.get(f"/profiles/{omneo.ada}/benefits") if b["redemptions_remaining"] == 2)
    path = f"/profiles/{omneo.ada}/benefits/{benefit['id']}"
    redemption = (await omneo.call("POST", f"{path}/redeem", {"count": 2})).json()["data"]["id"]
    assert (await undo(omneo, redemption, "benefit/return", {"count": 3})).status_code == 422
    answer = await undo(omneo, redemption, "benefit/return", {"count": 1})
    assert answer.json()["data"]["type"] == "return"
    assert (await omneo.get(path))["redemptions_remaining"] == 1
    assert (await undo(omneo, redemption, "benefit/return")).is_success
    assert (await undo(omneo, redemption, "benefit/return")).status_code == 422
