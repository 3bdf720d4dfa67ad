"""Connected accounts that have disconnected the application, and marking one as connected again."""

import logging
from typing import ClassVar

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.triggers.account_filter import of_account
from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.pagination import NewestFirst
from stripeflow.workflows.api.query import Cursors, account_field, livemode_field
from stripeflow.workflows.api.runs import filtered
from stripeflow.workflows.api.shapes.operations import DisconnectedAccount, Resumed
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits import people
from stripeflow.workflows.models import Deauthorization

logger = logging.getLogger(__name__)

_LOOKUPS = {"livemode": "livemode"}


class DisconnectedQuery(Cursors):
    account = account_field()
    livemode = livemode_field()


class DisconnectedAccounts(ApiViewSet):
    access: ClassVar[Access] = {"list": permissions.may_see_runs, "reconnect": permissions.may_pause}
    pagination_class = NewestFirst
    newest_first = ("-deauthorized_at", "-id")

    @documented(
        "disconnected_accounts_list",
        summary="List the accounts that have disconnected the application",
        answer=DisconnectedAccount(many=True),
        parameters=[DisconnectedQuery],
        errors=(400,),
    )
    def list(self, request: Request) -> Response:
        """Their runs are held until Stripe tells that they are connected again."""
        gone = Deauthorization.objects.filter(deauthorized_at__isnull=False)
        rows = filtered(of_account(gone, self.query.get("account", "")), self.query, _LOOKUPS)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(DisconnectedAccount(page, many=True).data)

    @documented(
        "disconnected_accounts_reconnect",
        summary="Say that an account is connected",
        answer=Resumed,
        errors=(404, 409),
    )
    def reconnect(self, request: Request, pk: int) -> Response:
        """Its held runs go on where they were; for where Stripe's own word did not come.

        Where a workflow that takes its events moves money or changes customers, a permission of its own is
        needed for each.
        """
        row = get_object_or_404(Deauthorization, pk=pk)
        went_on = people.reconnect(row, Act.of(request))
        extra = {"change": "reconnected", "account": row.account, "user": request.user.pk}
        logger.info("workflows.api.changed", extra=extra)
        return Response(Resumed(went_on).data)
