"""Redeem: what is taken, in which order, and what a short balance does."""

import pytest

pytestmark = pytest.mark.anyio


async def test_the_nearest_expiry_is_consumed_first(omneo):
    answer = await omneo.redeem(omneo.ada, amount=12.50, strategies=["rewards"], strict=True)
    assert answer.is_success
    body = answer.json()["data"]
    assert body["total"] == 12.5
    assert body["balances"]["reward_balance"] == 12.5
    assert body["balances"]["combined_balance_dollars"] == 27.5
    assert await omneo.remaining(omneo.ada) == [0, 12.5]


async def test_a_reward_without_expiry_is_consumed_last(omneo):
    definition = (await omneo.get("/rewards/definitions"))[0]["id"]
    body = {
        "profile_id": omneo.dev,
        "reward_definition_id": definition,
        "timezone": "UTC",
        "value_initial": 5,
    }
    forever = (await omneo.call("POST", "/rewards", body)).json()["data"]
    omneo.sandbox.state.rewards[forever["id"]].expires_at = None
    soon = {**body, "expires_at": "2099-01-01 00:00:00"}
    ending = (await omneo.call("POST", "/rewards", soon)).json()["data"]
    await omneo.redeem(omneo.dev, amount=6, strategies=["rewards"])
    assert omneo.sandbox.state.rewards[ending["id"]].value_remaining == 0
    assert omneo.sandbox.state.rewards[forever["id"]].value_remaining == 4


async def test_an_expired_reward_is_neither_counted_nor_consumed(omneo):
    omneo.sandbox.clock.advance(21 * 86400)
    balances = await omneo.get(f"/profiles/{omneo.ada}/balances")
    assert balances["reward_balance"] == 15
    await omneo.redeem(omneo.ada, amount=15, strategies=["rewards"], strict=True)
    assert await omneo.remaining(omneo.ada) == [10, 0]


async def test_a_short_redemption_is_silent_unless_strict(omneo):
    strict = await omneo.redeem(omneo.ada, amount=30, strategies=["rewards"], strict=True)
    assert strict.status_code == 422
    assert set(strict.json()) == {"message", "errors"}
    assert "amount" in strict.json()["errors"]
    assert await omneo.remaining(omneo.ada) == [10, 15]
    silent = await omneo.redeem(omneo.ada, amount=30, strategies=["rewards"])
    assert silent.is_success
    assert silent.json()["data"]["total"] == 25


async def test_nothing_to_redeem_is_refused_even_when_not_strict(omneo):
    assert (await omneo.redeem(omneo.dev, amount=5)).status_code == 422


async def test_two_identical_calls_redeem_twice(omneo):
    body = {"amount": 5, "strategies": ["rewards"], "transaction_external_id": "capture-1"}
    first, second = await omneo.redeem(omneo.ada, **body), await omneo.redeem(omneo.ada, **body)
    assert first.json()["data"]["id"] != second.json()["data"]["id"]
    assert await omneo.remaining(omneo.ada) == [0, 15]


async def test_strategies_are_used_in_the_given_order_and_points_by_rate(omneo):
    answer = await omneo.redeem(omneo.ada, amount=16, strategies=["points", "rewards"], strict=True)
    balances = answer.json()["data"]["balances"]
    assert balances["point_balance"] == 0
    assert balances["reward_balance"] == 24
    read = await omneo.get(f"/profiles/{omneo.ada}/redemptions/{answer.json()['data']['id']}")
    assert [(i["type"], i["value"], i["count"]) for i in read["items"]] == [
        ("point", 15, 1500),
        ("reward", 1, None),
    ]


async def test_strategies_left_out_mean_rewards_then_points(omneo):
    answer = await omneo.redeem(omneo.ada, amount=26, strict=True)
    assert answer.json()["data"]["balances"]["point_balance"] == 1400


async def test_rewards_alone_never_touch_points(omneo):
    answer = await omneo.redeem(omneo.ada, amount=40, strategies=["rewards"])
    assert answer.json()["data"]["balances"]["point_balance"] == 1500


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"amount": 0},
        {"amount": -1},
        {"amount": "ten"},
        {"amount": True},
        {"amount": None},
        {"amount": "1e400"},
        {"amount": 1, "strategies": ["magic"]},
        {"amount": 1, "strategies": "rewards"},
        {"amount": 1, "location_id": 77},
        {"amount": 1, "currency": "EUR"},
        {"amount": 1, "transaction_external_id": 17},
        {"amount": 1, "strategies": ["benefits", "rewards"], "benefits": [{"id": 999}]},
    ],
)
async def test_a_bad_body_is_refused_and_changes_nothing(omneo, body):
    answer = await omneo.redeem(omneo.ada, **body)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert await omneo.remaining(omneo.ada) == [10, 15]
    assert await omneo.get(f"/profiles/{omneo.ada}/redemptions") == []


async def test_amounts_may_be_numeric_text(omneo):
    assert (await omneo.redeem(omneo.ada, amount="12.50")).json()["data"]["total"] == 12.5


async def test_an_unknown_profile_is_not_found(omneo):
    assert (await omneo.redeem("nobody", amount=1)).status_code == 404


async def test_one_call_spends_a_benefit_and_money_together(omneo):
    benefit = (await omneo.get(f"/profiles/{omneo.ada}/benefits", sort="id"))[0]
    body = {"amount": 5, "strategies": ["benefits", "rewards"], "benefits": [{"id": benefit["id"]}]}
    answer = await omneo.redeem(omneo.ada, **body)
    read = await omneo.get(f"/redemptions/{answer.json()['data']['id']}")
    assert read["total"] == 5
    assert [i["type"] for i in read["items"]] == ["benefit", "reward"]
    again = await omneo.redeem(omneo.ada, **body)
    assert again.status_code == 422


async def test_a_location_is_found_by_its_external_id(omneo):
    answer = await omneo.redeem(omneo.ada, amount=1, location_id=8801)
    assert answer.json()["data"]["location"]["external_id"] == "8801"
    assert answer.json()["data"]["location_id"] == 1


async def test_labels_are_filters_but_are_not_shown(omneo):
    await omneo.redeem(omneo.ada, amount=1, transaction_external_id="order-1", meta={"capture_id": "c1"})
    await omneo.redeem(omneo.ada, amount=2, transaction_external_id="order-2")
    found = await omneo.get(f"/profiles/{omneo.ada}/redemptions", **{"filter[transaction_external_id]": "order-1"})
    assert [r["total"] for r in found] == [1]
    assert found[0]["meta"] == {"capture_id": "c1"}
    assert "transaction_external_id" not in found[0]
    assert len(await omneo.get("/redemptions", **{"filter[transaction_external_id]": "order-2"})) == 1


async def test_the_guides_redeem_path_is_closed_unless_opened(omneo):
    answer = await omneo.call("POST", f"/profiles/{omneo.ada}/redemptions", {"amount": 1})
    assert answer.status_code == 405
