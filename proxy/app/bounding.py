"""Build what bounds requests: their size, their time and their number."""

from proxy.domain.rate import Rate
from proxy.ports import Clock
from proxy.services.limits import Limits, Rates
from proxy.settings import Settings
from proxy.stores.buckets import LocalBuckets
from proxy.stores.shared_buckets import SharedBuckets
from proxy.stores.valkey import Valkey
from proxy.web.bounds import Bounds

_BUCKETS = 100_000  # callers of a few minutes; each is a few hundred bytes


def bounds(settings: Settings) -> Bounds:
    """Give the bounds of a single request."""
    return Bounds(
        url_bytes=settings.url_limit_bytes,
        header_bytes=settings.header_limit_bytes,
        header_count=settings.header_limit_count,
        body_bytes=settings.body_limit_bytes,
        arrival_s=settings.arrival_deadline_s,
        request_s=settings.request_deadline_s,
    )


def limits(settings: Settings, clock: Clock, valkey: Valkey | None) -> Limits:
    """Give the rate limits, shared with the other processes where there is a server for that."""
    rates = Rates(
        caller=Rate.per_minute(settings.limit_caller_per_min),
        shop=Rate.per_minute(settings.limit_shop_per_min),
        caller_writes=Rate.per_minute(settings.limit_caller_writes_per_min),
        customer_writes=Rate.per_minute(settings.limit_customer_writes_per_min),
        shop_writes=Rate.per_minute(settings.limit_shop_writes_per_min),
        caller_lookups=Rate.per_minute(settings.limit_caller_lookups_per_min),
        shop_lookups=Rate.per_minute(settings.limit_shop_lookups_per_min),
    )
    local = LocalBuckets(_BUCKETS, clock.monotonic)
    return Limits(local if valkey is None else SharedBuckets(valkey, local), rates)
