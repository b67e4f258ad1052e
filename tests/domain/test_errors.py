"""What a refusal tells: a code and a text to the caller, numbers where they help, the rest to the log only."""

from typing import Any

import pytest

from proxy.domain.errors import (
    BelowMinimum,
    Busy,
    HeldElsewhere,
    InsufficientBalance,
    InvalidRequest,
    ProxyError,
    RefusedBefore,
    Unauthenticated,
)

MINIMUM = {"amount": "5.00", "currencyCode": "AUD"}


def test_an_error_says_its_own_text_unless_it_is_given_another() -> None:
    assert (ProxyError().text, str(ProxyError())) == (ProxyError.message, ProxyError.message)
    assert (ProxyError("Not today.").text, str(ProxyError("Not today."))) == ("Not today.", "Not today.")


def test_details_are_kept_for_the_log_and_are_no_facts_for_the_caller() -> None:
    busy = Busy(profile="p-1")
    assert (busy.details, busy.facts()) == ({"profile": "p-1"}, {})
    nobody = Unauthenticated("expired")
    assert (nobody.reason, nobody.details, nobody.facts()) == ("expired", {"reason": "expired"}, {})
    assert nobody.text == Unauthenticated.message


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (InvalidRequest("No.", field="amount"), {"field": "amount"}),
        (InvalidRequest("No."), {}),
        (BelowMinimum(minimum=MINIMUM), {"minimum": MINIMUM}),
        (InsufficientBalance(available=MINIMUM), {"available": MINIMUM}),
        (
            HeldElsewhere(surface="pos", until="2026-11-21T00:00:00Z"),
            {"surface": "pos", "until": "2026-11-21T00:00:00Z"},
        ),
    ],
)
def test_the_caller_sees_the_numbers_behind_a_refusal(error: ProxyError, facts: dict[str, Any]) -> None:
    assert error.facts() == facts


def test_a_replayed_refusal_is_the_one_that_was_given() -> None:
    again = RefusedBefore("insufficient_balance", 409, "You do not have that much left.", {"available": MINIMUM})
    assert (again.code, again.status, again.text) == ("insufficient_balance", 409, "You do not have that much left.")
    assert again.facts() == {"available": MINIMUM}
    assert not again.retryable
