"""The part of the Admin schema that the sandbox serves: composite types and their fields."""

MONEY_SETS = (
    "currentSubtotalPriceSet currentTotalDiscountsSet currentTotalPriceSet currentTotalTaxSet netPaymentSet "
    "originalTotalPriceSet subtotalPriceSet totalDiscountsSet totalOutstandingSet totalPriceSet totalReceivedSet "
    "totalRefundedSet totalShippingPriceSet totalTaxSet"
)

KEPT = {
    "QueryRoot": "order orders node customer customers locations location codeDiscountNode codeDiscountNodeByCode "
    "codeDiscountNodes discountNodes nodes shop currentAppInstallation product productVariant",
    "Mutation": "discountCodeBasicCreate discountCodeBasicUpdate discountCodeFreeShippingCreate discountCodeActivate "
    "discountCodeDeactivate discountCodeDelete orderCancel",
    "Node": "id",
    "LegacyInteroperability": "legacyResourceId",
    "DisplayableError": "field message",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "MoneyBag": "presentmentMoney shopMoney",
    "MoneyV2": "amount currencyCode",
    "Attribute": "key value",
    "Order": "cancelReason cancelledAt cartToken checkoutToken closed closedAt confirmationNumber confirmed "
    "createdAt currencyCode currentSubtotalLineItemsQuantity customAttributes customer discountApplications "
    "discountCode discountCodes displayFinancialStatus displayFulfillmentStatus edited email fullyPaid id "
    "legacyResourceId lineItems name note number paymentGatewayNames phone presentmentCurrencyCode processedAt "
    "refunds retailLocation shippingLine shippingLines sourceIdentifier sourceName staffMember "
    "subtotalLineItemsQuantity tags taxLines taxesIncluded test transactions unpaid updatedAt " + MONEY_SETS,
    "OrderConnection": "edges nodes pageInfo",
    "OrderEdge": "cursor node",
    "LineItem": "currentQuantity customAttributes discountAllocations discountedTotalSet "
    "discountedUnitPriceAfterAllDiscountsSet discountedUnitPriceSet id isGiftCard name originalTotalSet "
    "originalUnitPriceSet product quantity refundableQuantity requiresShipping sku taxLines taxable title "
    "totalDiscountSet unfulfilledQuantity variant variantTitle vendor",
    "LineItemConnection": "edges nodes pageInfo",
    "LineItemEdge": "cursor node",
    "TaxLine": "channelLiable priceSet rate ratePercentage title",
    "DiscountApplication": "allocationMethod index targetSelection targetType value",
    "DiscountCodeApplication": "allocationMethod code index targetSelection targetType value",
    "ManualDiscountApplication": "allocationMethod description index targetSelection targetType title value",
    "AutomaticDiscountApplication": "allocationMethod index targetSelection targetType title value",
    "ScriptDiscountApplication": "allocationMethod index targetSelection targetType title value",
    "DiscountApplicationConnection": "edges nodes pageInfo",
    "DiscountApplicationEdge": "cursor node",
    "DiscountAllocation": "allocatedAmountSet discountApplication",
    "PricingValue": "",
    "PricingPercentageValue": "percentage",
    "ShippingLine": "code custom discountAllocations discountedPriceSet id isRemoved originalPriceSet source "
    "taxLines title",
    "ShippingLineConnection": "edges nodes pageInfo",
    "ShippingLineEdge": "cursor node",
    "OrderTransaction": "amountSet createdAt errorCode formattedGateway gateway id kind order parentTransaction "
    "paymentId processedAt status test user location",
    "OrderTransactionConnection": "edges nodes pageInfo",
    "OrderTransactionEdge": "cursor node",
    "Refund": "createdAt id legacyResourceId note order processedAt refundLineItems staffMember totalRefundedSet "
    "transactions updatedAt",
    "RefundLineItem": "id lineItem location priceSet quantity restockType restocked subtotalSet totalTaxSet",
    "RefundLineItemConnection": "edges nodes pageInfo",
    "RefundLineItemEdge": "cursor node",
    "Customer": "createdAt defaultEmailAddress defaultPhoneNumber displayName email firstName id lastName "
    "legacyResourceId locale note numberOfOrders phone state tags taxExempt updatedAt verifiedEmail",
    "CustomerConnection": "edges nodes pageInfo",
    "CustomerEdge": "cursor node",
    "CustomerEmailAddress": "emailAddress",
    "CustomerPhoneNumber": "phoneNumber",
    "Location": "createdAt fulfillsOnlineOrders id isActive legacyResourceId name shipsInventory updatedAt",
    "LocationConnection": "edges nodes pageInfo",
    "LocationEdge": "cursor node",
    "StaffMember": "active email exists firstName id isShopOwner lastName locale name",
    "Product": "createdAt handle id isGiftCard legacyResourceId priceRangeV2 productType status tags title updatedAt "
    "variants vendor",
    "ProductPriceRangeV2": "maxVariantPrice minVariantPrice",
    "ProductConnection": "edges nodes pageInfo",
    "ProductEdge": "cursor node",
    "ProductVariant": "availableForSale createdAt displayName id legacyResourceId price product sku taxable title "
    "updatedAt",
    "ProductVariantConnection": "edges nodes pageInfo",
    "ProductVariantEdge": "cursor node",
    "Collection": "handle id legacyResourceId title updatedAt",
    "CollectionConnection": "edges nodes pageInfo",
    "CollectionEdge": "cursor node",
    "Shop": "contactEmail createdAt currencyCode email enabledPresentmentCurrencies ianaTimezone id myshopifyDomain "
    "name plan primaryDomain shopOwnerName taxShipping taxesIncluded timezoneOffset updatedAt url",
    "ShopPlan": "displayName partnerDevelopment publicDisplayName shopifyPlus",
    "Domain": "host id url",
    "AppInstallation": "accessScopes app id launchUrl",
    "App": "apiKey embedded handle id title",
    "AccessScope": "description handle",
    "DiscountCodeNode": "codeDiscount id",
    "DiscountCodeNodeConnection": "edges nodes pageInfo",
    "DiscountCodeNodeEdge": "cursor node",
    "DiscountNode": "discount id",
    "DiscountNodeConnection": "edges nodes pageInfo",
    "DiscountNodeEdge": "cursor node",
    "Discount": "",
    "DiscountCode": "",
    "DiscountCodeBasic": "appliesOncePerCustomer asyncUsageCount codes codesCount combinesWith context createdAt "
    "customerGets customerSelection discountClasses endsAt minimumRequirement recurringCycleLimit shortSummary "
    "startsAt status summary tags title totalSales updatedAt usageLimit",
    "DiscountCodeApp": "appliesOncePerCustomer asyncUsageCount combinesWith createdAt discountClasses discountId "
    "endsAt startsAt status title updatedAt usageLimit",
    "DiscountCodeBxgy": "appliesOncePerCustomer asyncUsageCount combinesWith createdAt discountClasses endsAt "
    "startsAt status title updatedAt usageLimit",
    "DiscountCodeFreeShipping": "appliesOnOneTimePurchase appliesOnSubscription appliesOncePerCustomer asyncUsageCount "
    "codes codesCount combinesWith context createdAt customerSelection destinationSelection discountClasses endsAt "
    "maximumShippingPrice minimumRequirement recurringCycleLimit shortSummary startsAt status summary tags title "
    "totalSales updatedAt usageLimit",
    "DiscountShippingDestinationSelection": "",
    "DiscountCountryAll": "allCountries",
    "Count": "count precision",
    "DiscountRedeemCode": "asyncUsageCount code id",
    "DiscountRedeemCodeConnection": "edges nodes pageInfo",
    "DiscountRedeemCodeEdge": "cursor node",
    "DiscountCombinesWith": "orderDiscounts productDiscounts shippingDiscounts",
    "DiscountContext": "",
    "DiscountBuyerSelectionAll": "all",
    "DiscountCustomers": "customers",
    "DiscountCustomerSelection": "",
    "DiscountCustomerAll": "allCustomers",
    "DiscountCustomerGets": "appliesOnOneTimePurchase appliesOnSubscription items value",
    "DiscountCustomerGetsValue": "",
    "DiscountAmount": "amount appliesOnEachItem",
    "DiscountPercentage": "percentage",
    "DiscountItems": "",
    "AllDiscountItems": "allItems",
    "DiscountProducts": "productVariants products",
    "DiscountCollections": "collections",
    "DiscountMinimumRequirement": "",
    "DiscountMinimumSubtotal": "greaterThanOrEqualToSubtotal",
    "DiscountMinimumQuantity": "greaterThanOrEqualToQuantity",
    "DiscountCodeBasicCreatePayload": "codeDiscountNode userErrors",
    "DiscountCodeBasicUpdatePayload": "codeDiscountNode userErrors",
    "DiscountCodeFreeShippingCreatePayload": "codeDiscountNode userErrors",
    "DiscountCodeActivatePayload": "codeDiscountNode userErrors",
    "DiscountCodeDeactivatePayload": "codeDiscountNode userErrors",
    "DiscountCodeDeletePayload": "deletedCodeDiscountId userErrors",
    "DiscountUserError": "code extraInfo field message",
    "OrderCancelPayload": "job orderCancelUserErrors userErrors",
    "OrderCancelUserError": "code field message",
    "UserError": "field message",
    "Job": "done id",
}
