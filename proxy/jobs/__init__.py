"""Durable work: orders to settle, redemptions to end."""
