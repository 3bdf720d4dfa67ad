"""Condition rows as parts of a document: read level by level, and nested in memory."""

from collections import defaultdict
from collections.abc import Iterable

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import Branch, CancelEvent, Condition, Trigger
from stripeflow.workflows.models.condition import HOMES, ConditionKind

# What a row stands in: its column, and the primary key there.
Home = tuple[str, int | None]


class ConditionRows:
    """Some rows and all those inside them; one query for each level below the first."""

    def __init__(self, roots: Iterable[Condition] = ()) -> None:
        self.rows: dict[Home, list[Condition]] = defaultdict(list)
        level = list(roots)
        while level:
            for row in level:
                self.rows[_home(row)].append(row)
            parents = [row.pk for row in level if row.kind != ConditionKind.TEST]
            level = list(Condition.objects.filter(parent__in=parents)) if parents else []

    def group(self, match: str, home: Home) -> Json:
        """The document of the rows of one home, combined by `match`."""
        rows = self.rows[home] if home[1] is not None else []
        return {"match": match, "conditions": [self.document(row) for row in rows]}

    def document(self, row: Condition) -> Json:
        """The document of one row, with those inside it."""
        if row.kind == ConditionKind.TEST:
            read_as = {"as": row.read_as} if row.read_as else {}
            return {"field": row.field, "operator": row.operator, "value": row.value, **read_as}
        group = self.group(row.match, ("parent", row.pk))
        if row.kind == ConditionKind.GROUP:
            return group
        return {"field": row.field, "quantifier": row.quantifier, **group}


def rows_in(home: Trigger | Branch | CancelEvent | Condition) -> list[tuple[Condition, Json]]:
    """The condition rows of one piece, each with its document."""
    roots = list(home.children.all() if isinstance(home, Condition) else home.conditions.all())
    nested = ConditionRows(roots)
    return [(row, nested.document(row)) for row in roots]


def _home(row: Condition) -> Home:
    for name in HOMES:
        pk = getattr(row, f"{name}_id")
        if pk is not None:
            return name, pk
    raise ValueError(f"Condition {row.pk} belongs to nothing.")
