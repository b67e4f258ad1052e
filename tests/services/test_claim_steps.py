"""Each step of a claim, over the real keys and a clock that stands still; Omneo is a script."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from proxy.domain.caller import Surface
from proxy.domain.errors import (
    IdempotencyInFlight,
    IdempotencyKeyReused,
    NotClaimable,
    NotFound,
    OutcomePending,
    PendingProfile,
    ProfileInactive,
    RefusedBefore,
    UpstreamUnavailable,
)
from proxy.domain.hold import ClaimKey
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Benefit
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.services.benefits import Benefits
from proxy.services.claim_benefit import ClaimBenefit, Claimed, ClaimWish, label_of
from proxy.services.display import View
from tests.domain.test_mapping import BENEFIT
from tests.services.alone import Alone
from tests.services.redeeming import profile
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP

pytestmark = pytest.mark.anyio

KEY = ClaimKey(SHOP, Surface.CHECKOUT, CUSTOMER, "claims", "key-1")
WISH = ClaimWish(CUSTOMER, "birthday-10", KEY, "0" * 64)
MINE = replace(BENEFIT, external_id=label_of(KEY))
KEPT = ProfileId("p-2")
NOT_OURS = Refused("validation")
BUSY = Refused("rate_limited", transient=True)
LEASE_S = 180  # a minute to send, and TIMING's settling


@dataclass(slots=True)
class Scripted:
    """Omneo as far as claims go: answers in the order written down, and what each profile has."""

    answers: list[Any] = field(default_factory=list)
    has: dict[str, list[Benefit]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    down: bool = False
    sent: list[tuple[str, str, str]] = field(default_factory=list)

    async def claim(self, profile: ProfileId, definition: str, label: str) -> Any:
        self.sent.append((profile, definition, label))
        if profile in self.gone:
            return Refused("not_found")
        answer = self.answers.pop(0)
        return await answer() if callable(answer) else answer

    async def claimed(self, profile: ProfileId, label: str) -> Benefit | None:
        if self.down:
            raise UpstreamUnavailable(upstream="omneo", reason="down")
        if profile in self.gone:
            raise NotFound
        return next((benefit for benefit in self.has.get(profile, []) if benefit.external_id == label), None)


class Seen:
    """What is remembered of benefits; keeps whose was forgotten."""

    def __init__(self) -> None:
        self.forgotten: list[str] = []

    def forget(self, _shop: object, profile: ProfileId) -> None:
        self.forgotten.append(profile)


@dataclass(slots=True)
class Claiming:
    alone: Alone
    omneo: Scripted = field(default_factory=Scripted)
    seen: Seen = field(default_factory=Seen)
    sending: timedelta = timedelta(minutes=1)

    async def __call__(self, *answers: Any, wish: ClaimWish = WISH) -> Claimed:
        self.omneo.answers[:] = answers
        benefits: Benefits = self.seen  # type: ignore[assignment]
        claim = ClaimBenefit(
            omneo=self.omneo,  # type: ignore[arg-type]
            holds=self.alone.ledger.holds,
            customers=self.alone.customers,
            benefits=benefits,
            display=self.alone.display,
            telemetry=self.alone.told,
            sending=self.sending,
        )
        return await claim(self.alone.shop, wish)

    async def finished(self) -> bool | None:
        """Whether the key is finished; None where there is none."""
        claim = await self.alone.ledger.holds.claim(KEY)
        return claim.finished if claim else None

    def shows(self, *benefits: Benefit, of: ProfileId = PROFILE) -> None:
        self.omneo.has[of] = list(benefits)

    def told(self) -> list[str]:
        return [name for name, _ in self.alone.told.lines]


@pytest.fixture
def claim(alone: Alone) -> Claiming:
    alone.omneo.profiles[CUSTOMER] = profile()
    return Claiming(alone)


async def test_what_omneo_gives_is_the_answer_and_the_key_is_finished(claim: Claiming) -> None:
    await claim.alone.shows(CUSTOMER, View.REWARDS)
    assert await claim(Answered(MINE)) == Claimed(MINE, replayed=False)
    assert claim.omneo.sent == [(PROFILE, "birthday-10", label_of(KEY))]
    assert await claim.finished() is True
    assert (claim.seen.forgotten, claim.alone.still_shown(CUSTOMER)) == ([PROFILE], [])
    facts = {"shop": SHOP, "profile": PROFILE, "definition": "birthday-10"}
    assert claim.alone.told.lines == [("benefit.claimed", facts)]


async def test_a_finished_key_is_answered_from_what_omneo_has_now(claim: Claiming) -> None:
    await claim(Answered(MINE))
    used = replace(MINE, remaining=0, redeemable=False)
    claim.shows(used)
    assert await claim() == Claimed(used, replayed=True)
    claim.shows()
    with pytest.raises(NotFound) as gone:
        await claim()
    assert gone.value.details == {"reason": "benefit_gone"}
    assert (len(claim.omneo.sent), claim.told()) == (1, ["benefit.claimed"])


async def test_a_refusal_is_kept_with_its_key(claim: Claiming) -> None:
    with pytest.raises(NotClaimable) as refused:
        await claim(NOT_OURS)
    assert refused.value.details == {"reason": "validation", "definition": "birthday-10"}
    with pytest.raises(RefusedBefore) as again:
        await claim()
    assert (again.value.code, again.value.status, again.value.text) == ("not_claimable", 409, NotClaimable.message)
    assert (await claim.finished(), len(claim.omneo.sent)) == (True, 1)


async def test_a_refusal_of_a_first_sending_is_believed_at_once(claim: Claiming) -> None:
    """Nothing was sent before it, so nothing is looked for: a label that is there would be another claim's."""
    claim.shows(MINE)
    with pytest.raises(NotClaimable):
        await claim(NOT_OURS)


