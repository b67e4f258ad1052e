"""Our verdict is Shopify's own library's, except where the tables below say so and why."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from genuine import (
    DOMAIN,
    FOREIGN_SECRET,
    OTHER_DOMAIN,
    body_signature,
    canonical,
    customer_claims,
    encoded,
    proxied,
    signature,
    signed,
    staff_claims,
    token,
)
from hypothesis import event, given, settings
from hypothesis import strategies as st
from oracle import ACCEPTS, CURRENT, FORMER, REFUSES, Oracle, Ours, Says

FOREIGN = FOREIGN_SECRET * 2
ORACLE, OURS = Oracle(), Ours()


def swapped(pairs, name, value):
    return [(known, value if known == name else genuine) for known, genuine in pairs]


def without(pairs, name):
    return [pair for pair in pairs if pair[0] != name]


def now() -> float:
    return time.time()


def query(extra=(), **changes) -> bytes:
    pairs = proxied(now(), extra=extra)
    for name, value in changes.items():
        key = name.encode()
        pairs = without(pairs, key) if value is ... else swapped(pairs, key, value)
    return signed(pairs, CURRENT)


def recut() -> bytes:
    """Customer 1001 had a query signed that holds another identity; here it is sent as customer 999's."""
    second = f"logged_in_customer_id=999path_prefix=/apps/xshop={DOMAIN}timestamp={int(now())}".encode()
    pairs = proxied(now(), extra=[(b"a", b""), (b"z", second)])
    whole = canonical(pairs)
    at = whole.index(second)
    forged = [(b"a", whole[2:at]), *(piece for piece in proxied(now(), "999") if piece[0] != b"path_prefix")]
    forged.append((b"path_prefix", b"/apps/x"))
    return encoded([*forged, (b"signature", signature(pairs, CURRENT))])


def header(claims: dict[str, object], secret: str = CURRENT, scheme: bytes = b"Bearer ", tail: bytes = b"") -> bytes:
    return scheme + token(claims, secret).encode() + tail


def customer(**changes: object) -> bytes:
    return header(customer_claims(now(), **changes))


def staff(**changes: object) -> bytes:
    return header(staff_claims(now(), **changes))


@dataclass(frozen=True, slots=True)
class Case:
    entrance: str
    name: str
    make: Callable[[], object]


# The oracle accepts and we refuse, on purpose.
STRICTER = [
    Case("query", "a signed query cut again into another customer's", recut),
    Case(
        "query",
        "the customer named twice: which one is meant is anyone's guess",
        lambda: query([(b"logged_in_customer_id", b"7")]),
    ),
    Case("query", "no customer parameter: a re-cut could drop it", lambda: query(logged_in_customer_id=...)),
    Case("query", "a customer that is not a number", lambda: query(logged_in_customer_id=b"gid://shopify/Customer/1")),
    Case("query", "no path prefix", lambda: query(path_prefix=...)),
    Case("query", "a path prefix that Shopify does not have", lambda: query(path_prefix=b"/elsewhere/x/y")),
    Case("query", "no shop", lambda: query(shop=...)),
    Case("query", "another shop of the same app", lambda: query(shop=OTHER_DOMAIN.encode())),
    Case("query", "a host that is no shop", lambda: query(shop=b"evil.example")),
    Case("query", "two timestamps", lambda: query([(b"timestamp", str(int(now())).encode())])),
    Case("query", "a timestamp with a blank", lambda: query(timestamp=f" {int(now())}".encode())),
    Case("query", "a timestamp with underscores", lambda: query(timestamp=f"{int(now()):_}".encode())),
    Case("query", "a reserved token in a visitor's parameter", lambda: query([(b"workshop", b"1")])),
    Case("query", "a broken percent escape", lambda: query([(b"q", b"%zz")]).replace(b"%25zz", b"%zz")),
    Case("query", "more than 8 KB", lambda: query([(b"q", b"x" * 9000)])),
    Case("customer", "a POS token at checkout", staff),
    Case("customer", "a session id", lambda: customer(sid="x")),
    Case("customer", "a subject that is no customer", lambda: customer(sub="42")),
    Case("staff", "a checkout token at POS", customer),
    Case("staff", "no session id", lambda: staff(sid=...)),
    Case("staff", "a subject that is no user", lambda: staff(sub="gid://shopify/Customer/42")),
    Case("staff", "no subject", lambda: staff(sub=...)),
    Case("staff", "a destination without a scheme", lambda: staff(dest=DOMAIN)),
    *[
        Case(entrance, name, make)
        for entrance, made, claims in (("customer", customer, customer_claims), ("staff", staff, staff_claims))
        for name, make in {
            "no expiry": lambda made=made: made(exp=...),
            "no start": lambda made=made: made(nbf=...),
            "no destination": lambda made=made: made(dest=...),
            "another shop of the same app": lambda made=made: made(dest=f"https://{OTHER_DOMAIN}", iss=...),
            "a destination that is no shop": lambda made=made: made(dest="https://evil.example"),
            "an issuer that is not the shop": lambda made=made: made(iss=f"https://{OTHER_DOMAIN}/admin"),
            "an expiry in text": lambda made=made: made(exp=str(int(now()) + 60)),
            "an expiry with a fraction": lambda made=made: made(exp=now() + 60.5),
            "a start that is true": lambda made=made: made(nbf=True),
            "more than 8 KB": lambda made=made: made(note="x" * 9000),
            "a padded spelling": lambda claims=claims: padded(claims(now())),
        }.items()
    ],
]

