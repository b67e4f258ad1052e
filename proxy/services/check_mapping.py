"""Whether what a shop's mapping of benefits names is there on both other sides."""

from proxy.domain.errors import ProxyError
from proxy.domain.ids import Code
from proxy.domain.mapping import BenefitRule
from proxy.domain.shop import Shop
from proxy.ports import OmneoBenefits, Shopify

_SCOPE = "read_products"


class CheckMapping:
    """Asks Omneo for definitions, and Shopify for products, collections and codes."""

    def __init__(self, benefits: OmneoBenefits, shopify: Shopify) -> None:
        self._benefits = benefits
        self._shopify = shopify

    async def __call__(self, shop: Shop) -> dict[str, str | None]:
        """Give what is wrong with each entry, or None; that a side could not be asked is such a reason too."""
        return {rule.name: await self._wrong(rule) for rule in shop.benefits}

    async def _wrong(self, rule: BenefitRule) -> str | None:
        try:
            return await self._wrong_at_omneo(rule) or await self._wrong_at_shopify(rule)
        except ProxyError as error:
            upstream, reason = error.details.get("upstream", ""), error.details.get("reason", error.text)
            return f"{upstream} {reason}".strip()

    async def _wrong_at_omneo(self, rule: BenefitRule) -> str | None:
        # Tags and meta are of definitions that may come: there is nothing to ask for.
        if rule.handle is None or await self._benefits.defined(rule.handle):
            return None
        return f"omneo has no benefit definition {rule.handle}"

    async def _wrong_at_shopify(self, rule: BenefitRule) -> str | None:
        named = (*rule.effect.products, *rule.effect.collections)
        if named:
            access = await self._shopify.access()
            if _SCOPE not in access.granted:
                return f"missing scopes: {_SCOPE}"
            gone = sorted(set(named) - await self._shopify.existing(named))
            if gone:
                return f"shopify has no {', '.join(gone)}"
        code = rule.effect.shared_code
        if code is None:
            return None
        found = await self._shopify.discount(Code(code))
        if found is None:
            return "shopify has no such code"
        return "the code has expired" if found.status == "EXPIRED" else None
