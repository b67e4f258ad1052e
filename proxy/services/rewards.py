"""What a customer has to redeem."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from proxy.domain.allowance import Reading, Reward, Standing
from proxy.domain.caller import Surface
from proxy.domain.happening import Happening
from proxy.domain.ids import CustomerId
from proxy.domain.loyalty import Profile
from proxy.domain.money import Money
from proxy.domain.redemption import Redemption
from proxy.domain.shop import Shop
from proxy.ports import Cached, Clock, Holds, Redemptions, Telemetry
from proxy.services.customers import Customers
from proxy.services.readings import Readings


@dataclass(frozen=True, slots=True)
class Expiring:
    """What ends at one moment."""

    amount: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """A balance as shown: `available` is what a redemption made now could take, open holds taken off.

    `redemptions` is everything that the customer has open in the shop, of the balance and of benefits.
    """

    profile: Profile
    total: Money
    held: Money
    available: Money
    rewards: tuple[Reward, ...]
    redemptions: tuple[Redemption, ...]
    as_of: datetime
    stale: bool

    @property
    def redemption(self) -> Redemption | None:
        """The open redemption of this balance; one made while the customer was another profile takes of that one's."""
        own = (row for row in self.redemptions if row.benefit is None and row.profile == self.profile.id)
        return next(own, None)

    @property
    def expiring_next(self) -> Expiring | None:
        """All that is lost first; Omneo consumes in this order."""
        dated = [(r.expires_at, r.remaining) for r in self.rewards if r.state == "active" and r.expires_at is not None]
        if not dated:
            return None
        first = min(at for at, _ in dated)
        amount = sum((remaining for at, remaining in dated if at == first), Decimal(0))
        return Expiring(Money.floor(amount, self.total.currency), first)


class Rewards:
    """Reads balance and rewards and takes the holds off."""

    def __init__(
        self,
        *,
        customers: Customers,
        readings: Readings,
        holds: Holds,
        redemptions: Redemptions,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._customers = customers
        self._readings = readings
        self._holds = holds
        self._redemptions = redemptions
        self._clock = clock
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, customer: CustomerId) -> Wallet | None:
        """Give the wallet; None means that the customer has not reached Omneo yet."""
        return await self._customers.read(shop, customer, lambda profile: self.of(shop, customer, profile))

    async def of(self, shop: Shop, customer: CustomerId, profile: Profile) -> Wallet:
        """Give the wallet of a profile. Raises `NotFound` for one that is gone."""
        reading = await self._readings.get(shop, profile.id)
        if reading.stale:
            self._telemetry.tell(Happening.READ_STALE, shop=shop.domain, age_s=round(reading.age_s))
        standing = await self._holds.standing(shop.tenant, profile.id)
        # Merged or not, a profile may be several customers: what is another's is no more shown here than by its id.
        redemptions = await self._redemptions.open_of(shop.domain, customer)
        return self._wallet(shop, profile, reading, standing, redemptions)

    def _wallet(
        self,
        shop: Shop,
        profile: Profile,
        reading: Cached[Reading],
        standing: Standing,
        redemptions: tuple[Redemption, ...],
    ) -> Wallet:
        value = reading.value
        outlives = shop.timing.needed_until(Surface.CHECKOUT, self._clock.now())
        spendable = value.spendable(shop.policy.spendable, shop.currency, outlives)
        return Wallet(
            profile=profile,
            total=value.total(shop.policy.spendable, shop.currency),
            held=Money(standing.held_minor, shop.currency),
            available=standing.left(spendable),
            rewards=tuple(sorted(value.rewards, key=_by_expiry)),
            redemptions=redemptions,
            as_of=value.read_at,
            stale=reading.stale,
        )


def _by_expiry(reward: Reward) -> tuple[bool, float, int]:
    expires = reward.expires_at
    return expires is None, expires.timestamp() if expires else 0.0, reward.id
