"""Filling a new tenant with the seed that both simulators share."""

from dataclasses import asdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from proxy.sandbox import seed
from proxy.sandbox.omneo import catalogue, kinds
from proxy.sandbox.omneo.call import Call
from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.endpoints import benefits, identities, profiles, transactions
from proxy.sandbox.omneo.records import Points, Profile, Reward
from proxy.sandbox.omneo.state import OmneoState
from proxy.sandbox.omneo.times import stamp

TIERS = (("bronze", "Bronze", 0), ("silver", "Silver", 300), ("gold", "Gold", 1000))


def seeded(config: OmneoConfig, now: datetime) -> OmneoState:
    """Return a tenant as it is after every reset."""
    state = OmneoState()
    state.tokens = {token.value: token for token in config.tokens}
    _definitions(state, config, now)
    for customer in seed.CUSTOMERS:
        if customer.profile_id is not None:
            _customer(state, config, customer, customer.profile_id, now)
    return state


def _definitions(state: OmneoState, config: OmneoConfig, now: datetime) -> None:
    rewards = kinds.reward_definitions()
    for handle, name, type_ in (
        ("loyalty-reward", "Loyalty reward", "spend"),
        ("returned-value", "Returned value", "system-adjustment"),
    ):
        fields = {"handle": handle, "name": name, "type": type_, "value": Decimal(10), "period": 90}
        catalogue.add(state, rewards, fields | {"currency": config.currency, "is_published": True}, now)
    for definition in seed.BENEFIT_DEFINITIONS:
        fields = asdict(definition) | {"tags": list(definition.tags), "currency": config.currency, "is_published": True}
        catalogue.add(state, kinds.benefit_definitions(), fields, now)
    for handle, name, value_min in TIERS:
        catalogue.add(state, kinds.tier_definitions(), {"handle": handle, "name": name, "value_min": value_min}, now)
    for place in seed.LOCATIONS:
        handle = place.name.lower().replace(" ", "-")
        where = {"name": place.name, "handle": handle, "external_id": place.external_id, "timezone": place.timezone}
        catalogue.add(state, kinds.locations(), where, now)
    for target in config.webhooks:
        for trigger in target.triggers:
            hook = {"trigger": trigger, "url": target.url, "namespace": target.namespace}
            catalogue.add(state, kinds.webhooks(), hook, now)


def _customer(
    state: OmneoState, config: OmneoConfig, customer: seed.SeedCustomer, profile_id: str, now: datetime
) -> None:
    fields = dict.fromkeys(profiles.SETTABLE) | {
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "email": customer.email,
        "mobile_phone": customer.phone,
        "profile_type": "active",
        "currency": config.currency,
        "tags": [],
        "joined_at": stamp(now),
    }
    tier_since = now if customer.tier else None
    state.profiles[profile_id] = Profile(profile_id, fields, now, now, tier=customer.tier, tier_since=tier_since)
    handle = {"handle": seed.IDENTITY_HANDLE, "identifier": str(customer.id), "is_primary": True}
    identities.add_identity(_call(state, config, now), profile_id, handle)
    if customer.member_code:
        card = {"handle": seed.MEMBER_HANDLE, "identifier": customer.member_code}
        identities.add_identity(_call(state, config, now), profile_id, card)
    if customer.points:
        batch = Points(state.next_id("points"), profile_id, customer.points, customer.points, now, now, now)
        state.points[batch.id] = batch
    for reward in customer.rewards:
        _reward(state, profile_id, reward, now)
    for benefit in customer.benefits:
        _benefit(state, config, profile_id, benefit, now)
    for sale in customer.transactions:
        _transaction(state, config, profile_id, sale, now)


def _reward(state: OmneoState, profile_id: str, reward: seed.SeedReward, now: datetime) -> None:
    definition = state.entry_by("reward_definitions", "handle", "loyalty-reward")
    assert definition is not None
    row = Reward(
        id=state.next_id("reward"),
        profile_id=profile_id,
        definition_id=definition.id,
        value_initial=reward.amount,
        value_remaining=reward.amount,
        issued_at=now,
        expires_at=now + timedelta(days=reward.expires_in_days),
        created_at=now,
        updated_at=now,
        timezone=seed.LOCATION.timezone,
    )
    state.rewards[row.id] = row


def _benefit(state: OmneoState, config: OmneoConfig, profile_id: str, benefit: seed.SeedBenefit, now: datetime) -> None:
    definition = state.entry_by("benefit_definitions", "handle", benefit.handle)
    assert definition is not None
    issued_at = now - timedelta(days=benefit.issued_days_ago)
    body = {"timezone": "UTC", "issued_at": stamp(issued_at)}
    benefits.issue(_call(state, config, now, body), profile_id, definition)


def _transaction(
    state: OmneoState, config: OmneoConfig, profile_id: str, sale: seed.SeedTransaction, now: datetime
) -> None:
    variant = next(v for v in seed.VARIANTS if v.variant_id == sale.variant_id)
    item = {
        "name": variant.title,
        "quantity": 1,
        "price_current": variant.price,
        "price_sell": variant.price,
        "sku": variant.sku,
    }
    body = {
        "external_id": sale.external_id,
        "receipt_ref": sale.external_id.upper(),
        "profile_id": profile_id,
        "location_id": seed.LOCATION.external_id,
        "total": sale.total,
        "transacted_at": stamp(now - timedelta(days=sale.days_ago)),
        "timezone": "UTC",
        "systems": [sale.system],
        "items": [item],
    }
    transactions.create(_call(state, config, now, body))


def _call(state: OmneoState, config: OmneoConfig, now: datetime, body: dict[str, Any] | None = None) -> Call:
    return Call(state, config, now, url="", path={}, query=[], body=body or {})
