"""Every document that is sent is valid in Shopify's published schema and asks for no more than a query may cost."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

import proxy.sandbox.shopify.schema as extract
from proxy.sandbox.shopify.admin.cost import MAX_COST, Cost
from proxy.upstreams import shopify_documents

SCHEMA = build_schema((Path(extract.__file__).parent / "admin_2026-10.graphql").read_text(encoding="utf-8"))
DOCUMENTS = {
    name: text
    for name, text in vars(shopify_documents).items()
    if isinstance(text, str) and text.lstrip().startswith(("query", "mutation"))
}


def test_there_are_as_many_documents_as_calls() -> None:
    assert len(DOCUMENTS) == 11


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid_in_the_published_schema(name: str) -> None:
    assert validate(SCHEMA, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_holds_one_named_operation(name: str) -> None:
    (operation,) = parse(DOCUMENTS[name]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_costs_no_more_than_one_query_may(name: str) -> None:
    (operation,) = parse(DOCUMENTS[name]).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert Cost(SCHEMA, {}, {}).requested(operation) <= MAX_COST
