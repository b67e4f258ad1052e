"""Claiming, using and giving back benefits, against the sandbox."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr
from upstreams_rig import FAST, OmneoSide, OpenOmneo, Wired

from proxy.domain.benefit import uses
from proxy.domain.capture import GiveBack, Redeem, UsedBenefit
from proxy.domain.ids import CaptureId, OmneoRedemptionId, ProfileId
from proxy.domain.money import USES
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.upstreams.omneo_benefit_wire import BenefitWire
from proxy.upstreams.omneo_benefits import BenefitClient
from proxy.upstreams.omneo_wire import RedemptionWire

pytestmark = pytest.mark.anyio

ADA = ProfileId(str(seed.ADA.profile_id))
LABEL = CaptureId("cap_" + "1" * 32)


@pytest.fixture
async def omneo(open_omneo: OpenOmneo) -> OmneoSide:
    return await open_omneo()


@pytest.fixture
async def benefits(omneo: OmneoSide, wired: Wired) -> BenefitClient:
    return BenefitClient(await wired.upstream(f"{omneo.url}/api/v3"), SecretStr(seed.OMNEO_TOKEN), retry=FAST)


async def remaining(omneo: OmneoSide, handle: str) -> list[int | None]:
    return [b.remaining for b in await omneo.client.benefits(ADA) if b.handle == handle]


async def alterations(omneo: OmneoSide) -> Any:
    return next(b for b in await omneo.client.benefits(ADA) if b.handle == "free-alterations")


def use(benefit: Any, count: int = 1) -> Redeem:
    wanted = (UsedBenefit(benefit.id, benefit.handle, count),)
    return Redeem(ADA, uses(count), ("benefits",), LABEL, "#1001", LABEL, benefits=wanted)


def back(redemption: OmneoRedemptionId, benefit: Any, count: int = 1) -> GiveBack:
    return GiveBack(redemption, uses(count), LABEL, "back-1", (UsedBenefit(benefit.id, benefit.handle, count),))


async def test_a_use_is_taken_found_by_its_label_and_given_back(omneo: OmneoSide) -> None:
    benefit = await alterations(omneo)
    used = await omneo.client.redeem(use(benefit))
    assert isinstance(used, Answered)
    assert await remaining(omneo, "free-alterations") == [1]
    (found,) = await omneo.client.redemptions(ADA, LABEL)
    assert (found.id, found.type, found.uses) == (used.value.id, "redeem", {benefit.id: 1})
    assert found.taken(USES) == uses(1)
    returned = await omneo.client.give_back(back(used.value.id, benefit))
    assert isinstance(returned, Answered)
    assert returned.value.type == "return"
    assert await remaining(omneo, "free-alterations") == [2]
    seen = {row.type: row for row in await omneo.client.redemptions(ADA, LABEL)}
    assert (seen["return"].capture, seen["return"].uses) == ("back-1", {benefit.id: 1})


async def test_more_uses_than_are_left_are_refused(omneo: OmneoSide) -> None:
    benefit = await alterations(omneo)
    assert isinstance(await omneo.client.redeem(use(benefit, 3)), Refused)
    assert isinstance(await omneo.client.give_back(back(OmneoRedemptionId(999), benefit)), Refused)
    assert await remaining(omneo, "free-alterations") == [2]


async def test_a_lost_answer_to_a_use_is_unknown_and_not_repeated(omneo: OmneoSide) -> None:
    benefit = await alterations(omneo)
    omneo.sandbox.faults.add(Fault("POST */profiles/*/redeem", "drop_after"))
    assert isinstance(await omneo.client.redeem(use(benefit)), Unknown)
    assert await remaining(omneo, "free-alterations") == [1]


async def test_what_is_not_claimable_is_refused(benefits: BenefitClient) -> None:
    assert isinstance(await benefits.claim(ADA, "no-such-benefit", "label-1"), Refused)


async def test_a_claim_is_found_by_its_label_alone(omneo: OmneoSide, benefits: BenefitClient) -> None:
    claimed = await benefits.claim(ADA, "welcome-tote", "label-1")
    assert isinstance(claimed, Answered)
    assert (claimed.value.handle, claimed.value.external_id) == ("welcome-tote", "label-1")
    assert await benefits.claimed(ADA, "label-1") == claimed.value
    assert await benefits.claimed(ADA, "label") is None
    assert await benefits.claimed(ProfileId(str(seed.BENEDIKT.profile_id)), "label-1") is None


async def test_a_benefit_that_is_used_up_is_still_found_by_its_label(omneo: OmneoSide, benefits: BenefitClient) -> None:
    claimed = await benefits.claim(ADA, "welcome-tote", "label-1")
    assert isinstance(claimed, Answered)
    assert isinstance(await omneo.client.redeem(use(claimed.value)), Answered)
    found = await benefits.claimed(ADA, "label-1")
    assert found is not None
    assert (found.id, found.remaining, found.redeemable) == (claimed.value.id, 0, False)


@pytest.mark.parametrize("kind", ["drop_after", "server_error_after"])
async def test_a_lost_answer_to_a_claim_is_unknown_and_sent_once(
    omneo: OmneoSide, benefits: BenefitClient, kind: str
) -> None:
    omneo.sandbox.faults.add(Fault("POST */benefits/claim", kind))
    assert isinstance(await benefits.claim(ADA, "welcome-tote", "label-1"), Unknown)
    assert omneo.sandbox.calls["POST /api/v3/profiles/{id}/benefits/claim"] == 1
    assert await benefits.claimed(ADA, "label-1") is not None


async def test_what_is_on_offer_is_listed_until_it_is_claimed(benefits: BenefitClient) -> None:
    assert [(offer.handle, offer.name) for offer in await benefits.claimable(ADA)] == [("welcome-tote", "Welcome tote")]
    await benefits.claim(ADA, "welcome-tote", "label-1")
    assert await benefits.claimable(ADA) == ()


async def test_definitions_that_there_are_can_be_told_from_others(benefits: BenefitClient) -> None:
    assert await benefits.defined("welcome-tote")
    assert not await benefits.defined("wélcome/tote")


DEFINITION: dict[str, Any] = {
    "handle": "vip",
    "name": "VIP",
    "tags": ["vip", {"name": "Gold", "handle": "gold"}, None, 7],
    "meta": {"shopify": "ten", "uses": 2, "rate": Decimal("0.5"), "open": True, "nested": {"a": 1}},
    "redeem_code_online": "ONLINE",
    "redeem_code_pos": "",
    "redeem_instructions_store": "Ask for it.",
    "value": "10.00",
}


@pytest.mark.parametrize(
    ("own", "everybodys", "left"),
    [(None, None, None), (3, None, 3), (None, 2, 2), (3, 2, 2), (1, 5, 1), (1, 0, 0), ("2", "", 2), (1, -1, 0)],
)
def test_what_is_left_is_the_lesser_of_own_uses_and_everybodys(own: Any, everybodys: Any, left: int | None) -> None:
    row = {"id": "7", "redemptions_remaining": own, "total_global_redemptions_remaining": everybodys}
    benefit = BenefitWire.model_validate(row).domain()
    assert (benefit.remaining, benefit.redeemable) == (left, left != 0)


def test_a_benefit_carries_what_a_mapping_can_know_it_by() -> None:
    benefit = BenefitWire.model_validate({"id": 7, "definition": DEFINITION, "redeem_code_online": "MINE"}).domain()
    assert benefit.tags == ("vip", "gold")
    assert dict(benefit.meta) == {"shopify": "ten", "uses": "2", "rate": "0.5", "open": "true"}
    assert (benefit.code_online, benefit.code_pos) == ("MINE", None)
    assert (benefit.instructions_store, benefit.instructions_online) == ("Ask for it.", None)
    assert benefit.value == Decimal(10)
    assert BenefitWire.model_validate({"id": 7, "definition": [], "external_id": ""}).domain().meta == ()


@pytest.mark.parametrize(
    "item", [{"type_attributes": {"id": 42}}, {"type_attributes": {"id": 42}, "count": None}, {"count": 1}]
)
def test_uses_that_are_told_in_part_are_not_told(item: dict[str, Any]) -> None:
    """Read as none of that one, what was used would be given up as a shortfall."""
    whole = {"type": "benefit", "type_attributes": {"id": 41}, "count": 1}
    told = RedemptionWire.model_validate({"id": 1, "items": [whole, {"type": "reward", "count": None}]})
    assert told.uses == {41: 1}
    assert RedemptionWire.model_validate({"id": 1, "items": [whole, {"type": "benefit", **item}]}).uses == {}
