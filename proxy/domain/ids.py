"""Identifiers, parsed once at the edge."""

import re
from typing import Final, NamedTuple, NewType

from proxy.domain.errors import InvalidRequest

ShopDomain = NewType("ShopDomain", str)
TenantName = NewType("TenantName", str)
CustomerId = NewType("CustomerId", str)
OrderId = NewType("OrderId", str)
LocationId = NewType("LocationId", str)
StaffId = NewType("StaffId", str)
DiscountId = NewType("DiscountId", str)
ProfileId = NewType("ProfileId", str)
OmneoRedemptionId = NewType("OmneoRedemptionId", int)
TransactionId = NewType("TransactionId", int)
RedemptionId = NewType("RedemptionId", str)
CaptureId = NewType("CaptureId", str)
Code = NewType("Code", str)


class Merge(NamedTuple):
    """Two customers of Shopify who became one: the id that is gone, and the one that was kept."""

    gone: CustomerId
    kept: CustomerId


# What stands in a row where a person was: random after this, and unlike any id of Shopify or Omneo.
GONE: Final = "gone_"

# 32 symbols without 0/O and 1/I, so that a code read aloud or typed from a receipt survives; 16 of them are 80 bits.
CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

_SHOP = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,19}", re.ASCII)
_REDEMPTION = re.compile(r"rdm_[0-9a-f]{32}", re.ASCII)
_CAPTURE = re.compile(r"cap_[0-9a-f]{32}", re.ASCII)


def parse_shop(text: str) -> ShopDomain:
    """Accept `x.myshopify.com`, with or without `https://`.

    Source: https://shopify.dev/docs/apps/build/authentication-authorization/id-tokens (`dest` comes in both forms).
    """
    host = text.removeprefix("https://")
    if not _SHOP.fullmatch(host):
        raise InvalidRequest("That is not a myshopify.com domain.", field="shop")
    return ShopDomain(host)


def _numeric(text: str, kind: str) -> str:
    number = text.removeprefix(f"gid://shopify/{kind}/")
    if not _NUMBER.fullmatch(number):
        raise InvalidRequest(f"That is not a Shopify {kind} id.", field=kind.lower())
    return number


def parse_customer(text: str) -> CustomerId:
    """Accept a number or a gid; the number is what Omneo's identity holds."""
    return CustomerId(_numeric(text, "Customer"))


def parse_order(text: str) -> OrderId:
    """Accept a number or a gid; ids exceed 2^53, so they stay text."""
    return OrderId(_numeric(text, "Order"))


def parse_location(text: str) -> LocationId:
    """Accept a number or a gid."""
    return LocationId(_numeric(text, "Location"))


def parse_redemption(text: str) -> RedemptionId:
    """Accept only the form that we mint."""
    if not _REDEMPTION.fullmatch(text):
        raise InvalidRequest("That is not a redemption id.", field="redemption")
    return RedemptionId(text)


def redemptions_in(text: str) -> frozenset[RedemptionId]:
    """Find those that are words of a text, whoever wrote it."""
    return frozenset(RedemptionId(word) for word in text.replace(",", " ").split() if _REDEMPTION.fullmatch(word))


def capture_of(label: str) -> CaptureId | None:
    """Give the capture that a label names, None for any label that is not in the form that we mint."""
    return CaptureId(label) if _CAPTURE.fullmatch(label) else None


def gid(kind: str, number: str) -> str:
    """Form Shopify's global id, as the Admin API wants it."""
    return f"gid://shopify/{kind}/{number}"


def gone(token: str) -> str:
    """Form what takes a person's place; `token` is random and made for one redemption alone."""
    return f"{GONE}{token[:24]}"


def is_gone(person: str) -> bool:
    """Tell whether the customer or profile has been taken out."""
    return person.startswith(GONE)


def fold(code: str) -> str:
    """Fold a code for comparison: Shopify's codes are case-insensitive."""
    return code.strip().casefold()