async def test_what_was_not_sent_frees_the_key(claim: Claiming) -> None:
    with pytest.raises(UpstreamUnavailable) as busy:
        await claim(BUSY)
    assert busy.value.details == {"upstream": "omneo", "reason": "rate_limited"}
    assert await claim.finished() is None
    assert await claim(Answered(MINE)) == Claimed(MINE, replayed=False)


async def test_a_lost_answer_that_shows_at_once_is_an_answer(claim: Claiming) -> None:
    claim.shows(BENEFIT, MINE)
    assert await claim(Unknown("cut")) == Claimed(MINE, replayed=False)
    assert claim.alone.told.lines[0] == ("benefit.claim_unknown", {"shop": SHOP, "reason": "cut"})
    assert await claim.finished() is True


async def test_a_lost_answer_is_looked_for_until_the_lease_is_over_and_then_sent_again_once(claim: Claiming) -> None:
    with pytest.raises(OutcomePending) as pending:
        await claim(Unknown("cut"))
    assert pending.value.details == {"reason": "claim"}
    claim.alone.passes(seconds=LEASE_S - 1)
    with pytest.raises(IdempotencyInFlight):
        await claim()
    assert (len(claim.omneo.sent), await claim.finished()) == (1, False)
    claim.alone.passes(seconds=1)
    assert await claim(Answered(MINE)) == Claimed(MINE, replayed=True)
    assert len(claim.omneo.sent) == 2
    assert len(set(claim.omneo.sent)) == 1


async def test_a_lost_answer_that_shows_later_is_found_by_the_same_key(claim: Claiming) -> None:
    with pytest.raises(OutcomePending):
        await claim(Unknown("cut"))
    claim.shows(MINE)
    assert await claim() == Claimed(MINE, replayed=True)
    assert (len(claim.omneo.sent), await claim.finished()) == (1, True)
    assert claim.told() == ["benefit.claim_unknown", "benefit.claimed"]
    assert claim.seen.forgotten == [PROFILE]


async def test_a_lost_answer_that_cannot_be_looked_for_keeps_the_key(claim: Claiming) -> None:
    claim.omneo.down = True
    with pytest.raises(OutcomePending) as pending:
        await claim(Unknown("cut"))
    assert pending.value.details == {"reason": "look"}
    assert await claim.finished() is False
    with pytest.raises(UpstreamUnavailable):
        await claim()
    assert len(claim.omneo.sent) == 1


async def resumed(claim: Claiming) -> None:
    """Have a first sending whose answer was lost, and let its lease end."""
    with pytest.raises(OutcomePending):
        await claim(Unknown("cut"))
    claim.alone.passes(seconds=LEASE_S)


