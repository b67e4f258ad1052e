"""One signature fits every ascending way to cut the signed bytes; no cut may change who calls, where or when."""

import itertools
import re
from collections.abc import Iterator

import pytest
from genuine import DOMAIN, NOW_S, SECRET, canonical, encoded, proxied, shop, signature
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from refusals import verdict

from proxy.auth.app_proxy import AppProxyVerifier

VICTIM = b"999"
LATER = str(NOW_S + 86_400).encode()
EVIL = b"evil.myshopify.com"
IDENTITY = (b"shop", b"logged_in_customer_id", b"timestamp")
TOKENS = (b"logged_in_customer_id=", b"path_prefix=", b"shop=", b"timestamp=")
SHAPES = {
    b"shop": rb"[a-z0-9][a-z0-9-]*\.myshopify\.com",
    b"timestamp": rb"[0-9]{9,11}",
    b"path_prefix": rb"/(a|apps|community|tools)/[A-Za-z0-9_-]{1,30}",
    b"logged_in_customer_id": rb"[0-9]{0,20}",
}
# A visitor chooses parameters so that the signed bytes contain a second identity, whole or in halves.
WHOLE = b"logged_in_customer_id=999path_prefix=/apps/xshop=" + DOMAIN.encode() + b"timestamp=" + LATER
HALVES = [
    (b"a", b"logge"),
    (b"d_in_customer_id", b"999pat"),
    (b"h_prefix", b"/apps/xs"),
    (b"hop", DOMAIN.encode() + b"t"),
    (b"imestamp", LATER + b"z="),
]

VALUES = [
    b"1",
    WHOLE,
    WHOLE + b"z=",
    b"logged_in_customer_id=999",
    b"logged_in_customer_id=999m=",
    b"shop=" + EVIL,
    b"shop=" + EVIL + b"sz=",
    b"timestamp=" + LATER,
    b"timestamp=" + LATER + b"z=",
    b"9path_prefix=/a/b",
]
SINGLES = list(itertools.product([b"a", b"m", b"q", b"z", b"logged_in_customer_id1", b"shop1"], VALUES))


def recuts(signed: bytes, cuts: list[int], limit: int) -> Iterator[list[tuple[bytes, bytes]]]:
    """Yield the ascending cuts of the signed bytes into name=value pieces, at some of these places."""
    places = sorted({cut for cut in cuts if 0 < cut < len(signed)} | {len(signed)})
    budget = itertools.count()

    def walk(start: int, least: bytes, pieces: list[bytes]) -> Iterator[list[bytes]]:
        if start == len(signed):
            yield pieces
        for end in places:
            piece = signed[start:end]
            if end > start and b"=" in piece and piece >= least and next(budget) < limit:
                yield from walk(end, piece, [*pieces, piece])

    for pieces in walk(0, b"", []):
        pairs = [(name, value) for name, _, value in (piece.partition(b"=") for piece in pieces)]
        yield pairs
        # Values joined by a comma may as well be sent as one name, repeated.
        yield [(name, part) for name, value in pairs for part in value.split(b",")]


def unguarded(pairs: list[tuple[bytes, bytes]], genuine: bytes) -> bool:
    """Tell whether a verifier with strict patterns, and exact-once names, but without the count would accept."""
    names = [name for name, _ in pairs]
    return canonical(pairs) == genuine and all(
        names.count(name) == 1 and re.fullmatch(shape, dict(pairs)[name]) for name, shape in SHAPES.items()
    )


def starts(signed: bytes) -> list[int]:
    return [match.start() for name in TOKENS for match in re.finditer(re.escape(name), signed)]


def ends(signed: bytes) -> list[int]:
    """Where a reserved value could end: at the shortest and at the longest that its pattern takes."""
    found: list[int] = []
    for name, shape in SHAPES.items():
        for match in re.finditer(re.escape(name + b"="), signed):
            stops = range(match.end(), min(match.end() + 48, len(signed) + 1))
            fit = [stop for stop in stops if re.fullmatch(shape, signed[match.end() : stop])]
            found += [*fit[:1], *fit[-1:]]
    return found


def sinks(signed: bytes) -> list[int]:
    """Where a piece with a short name could begin, to swallow a genuine identity that is in the way."""
    return [match.start() for match in re.finditer(rb"(?=[a-z]{1,2}=)", signed)]