# The oracle refuses what Shopify's pages or HTTP allow, and we accept.
FAITHFUL = [
    Case("query", "names sorted as joined strings, as documented", lambda: query([(b"a", b"1"), (b"a-b", b"2")])),
    Case("query", "bytes that are no UTF-8", lambda: query([(b"q", b"\xff")])),
    Case("customer", "a lower-case scheme", lambda: header(customer_claims(now()), scheme=b"bearer ")),
    Case("staff", "two blanks after the scheme", lambda: header(staff_claims(now()), scheme=b"Bearer  ")),
    Case("webhook", "a body that is no UTF-8", lambda: (b"\xff", body_signature(b"\xff", CURRENT))),
]

# The oracle raises TypeError, which a server answers with 500; we refuse.
CRASHES = [
    Case("query", "a signature that is not ASCII", lambda: encoded([*proxied(now()), (b"signature", "é".encode())])),
    Case("webhook", "a signature that is not ASCII", lambda: (b"{}", b"\xe9" * 44)),
]


def padded(claims: dict[str, object]) -> bytes:
    """Spell the same signature with the padding that a JWT leaves out."""
    genuine = header(claims)
    tail = genuine.rpartition(b".")[2]
    return genuine + b"=" * (-len(tail) % 4)


def ids(case: Case) -> str:
    return f"{case.entrance}: {case.name}"


@pytest.mark.parametrize("case", STRICTER, ids=ids)
def test_we_are_stricter_than_the_oracle(case):
    sent = case.make()
    assert getattr(ORACLE, case.entrance)(sent).accepts
    assert getattr(OURS, case.entrance)(sent) == REFUSES


@pytest.mark.parametrize("case", FAITHFUL, ids=ids)
def test_we_accept_what_is_genuine_where_the_oracle_refuses(case):
    sent = case.make()
    assert getattr(ORACLE, case.entrance)(sent) == REFUSES
    assert getattr(OURS, case.entrance)(sent).accepts


@pytest.mark.parametrize("case", CRASHES, ids=ids)
def test_we_refuse_where_the_oracle_crashes(case):
    sent = case.make()
    with pytest.raises(TypeError):
        getattr(ORACLE, case.entrance)(sent)
    assert getattr(OURS, case.entrance)(sent) == REFUSES


def test_the_oracle_takes_the_forged_customer_for_the_caller():
    assert ORACLE.query(recut()) == Says(True, "999")


