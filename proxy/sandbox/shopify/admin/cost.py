"""What a document costs before it runs, and the bucket that pays for it.

Source: https://shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits
"""

from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_composite_type,
)

from proxy.sandbox.clock import SandboxClock

MAX_COST = 1000
MUTATION = 10
CONNECTION = 2


class Cost:
    """Count one operation: scalars 0, objects 1, connections 2 and their items, mutations 10."""

    def __init__(
        self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode], variables: dict[str, Any]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def requested(self, operation: OperationDefinitionNode) -> int:
        root = self._schema.get_root_type(operation.operation)
        assert root is not None
        if operation.operation is not OperationType.MUTATION:
            return self._selections(root, operation.selection_set)
        return sum(MUTATION + self._payload(root, field) for field in self._fields(operation.selection_set))

    def _payload(self, root: Any, field: FieldNode) -> int:
        # Recorded: a mutation's 10 points pay for its payload and for the objects directly in it.
        payload = get_named_type(root.fields[field.name.value].type)
        direct = self._fields(field.selection_set) if field.selection_set else []
        return sum(
            self._selections(get_named_type(payload.fields[f.name.value].type), f.selection_set)
            for f in direct
            if f.selection_set and f.name.value != "__typename"
        )

    def _fields(self, selections: SelectionSetNode) -> list[FieldNode]:
        found: list[FieldNode] = []
        for node in selections.selections:
            if isinstance(node, FieldNode):
                found.append(node)
            elif isinstance(node, InlineFragmentNode):
                found += self._fields(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                found += self._fields(self._fragments[node.name.value].selection_set)
        return found

    def _selections(self, kind: Any, selections: SelectionSetNode | None) -> int:
        """Sum the fields of a type; of the alternatives of an interface or union the dearest counts."""
        if selections is None:
            return 0
        own, alternatives = 0, [0]
        for node in selections.selections:
            if isinstance(node, FieldNode):
                own += self._field(kind, node)
                continue
            inside = self._fragment(node)
            condition = inside.type_condition
            target = self._schema.type_map[condition.name.value] if condition else kind
            points = self._selections(target, inside.selection_set)
            if target is kind:
                own += points
            else:
                alternatives.append(points)
        return own + max(alternatives)

    def _fragment(self, node: Any) -> InlineFragmentNode | FragmentDefinitionNode:
        if isinstance(node, FragmentSpreadNode):
            return self._fragments[node.name.value]
        assert isinstance(node, InlineFragmentNode)
        return node

    def _field(self, kind: Any, node: FieldNode) -> int:
        name = node.name.value
        if name.startswith("__") or not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            return 0
        target = get_named_type(kind.fields[name].type)
        if not is_composite_type(target) or name == "pageInfo":
            return 0
        if target.name.endswith("Connection"):
            return CONNECTION + self._size(node) * self._item(target, node)
        return 1 + self._selections(target, node.selection_set)

    def _item(self, connection: Any, node: FieldNode) -> int:
        points = 1
        for field in self._fields(node.selection_set) if node.selection_set else ():
            if field.name.value == "nodes":
                target = get_named_type(connection.fields["nodes"].type)
                points = max(points, 1 + self._selections(target, field.selection_set))
            elif field.name.value == "edges" and field.selection_set:
                for inner in self._fields(field.selection_set):
                    if inner.name.value == "node":
                        target = get_named_type(connection.fields["nodes"].type)
                        points = max(points, 1 + self._selections(target, inner.selection_set))
        return points

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments:
            if argument.name.value in ("first", "last"):
                if isinstance(argument.value, IntValueNode):
                    return int(argument.value.value)
                if isinstance(argument.value, VariableNode):
                    return int(self._variables.get(argument.value.name.value) or 0)
        return 0


def actual(operation: OperationDefinitionNode, data: dict[str, Any] | None) -> int:
    """Count what was really returned, by the same prices."""
    if operation.operation is not OperationType.MUTATION or not data:
        return _returned(data, paid_for=True)
    direct = [part for payload in data.values() for part in (payload or {}).values()]
    return MUTATION * len(data) + sum(_returned(part, paid_for=True) for part in direct)


def _returned(data: Any, *, paid_for: bool = False) -> int:
    if isinstance(data, list):
        return 0 if paid_for else sum(_returned(item) for item in data)
    if not isinstance(data, dict):
        return 0
    inside = sum(_returned(value) for name, value in data.items() if name != "pageInfo")
    if paid_for or ("node" in data and "cursor" in data):
        return inside
    return inside + (CONNECTION if "nodes" in data or "edges" in data else 1)


class Bucket:
    """The leaky bucket of one app on one shop."""

    def __init__(self, clock: SandboxClock, size: int, restore_rate: int) -> None:
        self._clock = clock
        self.size = size
        self.restore_rate = restore_rate
        self.fill()

    def fill(self) -> None:
        self._level = float(self.size)
        self._at = self._clock.now()

    def empty(self) -> None:
        self._level, self._at = 0.0, self._clock.now()

    def available(self) -> int:
        now = self._clock.now()
        passed = max((now - self._at).total_seconds(), 0.0)
        self._level = min(float(self.size), self._level + passed * self.restore_rate)
        self._at = now
        return int(self._level)

    def take(self, points: int) -> bool:
        """Take the points, or nothing when there are not enough."""
        if self.available() < points:
            return False
        self._level -= points
        return True

    def give_back(self, points: int) -> None:
        self._level = min(float(self.size), self._level + points)

    def status(self) -> dict[str, Any]:
        return {
            "maximumAvailable": float(self.size),
            "currentlyAvailable": self.available(),
            "restoreRate": float(self.restore_rate),
        }
