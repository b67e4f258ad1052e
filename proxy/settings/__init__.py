"""Settings: the deployment's own, and those of each shop."""

from proxy.settings.load import BadSettingsError, load_settings
from proxy.settings.service import ALONE, PREFIX, Settings
from proxy.settings.shop import ShopSettings

__all__ = ["ALONE", "PREFIX", "BadSettingsError", "Settings", "ShopSettings", "load_settings"]
