"""What a refusal becomes in a quote."""

from proxy.domain.errors import InsufficientBalance
from proxy.domain.quote import QuoteVerdict
from tests.stores.ledger import aud


def test_a_refusal_is_told_by_its_code_and_its_numbers() -> None:
    refusal = InsufficientBalance(available=aud(100).wire(), profile="for the log alone")
    facts = {"available": aud(100).wire()}
    assert QuoteVerdict.on_amount(refusal) == QuoteVerdict("amount", None, False, "insufficient_balance", facts)


def test_without_a_refusal_it_is_allowed() -> None:
    assert QuoteVerdict.on_amount(None) == QuoteVerdict("amount", None, True, None, {})
