"""What is written to Omneo, strictly by its reference: amounts as JSON numbers, nothing null."""

from datetime import UTC
from typing import Any

from proxy.domain.capture import GiveBack, Redeem, UsedBenefit
from proxy.domain.transaction import TransactionLine, TransactionWrite


def redeem(wish: Redeem, location: int | None, *, named: bool) -> dict[str, Any]:
    """Form the body of a redeem; its label is in meta as well, since a read may not show the other.

    Source: https://docs.omneo.io/api-reference/return-strategy/add-reward-or-point-return
    """
    meta = {"capture_id": str(wish.capture)}
    if wish.label != wish.capture:
        meta["label"] = wish.label
    uses = bool(wish.benefits)
    body = {
        "amount": None if uses else wish.amount.decimal,
        "strategies": list(wish.strategies),
        "benefits": [_benefit(used) for used in wish.benefits] or None,
        "strict": wish.strict,
        "currency": wish.amount.currency if named and not uses else None,
        "location_id": location,
        "transaction_external_id": wish.label,
        "transaction_receipt_ref": wish.receipt_ref or None,
        "meta": meta,
    }
    return _without_nulls(body)


def give_back(wish: GiveBack) -> dict[str, Any]:
    """Form the body of a return: its fields are those of a redeem."""
    uses = bool(wish.benefits)
    body = {
        "amount": None if uses else wish.amount.decimal,
        "strategies": ["benefits"] if uses else None,
        "benefits": [_benefit(used) for used in wish.benefits] or None,
        "transaction_external_id": wish.label,
        "meta": {"give_back_id": wish.row, "label": wish.label},
    }
    return _without_nulls(body)


def _benefit(used: UsedBenefit) -> dict[str, Any]:
    return {"id": used.id, "handle": used.handle, "quantity": used.count}


def transaction(sale: TransactionWrite, location: int | None) -> dict[str, Any]:
    """Form the body of update-create; `transacted_at` is local to `timezone`, so UTC leaves nothing to guess.

    Source: https://docs.omneo.io/reference/createupdatetransaction; nulls are left out because
    `is_void` and `receipt_is_email` are refused as null (github:omneo/omneo-sdk).
    """
    body = {
        "external_id": sale.external_id,
        "receipt_ref": sale.receipt_ref or None,
        "profile_id": sale.profile,
        "profile_id_handle": sale.profile_handle if sale.profile is not None else None,
        "redemption_id": sale.omneo_redemption,
        "total": sale.total.decimal,
        "total_original": sale.total_original.decimal,
        "transacted_at": sale.transacted_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        "timezone": "UTC",
        "location_id": location,
        "systems": list(sale.systems),
        "items": [_item(line) for line in sale.items],
        "meta": dict(sale.meta) or None,
    }
    return _without_nulls(body)


def _item(line: TransactionLine) -> dict[str, Any]:
    item = {
        "name": line.name,
        "external_id": line.external_id,
        "product_variant_sku": line.sku or None,
        "variant_external_id": line.variant_external_id,
        "quantity": line.quantity,
        "price_original": line.price_original.decimal,
        "price_current": line.price_current.decimal,
        "price_sell": line.price_sell.decimal,
        "price_tax": line.tax.decimal,
        "discounts": [{"amount": amount.decimal, "reason_desc": reason} for amount, reason in line.discounts],
    }
    return _without_nulls(item)


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
