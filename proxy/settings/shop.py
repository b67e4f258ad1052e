"""A shop's settings: its app, its tenant, its policy and its times."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from proxy.domain.caller import Surface
from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import TenantName, parse_shop
from proxy.domain.money import Money
from proxy.domain.shop import GiveBackPolicy, Policy, Shop, Spendable, Timing, TransactionMode
from proxy.domain.staff import StaffRules
from proxy.domain.standing_sale import check_template
from proxy.domain.terms import most, smallest
from proxy.settings.benefits import BenefitSettings
from proxy.settings.kinds import (
    Amount,
    BenefitName,
    Handles,
    Lookups,
    Products,
    Surfaces,
    Templates,
    TokenSource,
    Url,
    Words,
)

_AMOUNTS = (
    *("minimum_amount", "max_amount", "step_amount", "minimum_spend", "staff_max_amount", "staff_daily_amount"),
    *("staff_device_daily_amount", "staff_reason_above", "staff_approval_above"),
)


class ShopSettings(BaseModel):
    """Every setting that shops of one deployment may differ in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # shop
    shop_domain: str
    shop_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    test_shop: bool = False

    # Shopify
    shopify_client_id: Annotated[str, Field(min_length=1)]
    shopify_client_secret: Annotated[SecretStr, Field(min_length=8)]
    shopify_client_secret_old: SecretStr | None = None
    shopify_token_source: TokenSource = "client_credentials"  # noqa: S105  the name of a grant
    shopify_access_token: SecretStr | None = None
    shopify_refresh_token_file: Path | None = None
    shopify_api_version: Annotated[str, Field(pattern=r"^20[0-9]{2}-(01|04|07|10)$")] = "2026-10"
    shopify_base_url: Url | None = None

    # Omneo
    omneo_tenant: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    omneo_token: Annotated[SecretStr, Field(min_length=1)]
    omneo_base_url: Url | None = None
    omneo_webhook_secret: Annotated[SecretStr, Field(min_length=8)] | None = None
    omneo_id_base_url: Url | None = None
    omneo_id_tokens: bool = False
    omneo_id_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    omneo_redeem_path: Annotated[str, Field(pattern=r"^/.*\{profile\}.*$")] = "/profiles/{profile}/redeem"
    omneo_identity_lookups: Lookups = ("search-id",)
    omneo_redeem_currency: bool = False
    identity_handle: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "shopify"
    lookup_handles: Handles = ()

    # transactions
    transaction_mode: Literal["own", "attach", "none"]
    transaction_external_id: str = "{order_id}"
    transaction_systems_web: Words = ("web",)
    transaction_systems_pos: Words = ("pos",)
    profile_wait_s: Annotated[float, Field(ge=0, le=604_800)] = 3600
    attach_external_ids: Templates = ("{order_id}", "{order_gid}", "{order_name}", "{order_number}")
    attach_wait_s: Annotated[float, Field(ge=60, le=31_536_000)] = 604_800
    attach_before_own: bool = True

    # policy
    minimum_amount: Amount = Decimal("1.00")
    max_amount: Amount | None = None
    step_amount: Amount | None = None
    minimum_spend: Amount | None = None
    max_share_percent: Annotated[int, Field(ge=1, le=100)] = 100
    excluded_products: Products = ()
    spendable: Literal["rewards", "rewards+points"] = "rewards"
    give_back: Literal["pro_rata", "full_only", "none"] = "pro_rata"
    capture_early: Surfaces = ()
    eligible_collection: Annotated[str, Field(pattern=r"^gid://shopify/Collection/[0-9]+$")] | None = None
    combines_with_order: bool = True
    combines_with_product: bool = True
    combines_with_shipping: bool = True
    code_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,8}$")] = "RW"
    benefits: Annotated[dict[BenefitName, BenefitSettings], Field(max_length=200)] = {}

    # staff at tills
    staff_max_amount: Amount | None = None
    staff_device_daily_amount: Amount | None = None
    staff_daily_amount: Amount | None = None
    staff_reason_above: Amount | None = None
    staff_approval_above: Amount | None = None
    staff_approval_s: Annotated[float, Field(ge=60, le=3600)] = 600
    staff_cross_check: bool = True

    # timing
    hold_checkout_s: Annotated[float, Field(ge=60, le=86_400)] = 1800
    hold_pos_s: Annotated[float, Field(ge=60, le=86_400)] = 900
    grace_expiry_s: Annotated[float, Field(ge=0, le=86_400)] = 1800
    grace_removal_s: Annotated[float, Field(ge=0, le=86_400)] = 120
    settling_s: Annotated[float, Field(ge=1, le=3600)] = 120
    ceiling_s: Annotated[float, Field(ge=0, le=3600)] = 30
    reversal_window_s: Annotated[float, Field(ge=0, le=86_400)] = 600
    reversal_margin_s: Annotated[float, Field(ge=0, le=600)] = 30
    expiry_margin_s: Annotated[float, Field(ge=0, le=2_592_000)] = 86_400

    @field_validator("shop_domain")
    @classmethod
    def _shop(cls, value: str) -> str:
        try:
            return parse_shop(value)
        except InvalidRequest as error:
            raise ValueError(error.text) from None

    @field_validator("transaction_external_id")
    @classmethod
    def _template(cls, value: str) -> str:
        return check_template(value, ("order_id", "order_name", "shop"))

    @field_validator("attach_external_ids")
    @classmethod
    def _templates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_template(template) for template in value)

    @model_validator(mode="after")
    def _tokens(self) -> Self:
        needed = {"static": "shopify_access_token", "refresh": "shopify_refresh_token_file"}
        name = needed.get(self.shopify_token_source)
        if name is not None and getattr(self, name) is None:
            raise ValueError(f"{name.upper()}: needed with this SHOPIFY_TOKEN_SOURCE")
        file = self.shopify_refresh_token_file
        if self.shopify_token_source == "refresh" and file is not None and not file.is_file():  # noqa: S105
            raise ValueError("SHOPIFY_REFRESH_TOKEN_FILE: there is no such file")
        return self

    @model_validator(mode="after")
    def _id_secret(self) -> Self:
        # A theme's developers may read this one; the app's own opens every door.
        if self.omneo_id_secret and self.omneo_id_secret in (
            self.shopify_client_secret,
            self.shopify_client_secret_old,
        ):
            raise ValueError("OMNEO_ID_SECRET: must not be the app's client secret")
        return self

    @model_validator(mode="after")
    def _amounts(self) -> Self:
        for name in _AMOUNTS:
            try:
                self._money(name)
            except InvalidRequest as error:
                raise ValueError(f"{name.upper()}: {error.text}") from None
        policy = self._policy()
        if not most(policy, policy.maximum or smallest(policy)):
            raise ValueError("MAX_AMOUNT: no amount is left between it and MINIMUM_AMOUNT by this STEP_AMOUNT")
        return self

    @model_validator(mode="after")
    def _benefit_amounts(self) -> Self:
        for name, benefit in self.benefits.items():
            try:
                benefit.rule(name, self.shop_currency)
            except InvalidRequest as error:
                raise ValueError(f"BENEFITS: {name}: {error.text}") from None
        return self

    def risks(self) -> list[str]:
        """Name the settings that are on and let whoever holds a token, or a page, do more than by default."""
        risky = {"omneo_id_tokens": self.omneo_id_tokens, "omneo_id_secret": self.omneo_id_secret is not None}
        return [name.upper() for name, on in risky.items() if on]

    def shop(self) -> Shop:
        """Give the shop as the product knows it."""
        secrets = [self.shopify_client_secret, self.shopify_client_secret_old]
        return Shop(
            domain=parse_shop(self.shop_domain),
            tenant=TenantName(self.omneo_tenant),
            currency=self.shop_currency,
            client_id=self.shopify_client_id,
            client_secrets=tuple(secret.get_secret_value() for secret in secrets if secret),
            policy=self._policy(),
            timing=self._timing(),
            transaction_mode=TransactionMode(self.transaction_mode),
            identity_handle=self.identity_handle,
            lookup_handles=self.lookup_handles,
            test_shop=self.test_shop,
            code_prefix=self.code_prefix,
            external_id_template=self.transaction_external_id,
            attach_external_ids=self.attach_external_ids,
            attach_before_own=self.attach_before_own,
            systems_web=self.transaction_systems_web,
            systems_pos=self.transaction_systems_pos,
            benefits=tuple(benefit.rule(name, self.shop_currency) for name, benefit in self.benefits.items()),
        )

    def _money(self, name: str) -> Money | None:
        amount: Decimal | None = getattr(self, name)
        return None if amount is None else Money.parse(amount, self.shop_currency)

    def _policy(self) -> Policy:
        return Policy(
            minimum=Money.parse(self.minimum_amount, self.shop_currency),
            maximum=self._money("max_amount"),
            step=self._money("step_amount"),
            minimum_spend=self._money("minimum_spend"),
            max_share_percent=self.max_share_percent,
            excluded_products=frozenset(product.rpartition("/")[2] for product in self.excluded_products),
            staff=self._staff(),
            spendable=Spendable(self.spendable),
            eligible_collection=self.eligible_collection,
            combines_with_order=self.combines_with_order,
            combines_with_product=self.combines_with_product,
            combines_with_shipping=self.combines_with_shipping,
            give_back=GiveBackPolicy(self.give_back),
            capture_early=frozenset(Surface(surface) for surface in self.capture_early),
        )

    def _staff(self) -> StaffRules:
        return StaffRules(
            maximum=self._money("staff_max_amount"),
            device_daily=self._money("staff_device_daily_amount"),
            login_daily=self._money("staff_daily_amount"),
            reason_above=self._money("staff_reason_above"),
            approval_above=self._money("staff_approval_above"),
            approval_lifetime=timedelta(seconds=self.staff_approval_s),
            cross_check=self.staff_cross_check,
        )

    def _timing(self) -> Timing:
        return Timing(
            hold_checkout=timedelta(seconds=self.hold_checkout_s),
            hold_pos=timedelta(seconds=self.hold_pos_s),
            grace_expiry=timedelta(seconds=self.grace_expiry_s),
            grace_removal=timedelta(seconds=self.grace_removal_s),
            settling=timedelta(seconds=self.settling_s),
            ceiling=timedelta(seconds=self.ceiling_s),
            expiry_margin=timedelta(seconds=self.expiry_margin_s),
            profile_wait=timedelta(seconds=self.profile_wait_s),
            attach_wait=timedelta(seconds=self.attach_wait_s),
            reversal_window=timedelta(seconds=self.reversal_window_s),
            reversal_margin=timedelta(seconds=self.reversal_margin_s),
        )