def attack(pairs: list[tuple[bytes, bytes]], cuts: list[int], limit: int) -> tuple[int, int]:
    """Send every re-cut at every time; give how many would forge an identity unguarded, and how many did."""
    signed, mac = canonical(pairs), signature(pairs)
    # Shopify sets the reserved parameters last; whatever a visitor called by the same name is not an identity.
    truth = dict(pairs)
    at_s = [float(NOW_S)]
    verifiers: dict[bytes, AppProxyVerifier] = {}
    would = did = 0
    for recut in recuts(signed, cuts, limit):
        sent = dict(recut)
        if all(sent.get(name) == truth[name] for name in IDENTITY):
            continue
        would += unguarded(recut, signed)
        domain = sent.get(b"shop", DOMAIN.encode())
        if domain not in verifiers:
            verifiers[domain] = AppProxyVerifier(shop(domain.decode("latin-1"), (SECRET,)), lambda: at_s[0])
        # The attacker chooses when to send it.
        at_s[0] = number(sent.get(b"timestamp", b"")) or NOW_S
        did += verdict(verifiers[domain].verify, encoded([*recut, (b"signature", mac)])) is not None
    return would, did


def number(text: bytes) -> int:
    return int(text) if re.fullmatch(rb"[0-9]{1,11}", text) else 0


def places(signed: bytes) -> list[int]:
    return [*starts(signed), *ends(signed), *sinks(signed)]


@pytest.mark.parametrize("extra", [[(b"a", b""), (b"z", WHOLE)], [(b"a", WHOLE + b"z=")], HALVES])
def test_a_second_identity_whole_or_in_halves_fits_the_signature_and_is_refused(extra):
    """Control: everything but the count would accept, so it is the count that refuses."""
    pairs = proxied(extra=extra)
    would, did = attack(pairs, places(canonical(pairs)), 20_000)
    assert would > 0
    assert did == 0


def small_requests() -> Iterator[list[tuple[bytes, bytes]]]:
    """Every request with one, two or three parameters, most of them made to harm, by a guest and by a customer."""
    plain = [(name, value) for name in (b"a", b"page", b"z") for value in (b"", b"1", b"x y", b"b=c", b"\xc3\xa9")]
    sinks = [[], [(b"a", b"")], [(b"y", b"")], [(b"a", b""), (b"y", b"")]]
    extras = [*([one] for one in plain), *([*sink, one] for sink in sinks for one in SINGLES)]
    extras += [[*two] for two in itertools.combinations(plain, 2)]
    extras += [[one, two] for one in plain for two in SINGLES]
    for extra, customer in itertools.product(extras, ["", "1"]):
        yield proxied(customer=customer, extra=extra)


def test_of_thousands_of_small_requests_no_recut_is_accepted_and_every_innocent_one_is():
    """Each is cut at every place that could matter; without the count of the tokens many a cut would forge a caller."""
    requests = would = did = innocent = 0
    verify = AppProxyVerifier(shop(), lambda: NOW_S).verify
    for pairs in small_requests():
        requests += 1
        found = attack(pairs, places(canonical(pairs)), 100)
        would, did = would + found[0], did + found[1]
        if all(canonical(pairs).count(token) == 1 for token in TOKENS):
            innocent += 1
            customer = dict(pairs)[b"logged_in_customer_id"].decode() or None
            assert verify(encoded([*pairs, (b"signature", signature(pairs))])).customer == customer
    assert requests > 2000
    assert innocent > 300
    assert would > 200
    assert did == 0


HARM = [*TOKENS, *(half for pair in HALVES for half in pair), WHOLE, VICTIM, EVIL, LATER, b"a", b"m=", b"z=", b"0"]
HARM += [WHOLE + b"z=", b"logged_in_customer_id=999m=", b"shop=" + EVIL + b"sz=", b"timestamp=" + LATER + b"z="]
HARM += [b",", b"=", b"shop", b"timestamp", b"path_prefix", b"logged_in_customer_id", b"/apps/x", b"\xff"]
texts = st.lists(st.sampled_from(HARM), max_size=4).map(b"".join)
makings = st.sampled_from([(b"a", b""), (b"z", b""), (b"z", WHOLE), (b"a", WHOLE + b"z="), *HALVES, *SINGLES])
parameters = st.lists(st.one_of(makings, st.tuples(texts, texts)), max_size=6)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(extra=[(b"a", b""), (b"z", WHOLE)], customer="1001", own=[])
@example(extra=HALVES, customer="1001", own=[])
@example(extra=[(b"logged_in_customer_id", b"999")], customer="1001", own=[])
@example(extra=[(b"shop", EVIL), (b"z", b"")], customer="", own=[])
@given(extra=parameters, customer=st.sampled_from(["", "1", "1001"]), own=st.lists(st.integers(1, 400), max_size=6))
def test_no_recut_of_a_signed_query_changes_shop_customer_or_time(extra, customer, own):
    pairs = proxied(customer=customer, extra=extra)
    signed = canonical(pairs)
    would, did = attack(pairs, [*places(signed), *own], 300)
    event("forgeable without the guard" if would else "not forgeable")
    assert did == 0
