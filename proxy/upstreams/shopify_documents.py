"""The GraphQL documents that are sent to Shopify's Admin API; a test validates them against the published schema."""

from typing import Final

VERSION: Final = "2026-10"

CODE_CREATE: Final = """
mutation CodeCreate($discount: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $discount) {
    codeDiscountNode { id }
    userErrors { field message code }
  }
}
"""

CODE_BY_CODE: Final = """
query CodeByCode($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    id
    codeDiscount {
      __typename
      ... on DiscountCodeBasic {
        status endsAt usageLimit asyncUsageCount
        context { __typename ... on DiscountCustomers { customers { id } } }
        customerGets { value { __typename ... on DiscountAmount { amount { amount currencyCode } } } }
      }
    }
  }
}
"""

CODE_DEACTIVATE: Final = """
mutation CodeDeactivate($id: ID!) {
  discountCodeDeactivate(id: $id) {
    codeDiscountNode { id codeDiscount { __typename ... on DiscountCodeBasic { asyncUsageCount } } }
    userErrors { field message code }
  }
}
"""

CODE_DELETE: Final = """
mutation CodeDelete($id: ID!) {
  discountCodeDelete(id: $id) { deletedCodeDiscountId userErrors { field message code } }
}
"""

# `variant` needs read_products and `retailLocation` read_locations; both may be denied, the rest may not.
# 25 lines a page keep the price of one query below the 1000 points that a query may cost.
# Source: https://shopify.dev/docs/api/usage/limits
ORDER_FOR_SETTLEMENT: Final = """
query OrderForSettlement($id: ID!, $after: String) {
  order(id: $id) {
    id name test createdAt processedAt updatedAt cancelledAt sourceName displayFinancialStatus
    currencyCode discountCodes
    customer { id }
    retailLocation { id }
    totalPriceSet { shopMoney { amount currencyCode } }
    totalDiscountsSet { shopMoney { amount currencyCode } }
    lineItems(first: 25, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id name sku quantity currentQuantity
        variant { id }
        originalUnitPriceSet { shopMoney { amount currencyCode } }
        taxLines { priceSet { shopMoney { amount currencyCode } } }
        discountAllocations {
          allocatedAmountSet { shopMoney { amount currencyCode } }
          discountApplication {
            __typename index
            ... on DiscountCodeApplication { code }
            ... on ManualDiscountApplication { title }
            ... on AutomaticDiscountApplication { title }
            ... on ScriptDiscountApplication { title }
          }
        }
      }
    }
  }
}
"""

ORDERS_SWEEP: Final = """
query OrdersSweep($query: String!, $after: String) {
  orders(first: 100, after: $after, query: $query, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor }
    nodes { id createdAt updatedAt cancelledAt test displayFinancialStatus discountCodes }
  }
}
"""

ACCESS: Final = """
query Access {
  currentAppInstallation { accessScopes { handle } }
  shop { myshopifyDomain currencyCode taxesIncluded }
}
"""