def mostly(usual: object, faults: list[object]) -> st.SearchStrategy:
    """Keep faults rare: where everything is wrong at once, both refuse and nothing is compared."""
    return st.sampled_from([usual] * (6 * len(faults)) + faults)


secrets = st.sampled_from([CURRENT, CURRENT, CURRENT, FORMER, FORMER, FORMER, FOREIGN])
# Away from the edges of the windows, which this module's run time would move; the edges have tests of their own.
ages_s = st.one_of(st.integers(-85, 85), mostly(0, [100, -100, 5000]))
# No name here is the beginning of another: there the oracle sorts otherwise than the pages say (see FAITHFUL).
params = st.lists(
    st.tuples(st.sampled_from(["page", "q[]", "view", "größe"]), st.text(max_size=8)).map(
        lambda pair: (pair[0].encode(), pair[1].encode("utf-8", "replace"))
    ),
    max_size=4,
)
CHANGED_THEN_SIGNED = {
    "nothing": lambda pairs: pairs,
    "no timestamp": lambda pairs: without(pairs, b"timestamp"),
    "a timestamp in words": lambda pairs: swapped(pairs, b"timestamp", b"now"),
    "no timestamp value": lambda pairs: swapped(pairs, b"timestamp", b""),
    "two shops": lambda pairs: [*pairs, (b"shop", OTHER_DOMAIN.encode())],
    "not logged in": lambda pairs: swapped(pairs, b"logged_in_customer_id", b""),
}
SIGNED_THEN_CHANGED = {
    "nothing": lambda pairs: pairs,
    "no signature": lambda pairs: without(pairs, b"signature"),
    "an empty signature": lambda pairs: swapped(pairs, b"signature", b""),
    "another signature": lambda pairs: swapped(pairs, b"signature", b"0" * 64),
    "a shorter signature": lambda pairs: swapped(pairs, b"signature", dict(pairs)[b"signature"][:-1]),
    "upper case": lambda pairs: swapped(pairs, b"signature", dict(pairs)[b"signature"].upper() + b"A"),
    "two signatures": lambda pairs: [*pairs, (b"signature", dict(pairs)[b"signature"])],
    "another customer": lambda pairs: swapped(pairs, b"logged_in_customer_id", b"1002"),
    "another time": lambda pairs: swapped(pairs, b"timestamp", str(int(now()) + 1).encode()),
    "one parameter more": lambda pairs: [*pairs, (b"evil", b"1")],
    "one parameter less": lambda pairs: without(pairs, b"path_prefix"),
    "reversed": lambda pairs: pairs[::-1],
}


@settings(max_examples=500, deadline=None)
@given(
    extra=params,
    secret=secrets,
    age_s=ages_s,
    before=mostly("nothing", sorted(CHANGED_THEN_SIGNED)),
    after=mostly("nothing", sorted(SIGNED_THEN_CHANGED)),
    form=st.sampled_from(["as is", "plus", "lower-case escapes", "every byte escaped", "empty pieces"]),
)
def test_queries_get_the_oracles_verdict(extra, secret, age_s, before, after, form):
    pairs = CHANGED_THEN_SIGNED[before](proxied(now() - age_s, extra=extra))
    sent = encoded(SIGNED_THEN_CHANGED[after]([*pairs, (b"signature", signature(pairs, secret))]))
    if form == "plus":
        sent = sent.replace(b"%20", b"+")
    elif form == "lower-case escapes":
        sent = sent.replace(b"%2F", b"%2f").replace(b"%C3", b"%c3")
    elif form == "every byte escaped":
        sent = b"".join(b"%%%02X" % byte if byte not in b"&=%" and b"%" not in sent else bytes([byte]) for byte in sent)
    elif form == "empty pieces":
        sent = b"&" + sent.replace(b"&", b"&&") + b"&"
    verdict = OURS.query(sent)
    assert verdict == ORACLE.query(sent)
    event("accepted" if verdict.accepts else "refused")


