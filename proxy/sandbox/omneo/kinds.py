"""The catalogues of the tenant, with the fields that Omneo's public SDK types name (omneo/omneo-sdk)."""

from typing import Any

from proxy.sandbox.omneo.catalogue import Kind
from proxy.sandbox.omneo.records import Entry
from proxy.sandbox.omneo.rules import integer, number
from proxy.sandbox.omneo.shapes.incentives import benefit_definition
from proxy.sandbox.omneo.state import OmneoState

_TEXTS = (
    *("description", "short_description", "long_description", "terms_conditions"),
    *("internal_notes", "icon", "image_url", "earn_instructions"),
)
_NOTIFY = tuple(f"notify_{what}_offset_{unit}" for what in ("issue", "remind", "extend") for unit in ("days", "hour"))
_AMOUNTS = frozenset({"value", "max_value", "value_min", "value_maintain"})
_COUNTS = frozenset({"period", "max_redemptions", "max_global_redemptions"})
QUEUES = ("high", "default", "low")


def _blank(*names: str) -> dict[str, Any]:
    return dict.fromkeys([*_TEXTS, *names])


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    """Turn numeric text into numbers; the rules have let only such text pass."""
    tidy = dict(fields)
    for name in _AMOUNTS & fields.keys():
        tidy[name] = number(fields[name])
    for name in _COUNTS & fields.keys():
        tidy[name] = None if fields[name] in (None, "") else integer(fields[name], name)
    return tidy


def reward_definitions() -> Kind:
    def in_use(state: OmneoState, row: Entry) -> bool:
        return any(r.definition_id == row.id for r in state.rewards.values())

    names = (
        *("name", "handle", "type", "value", "max_value", "currency", "absolute_expiry"),
        *("extend_days", "notify_expiry_offset", "notify_issue_offset", "notify_schedule_offset"),
        *("region", "region_id", "issue_target_id", "expiry_target_id", "extend_target_id", "period"),
    )
    lacking = _blank(*_NOTIFY, *names)
    flags = {"is_assignable": False, "is_extendable": False, "is_published": False, "is_reassignable": False}
    return Kind(
        name="reward_definitions",
        path="/rewards/definitions",
        defaults=lacking | flags | {"period_type": "days", "tags": []},
        rules={
            "name": "required|string",
            "handle": "required|string",
            "type": "required|string",
            "value": "required|numeric",
            "period": "required|integer",
        },
        tidy=_tidy,
        scope="read-rewards",
        in_use=in_use,
    )


def benefit_definitions() -> Kind:
    def in_use(state: OmneoState, row: Entry) -> bool:
        return any(b.definition_id == row.id for b in state.benefits.values())

    names = (
        *("name", "handle", "external_id", "type", "value", "currency", "campaign"),
        *("absolute_expiry", "end_at", "max_redemptions", "max_global_redemptions"),
        *("total_allocations", "total_allocations_remaining", "claim_period_start_at"),
        *("claim_period_end_at", "claim_timeframe", "claim_condition", "view_condition"),
        *("visibility_condition", "redeem_code_pos", "redeem_code_online"),
        *("redeem_instructions_store", "redeem_instructions_online", "region", "region_id", "meta"),
        *("issue_target_id", "extend_target_id", "remind_target_id", "notify_schedule_offset"),
        *("period",),
    )
    flags = dict.fromkeys(
        (
            *("force_allocation", "is_published", "is_archived", "is_assignable", "is_extendable"),
            *("is_reassignable", "is_claimable", "is_reclaimable", "allow_user_redeem"),
        ),
        False,
    )
    counts = {"total_global_redemptions": 0, "total_global_created": 0, "same_campaign_count": 0}
    return Kind(
        name="benefit_definitions",
        path="/benefits/definitions",
        defaults=_blank(*_NOTIFY, *names) | flags | counts | {"period_type": "days", "tags": []},
        rules={
            "name": "required|string",
            "handle": "required|string",
            "period": "required|integer",
            "max_redemptions": "integer",
            "max_global_redemptions": "integer",
        },
        shape=benefit_definition,
        tidy=_tidy,
        scope="read-benefit-definitions",
        event="benefit-definition",
        in_use=in_use,
    )


def tier_definitions() -> Kind:
    names = ("name", "handle", "value_maintain", "region", "region_id", "meta")
    return Kind(
        name="tier_definitions",
        path="/tiers/definitions",
        defaults=_blank(*names)
        | {"value_min": 0, "disable_credit": False, "is_assignable": True, "is_floor": False, "tags": []},
        rules={"name": "required|string", "handle": "required|string", "value_min": "required|numeric"},
        tidy=_tidy,
    )


def webhooks() -> Kind:
    """Describe webhooks: trigger and URL are unique together, an unknown queue becomes `low`.

    Source: https://docs.omneo.io/dev-guides/webhooks/webhooks
    """

    def tidy(fields: dict[str, Any]) -> dict[str, Any]:
        if "queue" in fields and fields["queue"] not in QUEUES:
            return fields | {"queue": "low"}
        return fields

    return Kind(
        name="webhooks",
        path="/webhooks",
        defaults={
            "trigger": None,
            "url": None,
            "namespace": None,
            "user_id": 1,
            "is_active": True,
            "retry_daily": False,
            "retry_hourly": False,
            "queue": "default",
            "condition": None,
        },
        rules={
            "trigger": "required|string",
            "url": "required|string",
            "namespace": "string",
            "is_active": "boolean",
        },
        unique=("trigger", "url"),
        tidy=tidy,
        scope="read-webhooks",
        write_scope="create-webhooks",
    )


def locations() -> Kind:
    names = ("name", "handle", "type", "external_id", "external_code", "phone", "email", "timezone")
    return Kind(
        name="locations",
        path="/locations",
        defaults=_blank(*names) | {"is_published": True, "is_permanently_closed": False},
        rules={"name": "required|string", "external_id": "string"},
        unique=("external_id",),
        scope="read-locations",
        event="location",
    )


def every() -> tuple[Kind, ...]:
    return (reward_definitions(), benefit_definitions(), tier_definitions(), webhooks(), locations())
