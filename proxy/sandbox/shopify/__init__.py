"""Shopify to run against: one stateful, simulated shop with the app installed."""

from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.sandbox.shopify.model import Manual
from proxy.sandbox.shopify.sandbox import ShopifySandbox

__all__ = ["Manual", "ShopifyConfig", "ShopifySandbox"]
