"""Put together what maps, shows and claims the benefits of one shop."""

from functools import cached_property

from proxy.app.caches import Caches
from proxy.domain.loyalty import Benefit, Claimable
from proxy.ports import Holds, Omneo, OmneoBenefits, Shopify, Telemetry
from proxy.services.benefits import Benefits
from proxy.services.check_mapping import CheckMapping
from proxy.services.claim_benefit import ClaimBenefit
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.effects import Effects


class BenefitParts:
    """The parts, each built once, when something needs it."""

    def __init__(
        self,
        omneo: Omneo,
        offered: OmneoBenefits,
        shopify: Shopify,
        holds: Holds,
        customers: Customers,
        caches: Caches,
        display: Display,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._offered = offered
        self._shopify = shopify
        self._holds = holds
        self._customers = customers
        self._caches = caches
        self._display = display
        self._telemetry = telemetry

    @cached_property
    def effects(self) -> Effects:
        """What a benefit does at Shopify."""
        return Effects(self._shopify, self._caches.prices)

    @cached_property
    def shown(self) -> Benefits:
        """What a customer has, and may claim."""
        return Benefits(
            omneo=self._omneo,
            offered=self._offered,
            holds=self._holds,
            customers=self._customers,
            effects=self.effects,
            benefits=self._caches.of("benefits", tuple[Benefit, ...]),
            claimable=self._caches.of("claimable", tuple[Claimable, ...]),
        )

    @cached_property
    def claim(self) -> ClaimBenefit:
        """What claims one."""
        return ClaimBenefit(
            omneo=self._offered,
            holds=self._holds,
            customers=self._customers,
            benefits=self.shown,
            display=self._display,
            telemetry=self._telemetry,
        )

    @cached_property
    def check_mapping(self) -> CheckMapping:
        """What asks both other sides for what the mapping names."""
        return CheckMapping(self._offered, self._shopify)
