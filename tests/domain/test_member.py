import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.domain.errors import InvalidRequest
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Profile
from proxy.domain.member import Identity, Member, parse_code
from proxy.upstreams.omneo_wire import IdentityWire

PROFILE = Profile(ProfileId("p-1"), "Ada", "Marsh", "active", None, None)


@pytest.mark.parametrize(
    "scanned",
    [
        "M-1001",
        "M-1001\r\n",
        "\t M-1001 ",
        "\x02M-1001\x03",
        "M-1001\x1d",
        "\ufeffM-1001",
        "M-\u00a01001",
        "M- 10 01",
        "]C1M-1001",
        "]Q3 M-1001\n",
        "]d2M-1001",
        "\x02]A0M-1001\x03",
    ],
)
def test_what_scanners_and_fingers_add_is_taken_off(scanned: str) -> None:
    assert parse_code(scanned) == "M-1001"


@pytest.mark.parametrize(
    "code",
    ["m-1001", "2100000010012", "ada@example.com", "]", "]C1", "C1]x", "x]C1y", "]1]C1x", "~" * 64, "]1]", "%00"],
)
def test_everything_else_stays_as_it_is(code: str) -> None:
    assert parse_code(code) == code


@pytest.mark.parametrize("nonsense", ["", " ", "\r\n", "\x00", "é", "M-1001é", "М-1001", "1" * 65, "🎟", "\u200b"])
def test_what_can_be_no_code_is_refused_without_being_repeated(nonsense: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_code(nonsense)
    assert refused.value.facts() == {"field": "code"}
    assert not nonsense.strip() or nonsense not in str(refused.value) + str(refused.value.details)


@given(st.text(max_size=256))
def test_a_code_is_visible_ascii_of_a_bounded_length_or_nothing(text: str) -> None:
    try:
        code = parse_code(text)
    except InvalidRequest:
        return
    assert 0 < len(code) <= 64
    assert all("!" <= letter <= "~" for letter in code)


def identity(number: int, identifier: str, **changes: object) -> Identity:
    at = IdentityWire(created_at=f"2026-01-{number:02d} 10:00:00").created_at
    facts = {"handle": "shopify", "active": True, "created_at": at} | changes
    return Identity(id=number, identifier=identifier, **facts)  # type: ignore[arg-type]


def customer(*identities: Identity) -> str | None:
    return Member(PROFILE, identities).customer("shopify")


def test_of_several_customers_it_is_the_newest() -> None:
    assert customer(identity(2, "1002"), identity(3, "1003"), identity(1, "1001")) == "1003"


def test_one_whose_age_is_not_told_is_the_oldest_and_among_equals_the_later_id_decides() -> None:
    assert customer(identity(9, "1009", created_at=None), identity(1, "1001")) == "1001"
    assert customer(identity(8, "1008", created_at=None), identity(9, "1009", created_at=None)) == "1009"


@pytest.mark.parametrize(
    "other",
    [
        identity(1, "1001", handle="member_code"),
        identity(1, "1001", active=False),
        identity(1, "gid://shopify/Customer/1001"),
        identity(1, "M-1001"),
        identity(1, "0"),
        identity(1, "１００１"),
    ],
)
def test_what_is_no_present_customer_of_the_shop_is_none(other: Identity) -> None:
    assert customer(other) is None


def test_a_member_is_printed_without_the_codes() -> None:
    assert "M-1001" not in repr(Member(PROFILE, (identity(1, "M-1001"),)))
