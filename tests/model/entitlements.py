"""What customers are entitled to beside their rewards, and what each shop makes of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import httpx

from proxy.sandbox import seed
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.omneo.records import Benefit

SHARED_CODE: Final = "SPRING"  # the retailer's own: it works for everybody, without us
_SOCKS = f"gid://shopify/Product/{seed.WOOL_SOCKS.product_id}"
_ACCESSORIES = f"gid://shopify/Collection/{seed.ACCESSORIES.id}"

# By the handle of the definition; between them once, twice, three times and without a limit.
GIVES: Final[Mapping[str, Mapping[str, Any]]] = {
    "birthday-10": {"gives": "percentage", "percent": "10"},
    "vip-collection": {"gives": "amount", "amount": "20.00", "collections": [_ACCESSORIES]},
    "free-socks": {"gives": "free_product", "products": [_SOCKS]},
    "free-shipping": {"gives": "free_shipping"},
    "free-alterations": {"gives": "code", "code": SHARED_CODE},
    "coffee": {"gives": "record"},
}
HANDLES: Final = tuple(GIVES)

# The same made by staff in a shop's admin, for everybody and as often as anybody likes.
SHARED_DISCOUNT: Final[Mapping[str, Any]] = {
    "code": SHARED_CODE,
    "title": "Spring",
    "startsAt": "2026-01-01T00:00:00Z",
    "context": {"all": "ALL"},
    "customerGets": {
        "value": {"discountAmount": {"amount": "5.00", "appliesOnEachItem": False}},
        "items": {"all": True},
    },
    "combinesWith": {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True},
}


def mapping(picky: Mapping[str, list[str]] = MappingProxyType({})) -> dict[str, dict[str, Any]]:
    """Form the setting `benefits`; `picky` says of some with which classes alone they combine."""
    said = {handle: {"combines_with": classes} for handle, classes in picky.items()}
    return {handle: {"handle": handle, **gives, **said.get(handle, {})} for handle, gives in GIVES.items()}


def of_handle(omneo: OmneoSandbox, profile: str, handle: str) -> list[Benefit]:
    """List a profile's benefits of one definition, the oldest first."""
    definition = _definition(omneo, handle)
    return [each for each in omneo.state.benefits_of(profile) if each.definition_id == definition]


async def entitle(http: httpx.AsyncClient, omneo: OmneoSandbox, profile: str, handle: str) -> None:
    """Have another system of the retailer give a profile one more."""
    body = {"profile_id": profile, "benefit_definition_id": _definition(omneo, handle), "timezone": "UTC"}
    answer = await http.post("/benefits", json=body)
    assert answer.status_code == 201, answer.text


async def elsewhere(http: httpx.AsyncClient, omneo: OmneoSandbox, kind: str, benefit: Benefit) -> None:
    """Have another system use a benefit once, or end it; what Omneo refuses changes nothing."""
    path = f"/profiles/{benefit.profile_id}/benefits/{benefit.id}"
    if kind == "use":
        await http.post(f"{path}/redeem", json={"count": 1})
    else:
        await http.put(f"/benefits/{benefit.id}", json={"expires_at": omneo.clock.now().isoformat()})


def _definition(omneo: OmneoSandbox, handle: str) -> int:
    found = omneo.state.entry_by("benefit_definitions", "handle", handle)
    assert found is not None
    return found.id
