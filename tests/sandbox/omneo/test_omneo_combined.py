"""Benefits beside money: redeemed together in one call, given back together or apart."""

import pytest

pytestmark = pytest.mark.anyio

SALE = {"transaction_external_id": "capture-1", "meta": {"capture_id": "capture-1"}}


async def benefit(omneo, handle, profile=None):
    rows = await omneo.get(f"/profiles/{profile or omneo.benedikt}/benefits", **{"page[size]": 50})
    return next(b for b in rows if b["definition"]["handle"] == handle)


async def left(omneo, handle):
    return (await benefit(omneo, handle))["redemptions_remaining"]


async def redeemed(omneo, *wishes, amount=None):
    body = {"strategies": ["benefits", "rewards"], "benefits": list(wishes), "strict": True, **SALE}
    answer = await omneo.redeem(omneo.benedikt, **(body if amount is None else body | {"amount": amount}))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def wish(omneo, handle, quantity=1):
    return {"id": (await benefit(omneo, handle))["id"], "quantity": quantity}


async def undone(omneo, redemption, what="return", **body):
    return await omneo.call("POST", f"/redemptions/{redemption['id']}/{what}", body)


async def balance(omneo):
    return (await omneo.get(f"/profiles/{omneo.benedikt}/balances"))["reward_balance"]


async def test_benefits_alone_need_no_amount_and_are_an_item_each(omneo):
    wishes = [await wish(omneo, "vip-collection", 2), await wish(omneo, "birthday-10")]
    answer = await omneo.redeem(omneo.benedikt, strategies=["benefits"], benefits=wishes, **SALE)
    made = answer.json()["data"]
    assert (made["total"], made["balances"]["reward_balance"]) == (0, 50)
    read = await omneo.get(f"/redemptions/{made['id']}")
    assert (read["type"], read["meta"]) == ("redeem", SALE["meta"])
    assert [(i["type"], i["value"], i["count"]) for i in read["items"]] == [
        ("benefit", None, 2),
        ("benefit", None, 1),
    ]
    assert [i["type_attributes"]["id"] for i in read["items"]] == [w["id"] for w in wishes]
    found = await omneo.get(f"/profiles/{omneo.benedikt}/redemptions", has_benefit="true")
    assert [r["id"] for r in found] == [made["id"]]
    assert (await left(omneo, "vip-collection"), await left(omneo, "birthday-10")) == (1, 0)


async def test_a_handle_names_the_benefit_that_can_be_redeemed(omneo):
    made = await redeemed(omneo, {"handle": "vip-collection", "quantity": 3})
    assert [i["count"] for i in (await omneo.get(f"/redemptions/{made['id']}"))["items"]] == [3]
    handle = {"strategies": ["benefits"], "benefits": [{"handle": "vip-collection"}]}
    assert (await omneo.redeem(omneo.benedikt, **handle)).status_code == 422
    definition = await omneo.get("/benefits/definitions/handle/vip-collection")
    body = {"profile_id": omneo.benedikt, "benefit_definition_id": int(definition["id"]), "timezone": "UTC"}
    second = (await omneo.call("POST", "/benefits", body)).json()["data"]
    again = (await omneo.redeem(omneo.benedikt, **handle)).json()["data"]
    (item,) = (await omneo.get(f"/redemptions/{again['id']}"))["items"]
    assert item["type_attributes"]["id"] == second["id"]
    socks = await benefit(omneo, "free-socks")
    other = {"id": socks["id"], "handle": "coffee"}
    assert (await omneo.redeem(omneo.benedikt, strategies=["benefits"], benefits=[other])).status_code == 422


@pytest.mark.parametrize(
    ("handle", "quantity"),
    [("vip-collection", 4), ("vip-collection", 0), ("vip-collection", -1), ("spring-gift", 1), ("birthday-10", "two")],
)
async def test_what_cannot_be_used_so_often_is_refused_and_takes_no_money_either(omneo, handle, quantity):
    body = {"amount": 5, "strategies": ["benefits", "rewards"], "benefits": [await wish(omneo, handle, quantity)]}
    assert (await omneo.redeem(omneo.benedikt, **body)).status_code == 422
    assert await balance(omneo) == 50
    assert await omneo.get(f"/profiles/{omneo.benedikt}/redemptions") == []


async def test_money_that_is_short_uses_no_benefit_either(omneo):
    body = {"amount": 50.01, "strict": True, "strategies": ["benefits", "rewards"]}
    answer = await omneo.redeem(omneo.benedikt, benefits=[await wish(omneo, "birthday-10")], **body)
    assert answer.status_code == 422
    assert await left(omneo, "birthday-10") == 1


