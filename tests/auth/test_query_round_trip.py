"""What the simulated storefront signs is accepted; no changed byte makes it say another shop, customer or time."""

from urllib.parse import urlencode

from genuine import NOW_S, SECRET, canonical, shop
from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st
from refusals import verdict

from proxy.auth.app_proxy import AppProxyVerifier
from proxy.auth.query import parse
from proxy.domain.caller import Caller, Surface
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.shopify.app_proxy import RESERVED, signed_query
from proxy.sandbox.shopify.config import ShopifyConfig
from proxy.sandbox.shopify.store import Store

STORE = Store(SandboxClock(), ShopifyConfig(client_secret=SECRET))
DOMAIN = STORE.config.shop
TOKENS = [f"{name}=".encode() for name in RESERVED - {"signature"}]
VERIFIER = AppProxyVerifier(shop(DOMAIN), lambda: NOW_S)

# Surrogates are no text, and no browser sends one.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.one_of(st.sampled_from(["page", "q", "q[]", "view", "a", "a-b", "größe", "page;x", "x y"]), texts)
visited = st.lists(st.tuples(names, texts), max_size=6)
customers = st.one_of(st.none(), st.integers(1, 10**20 - 1))


def verify(query: bytes) -> Caller | None:
    return verdict(VERIFIER.verify, query)


def forwarded(own: list[tuple[str, str]], customer: int | None) -> bytes:
    return signed_query(STORE, urlencode(own), customer, at=NOW_S).encode()


def meaning(query: bytes) -> list[tuple[bytes, list[bytes]]]:
    """What a reader makes of a query: names, each with its values in order."""
    pairs = parse(query)
    return sorted((name, [value for known, value in pairs if known == name]) for name in {name for name, _ in pairs})


def proven(query: bytes) -> list[tuple[bytes, list[bytes]]]:
    return [one for one in meaning(query) if one[0].decode("latin-1") in RESERVED]


def holds_a_second_token(query: bytes) -> bool:
    """A visitor's own parameters may spell a reserved name, also where one ends and the next begins."""
    signed = canonical([pair for pair in parse(query) if pair[0] != b"signature"])
    return any(signed.count(token) > 1 for token in TOKENS)


@settings(max_examples=500, deadline=None)
@example(own=[("a", "1"), ("a-b", "2"), ("a", "3")], customer=1001)
@example(own=[("q", "a b+c&d=e;f%20"), ("", ""), ("größe", "é")], customer=None)
@example(own=[("logged_in_customer_id", "999"), ("shop", "evil.example")], customer=1001)
@given(own=visited, customer=customers)
def test_whatever_the_storefront_signs_is_accepted_as_that_visitor(own, customer):
    query = forwarded(own, customer)
    assume(not holds_a_second_token(query))
    assert verify(query) == Caller(DOMAIN, Surface.STOREFRONT, str(customer) if customer else None)


@settings(max_examples=800, deadline=None)
@given(own=visited, customer=customers, data=st.data())
def test_a_changed_byte_is_refused_or_leaves_all_that_is_proven_as_it_was(own, customer, data):
    query = forwarded(own, customer)
    at = data.draw(st.integers(0, len(query) - 1), label="at")
    byte = data.draw(st.one_of(st.sampled_from(b"&=+%;,#?0aA\0\x0a\xff "), st.integers(0, 255)), label="byte")
    kind = data.draw(st.sampled_from(["replace", "insert", "delete"]), label="kind")
    rest = query[at:] if kind == "insert" else query[at + 1 :]
    changed = query[:at] + (b"" if kind == "delete" else bytes([byte])) + rest
    caller = verify(changed)
    if caller is None:
        event(f"{kind}: refused")
        return
    event(f"{kind}: {'same' if meaning(changed) == meaning(query) else 'own parameters re-cut'}")
    assert caller == verify(query)
    assert proven(changed) == proven(query)


def test_a_visitors_own_parameters_are_not_proven():
    """One signature fits several ways to cut them; so no route may read them, and none does."""
    query = forwarded([("a", "1"), ("b", "2")], 1001)
    assert b"a=1&b=2" in query
    recut = query.replace(b"a=1&b=2", b"a=1b=2")
    assert verify(recut) == verify(query)
    assert proven(recut) == proven(query)
    assert meaning(recut) != meaning(query)


def test_every_single_byte_of_one_query_is_guarded():
    """All places and all bytes, once: what is still accepted says the same.

    Between any two of these parameters a reserved one is signed, so that not even they can be cut otherwise.
    """
    query = forwarded([("page", "2"), ("q", "a b")], 1001)
    genuine, accepted = meaning(query), 0
    for at in range(len(query)):
        for byte in range(256):
            for changed in (query[:at] + bytes([byte]) + query[at + 1 :], query[:at] + bytes([byte]) + query[at:]):
                if changed != query and verify(changed) is not None:
                    accepted += 1
                    assert meaning(changed) == genuine, changed
        shorter = query[:at] + query[at + 1 :]
        assert verify(shorter) is None or meaning(shorter) == genuine
    # Such as %2F for %2f, and an empty piece between two parameters.
    assert 0 < accepted < 50
