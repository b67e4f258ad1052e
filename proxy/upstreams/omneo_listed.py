"""Omneo's redemptions as a list of many, each with the capture of ours that it names."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from proxy.domain.drift import Listed
from proxy.domain.errors import UpstreamUnavailable
from proxy.domain.ids import OmneoRedemptionId, ProfileId, TransactionId, capture_of
from proxy.upstreams.omneo_pages import Pages
from proxy.upstreams.omneo_wire import ZERO, Count, RedemptionWire, Stamp


class ListedWire(RedemptionWire):
    """A redemption with what tells whose and of when it is."""

    profile_id: str | None = None
    transaction_id: Count = None
    created_at: Stamp = None

    def listed(self) -> Listed:
        """Give it as the domain knows it."""
        captures = sorted(capture for label in self.labels() if (capture := capture_of(label)) is not None)
        return Listed(
            id=OmneoRedemptionId(self.id),
            type=self.type or "redeem",
            total=self.total or ZERO,
            capture=captures[0] if captures else None,
            profile=ProfileId(self.profile_id) if self.profile_id else None,
            transaction=TransactionId(self.transaction_id) if self.transaction_id else None,
            created_at=self.created_at,
        )


async def page_of(pages: Pages, path: str, since: datetime, number: int, size: int) -> tuple[tuple[Listed, ...], bool]:
    """Read one page of redemptions made since, and tell whether there are more.

    A tenant that ignores the filter gives older ones as well.
    Source: the operators of https://omneo.readme.io/reference/indexprofilebenefit-1; for this list an assumption.
    """
    query = (("filter[created_at][gte]", since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")),)
    found = await pages.one("all_redemptions", path, number, size, query)
    return tuple(_read(row) for row in found.rows), found.more and bool(found.rows)


def _read(row: Any) -> Listed:
    try:
        return ListedWire.model_validate(row).listed()
    except ValidationError:
        raise UpstreamUnavailable(upstream="omneo", reason="unreadable", shape="ListedWire") from None
