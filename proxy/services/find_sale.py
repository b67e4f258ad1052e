"""Find the sale that somebody else wrote to Omneo for an order."""

from proxy.domain.ids import OmneoRedemptionId, ProfileId
from proxy.domain.order import Order
from proxy.domain.shop import Shop
from proxy.domain.standing_sale import StandingSale, choose, wanted
from proxy.ports import Omneo


class FindSale:
    """Looks under every external id that is configured, then by filters; nothing is believed but what comes back."""

    def __init__(self, omneo: Omneo) -> None:
        self._omneo = omneo

    async def __call__(
        self, shop: Shop, order: Order, profile: ProfileId | None, redemption: OmneoRedemptionId | None
    ) -> StandingSale | None:
        """Give the order's sale; None where there is none yet, or where two may be it and neither surely is.

        Raises UpstreamUnavailable where a lookup failed: not found is told only after all were answered.
        Source: assumption, undocumented: under which external id Omneo's own Shopify app writes an order.
        """
        templates = (shop.external_id_template, *shop.attach_external_ids)
        of = wanted(templates, shop.domain, order, profile)
        seen: list[StandingSale] = []
        for external_id in of.external_ids:
            sale = await self._omneo.sale_at(external_id)
            if sale is not None and of.is_certainly(sale):
                return sale
            seen += [sale] if sale is not None else []
        numbered = [(field, (number,)) for field in ("order_number", "receipt_ref") for number in of.numbers]
        for field, values in [("external_id", of.external_ids), *numbered]:
            sales = await self._omneo.sales_where(field, values)
            certain = next((sale for sale in sales if of.is_certainly(sale)), None)
            if certain is not None:
                return certain
            seen += sales
        # Only now: a sale that merely may be it gives way to one that surely is.
        return choose(seen, of, redemption)