async def test_somebody_elses_benefit_is_refused(omneo):
    answer = await omneo.redeem(omneo.ada, strategies=["benefits"], benefits=[await wish(omneo, "birthday-10")])
    assert answer.status_code == 422
    assert await left(omneo, "birthday-10") == 1


async def test_two_benefits_of_one_definition_share_what_is_left_over_all_customers(omneo):
    definition = await omneo.get("/benefits/definitions/handle/coffee")
    await omneo.call("PUT", f"/benefits/definitions/{definition['id']}", {"max_global_redemptions": 1})
    body = {"profile_id": omneo.benedikt, "benefit_definition_id": definition["id"], "timezone": "UTC"}
    second = (await omneo.call("POST", "/benefits", body)).json()["data"]
    rows = await omneo.get(f"/profiles/{omneo.benedikt}/benefits", **{"page[size]": 50})
    wishes = [{"id": b["id"]} for b in rows if b["definition"]["handle"] == "coffee"]
    assert len(wishes) == 2
    assert (await omneo.redeem(omneo.benedikt, strategies=["benefits"], benefits=wishes)).status_code == 422
    made = await redeemed(omneo, {"id": second["id"]})
    assert (await benefit(omneo, "coffee"))["is_redeemable"] is False
    assert (await undone(omneo, made, benefits=[{"id": second["id"]}])).is_success
    assert (await benefit(omneo, "coffee"))["total_global_redemptions_remaining"] == 1


async def test_a_return_of_uses_gives_uses_back_and_mints_no_reward(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 3), amount=20)
    answer = await undone(omneo, made, benefits=[await wish(omneo, "vip-collection", 2)], meta={"return": "r1"})
    body = answer.json()["data"]
    assert (body["total"], body["meta"]) == (0, {"return": "r1"})
    read = await omneo.get(f"/redemptions/{body['id']}")
    assert (read["type"], [(i["type"], i["count"]) for i in read["items"]]) == ("return", [("benefit", 2)])
    assert (await left(omneo, "vip-collection"), await balance(omneo)) == (2, 30)
    assert await omneo.remaining(omneo.benedikt) == [30]


async def test_never_more_uses_come_back_than_were_redeemed(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 2))
    vip = await wish(omneo, "vip-collection")
    assert (await undone(omneo, made, benefits=[vip | {"quantity": 3}])).status_code == 422
    assert (await undone(omneo, made, benefits=[vip, vip])).status_code == 422
    for back in (2, 3):
        assert (await undone(omneo, made, benefits=[vip])).is_success
        assert await left(omneo, "vip-collection") == back
    for again in ({"benefits": [vip]}, {}):
        assert (await undone(omneo, made, **again)).status_code == 422
    assert await left(omneo, "vip-collection") == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"benefits": [{"id": 1}]},
        {"benefits": [{"quantity": 1}]},
        {"benefits": [7]},
        {"benefits": [{"handle": "vip-collection", "quantity": 0}]},
        {"benefits": [{"handle": "vip-collection", "quantity": "one"}]},
        {"benefits": [{"handle": "coffee"}]},
        {"benefits": [{"handle": "vip-collection"}], "amount": 20.01},
        {"benefits": "vip-collection"},
        {"amount": 0},
    ],
)
async def test_a_return_that_cannot_be_whole_gives_nothing_back(omneo, wrong):
    made = await redeemed(omneo, await wish(omneo, "vip-collection"), amount=20)
    answer = await undone(omneo, made, **wrong)
    assert (answer.status_code, bool(answer.json()["errors"])) == (422, True)
    assert (await left(omneo, "vip-collection"), await balance(omneo)) == (2, 30)


async def test_a_return_gives_back_money_and_uses_in_one_call(omneo):
    made = await redeemed(omneo, await wish(omneo, "birthday-10"), await wish(omneo, "free-socks"), amount=20)
    body = (await undone(omneo, made, amount=7.5, benefits=[{"handle": "free-socks"}])).json()["data"]
    assert (body["total"], body["balances"]["reward_balance"]) == (7.5, 37.5)
    read = await omneo.get(f"/redemptions/{body['id']}")
    assert [(i["type"], i["value"], i["count"]) for i in read["items"]] == [
        ("reward", 7.5, None),
        ("benefit", None, 1),
    ]
    assert (await left(omneo, "free-socks"), await left(omneo, "birthday-10")) == (1, 0)


