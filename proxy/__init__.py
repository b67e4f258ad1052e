"""Redeem Omneo loyalty value at Shopify checkout and Shopify POS."""

__version__ = "0.1.0"
