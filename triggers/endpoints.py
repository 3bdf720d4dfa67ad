"""Creates dj-stripe's endpoint row for our webhook without a call to Stripe."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from djstripe.enums import WebhookEndpointStatus
from djstripe.models import Account, WebhookEndpoint
from djstripe.settings import djstripe_settings

from stripeflow.triggers import encryption, own_account, signing_secrets
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.key_forms import looks_like_a_key
from stripeflow.triggers.vouching import ACCOUNTS, OWN_ACCOUNT_ONLY

_SECRET_LENGTH = WebhookEndpoint._meta.get_field("secret").max_length or 0


class EndpointError(ValueError):
    """The endpoint cannot be created from these values; the message says why."""


@dataclass(frozen=True)
class Endpoint:
    """Where Stripe is to deliver events."""

    id: str
    uuid: UUID
    path: str
    url: str
    has_secret: bool
    created: bool


@transaction.atomic
def register(
    endpoint_id: str,
    *,
    base_url: str,
    secret: str = "",
    livemode: bool = False,
    uuid: UUID | None = None,
    account_id: str = "",
    own_account_only: bool | None = None,
) -> Endpoint:
    """Create or update the endpoint row `endpoint_id`, and return where it listens.

    An empty `secret` keeps the one that is stored, and so does a missing `uuid`. The secret is kept
    encrypted. With `account_id`, it is stored whose the API key of the settings is, so that the mirror
    need not ask Stripe whose events these are; the key itself is not. `own_account_only` says whether
    events of connected accounts are refused; None leaves that as it is, and at first they are taken.
    Raises EndpointError.
    """
    account = _seed_account(account_id, livemode=livemode) if account_id else None
    row = WebhookEndpoint.objects.filter(id=endpoint_id).first()
    created = row is None
    if row is None:
        row = WebhookEndpoint(
            id=endpoint_id, enabled_events=["*"], djstripe_uuid=uuid or uuid4(), metadata={}
        )
    row.djstripe_uuid = uuid or row.djstripe_uuid
    row.secret = _kept(secret, before=row.secret)
    row.livemode = livemode
    row.status = WebhookEndpointStatus.enabled
    row.djstripe_owner_account = account or row.djstripe_owner_account
    if own_account_only is not None:
        scope = {ACCOUNTS: OWN_ACCOUNT_ONLY} if own_account_only else {}
        kept = {name: value for name, value in (row.metadata or {}).items() if name != ACCOUNTS}
        row.metadata = {**kept, **scope}
    path = reverse("stripeflow_triggers:webhook", args=[row.djstripe_uuid])
    row.url = base_url.rstrip("/") + path
    row.save()
    return Endpoint(
        id=row.id,
        uuid=row.djstripe_uuid,
        path=path,
        url=row.url,
        has_secret=bool(row.secret),
        created=created,
    )


def _seed_account(account_id: str, *, livemode: bool) -> Account:
    account, _created = Account.objects.get_or_create(id=account_id)
    key = djstripe_settings.get_default_api_key(livemode)
    if key:
        if not looks_like_a_key(key):
            raise EndpointError(_("The secret key in the settings does not look like Stripe's."))
        own_account.remember(key, account)
    return account


def _kept(secret: str, *, before: str) -> str:
    """What the row keeps: the new secret encrypted, or the one that it has."""
    kept = encryption.encrypted(secret) if secret else before
    if len(kept) > _SECRET_LENGTH:
        raise EndpointError(_("The signing secret is too long to be kept."))
    try:
        return kept if secret else signing_secrets.protected(kept)
    except CannotDecrypt:
        # Without its key the row is useless, and the webhook says so; with the key it works again.
        return kept
