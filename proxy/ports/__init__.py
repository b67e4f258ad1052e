"""What the services need from the outside, shaped as intents."""

from proxy.ports.ledger import (
    Audit,
    Captures,
    Events,
    GiveBacks,
    Holds,
    Records,
    Redemptions,
    Successions,
    Sweeps,
    Tasks,
)
from proxy.ports.platforms import Omneo, OmneoBenefits, OmneoIdTokens, OmneoProfiles, Shopify
from proxy.ports.privacy import Closures, PrivacyRequests, Redaction
from proxy.ports.runtime import Buckets, Cache, Cached, Clock, Ids, Telemetry
from proxy.ports.tills import Approvals, Rooms, Tills

__all__ = [
    "Approvals",
    "Audit",
    "Buckets",
    "Cache",
    "Cached",
    "Captures",
    "Clock",
    "Closures",
    "Events",
    "GiveBacks",
    "Holds",
    "Ids",
    "Omneo",
    "OmneoBenefits",
    "OmneoIdTokens",
    "OmneoProfiles",
    "PrivacyRequests",
    "Records",
    "Redaction",
    "Redemptions",
    "Rooms",
    "Shopify",
    "Successions",
    "Sweeps",
    "Tasks",
    "Telemetry",
    "Tills",
]
