"""Claim a benefit for a customer, once for each key although Omneo's call knows no keys."""

import asyncio
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from proxy.domain.errors import (
    IdempotencyInFlight,
    IdempotencyKeyReused,
    NotClaimable,
    NotFound,
    OutcomePending,
    ProxyError,
    RefusedBefore,
    UpstreamUnavailable,
)
from proxy.domain.happening import Happening
from proxy.domain.hold import Claim, ClaimKey, Refusal
from proxy.domain.ids import CustomerId
from proxy.domain.loyalty import Benefit, Profile
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.shop import Shop
from proxy.ports import Holds, OmneoBenefits, Telemetry
from proxy.services.benefits import Benefits
from proxy.services.customers import Customers
from proxy.services.display import Display

# An attempt ends here at the latest: what it sent is visible once the settling has passed too.
_SENDING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class ClaimWish:
    """Which definition a caller wants claimed for whom, and under which key."""

    customer: CustomerId
    definition: str
    key: ClaimKey
    body_hash: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """The benefit as it is now, and whether this answer is a replay."""

    benefit: Benefit
    replayed: bool


class ClaimBenefit:
    """Has Omneo issue a benefit under a label that follows from the key; by it a lost answer is found again.

    A key is leased until what was sent under it must be visible: until then it is looked for, and never sent again.
    """

    def __init__(
        self,
        *,
        omneo: OmneoBenefits,
        holds: Holds,
        customers: Customers,
        benefits: Benefits,
        display: Display,
        telemetry: Telemetry,
        sending: timedelta = _SENDING,
    ) -> None:
        self._omneo = omneo
        self._holds = holds
        self._customers = customers
        self._benefits = benefits
        self._display = display
        self._telemetry = telemetry
        self._sending = sending

    async def __call__(self, shop: Shop, wish: ClaimWish) -> Claimed:
        """Give the benefit; on return it is Omneo's word and the key replays.

        Raises `NotClaimable`, which the key keeps, and `OutcomePending`, after which the same key finds out.
        """
        first = await self._holds.claim(wish.key)
        if first is None:
            profile = await self._claimant(shop, wish)
            first = await self._holds.begin(wish.key, wish.body_hash, self._lease_ms(shop))
            if first is None:
                return Claimed(await self._send(shop, wish, profile, resumed=False), replayed=False)
        return await self._replay(shop, wish, first)

    async def _claimant(self, shop: Shop, wish: ClaimWish) -> Profile:
        try:
            return await self._customers.redeemer(shop, wish.customer)
        except ProxyError as error:
            if not error.retryable:
                await self._holds.refuse(wish.key, wish.body_hash, _refusal(error))
            raise

    async def _replay(self, shop: Shop, wish: ClaimWish, first: Claim) -> Claimed:
        if first.body_hash != wish.body_hash:
            raise IdempotencyKeyReused()
        if first.refusal is not None:
            raise RefusedBefore(**asdict(first.refusal))
        profile = await self._customers.redeemer(shop, wish.customer)
        found = await self._look(shop, wish, profile)
        if found is not None:
            if not first.finished:
                await self._done(shop, wish, profile)
            return Claimed(found, replayed=True)
        if first.finished:
            raise NotFound(reason="benefit_gone")
        if not await self._holds.resume(wish.key, self._lease_ms(shop)):
            raise IdempotencyInFlight()
        return Claimed(await self._send(shop, wish, profile, resumed=True), replayed=True)

    async def _send(self, shop: Shop, wish: ClaimWish, profile: Profile, *, resumed: bool) -> Benefit:
        try:
            benefit = await self._asked(shop, wish, profile, resumed=resumed)
        except OutcomePending:
            raise  # the lease stays: until it ends, whoever asks looks
        except ProxyError as error:
            if not error.retryable:
                await self._holds.finish(wish.key, _refusal(error))
            elif resumed:
                await self._holds.yield_claim(wish.key)
            else:
                await self._holds.free(wish.key)
            raise
        await self._done(shop, wish, profile)
        return benefit

    async def _asked(self, shop: Shop, wish: ClaimWish, profile: Profile, *, resumed: bool) -> Benefit:
        outcome = await self._claim(shop, wish, profile)
        if isinstance(outcome, Answered):
            return outcome.value
        if isinstance(outcome, Unknown):
            self._telemetry.tell(Happening.BENEFIT_CLAIM_UNKNOWN, shop=shop.domain, reason=outcome.reason)
        if isinstance(outcome, Unknown) or resumed:
            # A second attempt may be refused because the first one was not.
            found = await self._look_after(shop, wish, profile)
            if found is not None:
                return found
        if isinstance(outcome, Unknown):
            raise OutcomePending(reason="claim")
        if outcome.transient:
            raise UpstreamUnavailable(upstream="omneo", reason=outcome.reason)
        raise NotClaimable(reason=outcome.reason, definition=wish.definition)

    async def _claim(self, shop: Shop, wish: ClaimWish, profile: Profile) -> Outcome[Benefit]:
        label = label_of(wish.key)
        try:
            async with asyncio.timeout(self._sending.total_seconds()):
                outcome = await self._omneo.claim(profile.id, wish.definition, label)
                if outcome != Refused("not_found"):
                    return outcome
                # The profile was merged since it was remembered, or the definition is gone.
                present = await self._customers.again(shop, wish.customer, NotFound())
                return (
                    outcome if present.id == profile.id else await self._omneo.claim(present.id, wish.definition, label)
                )
        except TimeoutError:
            return Unknown("deadline")

    async def _look_after(self, shop: Shop, wish: ClaimWish, profile: Profile) -> Benefit | None:
        try:
            return await self._look(shop, wish, profile)
        except ProxyError as error:
            raise OutcomePending(reason="look") from error

    async def _look(self, shop: Shop, wish: ClaimWish, profile: Profile) -> Benefit | None:
        label = label_of(wish.key)
        try:
            return await self._omneo.claimed(profile.id, label)
        except NotFound as gone:
            present = await self._customers.again(shop, wish.customer, gone)
            return await self._omneo.claimed(present.id, label)

    async def _done(self, shop: Shop, wish: ClaimWish, profile: Profile) -> None:
        await self._holds.finish(wish.key)
        self._benefits.forget(shop, profile.id)
        self._display.forget(shop.domain, wish.customer)
        self._telemetry.tell(
            Happening.BENEFIT_CLAIMED, shop=shop.domain, profile=profile.id, definition=wish.definition
        )

    def _lease_ms(self, shop: Shop) -> int:
        return int((self._sending + shop.timing.settling).total_seconds() * 1000)


def label_of(key: ClaimKey) -> str:
    """Form the label of what is claimed under a key: nobody else's key has the same, and nobody reads a key in it."""
    scope = json.dumps([key.shop, key.surface, key.subject, key.route, key.key])
    return f"clm_{hashlib.sha256(scope.encode()).hexdigest()[:32]}"


def _refusal(error: ProxyError) -> Refusal:
    return Refusal(error.code, error.status, error.text, error.facts())
