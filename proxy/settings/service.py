"""The deployment's settings, and those of its shops."""

import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from proxy.domain.money import exponent
from proxy.domain.standing_sale import is_unmistakable
from proxy.settings.kinds import PerMinute, Seconds, Secrets, TokenSource
from proxy.settings.shop import ShopSettings

PREFIX = "PROXY_"
BETWEEN = "__"
# The name of the shop that is configured without naming it.
ALONE = ""
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)


class Settings(BaseSettings):
    """Every setting; README lists each with unit, bounds and default, and a test keeps that list true.

    What belongs to a shop may stand beside the others, as long as there is one shop; where `shops` names several, it is
    what they have in common.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=BETWEEN, extra="forbid", frozen=True)

    shops: Annotated[dict[str, ShopSettings], Field(min_length=1)]

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
    # Two years: as long as a consumer may come back to a sale in the EU; amounts are kept for ever.
    personal_keep_s: Annotated[float, Field(ge=7_776_000, le=315_360_000)] = 63_072_000
    body_limit_bytes: Annotated[int, Field(ge=1024, le=67_108_864)] = 8_388_608
    header_limit_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 32_768
    header_limit_count: Annotated[int, Field(ge=16, le=1000)] = 100
    url_limit_bytes: Annotated[int, Field(ge=1024, le=65_536)] = 8192
    arrival_deadline_s: Annotated[float, Field(ge=0.1, le=300)] = 20
    # Below the lease of an idempotency key: who asks again after it finds the key free to be resumed in seconds.
    request_deadline_s: Annotated[float, Field(ge=0.1, le=300)] = 15
    limit_caller_per_min: PerMinute = 600
    limit_shop_per_min: PerMinute = 60_000
    limit_caller_writes_per_min: PerMinute = 120
    limit_customer_writes_per_min: PerMinute = 30
    limit_shop_writes_per_min: PerMinute = 6000
    limit_caller_lookups_per_min: PerMinute = 60
    limit_shop_lookups_per_min: PerMinute = 1200
    drain_s: Seconds = 20
    cache_url: Annotated[str, Field(pattern=r"^rediss?://[^\s?#]+$")] | None = None
    # What the server spares costs 100 ms upstream: to wait longer than half of that is no gain.
    cache_deadline_s: Annotated[float, Field(ge=0.005, le=5)] = 0.05
    cache_size: Annotated[int, Field(ge=16, le=1_000_000)] = 20_000
    cache_ttl_s: Annotated[float, Field(ge=0, le=300)] = 10
    cache_stale_s: Annotated[float, Field(ge=0, le=86_400)] = 600
    cache_patience_s: Seconds = 2
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    # upstreams
    upstream_connect_s: Seconds = 2
    upstream_total_s: Seconds = 8
    upstream_in_flight: Annotated[int, Field(ge=1, le=256)] = 16
    upstream_waiting: Annotated[int, Field(ge=0, le=10_000)] = 64
    upstream_wait_s: Seconds = 2
    breaker_failures: Annotated[int, Field(ge=1, le=1000)] = 10
    breaker_cool_down_s: Seconds = 5

    @field_validator("transient_keys")
    @classmethod
    def _keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if any(len(key.get_secret_value()) < 32 for key in keys):
            raise ValueError("every key needs 32 characters or more")
        if len({key.get_secret_value() for key in keys}) != len(keys):
            raise ValueError("every key may be there once")
        return keys

    @model_validator(mode="before")
    @classmethod
    def _shops(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Give each shop what it has in common with the others, unless it says otherwise."""
        common = {name: value for name, value in given.items() if name in ShopSettings.model_fields}
        service = {name: value for name, value in given.items() if name not in common}
        named = service.get("shops")
        if named is None:
            return {**service, "shops": {ALONE: common}}
        if not isinstance(named, Mapping):
            return service
        return {
            **service,
            "shops": {name: {**common, **own} if isinstance(own, Mapping) else own for name, own in named.items()},
        }

    @field_validator("shops")
    @classmethod
    def _apart(cls, shops: dict[str, ShopSettings]) -> dict[str, ShopSettings]:
        if set(shops) != {ALONE} and not all(_NAME.fullmatch(name) for name in shops):
            raise ValueError("a shop's name is made of a-z, 0-9 and single underscores between them")
        domains = [shop.shop_domain for shop in shops.values()]
        if len(set(domains)) != len(domains):
            raise ValueError("every shop needs a SHOP_DOMAIN of its own")
        # Their holds count together because it is one balance: two places under one name would not be.
        places = {(shop.omneo_tenant, shop.omneo_base_url) for shop in shops.values()}
        if len(places) != len({tenant for tenant, _ in places}):
            raise ValueError("shops of one OMNEO_TENANT need the same OMNEO_BASE_URL")
        # A signed customer's id names no shop: the secret is what tells whose customer it is.
        signing = [shop.omneo_id_secret.get_secret_value() for shop in shops.values() if shop.omneo_id_secret]
        if len(set(signing)) != len(signing):
            raise ValueError("every shop needs an OMNEO_ID_SECRET of its own")
        return shops

    @field_validator("shops")
    @classmethod
    def _tokens_apart(cls, shops: dict[str, ShopSettings]) -> dict[str, ShopSettings]:
        # Shopify answers a token of another shop as one of an app that was removed; one file would be rotated by both.
        of = {
            source: [s for s in shops.values() if s.shopify_token_source == source] for source in get_args(TokenSource)
        }
        static = [shop.shopify_access_token for shop in of["static"]]
        files = [shop.shopify_refresh_token_file for shop in of["refresh"]]
        if len({token.get_secret_value() for token in static if token}) != len(static):
            raise ValueError("every shop needs a SHOPIFY_ACCESS_TOKEN of its own")
        if len({file.resolve() for file in files if file}) != len(files):
            raise ValueError("every shop needs a SHOPIFY_REFRESH_TOKEN_FILE of its own")
        return shops

    @field_validator("shops")
    @classmethod
    def _one_tenant(cls, shops: dict[str, ShopSettings]) -> dict[str, ShopSettings]:
        """Refuse what would mix up shops that share a tenant."""
        several = {tenant for tenant, n in Counter(shop.omneo_tenant for shop in shops.values()).items() if n > 1}
        sharing = [shop for shop in shops.values() if shop.omneo_tenant in several]
        # What is held of one balance is counted in minor units, and yen have none.
        decimals = {(shop.omneo_tenant, exponent(shop.shop_currency)) for shop in sharing}
        if len(decimals) != len(several):
            raise ValueError("shops of one OMNEO_TENANT need a SHOP_CURRENCY with as many decimals")
        # Names begin anew in each shop, and a sale that is written under another's id takes its place.
        if any(s.transaction_mode == "own" and not is_unmistakable(s.transaction_external_id) for s in sharing):
            raise ValueError("shops of one OMNEO_TENANT need {order_id} or {shop} in their TRANSACTION_EXTERNAL_ID")
        return shops

    @model_validator(mode="after")
    def _keys_apart(self) -> Self:
        # A theme's developers may read the one; the others sign tokens that redeem.
        if any(shop.omneo_id_secret in self.transient_keys for shop in self.shops.values()):
            raise ValueError("TRANSIENT_KEYS: none may be the OMNEO_ID_SECRET of a shop")
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
        sources = (init_settings, env_settings, EnvSettingsSource(_InCommon), file_secret_settings)
        return (*sources, TomlConfigSettingsSource(settings_cls, file)) if file else sources


class _InCommon(ShopSettings, BaseSettings):
    """The names under which the environment has what belongs to the only shop, or to all."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)
