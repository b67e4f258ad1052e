"""Put the parts of one shop together."""

from functools import cached_property

from proxy.app.benefit_parts import BenefitParts
from proxy.app.caches import Caches
from proxy.app.recording import record
from proxy.app.shop_work import ShopWork
from proxy.app.surroundings import World
from proxy.app.till_parts import TillParts
from proxy.app.value_parts import ValueParts
from proxy.app.verifiers import app_proxy, sessions, transients, webhooks
from proxy.domain.allowance import Reading
from proxy.domain.loyalty import Benefit, Page, Tier, Transaction
from proxy.domain.shop import Shop
from proxy.jobs.worker import Worker
from proxy.ports import Omneo, OmneoBenefits, OmneoIdTokens, OmneoProfiles, Shopify
from proxy.services.customers import Customers
from proxy.services.display import Display
from proxy.services.follow import FollowProfile
from proxy.services.forget import ForgetProfile
from proxy.services.gateway import Gateway
from proxy.services.gone import LookAfterProfile
from proxy.services.id_tokens import IdTokens
from proxy.services.issue import Issue
from proxy.services.look_up import LookUp
from proxy.services.offers import Offers
from proxy.services.overview import Overviews
from proxy.services.readings import Readings
from proxy.services.record import Record
from proxy.services.redeem import Redeem
from proxy.services.release import Release
from proxy.services.rewards import Rewards
from proxy.services.settle import Settle
from proxy.services.wind_down import WindDown
from proxy.settings import Settings, ShopSettings
from proxy.stores.captures import Captures
from proxy.stores.closures import Closures
from proxy.stores.database import Database
from proxy.stores.events import Events
from proxy.stores.give_backs import GiveBacks
from proxy.stores.holds import Holds
from proxy.stores.redemptions import Redemptions
from proxy.stores.successions import Successions
from proxy.telemetry import LogAndMetrics
from proxy.web.state import ShopServices


