"""Benefits and definitions, as the proxy and Omneo's public SDK use them."""

import pytest

pytestmark = pytest.mark.anyio

DEFINITION = {
    "name": "Sock voucher",
    "handle": "sock-voucher",
    "period": 30,
    "is_published": True,
    "is_claimable": True,
    "is_reclaimable": True,
}


async def defined(omneo, **more):
    return (await omneo.call("POST", "/benefits/definitions", DEFINITION | more)).json()["data"]


async def claim(omneo, what="claim", **more):
    body = {"definition": "sock-voucher", "timezone": "Australia/Melbourne"} | more
    return await omneo.call("POST", f"/profiles/{omneo.dev}/benefits/{what}", body)


async def test_redeeming_counts_down_until_nothing_is_redeemable(omneo):
    path = f"/profiles/{omneo.ada}/redeemable_benefits"
    benefits = {b["definition"]["handle"]: b for b in await omneo.get(path)}
    assert set(benefits) == {"birthday-gift", "free-alterations"}
    use = f"/profiles/{omneo.ada}/benefits/{benefits['free-alterations']['id']}"
    for left in (1, 0):
        redemption = (await omneo.call("POST", f"{use}/redeem")).json()["data"]
        assert redemption["type"] == "redeem"
        assert redemption["items"][0]["type"] == "benefit"
        assert redemption["items"][0]["count"] == 1
        assert (await omneo.get(use))["redemptions_remaining"] == left
    assert (await omneo.call("POST", f"{use}/redeem")).status_code == 422
    assert len(await omneo.get(path)) == 1


async def test_a_benefit_of_somebody_else_is_not_found(omneo):
    benefit = (await omneo.get(f"/profiles/{omneo.ada}/benefits"))[0]["id"]
    for method, path in (("GET", ""), ("POST", "/redeem")):
        answer = await omneo.call(method, f"/profiles/{omneo.dev}/benefits/{benefit}{path}")
        assert answer.status_code == 404


async def test_claiming_issues_a_benefit_and_claim_redeem_spends_it_too(omneo):
    await defined(omneo)
    assert "sock-voucher" in [d["handle"] for d in await omneo.get(f"/profiles/{omneo.dev}/benefits/claimable")]
    claimed = (await claim(omneo)).json()["data"]
    assert claimed["claimed_at"]
    assert claimed["is_redeemable"] is True
    spent = (await claim(omneo, "claim-redeem")).json()["data"]
    attributes = spent["items"][0]["type_attributes"]
    assert attributes["definition"]["handle"] == "sock-voucher"
    count = await omneo.get(f"/profiles/{omneo.dev}/redemptions/benefit/{attributes['id']}/count")
    assert count == {"count": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"is_published": False},
        {"is_claimable": False},
        {"claim_period_start_at": "2990-01-01 00:00:00"},
        {"claim_period_end_at": "2020-01-01 00:00:00"},
        {"claim_condition": {"!!": [False]}},
        {"max_global_redemptions": 0},
    ],
)
async def test_what_is_not_on_offer_cannot_be_claimed(omneo, change):
    await defined(omneo, **change)
    assert (await claim(omneo)).status_code == 422
    assert await omneo.get(f"/profiles/{omneo.dev}/benefits") == []


async def test_a_second_claim_needs_a_reclaimable_definition(omneo):
    await defined(omneo, is_reclaimable=False)
    assert (await claim(omneo)).status_code == 201
    assert (await claim(omneo)).status_code == 422
    assert (await claim(omneo, definition="no-such")).status_code == 422


async def test_an_expired_or_future_benefit_is_not_redeemable(omneo):
    made = await defined(omneo)
    body = {"profile_id": omneo.dev, "benefit_definition_id": made["id"], "timezone": "Australia/Melbourne"}
    past = body | {"issued_at": "2024-12-05 08:30:00", "expires_at": "2024-12-06"}
    old = (await omneo.call("POST", "/benefits", past)).json()["data"]
    assert old["is_expired"] is True
    assert old["issued_at"] == "2024-12-04 21:30:00"
    assert old["definition"]["id"] == made["id"]
    refused = await omneo.call("POST", f"/profiles/{omneo.dev}/benefits/{old['id']}/redeem")
    assert refused.status_code == 422
    coming = body | {"issued_at": "2990-01-01 00:00:00", "expires_at": "2990-06-01"}
    new = (await omneo.call("POST", "/benefits", coming)).json()["data"]
    assert new["is_redeemable"] is False
    extension = {"ids": [old["id"]], "profile_id": omneo.dev, "extend_date": "2990-01-01 11:00:00"}
    extended = (await omneo.call("POST", "/benefits/extend", extension)).json()["data"]
    assert extended[0]["extended_at"]
    assert extended[0]["is_redeemable"] is True


