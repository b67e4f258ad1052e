"""Every field of the served schema can be read: none is declared without being answered."""

import pytest
from graphql import get_named_type, is_leaf_type, is_object_type, is_required_argument, is_union_type
from shopify_documents import FREE_SHIPPING, code_input, free_shipping_input

pytestmark = pytest.mark.anyio
DEPTH = 3


def selection(schema, kind, depth, trail=()):
    """Select every field of a type, down to a depth and never through the same type twice."""
    if is_union_type(kind) or not is_object_type(kind):
        parts = [
            f"... on {one.name} {{ {selection(schema, one, depth, trail)} }}"
            for one in schema.get_possible_types(kind)
            if one.name not in trail and selection(schema, one, depth, trail)
        ]
        return " ".join(["__typename", *parts])
    parts = []
    for name, field in kind.fields.items():
        target = get_named_type(field.type)
        if any(is_required_argument(a) for a in field.args.values()):
            continue
        # The same name has other types in other members of a union: an alias keeps them apart.
        alias = f"{kind.name}_{name}: {name}"
        if is_leaf_type(target):
            parts.append(alias)
        elif depth and target.name not in trail:
            paged = "(first: 2)" if target.name.endswith("Connection") else ""
            inside = selection(schema, target, depth - 1, (*trail, kind.name))
            if inside:
                parts.append(f"{alias}{paged} {{ {inside} }}")
    return " ".join(parts)


@pytest.fixture
async def full(open_shop):
    scopes = ("read_orders", "write_discounts", "read_customers", "read_locations", "read_products", "read_users")
    shop = await open_shop(scopes=scopes)
    shop.sandbox.staff_create(code_input("A", "5"))
    products = {"products": {"productsToAdd": ["gid://shopify/Product/40101"]}}
    gets = {"value": {"percentage": 0.1}, "items": products}
    least = {"subtotal": {"greaterThanOrEqualToSubtotal": "1"}}
    shop.sandbox.staff_create(code_input("B", customerGets=gets, minimumRequirement=least))
    shop.sandbox.staff_create(code_input("C", context={"all": "ALL"}))
    await shop.data(FREE_SHIPPING, d=free_shipping_input("D", maximumShippingPrice="20"))
    order = shop.sandbox.pos_sale(
        [(50101, 2), (50102, 1)], location_id=8801, user_id=42, customer_id=1001, codes=["A", "B"]
    )
    shop.sandbox.refund(order.id, [(order.lines[0].id, 1)], user_id=42)
    cart = shop.sandbox.open_cart([(50104, 1)], 1001)
    shop.sandbox.checkout.set_codes(cart, ["D"])
    shop.sandbox.place_order(cart)
    return shop


ROOTS = {
    "shop": "",
    "currentAppInstallation": "",
    "order": '(id: "gid://shopify/Order/6024113000001")',
    "orders": "(first: 3)",
    "customer": '(id: "gid://shopify/Customer/1001")',
    "customers": "(first: 3)",
    "location": "",
    "locations": "(first: 3)",
    "product": '(id: "gid://shopify/Product/40101")',
    "productVariant": '(id: "gid://shopify/ProductVariant/50101")',
    "codeDiscountNode": '(id: "gid://shopify/DiscountCodeNode/1638844039474")',
    "codeDiscountNodeByCode": '(code: "b")',
    "nodes": '(ids: ["gid://shopify/Collection/60101", "gid://shopify/Product/40101"])',
    "codeDiscountNodes": "(first: 4)",
    "discountNodes": '(first: 3, query: "status:active")',
}


@pytest.mark.parametrize("root", sorted(ROOTS))
async def test_every_field_below_a_root_is_answered(full, root):
    schema = full.sandbox.schema
    target = get_named_type(schema.query_type.fields[root].type)
    query = f"{{ {root}{ROOTS[root]} {{ {selection(schema, target, DEPTH)} }} }}"
    body = (await full.graphql(query)).json()
    assert "errors" not in body, body["errors"][:3]
    assert body["data"][root]


@pytest.mark.parametrize(
    "gid",
    [
        *("Order/6024113000001", "Customer/1001", "Location/8801", "Product/40101", "Collection/60101"),
        "DiscountCodeNode/1638844039474",
    ],
)
async def test_a_node_is_found_by_its_gid(full, gid):
    node = (await full.data("query N($id: ID!) { node(id: $id) { __typename id } }", id=f"gid://shopify/{gid}"))["node"]
    assert node == {"__typename": gid.partition("/")[0], "id": f"gid://shopify/{gid}"}


async def test_an_order_is_cancelled_over_the_api_with_the_scope_for_it(full, open_shop):
    cancel = """mutation C($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, refund: true, restock: true) {
      job { id done } orderCancelUserErrors { field message code } } }"""
    denied = (await full.graphql(cancel, {"id": "gid://shopify/Order/6024113000001"})).json()
    assert denied["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    shop = await open_shop(scopes=("write_orders",))
    order = shop.sandbox.place_order(shop.sandbox.open_cart([(50101, 1)], 1001))
    answer = (await shop.data(cancel, id=f"gid://shopify/Order/{order.id}"))["orderCancel"]
    assert answer["orderCancelUserErrors"] == []
    assert (order.financial_status, order.cancel_reason) == ("refunded", "customer")
    again = (await shop.data(cancel, id=f"gid://shopify/Order/{order.id}"))["orderCancel"]
    assert again["orderCancelUserErrors"][0]["code"] == "INVALID"
