"""Rows of dj-stripe's tables, as the mirror leaves them."""

from djstripe.models import Account
from djstripe.settings import djstripe_settings

from stripeflow.triggers import own_account


def owned_by(account_id):
    """The row of an account."""
    return Account.objects.get_or_create(id=account_id, defaults={"stripe_data": {"id": account_id}})[0]


def our_own(account_id="acct_own", *, modes="test live"):
    """The row of our own account, as the mirror has found out whose the settings' keys are."""
    account = owned_by(account_id)
    for key in djstripe_settings.get_api_keys():
        if any(f"_{mode}_" in key for mode in modes.split()):
            own_account.remember(key, account)
    return account


def mirrored(model, object_id, owner, *, livemode=False, **data):
    """An object's row. Columns that must not be empty are taken from `data`, or are made up."""
    columns = {field.name for field in model._meta.concrete_fields}
    made_up = {"amount": 1, "currency": "usd"}
    return model.objects.create(
        id=object_id,
        livemode=livemode,
        djstripe_owner_account=owner,
        stripe_data={"id": object_id, **data},
        **{name: data.get(name, value) for name, value in made_up.items() if name in columns},
    )
