"""What dj-stripe's tables say of an object: its kind and ID, its mode, and the account that it belongs to."""

from dataclasses import dataclass

from django.db.models import Model
from djstripe.models import StripeModel

from stripeflow.triggers import mirrored_objects


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
