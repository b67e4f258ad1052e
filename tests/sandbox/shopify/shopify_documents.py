"""Documents as a client would send them; all are valid in Shopify's published 2026-10 schema."""

CREATE = """
mutation CodeCreate($d: DiscountCodeBasicInput!) {
  discountCodeBasicCreate(basicCodeDiscount: $d) {
    codeDiscountNode { id codeDiscount { __typename ... on DiscountCodeBasic {
      status startsAt endsAt usageLimit asyncUsageCount discountClasses codes(first: 1) { nodes { id code } } } } }
    userErrors { field message code extraInfo }
  }
}"""
FREE_SHIPPING = """
mutation FreeShippingCreate($d: DiscountCodeFreeShippingInput!) {
  discountCodeFreeShippingCreate(freeShippingCodeDiscount: $d) {
    codeDiscountNode { id codeDiscount { __typename ... on DiscountCodeFreeShipping {
      status endsAt usageLimit asyncUsageCount discountClasses destinationSelection { __typename } } } }
    userErrors { field message code extraInfo }
  }
}"""
BY_CODE = """
query CodeByCode($code: String!) {
  codeDiscountNodeByCode(code: $code) { id codeDiscount { __typename ... on DiscountCodeBasic {
    title status endsAt usageLimit asyncUsageCount
    context { __typename ... on DiscountCustomers { customers { id } } }
    customerGets { value { __typename ... on DiscountAmount { amount { amount currencyCode } appliesOnEachItem } } }
  } } }
}"""
DEACTIVATE = """
mutation CodeDeactivate($id: ID!) { discountCodeDeactivate(id: $id) {
  codeDiscountNode { id codeDiscount { ... on DiscountCodeBasic { status startsAt endsAt updatedAt } } }
  userErrors { field message code } } }"""
ACTIVATE = DEACTIVATE.replace("Deactivate", "Activate")
DELETE = """
mutation CodeDelete($id: ID!) { discountCodeDelete(id: $id) {
  deletedCodeDiscountId userErrors { field message code } } }"""
ORDERS_BY_CODE = """
query OrdersByCode($q: String!, $first: Int = 1) {
  orders(first: $first, query: $q, sortKey: CREATED_AT, reverse: true) {
    nodes { id name test cancelledAt sourceName displayFinancialStatus checkoutToken customer { id } discountCodes
      retailLocation { id }
      currentTotalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
      discountApplications(first: 10) { nodes { index targetType __typename
        ... on DiscountCodeApplication { code } ... on ManualDiscountApplication { title }
        value { __typename ... on MoneyV2 { amount currencyCode } ... on PricingPercentageValue { percentage } } } }
      lineItems(first: 50) { nodes { id currentQuantity discountAllocations {
        allocatedAmountSet { shopMoney { amount currencyCode } } discountApplication { index } } } } }
  }
}"""
SCOPES = """
query Scopes { currentAppInstallation { accessScopes { handle } }
  shop { myshopifyDomain currencyCode taxesIncluded plan { shopifyPlus publicDisplayName } } }"""
SETTLEMENT = """
query OrderForSettlement($id: ID!, $after: String) {
  order(id: $id) {
    id name test createdAt updatedAt processedAt cancelledAt sourceName sourceIdentifier displayFinancialStatus
    cartToken checkoutToken taxesIncluded currencyCode
    customer { id } retailLocation { id } discountCodes customAttributes { key value }
    discountApplications(first: 20) { nodes { index targetType __typename
      ... on DiscountCodeApplication { code } ... on ManualDiscountApplication { title } } }
    lineItems(first: 50, after: $after) { pageInfo { hasNextPage endCursor } nodes { id quantity currentQuantity
      discountAllocations { allocatedAmountSet { shopMoney { amount currencyCode } } discountApplication { index } }
    } }
  }
}"""
SWEEP = """
query OrdersSweep($q: String!, $after: String, $first: Int = 50) {
  orders(first: $first, after: $after, query: $q, sortKey: UPDATED_AT) {
    pageInfo { hasNextPage endCursor } nodes { id updatedAt cancelledAt test discountCodes customer { id } } }
}"""
FULL_ORDER = """
query FullOrder($id: ID!) { order(id: $id) {
  id legacyResourceId name test createdAt updatedAt processedAt cancelledAt cancelReason sourceName sourceIdentifier
  displayFinancialStatus displayFulfillmentStatus cartToken checkoutToken taxesIncluded currencyCode discountCodes
  customAttributes { key value } customer { id email displayName } retailLocation { id name }
  discountApplications(first: 5) { nodes { index allocationMethod targetSelection targetType value {
    ... on MoneyV2 { amount } ... on PricingPercentageValue { percentage } } } }
  lineItems(first: 10) { nodes { id title name sku quantity currentQuantity isGiftCard taxable
    product { id } variant { id price } originalTotalSet { ...bag } discountedTotalSet { ...bag }
    originalUnitPriceSet { ...bag } totalDiscountSet { ...bag } taxLines { title rate priceSet { ...bag } }
    discountAllocations { allocatedAmountSet { ...bag } discountApplication { index } } } }
  shippingLine { title originalPriceSet { ...bag } } shippingLines(first: 2) { nodes { title } }
  refunds(first: 5) { id createdAt note totalRefundedSet { ...bag } refundLineItems(first: 5) { nodes {
    id quantity restockType subtotalSet { ...bag } totalTaxSet { ...bag } lineItem { id } } }
    transactions(first: 2) { nodes { kind amountSet { ...bag } } } }
  transactions { id kind status gateway amountSet { ...bag } }
  currentTotalPriceSet { ...bag } totalPriceSet { ...bag } subtotalPriceSet { ...bag } totalTaxSet { ...bag }
  currentSubtotalPriceSet { ...bag } currentTotalDiscountsSet { ...bag } totalDiscountsSet { ...bag }
  totalReceivedSet { ...bag } totalRefundedSet { ...bag } totalOutstandingSet { ...bag } currentTotalTaxSet { ...bag }
} }
fragment bag on MoneyBag { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"""

ALL = {name: text for name, text in globals().items() if name.isupper() and isinstance(text, str)}


def code_input(code: str = "REWARD-1", amount: str = "12.50", **changed: object) -> dict[str, object]:
    """Return the input of a reward's code for Ada."""
    given: dict[str, object] = {
        "title": "Reward",
        "code": code,
        "startsAt": "2026-01-01T00:00:00Z",
        "usageLimit": 1,
        "context": {"customers": {"add": ["gid://shopify/Customer/1001"]}},
        "customerGets": {
            "value": {"discountAmount": {"amount": amount, "appliesOnEachItem": False}},
            "items": {"all": True},
        },
        "combinesWith": {"orderDiscounts": True, "productDiscounts": True, "shippingDiscounts": True},
    }
    given.update(changed)
    return given


def free_shipping_input(code: str = "SHIP-1", **changed: object) -> dict[str, object]:
    """Return the input of a code for free shipping for Ada."""
    given: dict[str, object] = {
        "title": "Free shipping",
        "code": code,
        "startsAt": "2026-01-01T00:00:00Z",
        "usageLimit": 1,
        "context": {"customers": {"add": ["gid://shopify/Customer/1001"]}},
        "destination": {"all": True},
    }
    given.update(changed)
    return given
