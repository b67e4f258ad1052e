"""Claiming, using and giving back benefits, against the sandbox."""

from typing import Any

import pytest
from pydantic import SecretStr
from upstreams_rig import FAST, OmneoSide, OpenOmneo, Wired

from proxy.domain.ids import OmneoRedemptionId, ProfileId
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.sandbox import seed
from proxy.sandbox.faults import Fault
from proxy.upstreams.omneo_benefits import BenefitClient

pytestmark = pytest.mark.anyio

ADA = ProfileId(str(seed.ADA.profile_id))


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


async def test_a_use_is_taken_and_given_back(omneo: OmneoSide, benefits: BenefitClient) -> None:
    benefit = await alterations(omneo)
    used = await benefits.redeem(ADA, benefit.id, 1)
    assert isinstance(used, Answered)
    assert await remaining(omneo, "free-alterations") == [1]
    back = await benefits.give_back(used.value.id, 1)
    assert isinstance(back, Answered)
    assert back.value.type == "return"
    assert await remaining(omneo, "free-alterations") == [2]


async def test_more_uses_than_are_left_are_refused(omneo: OmneoSide, benefits: BenefitClient) -> None:
    benefit = await alterations(omneo)
    assert isinstance(await benefits.redeem(ADA, benefit.id, 3), Refused)
    assert isinstance(await benefits.give_back(OmneoRedemptionId(999), 1), Refused)
    assert await remaining(omneo, "free-alterations") == [2]


async def test_a_lost_answer_to_a_use_is_unknown_and_not_repeated(omneo: OmneoSide, benefits: BenefitClient) -> None:
    benefit = await alterations(omneo)
    omneo.sandbox.faults.add(Fault("POST */benefits/*/redeem", "drop_after"))
    assert isinstance(await benefits.redeem(ADA, benefit.id, 1), Unknown)
    assert await remaining(omneo, "free-alterations") == [1]


async def test_what_is_not_claimable_is_refused(benefits: BenefitClient) -> None:
    assert isinstance(await benefits.claim(ADA, "no-such-benefit"), Refused)
