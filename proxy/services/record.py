"""Have each sale stand in Omneo once, with what was redeemed on it: written here, or attached to."""

from collections.abc import Sequence

from proxy.domain.capture import Capture, CaptureState
from proxy.domain.happening import Happening
from proxy.domain.ids import OmneoRedemptionId, ProfileId
from proxy.domain.money import Money
from proxy.domain.order import Order, OrderLine
from proxy.domain.outcome import Answered, Refused, Unknown
from proxy.domain.shop import Shop, TransactionMode
from proxy.domain.standing_sale import formed
from proxy.domain.transaction import REDEMPTIONS_NOTE, RecordedSale, TransactionLine, TransactionWrite
from proxy.domain.work import Again, Finished, Park, Verdict
from proxy.ports import Captures, Clock, Omneo, Records, Telemetry
from proxy.services.attach import Attach
from proxy.services.customers import Customers
from proxy.services.find_sale import FindSale
from proxy.services.follow import FollowProfile

_RETRY_S = 10.0
_OPEN = (CaptureState.INTENDED, CaptureState.SENT)


class Record:
    """Records each order once, when its captures are decided; what we write ourselves, not before it is paid."""

    def __init__(
        self,
        *,
        omneo: Omneo,
        find: FindSale,
        attach: Attach,
        captures: Captures,
        records: Records,
        customers: Customers,
        follow: FollowProfile,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._omneo = omneo
        self._find = find
        self._attach = attach
        self._captures = captures
        self._records = records
        self._customers = customers
        self._follow = follow
        self._clock = clock
        self._telemetry = telemetry

    async def __call__(self, shop: Shop, order: Order) -> Verdict:
        """Write the transaction or attach to it, if that is ours to do and due; repeating it changes nothing."""
        mode = shop.transaction_mode
        # Omneo's own app decides when it writes; what we write waits for the payment.
        if mode is TransactionMode.NONE or (mode is TransactionMode.OWN and not order.paid):
            return Finished()
        recorded = await self._records.find(shop.domain, order.id)
        if recorded is not None and recorded.omneo_redemption is not None:
            return Finished()
        captures = await self._captures.of_order(shop.domain, order.id)
        if any(capture.state in _OPEN for capture in captures):
            return Again(_RETRY_S)
        done = [capture for capture in captures if capture.omneo_redemption is not None]
        if recorded is not None:
            return await self._complete(shop, order, recorded, _greatest(done))
        if mode is TransactionMode.ATTACH:
            # What was given back whole has nothing left to attach.
            kept = _greatest([capture for capture in done if capture.returned < capture.captured])
            return await self._attach(shop, order, kept) if kept is not None else Finished()
        spent = _greatest(done)
        holder, waiting = await self._holder(shop, order, spent)
        if waiting is not None:
            return waiting
        return await self._standing(shop, order, holder, spent) or await self._write(
            shop, order, holder, captures, spent
        )

    async def _complete(self, shop: Shop, order: Order, recorded: RecordedSale, spent: Capture | None) -> Verdict:
        """Attach what was found to be spent only after the sale was written without it."""
        if spent is None:
            return Finished()
        sale = await self._omneo.sale_at(recorded.external_id) if recorded.external_id else None
        if sale is not None:
            return await self._attach.to(shop, order, spent, sale)
        # It has no external id, or another by now: found as it was before, and waited for within bounds.
        return await self._attach(shop, order, spent)

    async def _standing(
        self, shop: Shop, order: Order, holder: ProfileId | None, spent: Capture | None
    ) -> Verdict | None:
        """Use a transaction that somebody else wrote, so that the sale does not count twice; None if there is none."""
        if not shop.attach_before_own:
            return None
        sale = await self._find(shop, order, holder, spent.omneo_redemption if spent else None)
        if sale is None or sale.order == (shop.domain, order.id):
            return None
        self._telemetry.tell(Happening.RECORD_FOUND, shop=shop.domain, order=order.id, transaction=sale.id)
        if spent is not None:
            return await self._attach.to(shop, order, spent, sale)
        await self._records.add(shop.domain, order.id, (sale.external_id or "")[:128], sale.id, None)
        return Finished()

    async def _write(
        self, shop: Shop, order: Order, holder: ProfileId | None, captures: tuple[Capture, ...], spent: Capture | None
    ) -> Verdict:
        external_id = formed(shop.external_id_template, shop.domain, order)
        sale = _sale(shop, order, external_id, holder, captures, spent)
        # The upsert by external id makes a repeat harmless, so every failure may be tried again.
        match await self._omneo.write_transaction(sale):
            case Answered(transaction):
                named = [c.omneo_redemption for c in captures if c.omneo_redemption is not None]
                of = (shop.domain, order.id, external_id[:128], transaction)
                await self._records.add(*of, sale.omneo_redemption, named)
                self._telemetry.tell(
                    Happening.REDEMPTION_RECORDED if spent else Happening.ORDER_RECORDED,
                    shop=shop.domain,
                    order=order.id,
                    redemptions=[line.redemption for line in spent.lines] if spent else [],
                    transaction=transaction,
                    omneo_redemption=sale.omneo_redemption,
                )
                return Finished()
            case Refused(reason, transient):
                if transient or (holder is not None and await self._is_another(shop, order, holder, spent)):
                    return Again(_RETRY_S, reason)
                return Park(f"transaction_refused: {reason}")
            case Unknown(reason):
                return Again(_RETRY_S, reason)

    async def _is_another(self, shop: Shop, order: Order, holder: ProfileId, spent: Capture | None) -> bool:
        """Tell whether the profile was merged since it was resolved: then the sale is the other one's."""
        if spent is not None:
            return await self._follow(shop, holder)
        if order.customer is None:
            return False
        present = await self._customers.find(shop, order.customer, fresh=True)
        return present is not None and present.id != holder

    async def _holder(self, shop: Shop, order: Order, spent: Capture | None) -> tuple[ProfileId | None, Again | None]:
        """Name the profile: whoever's value was spent, else the order's customer, else nobody (claimable later)."""
        if spent is not None:
            return spent.profile, None
        if order.customer is None:
            return None, None
        profile = await self._customers.find(shop, order.customer)
        if profile is not None:
            return profile.id, None
        # A customer who is new to Shopify reaches Omneo a little later; then the sale counts for them.
        age = self._clock.now() - order.created_at
        return None, Again(_RETRY_S * 6) if age < shop.timing.profile_wait else None


def _greatest(captures: Sequence[Capture]) -> Capture | None:
    """Choose the one that a transaction carries: there is room for one redemption, and money comes before uses."""
    return max(captures, key=lambda capture: (not capture.of_uses, capture.captured.minor), default=None)


def _sale(
    shop: Shop, order: Order, external_id: str, holder: str | None, captures: tuple[Capture, ...], spent: Capture | None
) -> TransactionWrite:
    attached: OmneoRedemptionId | None = spent.omneo_redemption if spent else None
    meta = {"shopify_shop": shop.domain, "shopify_order": order.id}
    ids = [str(c.omneo_redemption) for c in captures if c.omneo_redemption is not None]
    if ids:
        meta[REDEMPTIONS_NOTE] = ",".join(ids)
    return TransactionWrite(
        external_id=external_id,
        receipt_ref=order.name,
        profile=holder,
        profile_handle=None,
        omneo_redemption=attached,
        total=order.total,
        total_original=order.total_original,
        transacted_at=order.processed_at,
        location=order.location,
        systems=shop.systems_pos if order.pos else shop.systems_web,
        items=tuple(_item(line) for line in order.lines),
        meta=meta,
    )


def _item(line: OrderLine) -> TransactionLine:
    return TransactionLine(
        name=line.name,
        sku=line.sku,
        variant_external_id=line.variant,
        external_id=line.id,
        quantity=line.quantity,
        price_original=line.unit_price,
        price_current=line.unit_price,
        price_sell=_per_unit(line),
        tax=line.tax,
        discounts=tuple((a.amount, a.code or a.title or "discount") for a in line.allocations if a.amount),
    )


def _per_unit(line: OrderLine) -> Money:
    """Price after discount of one unit, rounded down: the exact discount stands in `discounts`."""
    paid = line.unit_price.minor * line.quantity - line.discount.minor
    return Money(paid // max(1, line.quantity), line.unit_price.currency)
