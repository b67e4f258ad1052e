"""JSON logs with fixed event names, and Prometheus metrics; no tokens, queries, bodies or e-mail addresses."""

import logging
import sys
from typing import TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from proxy.domain.happening import Happening

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WARNINGS = {
    Happening.REDEMPTION_REVIEW,
    Happening.CAPTURE_SHORTFALL,
    Happening.CAPTURE_UNKNOWN,
    Happening.ISSUE_UNKNOWN,
    Happening.BENEFIT_CLAIM_UNKNOWN,
    Happening.BENEFITS_MAPPING,
    Happening.ORDER_UNREADABLE,
    Happening.TASK_PARKED,
    Happening.PRIVACY_WAITING,
    Happening.SHOP_CLOSED,
    Happening.REQUEST_FAILED,
    Happening.READ_STALE,
    Happening.RISK_TAKEN,
    Happening.ID_TOKEN_MISSING,
    Happening.CACHE_LOST,
    Happening.SHOPIFY_VERSION_FELL_FORWARD,
    Happening.SHOPIFY_API_DEPRECATED,
    Happening.SHOPIFY_ACCESS_PARTIAL,
}


class LogAndMetrics:
    """Tells happenings to the log and counts them; holds every metric of the process."""

    def __init__(self, *, level: str = "info", stream: TextIO | None = None) -> None:
        self.registry = CollectorRegistry()
        self._log = structlog.wrap_logger(
            structlog.PrintLogger(stream or sys.stdout),
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        )
        self._happenings = Counter(
            "proxy_happenings",
            "Happenings by name; README says what to do about each.",
            ["happening"],
            registry=self.registry,
        )
        self._requests = Histogram(
            "proxy_request_seconds",
            "HTTP requests by route and status.",
            ["route", "method", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._upstream = Histogram(
            "proxy_upstream_seconds",
            "Upstream calls by operation and outcome.",
            ["upstream", "operation", "outcome"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        # labels() costs more than observe(): the few children that a hot route has are kept.
        self._answered: dict[tuple[str, str, int], Histogram] = {}
        self._tasks = Gauge(
            "proxy_tasks", "Durable work that waits, is late or is parked.", ["state"], registry=self.registry
        )

        self._unusable = Gauge(
            "proxy_benefits_unusable",
            "Entries of the mapping of benefits that name what is not there.",
            ["shop"],
            registry=self.registry,
        )

    def tell(self, happening: Happening, **fields: object) -> None:
        """Log one line and count one."""
        self._happenings.labels(happening.value).inc()
        if happening in _WARNINGS:
            self._log.warning(happening.value, **fields)
        else:
            self._log.info(happening.value, **fields)

    def fault(self, happening: Happening, error: BaseException, **fields: object) -> None:
        """Log a fault of our own with its trace."""
        self._happenings.labels(happening.value).inc()
        self._log.error(happening.value, exc_info=error, **fields)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Observe an answered request."""
        child = self._answered.get((route, method, status))
        if child is None:
            child = self._answered[route, method, status] = self._requests.labels(route, method, str(status))
        child.observe(seconds)

    def upstream(self, upstream: str, operation: str, outcome: str, seconds: float) -> None:
        """Observe an upstream call."""
        self._upstream.labels(upstream, operation, outcome).observe(seconds)

    def tasks(self, counts: dict[str, int]) -> None:
        """Set how much durable work there is."""
        for state, count in counts.items():
            self._tasks.labels(state).set(count)

    def unusable_benefits(self, shop: str, count: int) -> None:
        """Set how many entries of a shop's mapping cannot work."""
        self._unusable.labels(shop).set(count)

    def expose(self) -> bytes:
        """Write all metrics in Prometheus' text format."""
        return generate_latest(self.registry)
