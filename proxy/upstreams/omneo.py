"""One Omneo tenant behind the port `Omneo`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

from proxy.domain.allowance import Balance, Reward
from proxy.domain.capture import GiveBack, OmneoRedemption, Redeem
from proxy.domain.drift import Listed
from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import OmneoRedemptionId, ProfileId, TransactionId
from proxy.domain.loyalty import Benefit, Page, Profile, Tier, Transaction
from proxy.domain.member import Identity, Member, MemberCode
from proxy.domain.outcome import Answered, Outcome, Unknown
from proxy.domain.standing_sale import StandingSale
from proxy.domain.transaction import TransactionWrite
from proxy.upstreams import omneo_body
from proxy.upstreams.http import Upstream
from proxy.upstreams.omneo_benefit_wire import BenefitWire
from proxy.upstreams.omneo_call import Ask, OmneoCalls, Token
from proxy.upstreams.omneo_history import History
from proxy.upstreams.omneo_listed import page_of
from proxy.upstreams.omneo_members import Members
from proxy.upstreams.omneo_pages import Pages, row_of
from proxy.upstreams.omneo_rows import each, read
from proxy.upstreams.omneo_sales import Sales
from proxy.upstreams.omneo_wire import (
    BalanceWire,
    LocationWire,
    RedemptionWire,
    RewardWire,
    TierWire,
    TransactionWire,
)
from proxy.upstreams.retry import Retry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OmneoOptions:
    """What may differ between tenants.

    `identity_lookups` are tried in order: `search-id`, `identities-filter`, `identities-search`.
    `send_currency` names the currency in a redeem. Omneo's guides write the redeem path
    `/profiles/{profile}/redemptions`; its reference and its own SDK say `/redeem`.
    Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
    """

    identity_lookups: tuple[str, ...] = ("search-id",)
    redeem_path: str = "/profiles/{profile}/redeem"
    send_currency: bool = False
    page_size: int = 100
    max_pages: int = 50


class OmneoClient:
    """One tenant; `upstream` points at its API's base, such as `https://api.{tenant}.getomneo.com/api/v3`."""

    def __init__(
        self, upstream: Upstream, token: Token, *, retry: Retry | None = None, options: OmneoOptions | None = None
    ) -> None:
        self._options = options or OmneoOptions()
        self._calls = OmneoCalls(upstream, token, retry or Retry())
        self._pages = Pages(self._calls, self._options.page_size, self._options.max_pages)
        self._sales = Sales(self._calls, self._pages, self._options.page_size)
        self._members = Members(self._calls, self._pages, self._options.identity_lookups)
        self._history = History(self._pages)
        # A location is an ornament of a sale: asked for once and briefly.
        hurried = OmneoCalls(upstream, token, Retry(attempts=1, budget_s=2.0))
        self._location_pages = Pages(hurried, self._options.page_size, 1)
        self._locations: dict[str, int] = {}

    async def find_profile(self, handle: str, identifier: str) -> Profile | None:
        """Find who this identity is; None when nobody is."""
        found = await self._members.find(handle, identifier)
        return found.profile if found is not None else None

    async def find_member(self, handle: str, code: MemberCode) -> Member | None:
        """Find who carries this code, with the identities that the answer tells; those may be some or none."""
        return await self._members.find(handle, code)

    async def identities(self, profile: ProfileId) -> tuple[Identity, ...]:
        """List all identities of a profile."""
        return await self._members.identities(profile)

    async def profile(self, profile: ProfileId) -> Profile:
        """Read one profile."""
        return (await self._members.read(profile)).profile

    async def balance(self, profile: ProfileId) -> Balance:
        """Read the balances, holds of ours not taken off."""
        return read(BalanceWire, await self._one(_get("balances", _of(profile, "/balances")))).domain()

    async def rewards(self, profile: ProfileId) -> tuple[Reward, ...]:
        """List all rewards, used and expired ones too."""
        rows = await self._pages.all("rewards", _of(profile, "/rewards"))
        return tuple(reward.domain() for reward in each(RewardWire, rows))

    async def benefits(self, profile: ProfileId) -> tuple[Benefit, ...]:
        """List what is redeemable now; a tenant without that list is asked for all, and the rest dropped here."""
        try:
            rows = await self._pages.all("redeemable_benefits", _of(profile, "/redeemable_benefits"))
        except NotFound:
            rows = await self._pages.all("benefits", _of(profile, "/benefits"))
        benefits = (benefit.domain() for benefit in each(BenefitWire, rows))
        return tuple(benefit for benefit in benefits if benefit.redeemable)

    async def tier(self, profile: ProfileId) -> Tier | None:
        """Read where the profile stands; None in a tenant without tiers."""
        found = await self._absent_is_none(_get("tiers", _of(profile, "/tiers")))
        return read(TierWire, found).domain() if found is not None else None

    async def transactions(self, profile: ProfileId, page: int, size: int) -> Page[Transaction]:
        """Read one page of past sales of all channels, newest first as far as the tenant lets it."""
        return await self._history.page(profile, page, size)

    async def redemptions(self, profile: ProfileId, label: str) -> tuple[OmneoRedemption, ...]:
        """List every redemption that carries this label, of any type.

        What the filter compares with is undocumented, so what it hides is not taken for absent: when nothing matches,
        all pages are read again without it.
        """
        path = _of(profile, "/redemptions")
        for query in ((("filter[transaction_external_id]", label),), ()):
            rows = await self._pages.all("redemptions", path, query)
            found = [row for row in each(RedemptionWire, rows) if label in row.labels()]
            if found:
                return tuple({row.id: row.domain(label) for row in found}.values())
        return ()

    async def redemption_page(
        self, since: datetime, page: int, profile: ProfileId | None = None
    ) -> tuple[tuple[Listed, ...], bool]:
        """List one page of a tenant's or a profile's redemptions since, and tell whether there are more."""
        path = "/redemptions" if profile is None else _of(profile, "/redemptions")
        return await page_of(self._pages, path, since, page, self._options.page_size)

    async def redeem(self, wish: Redeem) -> Outcome[OmneoRedemption]:
        """Spend; the answer's total may be less than asked where the tenant ignores `strict`."""
        body = omneo_body.redeem(wish, await self._location(wish.location), named=self._options.send_currency)
        path = self._options.redeem_path.format(profile=quote(wish.profile, safe=""))
        outcome = await self._calls.write(Ask("redeem", "POST", path, body=body))

        def made(data: Any) -> OmneoRedemption:
            row = RedemptionWire.model_validate(data)
            if row.total is None and not wish.benefits:
                raise ValueError("the answer names no total")
            balances = row.balances
            after = None
            if balances is not None:
                after = balances.combined_balance_dollars if "points" in wish.strategies else balances.reward_balance
            return row.domain(wish.label, "redeem", after)

        return _answered(outcome, made)

    async def reverse(self, redemption: OmneoRedemptionId) -> Outcome[OmneoRedemption]:
        """Undo a redemption of the last ten minutes; an empty answer names no total, so it is 0.

        Source: https://docs.omneo.io/api-reference/return-strategy/add-redemption-reversal
        """
        outcome = await self._calls.write(Ask("reverse", "POST", f"/redemptions/{redemption}/reversal"))
        silent = OmneoRedemption(redemption, "reversal", Decimal(0), None, None)
        return _answered(outcome, lambda data: _undone(data, silent))

    async def give_back(self, wish: GiveBack) -> Outcome[OmneoRedemption]:
        """Give value back as a new reward; an empty answer counts as the amount that was asked for.

        Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
        """
        body = omneo_body.give_back(wish)
        outcome = await self._calls.write(Ask("return", "POST", f"/redemptions/{wish.redemption}/return", body=body))
        silent = OmneoRedemption(wish.redemption, "return", wish.amount.decimal, wish.label, wish.row)
        return _answered(outcome, lambda data: _undone(data, silent))

    async def write_transaction(self, sale: TransactionWrite) -> Outcome[TransactionId]:
        """Create the sale or bring the one with its external id up to date.

        Source: https://docs.omneo.io/reference/createupdatetransaction
        """
        body = omneo_body.transaction(sale, await self._location(sale.location))
        outcome = await self._calls.write(Ask("write_transaction", "POST", "/transactions/update-create", body=body))
        return _answered(outcome, lambda data: TransactionId(TransactionWire.model_validate(data).id))

    async def sale_at(self, external_id: str) -> StandingSale | None:
        """Read the sale with this external id, whoever wrote it."""
        return await self._sales.at(external_id)

    async def sales_where(self, field: str, values: Sequence[str]) -> tuple[StandingSale, ...]:
        """Ask for sales by a filter that Omneo may ignore; one page at most."""
        return await self._sales.where(field, values)

    async def attach_redemption(self, sale: TransactionId, redemption: OmneoRedemptionId) -> Outcome[StandingSale]:
        """Attach a redemption to a sale that somebody else wrote; repeating it is harmless."""
        return await self._sales.attach(sale, redemption)

    async def verify(self) -> None:
        """Ask whether the token is valid; raises UpstreamUnavailable with the reason otherwise."""
        try:
            await self._calls.read(_get("verify", "/auth/verify"))
        except NotFound:
            raise UpstreamUnavailable(upstream="omneo", reason="not_found", operation="verify") from None

    async def _location(self, external_id: str | None) -> int | None:
        """Find Omneo's own id of a location; one that cannot be found is left out, since a sale matters more."""
        if external_id is None or external_id in self._locations:
            return self._locations.get(external_id or "")
        query = (("filter[external_id]", external_id),)
        try:
            page = await self._location_pages.one("locations", "/locations", 1, 20, query)
            found = [row.id for row in each(LocationWire, page.rows) if row.external_id == external_id]
        except (NotFound, UpstreamUnavailable):
            return None
        if not found:
            return None
        self._locations[external_id] = found[0]
        return found[0]

    async def _one(self, ask: Ask) -> Any:
        row = row_of(await self._calls.read(ask))
        if row is None:
            raise NotFound(upstream="omneo", operation=ask.operation)
        return row

    async def _absent_is_none(self, ask: Ask) -> Any:
        try:
            return row_of(await self._calls.read(ask))
        except NotFound:
            return None


def _get(operation: str, path: str) -> Ask:
    return Ask(operation, "GET", path)


def _of(profile: ProfileId, rest: str) -> str:
    return f"/profiles/{quote(profile, safe='')}{rest}"


def _answered(outcome: Outcome[Any], made: Callable[[Any], T]) -> Outcome[T]:
    """Read a write's answer. It happened, so one that cannot be read is Unknown and will be looked for."""
    if not isinstance(outcome, Answered):
        return outcome
    try:
        return Answered(made(row_of(outcome.value)))
    except ValueError:  # pydantic's ValidationError is one
        return Unknown("unreadable")


def _undone(data: Any, silent: OmneoRedemption) -> OmneoRedemption:
    if data is None:
        return silent
    row = RedemptionWire.model_validate(data)
    return OmneoRedemption(
        id=OmneoRedemptionId(row.id),
        type=silent.type,
        total=abs(silent.total if row.total is None else row.total),
        label=silent.label,
        capture=row.row or silent.capture,
        uses=row.uses,
    )
