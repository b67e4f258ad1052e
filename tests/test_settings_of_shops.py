"""Several shops: what they have in common is said once, what is a shop's own is never taken for another's."""

from pathlib import Path

import pytest

from proxy.settings import ALONE, BadSettingsError, Settings, load_settings

COMMON = {
    "SHOP_CURRENCY": "AUD",
    "SHOPIFY_CLIENT_ID": "client-id",
    "SHOPIFY_CLIENT_SECRET": "client-secret-in-common",
    "OMNEO_TENANT": "blue-heron",
    "OMNEO_TOKEN": "omneo-token-in-common",
    "TRANSACTION_MODE": "none",
    "TRANSIENT_KEYS": "a-first-transient-key-of-32-chars-",
}
FILE = """
minimum_amount = "2.00"

[shops.north]
shop_domain = "north.myshopify.com"

[shops.far_south]
shop_domain = "south.myshopify.com"
shop_currency = "NZD"
identity_handle = "shopify-nz"
minimum_amount = "5.00"
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    for name, value in COMMON.items():
        monkeypatch.setenv(f"PROXY_{name}", value)
    file = tmp_path / "proxy.toml"
    file.write_text(FILE)
    monkeypatch.setenv("PROXY_CONFIG", str(file))
    return monkeypatch


def refusal() -> list[str]:
    with pytest.raises(BadSettingsError) as caught:
        load_settings()
    return str(caught.value).splitlines()


def of(settings: Settings, name: str) -> dict[str, object]:
    return {shop: getattr(of_shop, name) for shop, of_shop in settings.shops.items()}


def test_shops_have_in_common_what_none_of_them_says_otherwise(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert of(settings, "shop_domain") == {"north": "north.myshopify.com", "far_south": "south.myshopify.com"}
    assert of(settings, "shop_currency") == {"north": "AUD", "far_south": "NZD"}
    assert of(settings, "identity_handle") == {"north": "shopify", "far_south": "shopify-nz"}
    assert {name: str(value) for name, value in of(settings, "minimum_amount").items()} == {
        "north": "2.00",
        "far_south": "5.00",
    }
    assert set(of(settings, "omneo_tenant").values()) == {"blue-heron"}


def test_secrets_of_a_shop_may_come_from_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__SHOPIFY_CLIENT_SECRET", "client-secret-of-the-south")
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__TRANSACTION_SYSTEMS_WEB", "web,online")
    environment.setenv("PROXY_SHOPS__NORTH__HOLD_POS_S", "77")
    settings = load_settings()
    assert {name: shop.shop().client_secrets for name, shop in settings.shops.items()} == {
        "north": ("client-secret-in-common",),
        "far_south": ("client-secret-of-the-south",),
    }
    assert of(settings, "transaction_systems_web") == {"north": ("web",), "far_south": ("web", "online")}
    assert of(settings, "hold_pos_s") == {"north": 77, "far_south": 900}


def test_the_only_shop_needs_no_name(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PROXY_CONFIG")
    environment.setenv("PROXY_SHOP_DOMAIN", "north.myshopify.com")
    assert list(load_settings().shops) == [ALONE]


def test_what_is_wrong_with_a_shop_is_named_with_the_shop(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__NORTH__HOLD_POS_S", "7")
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__MINIMUM_AMOUNT", "1.005")
    assert {line.partition(": ")[0] for line in refusal()} == {
        "PROXY_SHOPS__NORTH__HOLD_POS_S",
        "PROXY_SHOPS__FAR_SOUTH__MINIMUM_AMOUNT",
    }


def test_a_shop_that_lacks_a_setting_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PROXY_TRANSACTION_MODE")
    assert [line.partition(": ")[0] for line in refusal()] == [
        "PROXY_SHOPS__NORTH__TRANSACTION_MODE",
        "PROXY_SHOPS__FAR_SOUTH__TRANSACTION_MODE",
    ]


@pytest.mark.parametrize(
    "name", ["SHOPS", "SHOPS__NORTH", "SHOPS__NORTH__PORT", "SHOPS__NORTH__OMNEO_TOKN", "SHOPS__NORTH__OMNEO__TOKEN"]
)
def test_a_name_that_is_no_shops_setting_is_refused(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(f"PROXY_{name}", "some-value")
    assert refusal() == [f"PROXY_{name}: there is no such setting"]


def test_two_shops_cannot_be_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__SHOP_DOMAIN", "north.myshopify.com")
    assert refusal() == ["PROXY_SHOPS: every shop needs a SHOP_DOMAIN of its own"]


def test_a_tenant_is_in_one_place(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__OMNEO_BASE_URL", "https://api.elsewhere.example/api/v3")
    assert refusal() == ["PROXY_SHOPS: shops of one OMNEO_TENANT need the same OMNEO_BASE_URL"]
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__OMNEO_TENANT", "elsewhere")
    assert set(of(load_settings(), "omneo_tenant").values()) == {"blue-heron", "elsewhere"}


def test_shops_of_one_tenant_count_in_the_same_units(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__SHOP_CURRENCY", "JPY")
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__MINIMUM_AMOUNT", "5")
    assert refusal() == ["PROXY_SHOPS: shops of one OMNEO_TENANT need a SHOP_CURRENCY with as many decimals"]
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__OMNEO_TENANT", "elsewhere")
    assert set(of(load_settings(), "shop_currency").values()) == {"AUD", "JPY"}


def test_shops_of_one_tenant_write_no_sale_over_anothers(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_TRANSACTION_MODE", "own")
    environment.setenv("PROXY_SHOPS__NORTH__TRANSACTION_EXTERNAL_ID", "{order_name}")
    wrong = "shops of one OMNEO_TENANT need {order_id} or {shop} in their TRANSACTION_EXTERNAL_ID"
    assert refusal() == [f"PROXY_SHOPS: {wrong}"]
    environment.setenv("PROXY_SHOPS__NORTH__TRANSACTION_EXTERNAL_ID", "{shop}{order_name}")
    assert len(load_settings().shops) == 2


def test_shops_have_tokens_of_their_own(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PROXY_SHOPIFY_TOKEN_SOURCE", "static")
    environment.setenv("PROXY_SHOPIFY_ACCESS_TOKEN", "an-access-token-in-common")
    assert refusal() == ["PROXY_SHOPS: every shop needs a SHOPIFY_ACCESS_TOKEN of its own"]
    file = tmp_path / "refresh-token"
    file.write_text("a-refresh-token-in-common")
    environment.setenv("PROXY_SHOPIFY_TOKEN_SOURCE", "refresh")
    environment.setenv("PROXY_SHOPIFY_REFRESH_TOKEN_FILE", str(file))
    assert refusal() == ["PROXY_SHOPS: every shop needs a SHOPIFY_REFRESH_TOKEN_FILE of its own"]
    environment.setenv("PROXY_SHOPS__NORTH__SHOPIFY_TOKEN_SOURCE", "client_credentials")
    assert len(load_settings().shops) == 2


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("shops = []", "PROXY_SHOPS: "),
        ("[shops]", "PROXY_SHOPS: "),
        ("[shops]\nnorth = 'wrong'", "PROXY_SHOPS__NORTH: "),
        ("[shops.'No Name']\nshop_domain = 'north.myshopify.com'", "PROXY_SHOPS: "),
        (
            "[shops.'']\nshop_domain = 'north.myshopify.com'\n[shops.b]\nshop_domain = 'b.myshopify.com'",
            "PROXY_SHOPS: ",
        ),
        ("[shops.north]\nshop_domain = 'north.myshopify.com'\nport = 1", "PROXY_SHOPS__NORTH__PORT: "),
    ],
)
def test_a_bad_list_of_shops_is_refused_by_name(
    environment: pytest.MonkeyPatch, tmp_path: Path, text: str, named: str
) -> None:
    (tmp_path / "proxy.toml").write_text(text)
    lines = refusal()
    assert all(line.startswith(named) for line in lines), lines
    assert "wrong" not in "".join(lines)


def test_shops_that_sign_customers_ids_have_secrets_that_tell_them_apart(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_OMNEO_ID_SECRET", "a-secret-in-common")
    assert refusal() == ["PROXY_SHOPS: every shop needs an OMNEO_ID_SECRET of its own"]
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__OMNEO_ID_SECRET", "a-secret-of-the-south")
    assert len(set(of(load_settings(), "omneo_id_secret").values())) == 2


def test_a_secret_that_a_theme_may_see_is_none_of_those_that_open_doors(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__NORTH__OMNEO_ID_SECRET", COMMON["SHOPIFY_CLIENT_SECRET"])
    assert refusal() == ["PROXY_SHOPS__NORTH__OMNEO_ID_SECRET: must not be the app's client secret"]
    environment.setenv("PROXY_SHOPS__NORTH__OMNEO_ID_SECRET", COMMON["TRANSIENT_KEYS"])
    assert refusal() == ["PROXY_TRANSIENT_KEYS: none may be the OMNEO_ID_SECRET of a shop"]


def test_a_setting_that_widens_what_a_token_can_do_is_named_as_a_risk(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPS__NORTH__OMNEO_ID_TOKENS", "true")
    environment.setenv("PROXY_SHOPS__FAR_SOUTH__OMNEO_ID_SECRET", "a-secret-of-the-south")
    assert {name: shop.risks() for name, shop in load_settings().shops.items()} == {
        "north": ["OMNEO_ID_TOKENS"],
        "far_south": ["OMNEO_ID_SECRET"],
    }
