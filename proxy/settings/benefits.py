"""The settings of one benefit: by what it is known in Omneo, and what it gives at Shopify."""

from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from proxy.domain.caller import Surface
from proxy.domain.effect import ANY_CLASS, DiscountClass, Effect, EffectKind
from proxy.domain.mapping import BenefitRule
from proxy.domain.money import Money
from proxy.settings.kinds import Surfaces

Known = Annotated[str, Field(min_length=1, max_length=255)] | None
Class = Literal["order", "product", "shipping"]
Product = Annotated[str, Field(pattern=r"^gid://shopify/Product/[1-9][0-9]{0,19}$")]
Collection = Annotated[str, Field(pattern=r"^gid://shopify/Collection/[1-9][0-9]{0,19}$")]

_LIMITS: Final = frozenset({"minimum_spend", "combines_with"})
_ITEMS: Final = frozenset({"products", "collections"})
# What a kind needs, and what may be said of it besides.
_TAKES: Final = {
    EffectKind.AMOUNT: ({"amount"}, _ITEMS | _LIMITS),
    EffectKind.PERCENTAGE: ({"percent"}, _ITEMS | _LIMITS),
    EffectKind.FREE_PRODUCT: ({"products"}, _LIMITS),
    EffectKind.FREE_SHIPPING: (set[str](), _LIMITS),
    EffectKind.CODE: (set[str](), frozenset({"code"})),
    EffectKind.RECORD: (set[str](), frozenset[str]()),
}
_ALL: Final = frozenset().union(*(needed | more for needed, more in _TAKES.values()))


class BenefitSettings(BaseModel):
    """One entry of `benefits`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: Known = None
    tag: Known = None
    meta: Annotated[str, Field(pattern=r"^[^=]+(=.*)?$", max_length=255)] | None = None
    gives: EffectKind
    percent: Annotated[Decimal, Field(gt=0, le=100, decimal_places=2)] | None = None
    amount: Annotated[Decimal, Field(gt=0)] | None = None
    products: Annotated[tuple[Product, ...], Field(max_length=100)] = ()
    collections: Annotated[tuple[Collection, ...], Field(max_length=100)] = ()
    minimum_spend: Annotated[Decimal, Field(gt=0)] | None = None
    combines_with: tuple[Class, ...] = ("order", "product", "shipping")
    code: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^\S(.*\S)?$")] | None = None
    surfaces: Surfaces = ("checkout", "storefront", "pos")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum(known is not None for known in (self.handle, self.tag, self.meta)) != 1:
            raise ValueError("exactly one of handle, tag and meta says which benefits it is for")
        needed, more = _TAKES[self.gives]
        missing = sorted(name for name in needed if not getattr(self, name))
        if missing:
            raise ValueError(f"gives '{self.gives}', which needs {', '.join(missing)}")
        # What stands there and changes nothing was meant to change something.
        idle = sorted((self.model_fields_set & _ALL) - needed - more)
        if idle:
            raise ValueError(f"gives '{self.gives}', which has no {', '.join(idle)}")
        if self.products and self.collections:
            raise ValueError("is for products or for collections, not for both")
        if self.gives is EffectKind.FREE_PRODUCT and len(self.products) != 1:
            raise ValueError("gives one product, so products names one")
        if not self.surfaces:
            raise ValueError("surfaces must name one where it may be used")
        return self

    def rule(self, name: str, currency: str) -> BenefitRule:
        """Give the entry as the product knows it. Raises `InvalidRequest` for an amount that the currency has not."""
        key, given, value = (self.meta or "").partition("=")
        return BenefitRule(
            name=name,
            effect=self._effect(currency),
            surfaces=frozenset(Surface(surface) for surface in self.surfaces),
            handle=self.handle,
            tag=self.tag,
            meta=(key, value if given else None) if self.meta else None,
        )

    def _effect(self, currency: str) -> Effect:
        combines = frozenset(DiscountClass(name.upper()) for name in self.combines_with)
        # Shopify lets one free shipping stand on an order, whatever is said.
        allowed = ANY_CLASS - {DiscountClass.SHIPPING} if self.gives is EffectKind.FREE_SHIPPING else ANY_CLASS
        return Effect(
            kind=self.gives,
            amount=Money.parse(self.amount, currency) if self.amount else None,
            percent=self.percent,
            products=self.products,
            collections=self.collections,
            minimum_spend=Money.parse(self.minimum_spend, currency) if self.minimum_spend else None,
            combines_with=combines & allowed,
            shared_code=self.code,
        )
