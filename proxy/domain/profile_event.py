"""Whom an event of Omneo's is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from proxy.domain.ids import ProfileId

# Events that change what is shown of a profile. Omneo's documents write some names in two ways.
# Source: https://docs.omneo.io/dev-guides/webhooks/webhooks
_CHANGES: Final = ("balance.", "reward.", "benefit.", "point.", "points.", "tier.", "profile.", "identity.")
_ITSELF: Final = ("profile.", "identity.", "tier.")
_IS_PROFILE: Final = ("profile.", "balance.")  # the object at the root is the profile itself
SUCCESSIONS: Final = frozenset({"profile.merged", "profile.deleted"})
# The body of `profile.merged` is not documented: whichever of these is there names somebody, and Omneo is asked then.
_NAMES: Final = ("source_profile_id", "destination_profile_id", "merged_from", "profile_id")
_OBJECTS: Final = ("profile", "source", "destination", "source_profile", "destination_profile")
_MOST: Final = 20
_LONGEST: Final = 64


@dataclass(frozen=True, slots=True)
class ProfileEvent:
    """The profiles that a body names, and the (handle, identifier) pairs that it says are theirs.

    `itself`: not only what a profile has changed, but what it is or who it is.
    """

    profiles: tuple[ProfileId, ...]
    identities: tuple[tuple[str, str], ...]
    itself: bool


def changes_profile(event: str) -> bool:
    """Tell whether an event of this name changes what is shown of a profile."""
    return event.startswith(_CHANGES)


def whom(event: str, body: Mapping[str, Any]) -> ProfileEvent:
    """Read whom a body names, in any of the shapes in which it may come; what is none of them names nobody."""
    objects = [body, *(each for name in _OBJECTS if isinstance(each := body.get(name), Mapping))]
    identities = [each for one in objects for each in _identities(one)]
    # The root of a reward or a benefit has an id of its own kind; what it holds is a profile.
    ids = [one.get("id") for one in objects[0 if event.startswith(_IS_PROFILE) else 1 :]]
    ids += [one.get(name) for one in objects for name in _NAMES]
    ids += [body.get(name) for name in _OBJECTS]
    ids += [each.get("merged_from") for each in identities]
    pairs = ((_text(each.get("handle")), _text(each.get("identifier"))) for each in identities)
    return ProfileEvent(
        profiles=tuple(dict.fromkeys(ProfileId(text) for each in ids if (text := _text(each))))[:_MOST],
        identities=tuple(dict.fromkeys((handle, value) for handle, value in pairs if handle and value))[:_MOST],
        itself=event.startswith(_ITSELF),
    )


def _identities(one: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "handle" in one and "identifier" in one:
        yield one
    listed = one.get("identities")
    yield from (each for each in listed if isinstance(each, Mapping)) if isinstance(listed, list) else ()


def _text(value: object) -> str:
    """Give an id as text, and nothing for what can be none."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if len(text) <= _LONGEST else ""
