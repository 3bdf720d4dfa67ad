"""What dj-stripe's tables say of an object: its kind and ID, its mode, and the account that it belongs to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Model
from djstripe.models import StripeModel

from stripeflow.triggers import mirrored_objects

# Among how many of the newest rows of a table the newest objects of an account are looked for.
NEWEST_ROWS = 10_000


@dataclass(frozen=True)
class MirroredObject:
    """An object of Stripe as a row of dj-stripe's has it.

    `kind` is Stripe's name, such as `charge`. `livemode` is None, and `owner` is "", where the row does not
    say it; else `owner` is the ID of an account, also where that is our own.
    """

    kind: str
    id: str
    livemode: bool | None
    owner: str


def object_of(row: Model | None) -> MirroredObject | None:
    """The object that a row is a copy of; None for rows of other tables, and for objects that are deleted."""
    if not isinstance(row, StripeModel) or not row.id or row.stripe_data.get("deleted"):
        return None
    kind = mirrored_objects.kind_of(type(row))
    owner = row.djstripe_owner_account
    return MirroredObject(kind, row.id, row.livemode, owner.id if owner else "") if kind else None


@dataclass(frozen=True)
class RecentObject:
    """One of the newest objects of a kind. `data` is what Stripe wrote, and as private as a payload."""

    id: str
    created: datetime | None
    data: Mapping[str, Any]


def recent(kind: str, *, livemode: bool, owners: Collection[str], most: int = 20) -> list[RecentObject]:
    """The newest objects of a mode and of one of the accounts `owners`; none that are deleted.

    Two queries, which read a bounded part of the table: of `NEWEST_ROWS` rows, by the order in which they
    were saved first. Nothing for a kind without a table.
    """
    model = mirrored_objects.table_of(kind)
    if model is None or not owners:
        return []
    last = model.objects.aggregate(last=Max("pk"))["last"] or 0
    of_side = {"livemode": livemode, "djstripe_owner_account__id__in": list(owners)}
    rows = model.objects.filter(pk__gt=last - NEWEST_ROWS, **of_side).order_by("-pk")
    # Twice as many, since some may be deleted.
    columns = rows.values_list("id", "created", "stripe_data")[: 2 * most]
    found = [RecentObject(*row) for row in columns if not row[2].get("deleted")][:most]
    return sorted(found, key=lambda one: one.created.timestamp() if one.created else 0, reverse=True)
