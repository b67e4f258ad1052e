"""Validation of request bodies by short rules, worded like Laravel's."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from proxy.sandbox.omneo.problems import invalid, invalid_fields

_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 12


def check(body: Mapping[str, Any], rules: Mapping[str, str]) -> None:
    """Refuse a body that breaks a rule; a field that may be missing may also be null.

    A rule is words joined by `|`: required, present, string, numeric, integer, boolean, array.
    """
    errors: dict[str, list[str]] = {}
    for field, rule in rules.items():
        text = _broken(field, body, rule.split("|"))
        if text:
            errors[field] = [text]
    if errors:
        raise invalid_fields(errors)


def _broken(field: str, body: Mapping[str, Any], words: list[str]) -> str | None:
    name = field.replace("_", " ")
    value = body.get(field)
    if value is None or value == "":
        if "required" in words:
            return f"The {name} field is required."
        if "present" in words and field not in body:
            return f"The {name} field must be present."
        return None
    for word in words:
        text = _mismatch(value, word)
        if text:
            return f"The {name} must be {text}."
    return None


def _mismatch(value: object, word: str) -> str | None:
    fits: dict[str, tuple[bool, str]] = {
        "string": (isinstance(value, str), "a string"),
        "numeric": (number(value) is not None, "a number"),
        "integer": (_is_integer(value), "an integer"),
        "boolean": (isinstance(value, (bool, int, str)) and value in (True, False, "0", "1"), "true or false"),
        "array": (isinstance(value, (list, dict)), "an array"),
    }
    fit, text = fits.get(word, (True, ""))
    return None if fit else text


def _is_integer(value: object) -> bool:
    found = number(value)
    return found is not None and found == found.to_integral_value()


def number(value: object) -> Decimal | None:
    """Read a JSON number or a numeric string; None for anything else, however large or odd."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found) < _LARGEST else None


def money(value: object, field: str) -> Decimal:
    """Read an amount in currency units to the cent. Raises Problem 422."""
    found = number(value)
    if found is None:
        raise invalid(field, f"The {field.replace('_', ' ')} must be a number.")
    return found.quantize(_CENT)


def money_or_none(value: object, field: str) -> Decimal | None:
    return None if value is None or value == "" else money(value, field)


def integer(value: object, field: str) -> int:
    """Read a whole number, also from a string of digits. Raises Problem 422."""
    if not _is_integer(value):
        raise invalid(field, f"The {field.replace('_', ' ')} must be an integer.")
    found = number(value)
    assert found is not None
    return int(found)