async def test_a_return_that_names_nothing_gives_back_all_that_is_left(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 2), await wish(omneo, "birthday-10"), amount=20)
    await undone(omneo, made, amount=5, benefits=[{"handle": "vip-collection"}])
    body = (await undone(omneo, made)).json()["data"]
    assert body["total"] == 15
    assert (await left(omneo, "vip-collection"), await left(omneo, "birthday-10")) == (3, 1)
    assert await balance(omneo) == 50


async def test_an_amount_alone_gives_no_use_back(omneo):
    made = await redeemed(omneo, await wish(omneo, "birthday-10"), amount=20)
    assert (await undone(omneo, made, amount=20)).json()["data"]["total"] == 20
    assert await left(omneo, "birthday-10") == 0
    assert (await undone(omneo, made)).json()["data"]["total"] == 0
    assert await left(omneo, "birthday-10") == 1


async def test_a_reversal_restores_money_and_uses(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 2), await wish(omneo, "coffee"), amount=20)
    reversal = (await undone(omneo, made, "reversal")).json()["data"]
    read = await omneo.get(f"/redemptions/{reversal['id']}")
    assert [(i["type"], i["value"], i["count"]) for i in read["items"]] == [
        ("benefit", None, 2),
        ("benefit", None, 1),
        ("reward", 20, None),
    ]
    assert (await left(omneo, "vip-collection"), await balance(omneo)) == (3, 50)
    definition = await omneo.get("/benefits/definitions/handle/coffee")
    assert definition["total_global_redemptions"] == 0
    assert (await undone(omneo, made, benefits=[{"handle": "coffee"}])).status_code == 422


async def test_after_a_use_came_back_a_reversal_is_refused(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 2), amount=20)
    await undone(omneo, made, benefits=[{"handle": "vip-collection"}])
    assert (await undone(omneo, made, "reversal")).status_code == 422
    assert (await left(omneo, "vip-collection"), await balance(omneo)) == (2, 30)


async def test_the_benefits_own_return_goes_on_to_the_next_benefit(omneo):
    made = await redeemed(omneo, await wish(omneo, "vip-collection", 2), await wish(omneo, "birthday-10"))
    first = (await undone(omneo, made, "benefit/return")).json()["data"]
    second = (await undone(omneo, made, "benefit/return")).json()["data"]
    assert [[i["count"] for i in r["items"]] for r in (first, second)] == [[2], [1]]
    assert (await undone(omneo, made, "benefit/return")).status_code == 422
    assert (await left(omneo, "vip-collection"), await left(omneo, "birthday-10")) == (3, 1)


async def test_a_benefit_that_is_gone_is_left_out_of_what_comes_back(omneo):
    made = await redeemed(omneo, await wish(omneo, "birthday-10"), amount=20)
    gone = await benefit(omneo, "birthday-10")
    await omneo.call("DELETE", f"/profiles/{omneo.benedikt}/benefits/{gone['id']}")
    assert (await undone(omneo, made, benefits=[{"id": gone["id"]}])).status_code == 422
    assert (await undone(omneo, made)).json()["data"]["total"] == 20


async def test_the_seed_has_a_benefit_of_every_kind(omneo):
    rows = await omneo.get(f"/profiles/{omneo.benedikt}/redeemable_benefits", **{"page[size]": 50})
    assert {b["definition"]["handle"]: b["redemptions_remaining"] for b in rows} == {
        "birthday-10": 1,
        "free-socks": 1,
        "free-shipping": 1,
        "coffee": None,
        "vip-collection": 3,
        "free-alterations": 2,
    }
    assert (await benefit(omneo, "spring-gift"))["is_expired"] is True
    offers = await omneo.get(f"/profiles/{omneo.benedikt}/benefits/claimable")
    assert [d["handle"] for d in offers] == ["welcome-tote"]


@pytest.mark.parametrize(
    ("handle", "field", "value"),
    [
        ("birthday-10", "tags", ["birthday"]),
        ("birthday-10", "meta", {"percent": "10"}),
        ("free-shipping", "redeem_code_online", "SHIPFREE"),
        ("coffee", "redeem_code_pos", "COFFEE"),
    ],
)
async def test_a_definition_says_what_a_shop_may_map_it_by(omneo, handle, field, value):
    assert (await omneo.get(f"/benefits/definitions/handle/{handle}"))[field] == value
    assert (await benefit(omneo, handle))["definition"][field] == value
