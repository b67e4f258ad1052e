"""The route that receives Omneo's webhooks: what Omneo tells shortens a wait, and nothing rests on it."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from proxy.domain.errors import NotFound
from proxy.domain.happening import Happening
from proxy.domain.ids import TenantName
from proxy.domain.profile_event import SUCCESSIONS, ProfileEvent, changes_profile, whom
from proxy.domain.standing_sale import names_in
from proxy.ports import Telemetry
from proxy.services.forget import customers_of
from proxy.web.headers import proof
from proxy.web.state import ProxyRequest, Services, ShopServices, services
from proxy.web.webhooks import parsed

# A sale may come to name its customer or its receipt only when it is changed.
_SALES = {"transaction.created", "transaction.updated"}
_FIELDS = ("external_id", "order_number", "order_id", "external_order_id", "receipt_ref")
_LONGEST = 128


class OmneoInbox:
    """The webhook route of the tenants, with the telemetry that it tells what came."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    async def receive(self, request: ProxyRequest) -> Response:
        """`POST /webhooks/omneo/{tenant}`: 200 once it is stored, and for every event that is not for us."""
        found = services(request)
        tenant = TenantName(request.path_params["tenant"])
        ours = found.tenants.get(tenant)
        if ours is None:
            raise NotFound()
        body = await request.body()
        ours.webhooks.verify(body, proof(request, b"x-omneo-hmac-sha256", "webhook_signature"))
        event = request.headers.get("x-omneo-event", "")
        if event not in _SALES and not changes_profile(event):
            self._telemetry.tell(Happening.EVENT_IGNORED, tenant=tenant, topic=event[:64], why="event")
            return Response(status_code=200)
        told = parsed(body)
        await self._profile(found, ours.shops, event, whom(event, told))
        if event in _SALES:
            # Omneo numbers neither deliveries nor events, so the same body is the same event.
            await self._sale(found, ours.shops, event, told, hashlib.sha256(body).hexdigest())
        return Response(status_code=200)

    async def _profile(self, found: Services, sites: Sequence[ShopServices], event: str, about: ProfileEvent) -> None:
        """Forget what changed; only where a profile may be gone is there something to store."""
        if changes_profile(event):
            self._telemetry.tell(Happening.PROFILE_CHANGED, topic=event[:64], profiles=list(about.profiles))
        for site in sites:
            site.forget(site.shop, about)
            if event not in SUCCESSIONS:
                continue
            customers = customers_of(site.shop, about)
            domain, tenant = site.shop.domain, site.shop.tenant
            suspects = await found.successions.suspect(domain, tenant, about.profiles, customers)
            self._telemetry.tell(Happening.EVENT_RECEIVED, shop=domain, topic=event, profiles=list(suspects))
            if suspects:
                site.wake()

    async def _sale(
        self, found: Services, sites: Sequence[ShopServices], event: str, sale: Mapping[str, Any], webhook_id: str
    ) -> None:
        names = names_in(*(str(sale[name])[:_LONGEST] for name in _FIELDS if sale.get(name)))
        for site in sites:
            orders = await found.events.sale_seen(site.shop.domain, event, webhook_id, names)
            self._telemetry.tell(
                Happening.EVENT_DUPLICATE if orders is None else Happening.EVENT_RECEIVED,
                shop=site.shop.domain,
                topic=event,
                webhook=webhook_id,
                orders=list(orders or ()),
            )
            if orders:
                site.wake()
