"""What Shopify's own package makes of the same requests; README shows it."""

from pathlib import Path

import pytest

from tests.hostile.making import BASES, Vector, vectors
from tests.hostile.oracle import table, verdict

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
SHOPIFYS = {"proxied": "app_proxy", "checkout": "session_token", "till": "session_token", "order": "shopify_webhook"}


def test_the_table_in_the_readme_is_what_this_package_makes_of_them() -> None:
    assert "\n".join(table()) in README


@pytest.mark.parametrize("base", SHOPIFYS)
def test_the_package_accepts_what_the_vectors_start_from(base: str) -> None:
    """Control: what it refuses, it refuses for what was changed."""
    genuine = Vector("", SHOPIFYS[base], "", base, [], 401, "unauthenticated", "webhook_signature")
    assert base in BASES
    assert verdict(genuine) == "accepted"


@pytest.mark.parametrize("name", ["recut-other-customer", "recut-later", "recut-halves"])
def test_a_query_that_is_cut_again_carries_the_genuine_signature(name: str) -> None:
    """The package checks the same signature and accepts it, so it is not for the signature that ours refuses."""
    (vector,) = [one for one in vectors() if one.id == f"app_proxy/{name}"]
    assert verdict(vector) == "accepted"
    assert vector.reason == "query_ambiguous"