async def test_definition_ids_are_text_for_benefits_and_numbers_for_rewards(omneo):
    benefit = await defined(omneo)
    assert isinstance(benefit["id"], str)
    reward = {"name": "Ten", "handle": "ten", "value": 10, "period": 30, "period_type": "days", "type": "spend"}
    made = (await omneo.call("POST", "/rewards/definitions", reward)).json()["data"]
    assert isinstance(made["id"], int)
    assert {key: made[key] for key in reward} == reward


@pytest.mark.parametrize(
    ("path", "body", "change"),
    [
        ("/benefits/definitions", DEFINITION, {"name": "Other"}),
        (
            "/rewards/definitions",
            {"name": "Ten", "handle": "ten", "value": 10, "period": 30, "type": "spend"},
            {"value": 12.5},
        ),
        ("/tiers/definitions", {"name": "Top", "handle": "top", "value_min": 5000}, {"value_min": 6000}),
        ("/locations", {"name": "Second", "external_id": "8802"}, {"name": "Third"}),
        ("/webhooks", {"trigger": "profile.created", "url": "http://x/", "queue": "high"}, {"is_active": False}),
    ],
)
async def test_a_catalogue_is_created_read_changed_and_deleted(omneo, path, body, change):
    made = await omneo.call("POST", path, body)
    assert made.status_code == 201
    one = f"{path}/{made.json()['data']['id']}"
    assert body.items() <= (await omneo.get(one)).items()
    assert (await omneo.call("POST", path, body)).status_code == 422
    assert change.items() <= (await omneo.call("PUT", one, change)).json()["data"].items()
    assert made.json()["data"]["id"] in [e["id"] for e in await omneo.get(path)]
    assert (await omneo.call("POST", path, {})).json()["errors"]
    deleted = await omneo.call("DELETE", one)
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (await omneo.call("GET", one)).status_code == 404


async def test_a_definition_in_use_stays(omneo):
    definition = await omneo.get("/benefits/definitions/handle/birthday-gift")
    assert (await omneo.call("DELETE", f"/benefits/definitions/{definition['id']}")).status_code == 422


async def test_a_reward_is_created_in_local_time_and_read_in_utc(omneo):
    definition = (await omneo.get("/rewards/definitions"))[0]
    body = {
        "reward_definition_id": definition["id"],
        "profile_id": omneo.dev,
        "value_initial": 5,
        "value_remaining": 5,
        "expires_at": "2024-12-06 08:30:00",
        "issued_at": "2024-12-05 08:30:00",
        "timezone": "Australia/Melbourne",
    }
    made = (await omneo.call("POST", "/rewards", body)).json()["data"]
    assert made["issued_at"] == "2024-12-04 21:30:00"
    assert made["issued_local_at"] == "2024-12-05 08:30:00"
    assert made["is_expired"] is True
    assert made["definition"]["id"] == definition["id"]
    one = f"/rewards/{made['id']}"
    changed = await omneo.call("PUT", one, {"value_remaining": 3, "expires_at": "2990-01-01 00:00:00"})
    assert changed.json()["data"]["value_remaining"] == 3
    assert (await omneo.get(f"/profiles/{omneo.dev}/balances"))["reward_balance"] == 3
    assert (await omneo.call("DELETE", one)).status_code == 204
    assert (await omneo.call("GET", one)).status_code == 404


async def test_a_claim_redeem_that_cannot_redeem_claims_nothing(omneo):
    await defined(omneo, max_redemptions=0)
    assert (await claim(omneo, "claim-redeem")).status_code == 422
    assert await omneo.get(f"/profiles/{omneo.dev}/benefits") == []
