"""The account of the key, connected accounts by id, and what reads the balance."""

from stripeflow_site.standin import payloads
from stripeflow_site.standin.errors import ApiFailure
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object


@operation("GET", "/v1/account")
def current(call: Call) -> Object:
    """The account that the call acts for."""
    return payloads.account(id=call.scope.account or call.world.account)


@operation("GET", "/v1/accounts/<id>")
def retrieve(call: Call) -> Object:
    """Any account by its id."""
    if not call.ids["id"].startswith("acct_"):
        raise ApiFailure(
            403,
            "The provided key does not have access to account "
            f"'{call.ids['id']}' (or that account does not exist). Application access may have been revoked.",
            code="account_invalid",
        )
    return payloads.account(id=call.ids["id"])


@operation("GET", "/v1/balance_transactions/<id>")
def balance_transaction(call: Call) -> Object:
    """What a charge or refund did to the balance."""
    return call.get("balance_transaction")
