"""A faithful, stateful simulator of the Omneo loyalty API."""

from proxy.sandbox.omneo.config import ApiToken, OmneoConfig, WebhookTarget
from proxy.sandbox.omneo.tenant import OmneoSandbox

__all__ = ["ApiToken", "OmneoConfig", "OmneoSandbox", "WebhookTarget"]
