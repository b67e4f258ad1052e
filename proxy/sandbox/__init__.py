"""Omneo and Shopify to run against when there are none: stateful simulators with switchable faults."""
