"""What of a customer's own profile Omneo's clients may read through us; whatever is not named here does not exist."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from proxy.domain.errors import InvalidRequest, NotFound
from proxy.domain.ids import ProfileId

Query = tuple[tuple[str, str], ...]

ME: Final = b"/id/api/v1/profiles/me"

# Omneo's clients read each list, and one thing of it by its number; identities by handle or by number.
# Source: github:omneo/omneo-sdk, src/id/resources/profile; npm @omneo/shapes-sdk 0.1.5
_NUMBERED: Final = ("rewards", "benefits", "transactions", "redemptions", "ledgers")
_WHOLE: Final = ("balances", "tiers", "aggregations", "identities")
_NUMBER: Final = "[1-9][0-9]{0,17}"
_REST: Final = re.compile(
    f"(?:/(?P<whole>{'|'.join((*_NUMBERED, *_WHOLE))})"
    f"|/(?P<part>{'|'.join(_NUMBERED)})/{_NUMBER}"
    f"|/(?P<identity>identities)/(?:id/{_NUMBER}|[A-Za-z0-9][A-Za-z0-9_-]{{0,63}}))?",
    re.ASCII,
)

# No `include`: it widens an answer. No filter by profile: whose rows these are is said by the path and nothing else.
_FIELD: Final = "(?!profile)[a-z][a-z_.]{0,39}"
_PARAMETERS: Final = {
    re.compile(name, re.ASCII): re.compile(value, re.ASCII)
    for name, value in {
        r"page\[(?:size|number)\]": "[1-9][0-9]{0,3}",
        rf"filter\[{_FIELD}\](?:\[(?:eq|ne|gt|gte|lt|lte|in|nullable)\])?": r"[^\x00-\x1f\x7f]{0,200}",
        "sort": f"-?{_FIELD}(?:,-?{_FIELD}){{0,3}}",
        r"tags\[\]": r"[^\x00-\x1f\x7f]{1,64}",
        "currency": "[A-Z]{3}",
        "has_(?:benefit|reward|point|credit)": "true|false|0|1",
    }.items()
}
_MOST_PARAMETERS: Final = 16


@dataclass(frozen=True, slots=True)
class ProfileRead:
    """One read of a profile: `name` for metrics, `rest` is what follows the profile's id in Omneo's path.

    One thing out of a list is `single`: its number may be anybody's.
    """

    name: str
    rest: str
    single: bool = False


def profile_read(path: bytes) -> ProfileRead:
    """Take the path as it was sent, nothing decoded: one that is spelt otherwise names nothing. Raises NotFound."""
    if not path.startswith(ME) or not path.isascii():
        raise NotFound()
    rest = path.removeprefix(ME).decode()
    found = _REST.fullmatch(rest)
    if found is None:
        raise NotFound()
    part = found["part"] or found["identity"]
    return ProfileRead(found["whole"] or part or "profile", rest, single=part is not None)


def passed_on(pairs: Iterable[tuple[str, str]]) -> Query:
    """Give the query for Omneo. Raises InvalidRequest for a parameter that is not listed, repeated or malformed."""
    query = tuple(pairs)
    names = [name for name, _ in query if name != "tags[]"]
    if len(query) > _MOST_PARAMETERS or len(names) != len(set(names)):
        raise InvalidRequest("There are too many parameters, or one is repeated.")
    for name, value in query:
        if not any(known.fullmatch(name) and form.fullmatch(value) for known, form in _PARAMETERS.items()):
            # Not which one: a name is the caller's own words, and refusals are logged.
            raise InvalidRequest("A parameter is not known here, or its value is malformed.", field="query")
    return query


def is_of(answer: Any, profile: ProfileId, read: ProfileRead) -> bool:
    """Tell whether an answer is this profile's. One thing has to say whose it is, all else only must not deny it."""
    data = answer.get("data", answer) if isinstance(answer, dict) else answer
    rows = data if isinstance(data, list) else [data]
    owners = [_owner(row, is_profile=read.rest == "") for row in rows]
    if (read.single or read.rest == "") and owners != [profile]:
        return False
    return all(owner in (None, profile) for owner in owners)


def _owner(row: Any, *, is_profile: bool) -> str | None:
    if not isinstance(row, dict):
        return None
    if is_profile:
        named = row.get("id")
    else:
        nested = row.get("profile")
        named = row.get("profile_id") or (nested.get("id") if isinstance(nested, dict) else None)
    return None if named is None else str(named)
