"""When an incentive issued by a definition ends, and the dates that a request may give instead."""

from datetime import UTC, datetime, timedelta
from typing import Any

from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.records import Entry
from proxy.sandbox.omneo.rules import integer
from proxy.sandbox.omneo.times import parsed

_DAYS = {"days": 1, "weeks": 7, "months": 30, "years": 365}


def expiry(definition: Entry, issued_at: datetime) -> datetime | None:
    """Add the definition's period; a month counts 30 days (assumption), an absolute date is that date."""
    absolute = definition.fields.get("absolute_expiry")
    if absolute:
        return parsed(absolute, "UTC", "absolute_expiry").astimezone(UTC)
    period = definition.fields.get("period")
    days = _DAYS.get(str(definition.fields.get("period_type") or "days"))
    return _later(issued_at, int(period) * days) if period and days else None


def dates(call: Call, definition: Entry) -> tuple[datetime, datetime | None]:
    """Read `issued_at` and `expires_at` off the body, local to its `timezone`. Raises Problem 422."""
    body, timezone = call.body, call.body.get("timezone")
    issued = parsed(body["issued_at"], timezone, "issued_at") if body.get("issued_at") else call.now
    if body.get("expires_at"):
        return issued, parsed(body["expires_at"], timezone, "expires_at")
    return issued, expiry(definition, issued)


def extended(call: Call, expires_at: datetime | None, timezone: str) -> datetime | None:
    """Read the new end of an extend call: a date, or days added. Raises Problem 422."""
    date: Any = call.body.get("extend_date")
    if date:
        return parsed(date, timezone, "extend_date")
    days = integer(call.body.get("extend_days") or 0, "extend_days")
    return _later(expires_at, days) if expires_at else None


def _later(at: datetime, days: int) -> datetime:
    try:
        return at + timedelta(days=days)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
