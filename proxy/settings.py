"""Settings from the environment and an optional TOML file; a bad one stops the start with a message that names it."""

import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from proxy.domain.caller import Surface
from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import TenantName, parse_shop
from proxy.domain.money import Money
from proxy.domain.shop import GiveBackPolicy, Policy, Shop, Spendable, Timing, TransactionMode
from proxy.domain.standing_sale import check_template

PREFIX = "PROXY_"


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


# In the environment a list is written with commas; in TOML it is a list.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
Lookup = Literal["search-id", "identities-filter", "identities-search"]
Lookups = Annotated[tuple[Lookup, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
TokenSource = Literal["client_credentials", "static", "refresh"]
Where = Literal["checkout", "storefront", "pos"]
Surfaces = Annotated[tuple[Where, ...], NoDecode, BeforeValidator(_split)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Templates = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1, max_length=8)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]


class BadSettingsError(Exception):
    """Says in one line each what is wrong with which setting; never says a value."""


class Settings(BaseSettings):
    """Every setting; README lists each with unit, bounds and default, and a test keeps that list true."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

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
    omneo_redeem_path: Annotated[str, Field(pattern=r"^/.*\{profile\}.*$")] = "/profiles/{profile}/redeem"
    omneo_identity_lookups: Lookups = ("search-id",)
    omneo_redeem_currency: bool = False
    identity_handle: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "shopify"

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
    minimum_amount: Annotated[Decimal, Field(gt=0)] = Decimal("1.00")
    minimum_spend: Annotated[Decimal, Field(gt=0)] | None = None
    spendable: Literal["rewards", "rewards+points"] = "rewards"
    give_back: Literal["pro_rata", "full_only", "none"] = "pro_rata"
    capture_early: Surfaces = ()
    eligible_collection: Annotated[str, Field(pattern=r"^gid://shopify/Collection/[0-9]+$")] | None = None
    combines_with_order: bool = True
    combines_with_product: bool = True
    combines_with_shipping: bool = True
    code_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9]{0,8}$")] = "RW"

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

    # the service
    transient_keys: Secrets
    transient_lifetime_s: Annotated[int, Field(ge=60, le=3600)] = 900
    database_url: Annotated[str, Field(pattern=r"^(sqlite:///|postgres(ql)?://)")] = "sqlite:///var/proxy.db"
    database_pool: Annotated[int, Field(ge=1, le=64)] = 8
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8400
    worker_in_serve: bool = True
    worker_concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    worker_poll_s: Annotated[float, Field(ge=0.05, le=60)] = 0.5
    worker_lease_s: Annotated[float, Field(ge=2, le=300)] = 15
    idempotency_keep_s: Annotated[float, Field(ge=259_200, le=31_536_000)] = 604_800
    sweep_every_s: Annotated[float, Field(ge=10, le=86_400)] = 300
    sweep_overlap_s: Annotated[float, Field(ge=0, le=86_400)] = 600
    reconcile_quiet_s: Annotated[float, Field(ge=0, le=86_400)] = 300
    events_keep_s: Annotated[float, Field(ge=86_400, le=31_536_000)] = 2_592_000
    body_limit_bytes: Annotated[int, Field(ge=1024, le=67_108_864)] = 8_388_608
    drain_s: Seconds = 20
    cache_url: Annotated[str, Field(pattern=r"^rediss?://[^\s?#]+$")] | None = None
    # What the server spares costs 100 ms upstream: to wait longer than half of that is no gain.
    cache_deadline_s: Annotated[float, Field(ge=0.005, le=5)] = 0.05
    cache_size: Annotated[int, Field(ge=16, le=1_000_000)] = 20_000
    cache_ttl_s: Annotated[float, Field(ge=0, le=300)] = 10
    cache_stale_s: Annotated[float, Field(ge=0, le=86_400)] = 600
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    # upstreams
    upstream_connect_s: Seconds = 2
    upstream_total_s: Seconds = 8
    upstream_in_flight: Annotated[int, Field(ge=1, le=256)] = 16
    breaker_failures: Annotated[int, Field(ge=1, le=1000)] = 10
    breaker_cool_down_s: Seconds = 5

    @field_validator("shop_domain")
    @classmethod
    def _shop(cls, value: str) -> str:
        try:
            return parse_shop(value)
        except InvalidRequest as error:
            raise ValueError(error.text) from None

    @field_validator("transient_keys")
    @classmethod
    def _keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("every key needs 32 characters or more")
        if len({key.get_secret_value() for key in keys}) != len(keys):
            raise ValueError("every key may be there once")
        return keys

    @field_validator("transaction_external_id")
    @classmethod
    def _template(cls, value: str) -> str:
        return check_template(value, ("order_id", "order_name", "shop"))

    @field_validator("attach_external_ids")
    @classmethod
    def _templates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_template(template) for template in value)

    @model_validator(mode="after")
    def _tokens(self) -> "Settings":
        needed = {"static": "shopify_access_token", "refresh": "shopify_refresh_token_file"}
        name = needed.get(self.shopify_token_source)
        if name is not None and getattr(self, name) is None:
            raise ValueError(f"{PREFIX}{name.upper()}: needed with this {PREFIX}SHOPIFY_TOKEN_SOURCE")
        file = self.shopify_refresh_token_file
        if self.shopify_token_source == "refresh" and file is not None and not file.is_file():  # noqa: S105
            raise ValueError(f"{PREFIX}SHOPIFY_REFRESH_TOKEN_FILE: there is no such file")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the TOML file that PROXY_CONFIG names."""
        file = os.environ.get(f"{PREFIX}CONFIG")
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings, file_secret_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, file)) if file else sources

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
            test_shop=self.test_shop,
            code_prefix=self.code_prefix,
            external_id_template=self.transaction_external_id,
            attach_external_ids=self.attach_external_ids,
            attach_before_own=self.attach_before_own,
            systems_web=self.transaction_systems_web,
            systems_pos=self.transaction_systems_pos,
        )

    def _policy(self) -> Policy:
        currency = self.shop_currency
        return Policy(
            minimum=Money.parse(self.minimum_amount, currency),
            minimum_spend=Money.parse(self.minimum_spend, currency) if self.minimum_spend else None,
            spendable=Spendable(self.spendable),
            eligible_collection=self.eligible_collection,
            combines_with_order=self.combines_with_order,
            combines_with_product=self.combines_with_product,
            combines_with_shipping=self.combines_with_shipping,
            give_back=GiveBackPolicy(self.give_back),
            capture_early=frozenset(Surface(surface) for surface in self.capture_early),
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


_EXPLAINED = {
    "transaction_mode": (
        "has no default on purpose: 'own' writes every paid order to Omneo as a transaction and, beside Omneo's own "
        "Shopify app, counts every sale twice; 'attach' waits for the transaction that Omneo's app writes and attaches "
        "the redemption to it; 'none' leaves transactions to whoever writes them now"
    ),
}


def load_settings(**overrides: Any) -> Settings:
    """Read and check all settings; raises BadSettingsError that names each bad one and no value."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}CONFIG"}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettingsError("\n".join(f"{name}: there is no such setting" for name in unknown))
    file = os.environ.get(f"{PREFIX}CONFIG")
    if file and not Path(file).is_file():
        raise BadSettingsError(f"{PREFIX}CONFIG: there is no such file")
    try:
        settings = Settings(**overrides)
        settings.shop()
    except ValidationError as error:
        lines = [_line(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False, include_url=False)]
        raise BadSettingsError("\n".join(lines)) from None
    except InvalidRequest as error:
        raise BadSettingsError(f"{PREFIX}MINIMUM_AMOUNT or {PREFIX}MINIMUM_SPEND: {error.text}") from None
    except (OSError, ValueError) as error:
        raise BadSettingsError(f"{PREFIX}CONFIG: {type(error).__name__}, the file cannot be read as TOML") from None
    return settings


def _line(location: tuple[int | str, ...], message: str) -> str:
    name = str(location[0]) if location else ""
    reason = message.removeprefix("Value error, ")
    explained = f" ({_EXPLAINED[name]})" if name in _EXPLAINED else ""
    return f"{PREFIX}{name.upper()}: {reason}{explained}" if name else reason
