"""Compare what the ledger says was spent and attached with what Omneo says."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from proxy.domain.capture import Capture, CaptureState, OmneoRedemption
from proxy.domain.drift import Drift, Finding, Listed, Recorded, Returned, Work
from proxy.domain.errors import NotFound, UpstreamUnavailable
from proxy.domain.ids import CaptureId, OmneoRedemptionId, ProfileId
from proxy.domain.shop import Shop
from proxy.domain.standing_sale import StandingSale
from proxy.ports import Audit, Omneo

_MAX_PAGES: Final = 5000
_MARGIN: Final = timedelta(hours=1)  # clocks differ, and a capture may be committed long before it is answered
_NO_SUCH_LIST: Final = frozenset({403, 405})
Watch = Callable[[str, int], None]


class _Spent(Protocol):
    @property
    def id(self) -> OmneoRedemptionId: ...
    @property
    def type(self) -> str: ...


class CompareCaptures:
    """Finds captures without a redemption, redemptions without a capture, other amounts, and loose transactions."""

    def __init__(self, *, omneo: Omneo, audit: Audit) -> None:
        self._omneo = omneo
        self._audit = audit

    async def __call__(
        self, shop: Shop, since: datetime, quiet: datetime, quiet_ms: int, watch: Watch
    ) -> tuple[int, int, list[Finding]]:
        """Give how many captures and redemptions were read, and what differs.

        A list may lag behind or be filtered in ways that nobody documents: whatever looks wrong there is asked for
        by itself before it is said.
        """
        since_ms = int(since.timestamp() * 1000)
        captures = await self._audit.captures(shop.domain, since_ms, quiet_ms)
        recorded = await self._audit.recorded(shop.domain, since_ms, quiet_ms)
        listed = await self._listed(since - _MARGIN, {capture.profile for capture in captures}, watch)
        of: dict[CaptureId | None, list[Listed]] = defaultdict(list)
        for row in listed.values():
            of[row.capture].append(row)
        findings: list[Finding] = []
        for capture in captures:
            watch("captures", 1)
            findings += await self._capture(capture, of[capture.id])
        for sale in recorded:
            findings += await self._sale(sale, listed.get(sale.omneo))
        for made in await self._audit.returned(shop.domain, since_ms, quiet_ms):
            findings += await self._return(made, since - _MARGIN, listed, watch)
        findings += await self._unknown([r for r in listed.values() if r.created_at is None or r.created_at <= quiet])
        return len(captures), len(listed), findings

    async def _listed(self, since: datetime, profiles: set[ProfileId], watch: Watch) -> dict[OmneoRedemptionId, Listed]:
        try:
            return await self._pages(since, None, watch)
        except (NotFound, UpstreamUnavailable) as error:
            if not isinstance(error, NotFound) and error.details.get("status") not in _NO_SUCH_LIST:
                raise
        # Without the tenant's list only profiles that the ledger knows can be asked.
        found: dict[OmneoRedemptionId, Listed] = {}
        for profile in sorted(profiles):
            found.update(await self._of_profile(since, profile, watch))
        return found

    async def _of_profile(self, since: datetime, profile: ProfileId, watch: Watch) -> dict[OmneoRedemptionId, Listed]:
        """List a profile's own; one that is gone has none under its name, and must not end the comparison."""
        try:
            return await self._pages(since, profile, watch)
        except NotFound:
            return {}

    async def _pages(self, since: datetime, profile: ProfileId | None, watch: Watch) -> dict[OmneoRedemptionId, Listed]:
        found: dict[OmneoRedemptionId, Listed] = {}
        for number in range(1, _MAX_PAGES + 1):
            rows, more = await self._omneo.redemption_page(since, number, profile)
            watch("omneo redemptions", len(rows))
            before = len(found)
            found.update((row.id, row) for row in rows)
            # Nothing new on a page: its number is ignored here.
            if not more or len(found) == before:
                return found
        raise UpstreamUnavailable(upstream="omneo", reason="too_many_pages")

    async def _capture(self, capture: Capture, rows: Sequence[Listed]) -> list[Finding]:
        # What a list says of uses is nowhere documented: the capture's own redemption is asked for.
        if not capture.of_uses and [(r.id, r.total) for r in rows if r.type == "redeem"] == [
            (capture.omneo_redemption, capture.captured.decimal)
        ]:
            return []
        work: Work | None = None
        try:
            seen = await self._omneo.redemptions(capture.profile, capture.id)
        except NotFound:
            # Merged, what it had stands under the one that was kept: whoever that is finds the profile's own work.
            if capture.of_uses and [r.id for r in rows if r.type == "redeem"] == [capture.omneo_redemption]:
                return []  # it is there; how many uses it took is asked for when it is known whose they are
            seen, work = (), Work("profile", capture.profile)
        redeems = {r.id: r for r in seen if r.type == "redeem"}
        ours = redeems.pop(capture.omneo_redemption, None) if capture.omneo_redemption else None
        about = {"capture": str(capture.id), "omneo_redemption": str(capture.omneo_redemption)}
        redemptions = tuple(line.redemption for line in capture.lines)

        def found(drift: Drift, **facts: str) -> Finding:
            return Finding(drift, redemptions, capture.order, work=work, facts={**about, **facts})

        if ours is None:
            others = ",".join(str(id_) for id_ in redeems)
            return [found(Drift.CAPTURE_MISSING, captured=str(capture.captured), others=others)]
        findings = []
        if not _as_captured(capture, ours):
            findings.append(found(Drift.AMOUNT_DIFFERS, captured=str(capture.captured), omneo=str(ours.total)))
        undone = await self._audit.undone(capture.id)
        surplus = _not_reversed(capture, [r for r in redeems.values() if r.id not in undone], seen, len(undone))
        if surplus:
            findings.append(found(Drift.CAPTURE_SURPLUS, surplus=",".join(str(r.id) for r in surplus)))
        return findings

    async def _sale(self, sale: Recorded, listed: Listed | None) -> list[Finding]:
        if listed is not None and listed.transaction == sale.transaction:
            return []
        standing = await self._standing(sale)
        if standing is not None and standing.redemption == sale.omneo:
            return []
        loose = standing is not None and standing.redemption is None
        carries = "gone" if standing is None else str(standing.redemption or "none")
        facts = {"transaction": str(sale.transaction), "omneo_redemption": str(sale.omneo), "carries": carries}
        return [
            Finding(
                Drift.TRANSACTION_NOT_ATTACHED,
                sale.redemptions,
                sale.order,
                attach=(standing.id, sale.omneo) if loose and standing is not None else None,
                facts=facts,
            )
        ]

    async def _return(
        self, made: Returned, since: datetime, listed: Mapping[OmneoRedemptionId, Listed], watch: Watch
    ) -> list[Finding]:
        # The tenant's list may lag behind, so the profile's own is asked before it is said.
        if made.omneo in listed or made.omneo in await self._of_profile(since, made.profile, watch):
            return []
        facts = {"omneo_redemption": str(made.omneo), "amount": str(made.amount)}
        return [Finding(Drift.RETURN_MISSING, made.redemptions, made.order, facts=facts)]

    async def _standing(self, sale: Recorded) -> StandingSale | None:
        if sale.external_id:
            return await self._omneo.sale_at(sale.external_id)
        # One that somebody else wrote may have none; the filter may be ignored, so what comes is compared.
        found = await self._omneo.sales_where("id", [str(sale.transaction)])
        return next((one for one in found if one.id == sale.transaction), None)

    async def _unknown(self, rows: Sequence[Listed]) -> list[Finding]:
        findings = []
        for row in rows:
            if row.type != "redeem" or row.capture is None:
                continue
            capture = await self._audit.capture(row.capture)
            if capture is not None and not _took_nothing(capture):
                continue
            facts = {"capture": str(row.capture), "omneo_redemption": str(row.id), "omneo": str(row.total)}
            if row.profile is not None:
                facts["profile"] = row.profile
            # What was given up without an answer is taken up again when its order is looked at.
            order = capture.order if capture is not None and capture.unknowns > 0 else None
            work = Work("order", order) if order is not None else None
            findings.append(Finding(Drift.CAPTURE_UNKNOWN, order=order, work=work, facts=facts))
        return findings


def _as_captured(capture: Capture, ours: OmneoRedemption) -> bool:
    if capture.of_uses and not ours.uses:
        return True
    return ours.taken(capture.captured.currency) == capture.captured


def _took_nothing(capture: Capture) -> bool:
    return capture.state in (CaptureState.VOID, CaptureState.REVIEW)


def _not_reversed(capture: Capture, surplus: Sequence[_Spent], seen: Sequence[_Spent], undone: int) -> list[_Spent]:
    """Take off as many as somebody reversed by hand; what the ledger undid is off already.

    While nothing was given back, a reversal can only be a surplus one's.
    """
    reversals = sum(r.type == "reversal" for r in seen)
    return list(surplus)[0 if capture.returned else max(0, reversals - undone) :]
