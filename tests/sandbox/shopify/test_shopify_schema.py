"""The extract is Shopify's: small, buildable, and every document of a client validates on it."""

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate
from shopify_documents import ALL

import proxy.sandbox.shopify.schema as extract

FOLDER = Path(extract.__file__).parent
SDL = (FOLDER / "admin_2026-10.graphql").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def schema():
    return build_schema(SDL)


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_clients_document_is_valid(schema, name):
    assert validate(schema, parse(ALL[name])) == []


def test_the_extract_is_small_and_names_its_origin():
    notice = (FOLDER / "NOTICE").read_text(encoding="utf-8")
    assert len(SDL) < 300_000
    assert "ISC License" in notice
    assert "@shopify/dev-mcp 1.16.0" in notice
    assert "Shopify Inc." in notice
