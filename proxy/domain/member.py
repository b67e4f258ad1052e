"""People by the codes that they carry: what was scanned or typed at a till, and who that is to other systems."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, NewType

from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import CustomerId, parse_customer
from proxy.domain.loyalty import Profile

MemberCode = NewType("MemberCode", str)

# What a scanner may be set to send first: which kind of barcode it was. Source: ISO/IEC 15424
_SYMBOLOGY: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z](?=.)")
_CODE: Final = re.compile(r"[!-~]{1,64}")
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def parse_code(text: str) -> MemberCode:
    """Take off what scanners and fingers add: spaces, control characters, the kind of barcode.

    Letters keep their case, for identifiers may differ in it. Raises InvalidRequest, which does not repeat the text.
    """
    bare = "".join(letter for letter in text if letter.isprintable() and not letter.isspace())
    code = _SYMBOLOGY.sub("", bare)
    if not _CODE.fullmatch(code):
        raise InvalidRequest("That is not a member code.", field="code")
    return MemberCode(code)


@dataclass(frozen=True, slots=True)
class Identity:
    """What another system calls a profile."""

    id: int
    handle: str
    identifier: str = field(repr=False)
    active: bool
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """A profile with what other systems call it."""

    profile: Profile
    identities: tuple[Identity, ...]

    def customer(self, handle: str) -> CustomerId | None:
        """Give the Shopify customer that this is under the shop's handle, the newest of several.

        Source: github:omneo/omneo-sdk, whose own helper picks the latest by `created_at`.
        """
        named = [one for one in self.identities if one.handle == handle and one.active and _is_customer(one)]
        newest = max(named, key=lambda one: (one.created_at or _NEVER, one.id), default=None)
        return CustomerId(newest.identifier) if newest is not None else None


def _is_customer(identity: Identity) -> bool:
    try:
        # The bare number: it is what a customer is looked up by.
        return parse_customer(identity.identifier) == identity.identifier
    except InvalidRequest:
        return False
