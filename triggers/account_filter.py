"""The admin's filter by account, for events and for what was copied from them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.widths import fitted

# Means "our own"; an empty value means "any".
OWN = "own"
CONNECTED = "connected"
PARAMETER = "account"


class AccountFilter(admin.SimpleListFilter):
    """Our own account, the connected ones, or the one that a link names: there may be thousands."""

    title = _("account")
    parameter_name = PARAMETER

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        named = request.GET.get(PARAMETER, "")
        known = [(OWN, _("Our own account")), (CONNECTED, _("Connected accounts"))]
        return known if named in ("", OWN, CONNECTED) else [*known, (named, named)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return of_account(queryset, self.value() or "")


def of_account(rows: QuerySet, account: str) -> QuerySet:
    """The rows of an account, given as people name it; all of them if it is empty."""
    if account == CONNECTED:
        return rows.filter(account__gt="")
    return rows.filter(account="" if account == OWN else fitted(account)) if account else rows