class ShopParts:
    """Every part that works for one shop, each built once, when something needs it.

    Shops have nothing in common but the ledger's database and the caches, whose keys tell shops and tenants apart.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        shop_settings: ShopSettings,
        telemetry: LogAndMetrics,
        world: World,
        database: Database,
        caches: Caches,
        omneo: Omneo,
        omneo_benefits: OmneoBenefits,
        profiles: OmneoProfiles,
        id_api: OmneoIdTokens | None,
        shopify: Shopify,
    ) -> None:
        self.shop: Shop = shop_settings.shop()
        self._settings = settings
        self._telemetry = telemetry
        self._clock = world.clock
        self._ids = world.ids
        self._world = world
        self._database = database
        self._caches = caches
        self._omneo = omneo
        self._omneo_benefits = omneo_benefits
        self._profiles = profiles
        self._id_api = id_api
        self._shopify = shopify
        self._tills = TillParts(world, database, caches, shopify)
        self._holds = Holds(database)
        self._redemptions = Redemptions(database)
        self._captures = Captures(database)
        self._give_backs = GiveBacks(database)
        self._events = Events(database)
        self._successions = Successions(database)

    @cached_property
    def services(self) -> ShopServices:
        """What routes call for this shop."""
        api = self._id_api
        return ShopServices(
            shop=self.shop,
            sessions=sessions(self.shop, self._world),
            transients=transients(self._settings, self.shop, self._world),
            app_proxy=app_proxy(self.shop, self._world),
            webhooks=webhooks(self.shop),
            customers=self._customers,
            rewards=self._rewards,
            overviews=self._overviews,
            look_up=LookUp(self._omneo, self._customers, self._telemetry),
            benefits=self.benefits.shown,
            claim_benefit=self.benefits.claim,
            gateway=Gateway(self._customers, self._profiles),
            id_tokens=IdTokens(api, self._caches.id_tokens, self._clock, self._telemetry) if api else None,
            redeem=self._redeem,
            tills=self._tills.services(
                customers=self._customers,
                readings=self._readings,
                holds=self._holds,
                omneo=self._omneo,
                offers=self._offers,
                redemptions=self._redemptions,
            ),
            release=self._release,
            display=self._display,
            forget=ForgetProfile(self._customers, self._readings, self._overviews, self.benefits.shown, self._display),
            wake=self.worker.wake,
        )

    @cached_property
    def benefits(self) -> BenefitParts:
        """What maps, shows and claims benefits."""
        sides = (self._omneo, self._omneo_benefits, self._shopify)
        return BenefitParts(*sides, self._holds, self._customers, self._caches, self._display, self._telemetry)

    @cached_property
    def worker(self) -> Worker:
        """What does the durable work."""
        return self.work.worker

    @cached_property
    def work(self) -> ShopWork:
        """What the worker does, by kind and by the hour."""
        return ShopWork(
            settings=self._settings,
            shop=self.shop,
            world=self._world,
            database=self._database,
            shopify=self._shopify,
            settle=self._settle,
            release=self._release,
            wind_down=self._wind_down,
            look_after=LookAfterProfile(self._follow, self._successions, self._release, self._telemetry),
            telemetry=self._telemetry,
        )

    @cached_property
    def _wind_down(self) -> WindDown:
        return WindDown(
            closures=Closures(self._database),
            redemptions=self._redemptions,
            captures=self._captures,
            release=self._release,
            spend=self._value.spend,
            undo_surplus=self._value.undo_surplus,
            give_back=self._value.give_back,
            telemetry=self._telemetry,
        )

    @cached_property
    def _display(self) -> Display:
        return Display(self._caches.display)

    @cached_property
    def _customers(self) -> Customers:
        return Customers(self._omneo, self._caches.profiles)

    @cached_property
    def _readings(self) -> Readings:
        return Readings(self._omneo, self._holds, self._caches.of("readings", Reading), self._clock)

    @cached_property
    def _rewards(self) -> Rewards:
        return Rewards(
            customers=self._customers,
            readings=self._readings,
            holds=self._holds,
            redemptions=self._redemptions,
            clock=self._clock,
            telemetry=self._telemetry,
        )

    @cached_property
    def _follow(self) -> FollowProfile:
        return FollowProfile(
            omneo=self._omneo,
            successions=self._successions,
            customers=self._customers,
            readings=self._readings,
            display=self._display,
            telemetry=self._telemetry,
        )

    @cached_property
    def _overviews(self) -> Overviews:
        return Overviews(
            omneo=self._omneo,
            customers=self._customers,
            rewards=self._rewards,
            benefits=self._caches.of("benefits", tuple[Benefit, ...]),
            history=self._caches.of("history", Page[Transaction]),
            tiers=self._caches.of("tiers", Tier | None),
        )

    @cached_property
    def _redeem(self) -> Redeem:
        return Redeem(
            holds=self._holds,
            redemptions=self._redemptions,
            customers=self._customers,
            staff=self._tills.staff,
            offers=self._offers,
            follow=self._follow,
            issue=Issue(self._shopify, self._redemptions, self._telemetry),
            early=self._value.early,
            release=self._release,
            ids=self._ids,
            display=self._display,
            telemetry=self._telemetry,
        )

    @cached_property
    def _offers(self) -> Offers:
        return Offers(
            omneo=self._omneo,
            holds=self._holds,
            readings=self._readings,
            effect_of=self.benefits.effects.of,
            clock=self._clock,
        )

    @cached_property
    def _value(self) -> ValueParts:
        return ValueParts(
            omneo=self._omneo,
            captures=self._captures,
            give_backs=self._give_backs,
            redemptions=self._redemptions,
            readings=self._readings,
            follow=self._follow,
            caches=self._caches,
            ids=self._ids,
            telemetry=self._telemetry,
        )

    @cached_property
    def _release(self) -> Release:
        return Release(
            shopify=self._shopify,
            redemptions=self._redemptions,
            events=self._events,
            early=self._value.early,
            display=self._display,
            telemetry=self._telemetry,
        )

    @cached_property
    def _settle(self) -> Settle:
        return Settle(
            shopify=self._shopify,
            redemptions=self._redemptions,
            captures=self._captures,
            spend=self._value.spend,
            undo_surplus=self._value.undo_surplus,
            give_back=self._value.give_back,
            events=self._events,
            record=self._record,
            cross_check=self._tills.cross_check(self._redemptions, self._captures, self._telemetry),
            ids=self._ids,
            display=self._display,
            telemetry=self._telemetry,
        )

    @cached_property
    def _record(self) -> Record:
        return record(
            omneo=self._omneo,
            database=self._database,
            customers=self._customers,
            follow=self._follow,
            clock=self._clock,
            telemetry=self._telemetry,
        )
