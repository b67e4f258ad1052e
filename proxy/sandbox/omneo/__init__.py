"""A faithful, stateful simulator of the Omneo loyalty API."""

from proxy.sandbox.omneo.config import ApiToken, AppConfig, OmneoConfig, WebhookTarget
from proxy.sandbox.omneo.tenant import OmneoSandbox

__all__ = ["ApiToken", "AppConfig", "OmneoConfig", "OmneoSandbox", "WebhookTarget"]
