"""Kinds of values that settings have."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


def _handle(name: str) -> str:
    if name == "profile_id":  # Omneo's word for its own id, which is nothing that a retailer gave out
        raise ValueError("profile_id is no handle")
    return name


# In the environment a list is written with commas; in TOML it is a list.
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Secrets = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
Lookup = Literal["search-id", "identities-filter", "identities-search"]
Lookups = Annotated[tuple[Lookup, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
TokenSource = Literal["client_credentials", "static", "refresh"]
Where = Literal["checkout", "storefront", "pos"]
Surfaces = Annotated[tuple[Where, ...], NoDecode, BeforeValidator(_split)]
BenefitName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
PerMinute = Annotated[int, Field(ge=1, le=10_000_000)]
Templates = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1, max_length=8)]
Handle = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$"), AfterValidator(_handle)]
Handles = Annotated[tuple[Handle, ...], NoDecode, BeforeValidator(_split), Field(max_length=8)]
ProductGid = Annotated[str, Field(pattern=r"^gid://shopify/Product/[1-9][0-9]{0,19}$")]
Products = Annotated[tuple[ProductGid, ...], NoDecode, BeforeValidator(_split), Field(max_length=250)]
Amount = Annotated[Decimal, Field(gt=0)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s?#]+$")]
