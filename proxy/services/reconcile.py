"""Compare Shopify, the ledger and Omneo, and mend what is safe to mend."""

from datetime import datetime, timedelta
from typing import Final

from proxy.domain.drift import Cure, Drift, Finding, Report, Work
from proxy.domain.outcome import Answered
from proxy.domain.redemption import Redemption, State, iso
from proxy.domain.shop import Shop
from proxy.ports import Audit, Clock, Omneo
from proxy.services.compare_captures import CompareCaptures
from proxy.services.compare_orders import CompareOrders, Watch

_SENDS: Final = 4  # a capture or a give-back is looked for that many settling times before it is given up
_FOR_A_PERSON: Final = frozenset(
    {
        Drift.CAPTURE_MISSING,
        Drift.CAPTURE_SURPLUS,
        Drift.AMOUNT_DIFFERS,
        Drift.RETURN_MISSING,
        Drift.TRANSACTION_NOT_ATTACHED,
        Drift.HOLD_ENDED,
    }
)

# Under these names the service itself may have put the same before a person.
_ALSO: Final[dict[Drift, tuple[str, ...]]] = {
    Drift.CAPTURE_SURPLUS: ("spent_twice",),
    Drift.AMOUNT_DIFFERS: ("redeemed_too_much",),
    Drift.TRANSACTION_NOT_ATTACHED: ("transaction_taken", "transaction_refused"),
}


class Reconcile:
    """Reads all three sides and says where they differ. Leaves alone what moved less than `quiet` ago."""

    def __init__(
        self,
        *,
        orders: CompareOrders,
        captures: CompareCaptures,
        audit: Audit,
        omneo: Omneo,
        clock: Clock,
        quiet: timedelta,
    ) -> None:
        self._orders = orders
        self._captures = captures
        self._audit = audit
        self._omneo = omneo
        self._clock = clock
        self._quiet = quiet
        self._quiet_ms = int(quiet.total_seconds() * 1000)

    async def __call__(self, shop: Shop, since: datetime, watch: Watch) -> Report:
        """Compare what happened since; holds, allowances and work are compared whole.

        Raises `UpstreamUnavailable` where a side cannot be read: half a comparison would look like a whole one.
        """
        quiet = self._clock.now() - self._quiet
        orders, findings = await self._orders(shop, since, quiet, watch)
        captures, listed, differing = await self._captures(shop, since, quiet, self._quiet_ms, watch)
        every = (*findings, *differing, *await self._own(shop))
        standing = [f for f in every if not await self._audit.decided(f.redemptions, _names(f.drift))]
        return Report(since, orders, captures, listed, tuple(standing))

    async def mend(self, shop: Shop, finding: Finding) -> Cure:
        """Do what is safe, and put the rest before a person."""
        if finding.work is not None:
            await self._audit.wish(shop.domain, finding.work)
            return Cure.WISHED
        if finding.attach is not None:
            sale, redemption = finding.attach
            outcome = await self._omneo.attach_redemption(sale, redemption)
            if isinstance(outcome, Answered) and outcome.value.redemption == redemption:
                return Cure.ATTACHED
        if finding.drift not in _FOR_A_PERSON:
            return Cure.LEFT
        moved = [
            await self._audit.review(redemption, finding.drift, finding.facts, self._quiet_ms)
            for redemption in finding.redemptions
        ]
        return Cure.REVIEWED if any(moved) else Cure.LEFT

    async def _own(self, shop: Shop) -> list[Finding]:
        """Compare the ledger with itself and with the clock."""
        troubles = await self._audit.trouble(shop.domain, self._quiet_ms)
        findings = [
            Finding(
                Drift.TASK_PARKED if trouble.parked else Drift.TASK_LATE,
                work=trouble.work,
                facts={
                    "kind": trouble.work.kind,
                    "subject": trouble.work.subject,
                    "due": iso(trouble.due_ms),
                    "error": trouble.error or "",
                },
            )
            for trouble in troubles
        ]
        stuck = await self._audit.stuck(shop.domain, self._allowed(shop))
        findings += [
            Finding(Drift.REDEMPTION_STUCK, (r.id,), r.order, _work(r), facts={"state": r.state, "since": _since(r)})
            for r in stuck
        ]
        findings += [
            Finding(Drift.HOLD_ENDED, (r.id,), r.order, facts={"was": r.state, "held": str(r.held)})
            for r in await self._audit.ended_holds(shop.domain, self._quiet_ms)
        ]
        findings += [
            Finding(
                Drift.ALLOWANCE_DIFFERS,
                facts={
                    "profile": uneven.profile,
                    **({"benefit": str(uneven.benefit)} if uneven.benefit else {}),
                    "allowance_minor": str(uneven.allowance_minor),
                    "rows_minor": str(uneven.rows_minor),
                },
            )
            for uneven in await self._audit.uneven(shop.tenant)
        ]
        return findings

    def _allowed(self, shop: Shop) -> dict[State, int]:
        settling_ms = int(shop.timing.settling.total_seconds() * 1000)
        short, long = settling_ms + self._quiet_ms, settling_ms * _SENDS + self._quiet_ms
        return {
            State.HELD: short,
            State.ISSUED: short,
            State.RELEASING: short,
            State.CAPTURING: long,
            State.RETURNING: long,
        }


def _names(drift: Drift) -> tuple[str, ...]:
    return (drift, *_ALSO.get(drift, ()))


def _work(redemption: Redemption) -> Work:
    if redemption.order is not None:
        return Work("order", redemption.order)
    return Work("redemption", redemption.id)


def _since(redemption: Redemption) -> str:
    return iso(redemption.updated_ms)