CLAIM_CHANGES = {
    "nothing": {},
    "expired": {"exp": -60},
    "just expired, within the leeway": {"exp": -4},
    "not yet valid": {"nbf": 60},
    "nearly valid, within the leeway": {"nbf": 4},
    "issued in the future": {"iat": 60},
}
TEXT_CHANGES = {
    "nothing": lambda text: text,
    "another signature": lambda text: text[:-8] + ("A" * 8 if text[-8:] != "A" * 8 else "B" * 8),
    "no signature": lambda text: text.rpartition(".")[0] + ".",
    "two parts": lambda text: text.rpartition(".")[0],
    "four parts": lambda text: f"{text}.{text.rpartition('.')[2]}",
    "another payload": lambda text: ".".join([text.split(".")[0], text.split(".")[1][:-3] + "AAA", text.split(".")[2]]),
    "empty": lambda text: "",
    "words": lambda text: "app-security.invalid.token",
}
claims = mostly(
    {},
    [
        *({"aud": value} for value in ("another-app", None, "", 7, ["client-id-of-the-app"])),
        *({"jti": value} for value in (7, None, "again", ...)),
        *({"iat": value} for value in ("soon", None, [], ...)),
        {"note": "größe"},
    ],
)


@settings(max_examples=500, deadline=None)
@given(
    entrance=st.sampled_from(["customer", "staff"]),
    guest=st.booleans(),
    secret=secrets,
    algorithm=mostly("HS256", ["HS384", "HS512"]),
    times=mostly("nothing", sorted(CLAIM_CHANGES)),
    changes=claims,
    text=mostly("nothing", sorted(TEXT_CHANGES)),
    scheme=mostly("Bearer ", ["Basic ", "Bearer", "", None]),
)
def test_tokens_get_the_oracles_verdict(entrance, guest, secret, algorithm, times, changes, text, scheme):
    at = int(now())
    moved = {name: at + offset for name, offset in CLAIM_CHANGES[times].items()}
    if entrance == "staff":
        made = staff_claims(at, **(changes | moved))
    else:
        made = customer_claims(at, **(changes | moved | ({"sub": ...} if guest else {})))
    sent = TEXT_CHANGES[text](token(made, secret, algorithm))
    given_header = None if scheme is None else (scheme + sent).encode()
    verdict = getattr(OURS, entrance)(given_header)
    assert verdict == getattr(ORACLE, entrance)(given_header)
    event("accepted" if verdict.accepts else "refused")


SIGNATURE_CHANGES = {
    "nothing": lambda text: text,
    "absent": lambda text: None,
    "empty": lambda text: b"",
    "shorter": lambda text: text[:-1],
    "longer": lambda text: text + b"=",
    "lower case": lambda text: text.lower() if text.lower() != text else b"x",
    "another": lambda text: b"A" * 43 + b"=",
    "words": lambda text: b"invalid",
}


@settings(max_examples=200, deadline=None)
@given(
    body=st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")),
    tail=st.sampled_from([b"", b"", b" ", b"\n"]),
    secret=secrets,
    change=mostly("nothing", sorted(SIGNATURE_CHANGES)),
)
def test_webhooks_get_the_oracles_verdict(body, tail, secret, change):
    delivery = (body + tail, SIGNATURE_CHANGES[change](body_signature(body, secret)))
    verdict = OURS.webhook(delivery)
    assert verdict == ORACLE.webhook(delivery)
    event("accepted" if verdict.accepts else "refused")


def test_the_oracle_accepts_what_the_populations_are_made_of():
    assert ORACLE.query(query()) == OURS.query(query()) == Says(True, "1001")
    assert ORACLE.customer(customer()) == OURS.customer(customer()) == Says(True, "1001")
    assert ORACLE.staff(staff()) == OURS.staff(staff()) == Says(True, "42")
    delivery = (b"{}", body_signature(b"{}", CURRENT))
    assert ORACLE.webhook(delivery) == OURS.webhook(delivery) == ACCEPTS
