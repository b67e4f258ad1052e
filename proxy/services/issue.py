"""Make the Shopify discount for a hold, exactly once although the call has no idempotency key."""

from datetime import UTC, datetime

from proxy.domain.discount import DiscountSpec
from proxy.domain.errors import Busy, DiscountRefused, OutcomePending, UpstreamUnavailable
from proxy.domain.happening import Happening
from proxy.domain.ids import DiscountId
from proxy.domain.outcome import Answered, Outcome, Refused, Unknown
from proxy.domain.redemption import Redemption, State
from proxy.domain.shop import Shop
from proxy.ports import Redemptions, Shopify, Telemetry

TAKEN = "TAKEN"


class Issue:
    """Asks for the discount whose code, amount and dates the ledger has committed already."""

    def __init__(self, shopify: Shopify, redemptions: Redemptions, telemetry: Telemetry) -> None:
        self._shopify = shopify
        self._redemptions = redemptions
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, redemption: Redemption, *, resumed: bool = False) -> Redemption:
        """Give the issued redemption; `resumed` says that an attempt before this one may have had an effect.

        Raises `DiscountRefused` (nothing is held any more), `UpstreamUnavailable` (nothing happened) or
        `OutcomePending` (the hold stays; the same key resumes this redemption).
        """
        if not redemption.has_discount:
            return await self._issued(redemption, None)
        spec = _spec(shop, redemption)
        outcome = await self._create(spec)
        match outcome:
            case Answered(discount):
                return await self._issued(redemption, discount)
            case Unknown(reason):
                self._telemetry.tell(Happening.ISSUE_UNKNOWN, redemption=redemption.id, reason=reason)
                raise OutcomePending(redemption=redemption.id)
            case Refused(reason, transient):
                return await self._refused(redemption, reason, transient=transient, resumed=resumed)

    async def _refused(self, redemption: Redemption, reason: str, *, transient: bool, resumed: bool) -> Redemption:
        if resumed:
            # What an earlier attempt did is not known: the release looks for its discount before it lets go.
            over = await self._redemptions.begin_release(redemption, "discount_refused")
        else:
            over = await self._redemptions.drop(redemption.id, "discount_refused")
        current = await self._read(redemption)
        if not over and current.state is State.ISSUED:
            return current  # another attempt with the same key was faster and luckier
        self._telemetry.tell(Happening.REDEMPTION_REFUSED, redemption=redemption.id, reason=reason)
        if transient:
            raise UpstreamUnavailable(upstream="shopify", reason=reason)
        raise DiscountRefused(reason=reason)

    async def _create(self, spec: DiscountSpec) -> Outcome[DiscountId]:
        first = await self._shopify.create_discount(spec)
        if isinstance(first, Answered) or (isinstance(first, Refused) and first.reason != TAKEN):
            return first
        # The code is ours alone, so asking again is safe: it is made now, or answers TAKEN and can be read back.
        again = await self._shopify.create_discount(spec) if isinstance(first, Unknown) else first
        if isinstance(again, Refused) and again.reason == TAKEN:
            return await self._read_back(spec)
        # After an Unknown, a refusal of the second try says nothing about the first.
        return again if isinstance(again, Answered) else Unknown(again.reason)

    async def _read_back(self, spec: DiscountSpec) -> Outcome[DiscountId]:
        try:
            found = await self._shopify.discount(spec.code)
        except UpstreamUnavailable:
            return Unknown("read_back")
        if found is None:
            return Unknown("taken_but_unreadable")
        return Answered(found.id) if found.is_ours(spec) else Refused("taken_by_another")

    async def _issued(self, redemption: Redemption, discount: DiscountId | None) -> Redemption:
        if await self._redemptions.issued(redemption, discount):
            self._telemetry.tell(Happening.REDEMPTION_ISSUED, redemption=redemption.id, shop=redemption.shop)
        current = await self._read(redemption)
        if current.state is not State.ISSUED:
            # Released or replaced meanwhile; the release takes the discount back.
            raise Busy(redemption=redemption.id)
        return current

    async def _read(self, redemption: Redemption) -> Redemption:
        found = await self._redemptions.get(redemption.id)
        assert found is not None, "redemptions are never deleted"
        return found


def _spec(shop: Shop, redemption: Redemption) -> DiscountSpec:
    return DiscountSpec(
        code=redemption.code,
        title=f"{'Benefit' if redemption.benefit else 'Reward'} {redemption.id[-8:]}",
        effect=redemption.benefit.effect if redemption.benefit else shop.policy.effect(redemption.amount),
        customer=redemption.customer,
        starts_at=_instant(redemption.starts_ms),
        ends_at=_instant(redemption.ends_ms),
    )


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)
