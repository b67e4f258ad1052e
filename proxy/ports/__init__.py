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

__all__ = [
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
    "Shopify",
    "Successions",
    "Sweeps",
    "Tasks",
    "Telemetry",
]
