"""The installed SDK of Stripe, and what active workflows use that it does not have."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.maintenance.sdk_changes import GONE, REFUSED, UNLISTED, findings, installed


class SdkFinding(serializers.Serializer):
    """One thing that an active workflow uses, and the installed SDK has not."""

    workflow = serializers.IntegerField(help_text="Its id.")
    workflow_name = serializers.CharField()
    step = serializers.CharField(help_text="Its key; empty is the trigger.")
    step_title = serializers.CharField()
    code = serializers.CharField(
        help_text=f"{GONE}: the action is not there, {REFUSED}: it does not take an input, so that the step "
        f"fails. {UNLISTED}: the event is not listed, and works as before."
    )
    message = serializers.CharField()


class SdkShape(serializers.Serializer):
    """The installed SDK."""

    version = serializers.CharField()
    api_version = serializers.CharField(help_text="Of Stripe's API, that its types are of.")
    operations = serializers.IntegerField()
    event_types = serializers.IntegerField()
    findings = SdkFinding(many=True)


class InstalledSdk(ApiViewSet):
    access: ClassVar[Access] = {"show": permissions.may_view}

    @documented("catalogue_sdk", summary="The installed Stripe SDK", answer=SdkShape)
    def show(self, request: Request) -> Response:
        """Its versions, and what active workflows use that it does not have. Look here after an upgrade."""
        sdk = installed()
        shown = {
            "version": sdk.version,
            "api_version": sdk.api_version,
            "operations": sdk.operations,
            "event_types": sdk.event_types,
            "findings": list(findings()),
        }
        return Response(SdkShape(shown).data)
