"""Shopify's published Admin schema, cut down to what the sandbox serves."""