async def test_a_second_sending_that_is_refused_for_good_is_a_refusal(claim: Claiming) -> None:
    await resumed(claim)
    with pytest.raises(NotClaimable):
        await claim(NOT_OURS)
    assert await claim.finished() is True


async def test_a_second_sending_that_is_refused_because_of_the_first_finds_the_first(claim: Claiming) -> None:
    await resumed(claim)

    async def shown_meanwhile() -> Any:
        claim.shows(MINE)
        return NOT_OURS

    assert await claim(shown_meanwhile) == Claimed(MINE, replayed=True)


async def test_a_second_sending_that_did_not_leave_can_be_tried_again_at_once(claim: Claiming) -> None:
    await resumed(claim)
    with pytest.raises(UpstreamUnavailable):
        await claim(BUSY)
    assert await claim.finished() is False
    assert await claim(Answered(MINE)) == Claimed(MINE, replayed=True)


async def test_a_second_sending_whose_answer_is_lost_holds_the_key_as_long_as_the_first(claim: Claiming) -> None:
    await resumed(claim)
    with pytest.raises(OutcomePending):
        await claim(Unknown("cut"))
    claim.alone.passes(seconds=LEASE_S - 1)
    with pytest.raises(IdempotencyInFlight):
        await claim()


async def test_the_same_key_with_another_wish_is_refused_before_anything_is_asked(claim: Claiming) -> None:
    await claim(Answered(MINE))
    claim.omneo.down = True
    with pytest.raises(IdempotencyKeyReused):
        await claim(wish=replace(WISH, body_hash="1" * 64))


async def test_who_may_not_redeem_claims_nothing_and_the_key_keeps_that(claim: Claiming) -> None:
    claim.alone.omneo.profiles[CUSTOMER] = profile(type="deleted")
    with pytest.raises(ProfileInactive):
        await claim()
    claim.alone.omneo.profiles[CUSTOMER] = profile()
    with pytest.raises(RefusedBefore):
        await claim()
    assert claim.omneo.sent == []


async def test_who_is_not_in_omneo_yet_keeps_no_key(claim: Claiming) -> None:
    del claim.alone.omneo.profiles[CUSTOMER]
    with pytest.raises(PendingProfile):
        await claim()
    assert await claim.finished() is None


async def test_a_profile_that_was_merged_claims_where_it_is_now(claim: Claiming) -> None:
    await claim.alone.customers.find(claim.alone.shop, CUSTOMER)
    claim.omneo.gone.add(PROFILE)
    claim.alone.omneo.profiles[CUSTOMER] = profile(id=KEPT)
    assert await claim(Answered(MINE)) == Claimed(MINE, replayed=False)
    assert [where for where, _, _ in claim.omneo.sent] == [PROFILE, KEPT]
    claim.shows(MINE, of=KEPT)
    assert (await claim()).benefit == MINE


async def test_a_definition_that_is_gone_is_asked_for_once(claim: Claiming) -> None:
    with pytest.raises(NotClaimable) as refused:
        await claim(Refused("not_found"))
    assert refused.value.details["reason"] == "not_found"
    assert len(claim.omneo.sent) == 1


async def test_a_label_tells_keys_apart_and_nothing_of_them() -> None:
    parts = ("shop", "surface", "subject", "route", "key")
    keys = [KEY, *(replace(KEY, **{name: "other"}) for name in parts)]  # type: ignore[arg-type]
    labels = {label_of(key) for key in keys}
    assert len(labels) == len(keys)
    for label in labels:
        assert label.startswith("clm_")
        assert len(label) == len("clm_") + 32
        assert not any(part in label for part in (CUSTOMER, "key-1", "claims"))
    # What stands between the parts cannot be moved into one of them.
    assert label_of(replace(KEY, subject="a", route="b/c")) != label_of(replace(KEY, subject="a/b", route="c"))


async def test_a_sending_that_takes_too_long_is_unknown(claim: Claiming) -> None:
    """The lease counts on it: what is sent, is sent within its time."""
    claim.sending = timedelta(0)

    async def slow() -> Any:
        await claim.finished()
        return Answered(MINE)

    with pytest.raises(OutcomePending):
        await claim(slow)
    assert claim.alone.told.lines == [("benefit.claim_unknown", {"shop": SHOP, "reason": "deadline"})]
