"""Omneo's dates: answers are UTC, requests are local to their `timezone` field."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from proxy.sandbox.omneo.problems import invalid

FORMAT = "%Y-%m-%d %H:%M:%S"


def stamp(at: datetime | None) -> str | None:
    """Write a time as Omneo does: UTC, `YYYY-MM-DD HH:mm:ss`.

    Source: https://omneo.readme.io/reference/redemptions-1
    """
    return at.astimezone(UTC).strftime(FORMAT) if at else None


def local_stamp(at: datetime | None, timezone: str | None) -> str | None:
    return at.astimezone(zone(timezone)).strftime(FORMAT) if at else None


def zone(name: object, field: str = "timezone") -> tzinfo:
    """Find a time zone by its name; none means UTC. Raises Problem 422."""
    if name is None or name in ("", "UTC"):
        return UTC
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        if not available_timezones():
            # A slim image carries no zone data; a simulator there takes times as UTC.
            return UTC
        raise invalid(field, "The timezone must be a valid zone.") from error


def parsed(text: object, timezone: object, field: str) -> datetime:
    """Read a request's time, local to `timezone` unless it carries its own offset. Raises Problem 422."""
    local = zone(timezone)
    try:
        at = datetime.fromisoformat(str(text).strip())
    except ValueError as error:
        raise invalid(field, f"The {field.replace('_', ' ')} is not a valid date.") from error
    return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
