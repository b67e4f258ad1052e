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

FREE_SHIPPING_CREATE: Final = """
mutation FreeShippingCreate($discount: DiscountCodeFreeShippingInput!) {
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $discount) {
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
        status endsAt usageLimit asyncUsageCount discountClasses
        context { __typename ... on DiscountCustomers { customers { id } } }
        customerGets {
          value {
            __typename
            ... on DiscountAmount { amount { amount currencyCode } }
            ... on DiscountPercentage { percentage }
          }
        }
      }
      ... on DiscountCodeFreeShipping {
        status endsAt usageLimit asyncUsageCount discountClasses
        context { __typename ... on DiscountCustomers { customers { id } } }
      }
    }
  }
}
"""

# What of a code on a cart decides whether ours may stand beside it.
COMBINATION: Final = """
query Combination($code: String!) {
  codeDiscountNodeByCode(code: $code) {
    codeDiscount {
      __typename
      ... on DiscountCodeBasic {
        status discountClasses combinesWith { orderDiscounts productDiscounts shippingDiscounts }
      }
      ... on DiscountCodeBxgy {
        status discountClasses combinesWith { orderDiscounts productDiscounts shippingDiscounts }
      }
      ... on DiscountCodeFreeShipping {
        status discountClasses combinesWith { orderDiscounts productDiscounts shippingDiscounts }
      }
      ... on DiscountCodeApp {
        status discountClasses combinesWith { orderDiscounts productDiscounts shippingDiscounts }
      }
    }
  }
}
"""

CODE_DEACTIVATE: Final = """
mutation CodeDeactivate($id: ID!) {
  discountCodeDeactivate(id: $id) {
    codeDiscountNode {
      id
      codeDiscount {
        __typename
        ... on DiscountCodeBasic { asyncUsageCount }
        ... on DiscountCodeFreeShipping { asyncUsageCount }
      }
    }
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
    customAttributes { key value }
    shippingLines(first: 5) {
      nodes {
        discountAllocations {
          allocatedAmountSet { shopMoney { amount currencyCode } }
          discountApplication { __typename index ... on DiscountCodeApplication { code } }
        }
      }
    }
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

# The lowest of its variants, so that what is given is never more than one of them.
PRODUCT_PRICE: Final = """
query ProductPrice($id: ID!) {
  product(id: $id) { id priceRangeV2 { minVariantPrice { amount currencyCode } } }
}
"""

EXISTING: Final = """
query Existing($ids: [ID!]!) {
  nodes(ids: $ids) { __typename id }
}
"""

ACCESS: Final = """
query Access {
  currentAppInstallation { accessScopes { handle } }
  shop { myshopifyDomain currencyCode taxesIncluded }
}
"""
