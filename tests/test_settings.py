"""Settings: a bad one stops the start with a message that names it and never its value."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from proxy.settings import ALONE, BadSettingsError, ShopSettings, load_settings

KEY = "a-first-transient-key-of-32-chars-"
OTHER_KEY = "another-transient-key-of-32-chars-"
GOOD = {
    "SHOP_DOMAIN": "blue-heron.myshopify.com",
    "SHOP_CURRENCY": "AUD",
    "SHOPIFY_CLIENT_ID": "client-id",
    "SHOPIFY_CLIENT_SECRET": "client-secret-of-the-shop",
    "OMNEO_TENANT": "blue-heron",
    "OMNEO_TOKEN": "omneo-token-of-the-tenant",
    "TRANSACTION_MODE": "none",
    "TRANSIENT_KEYS": KEY,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in GOOD.items():
        monkeypatch.setenv(f"PROXY_{name}", value)
    return monkeypatch


def the_shop() -> ShopSettings:
    return load_settings().shops[ALONE]


def refusal() -> str:
    with pytest.raises(BadSettingsError) as caught:
        load_settings()
    return str(caught.value)


def test_the_needed_settings_are_enough(environment: pytest.MonkeyPatch) -> None:
    assert load_settings().port == 8400
    assert the_shop().shop().policy.minimum.wire() == {"amount": "1.00", "currencyCode": "AUD"}


@pytest.mark.parametrize("name", GOOD)
def test_a_needed_setting_that_is_missing_is_named(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(f"PROXY_{name}")
    assert refusal().startswith(f"PROXY_{name}: ")


def test_all_that_are_wrong_are_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PROXY_SHOP_CURRENCY")
    environment.setenv("PROXY_PORT", "a-port")
    environment.setenv("PROXY_LOG_LEVEL", "loud")
    assert {line.partition(":")[0] for line in refusal().splitlines()} == {
        "PROXY_SHOP_CURRENCY",
        "PROXY_PORT",
        "PROXY_LOG_LEVEL",
    }


BAD = {
    "SHOP_DOMAIN": "shop.example.com",
    "SHOP_CURRENCY": "dollars",
    "SHOPIFY_CLIENT_SECRET": "s3cr3t",
    "SHOPIFY_TOKEN_SOURCE": "a-wrong-source",
    "SHOPIFY_API_VERSION": "2026-11",
    "SHOPIFY_BASE_URL": "ftp://wrong.example",
    "OMNEO_TENANT": "Blue Heron",
    "OMNEO_BASE_URL": "https://wrong.example/?token=abc",
    "OMNEO_ID_BASE_URL": "wrong.example",
    "OMNEO_ID_TOKENS": "perhaps-on",
    "OMNEO_ID_SECRET": "fifteen-letters",
    "OMNEO_REDEEM_PATH": "/wrong-path",
    "OMNEO_IDENTITY_LOOKUPS": "search-id,a-wrong-lookup",
    "IDENTITY_HANDLE": "wrong handle",
    "LOOKUP_HANDLES": "member_code,profile_id",
    "TRANSACTION_MODE": "attach-wrongly",
    "TRANSACTION_EXTERNAL_ID": "{a_wrong_name}",
    "PROFILE_WAIT_S": "-17",
    "MINIMUM_AMOUNT": "-19.75",
    "MINIMUM_SPEND": "0.0",
    "SPENDABLE": "points-only",
    "ELIGIBLE_COLLECTION": "collection-77",
    "COMBINES_WITH_ORDER": "perhaps",
    "CODE_PREFIX": "too-long-and-lower",
    "HOLD_CHECKOUT_S": "59.5",
    "GRACE_REMOVAL_S": "86400.5",
    "SETTLING_S": "0.25",
    "EXPIRY_MARGIN_S": "nan",
    "TRANSIENT_KEYS": "too-short-a-key",
    "TRANSIENT_LIFETIME_S": "59",
    "DATABASE_URL": "mysql://user:password@host/db",
    "DATABASE_POOL": "65",
    "PORT": "65536",
    "WORKER_POLL_S": "0.04",
    "BODY_LIMIT_BYTES": "1023",
    "DRAIN_S": "inf",
    "CACHE_SIZE": "15",
    "LOG_LEVEL": "loudest",
    "UPSTREAM_TOTAL_S": "0.0",
    "BREAKER_FAILURES": "1.5",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_setting_is_named_and_its_value_is_not_told(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(f"PROXY_{name}", BAD[name])
    message = refusal()
    assert message.startswith(f"PROXY_{name}: ")
    assert len(message.splitlines()) == 1
    assert BAD[name] not in message


def test_a_setting_that_there_is_none_of_is_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_OMNEO_TOKN", "a-token-under-a-wrong-name")
    message = refusal()
    assert message == "PROXY_OMNEO_TOKN: there is no such setting"


def test_a_missing_transaction_mode_explains_itself(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("PROXY_TRANSACTION_MODE")
    message = refusal()
    assert message.startswith("PROXY_TRANSACTION_MODE: ")
    assert "counts every sale twice" in message
    assert "'own'" in message
    assert "'none'" in message


def test_a_file_is_read_and_the_environment_wins(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text(
        'shop_currency = "NZD"\nport = 9001\nminimum_amount = "2.50"\nhost = "0.0.0.0"\n'
        'transaction_systems_web = ["web", "online"]\n'
    )
    environment.setenv("PROXY_CONFIG", str(file))
    environment.delenv("PROXY_SHOP_CURRENCY")
    environment.setenv("PROXY_PORT", "9002")
    settings, shop = load_settings(), the_shop()
    assert (shop.shop_currency, settings.port, settings.host) == ("NZD", 9002, "0.0.0.0")
    assert shop.minimum_amount == Decimal("2.50")
    assert shop.transaction_systems_web == ("web", "online")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("omneo_tokn = 'a-token-under-a-wrong-name'", "PROXY_OMNEO_TOKN: "),
        ("[omneo]\ntoken = 'a-token-under-a-wrong-name'", "PROXY_OMNEO: "),
        ("port = 'a-wrong-port'", "PROXY_PORT: "),
        ("transient_keys = ['too-short-a-key']", "PROXY_TRANSIENT_KEYS: "),
        ("this is = a-wrong file", "PROXY_CONFIG: "),
    ],
)
def test_a_bad_file_is_refused_by_name(environment: pytest.MonkeyPatch, tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text(text)
    environment.setenv("PROXY_CONFIG", str(file))
    environment.delenv("PROXY_TRANSIENT_KEYS")
    if "transient_keys" not in text:
        environment.setenv("PROXY_TRANSIENT_KEYS", KEY)
    message = refusal()
    assert message.startswith(named)
    assert "wrong" not in message
    assert "too-short" not in message


def test_a_file_that_is_not_there_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PROXY_CONFIG", str(tmp_path / "proxy.toml"))
    assert refusal().startswith("PROXY_CONFIG: ")
    environment.setenv("PROXY_CONFIG", str(tmp_path))
    assert refusal().startswith("PROXY_CONFIG: ")


def test_lists_are_written_with_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_TRANSIENT_KEYS", f"{KEY}, {OTHER_KEY}")
    environment.setenv("PROXY_TRANSACTION_SYSTEMS_WEB", "web,online , shop")
    environment.setenv("PROXY_OMNEO_IDENTITY_LOOKUPS", "search-id,identities-filter")
    settings = load_settings()
    assert [key.get_secret_value() for key in settings.transient_keys] == [KEY, OTHER_KEY]
    assert the_shop().transaction_systems_web == ("web", "online", "shop")
    assert the_shop().omneo_identity_lookups == ("search-id", "identities-filter")


@pytest.mark.parametrize("keys", [f"{KEY},", f"{KEY},{KEY}", f"{KEY},too-short", ","])
def test_a_list_of_keys_with_a_bad_one_is_refused(environment: pytest.MonkeyPatch, keys: str) -> None:
    environment.setenv("PROXY_TRANSIENT_KEYS", keys)
    message = refusal()
    assert message.startswith("PROXY_TRANSIENT_KEYS: ")
    assert KEY not in message


@pytest.mark.parametrize(
    ("source", "needed"), [("static", "SHOPIFY_ACCESS_TOKEN"), ("refresh", "SHOPIFY_REFRESH_TOKEN_FILE")]
)
def test_a_token_source_names_what_else_it_needs(environment: pytest.MonkeyPatch, source: str, needed: str) -> None:
    environment.setenv("PROXY_SHOPIFY_TOKEN_SOURCE", source)
    assert refusal().startswith(f"PROXY_{needed}: ")


def test_a_refresh_token_file_has_to_be_there(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PROXY_SHOPIFY_TOKEN_SOURCE", "refresh")
    environment.setenv("PROXY_SHOPIFY_REFRESH_TOKEN_FILE", str(tmp_path / "token"))
    assert refusal().startswith("PROXY_SHOPIFY_REFRESH_TOKEN_FILE: ")


@pytest.mark.parametrize(("currency", "amount"), [("AUD", "1.005"), ("JPY", "1.5"), ("KWD", "1.0005")])
def test_an_amount_with_more_decimals_than_the_currency_has_is_refused(
    environment: pytest.MonkeyPatch, currency: str, amount: str
) -> None:
    environment.setenv("PROXY_SHOP_CURRENCY", currency)
    environment.setenv("PROXY_MINIMUM_AMOUNT", amount)
    message = refusal()
    assert "PROXY_MINIMUM_AMOUNT" in message
    assert amount not in message


@pytest.mark.parametrize("template", ["{order_id", "{0}", "{}", "", "always-the-same", "{shop}", "{order_id.secret}"])
def test_a_template_that_cannot_name_the_order_is_refused(environment: pytest.MonkeyPatch, template: str) -> None:
    environment.setenv("PROXY_TRANSACTION_EXTERNAL_ID", template)
    assert refusal().startswith("PROXY_TRANSACTION_EXTERNAL_ID: ")


@pytest.mark.parametrize(
    "templates", ["", "{order_id},", "{order_id},{shop}", "{customer_id}", ",".join(["{order_id}"] * 9)]
)
def test_a_list_of_templates_with_a_bad_one_is_refused(environment: pytest.MonkeyPatch, templates: str) -> None:
    environment.setenv("PROXY_ATTACH_EXTERNAL_IDS", templates)
    assert refusal().startswith("PROXY_ATTACH_EXTERNAL_IDS: ")


def test_attach_is_configured_with_forms_a_wait_and_a_secret(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_TRANSACTION_MODE", "attach")
    environment.setenv("PROXY_ATTACH_EXTERNAL_IDS", "shopify-{order_id}, {shop}:{order_number}")
    environment.setenv("PROXY_ATTACH_WAIT_S", "3600")
    environment.setenv("PROXY_OMNEO_WEBHOOK_SECRET", "secret-of-omneos-webhooks")
    settings = load_settings()
    shop = the_shop().shop()
    assert (shop.transaction_mode, shop.timing.attach_wait) == ("attach", timedelta(hours=1))
    assert shop.attach_external_ids == ("shopify-{order_id}", "{shop}:{order_number}")
    assert "secret-of-omneos-webhooks" not in repr(settings)


def test_secrets_are_not_in_what_is_printed_of_settings_or_shop(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PROXY_SHOPIFY_CLIENT_SECRET_OLD", "client-secret-of-before")
    settings, shop = load_settings(), the_shop().shop()
    printed = f"{settings!r} {settings} {shop!r} {settings.model_dump_json()}"
    for secret in ("client-secret-of-the-shop", "client-secret-of-before", "omneo-token-of-the-tenant", KEY):
        assert secret not in printed
    assert shop.client_secrets == ("client-secret-of-the-shop", "client-secret-of-before")
