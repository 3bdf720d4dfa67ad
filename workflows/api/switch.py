"""The kill switch: to look at, and to turn."""

from contextlib import suppress
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from workflows import permissions
from workflows.acts import Act
from workflows.api.access import Access
from workflows.api.openapi import documented
from workflows.api.shapes.operations import SwitchState, TurnSwitch
from workflows.api.views import ApiViewSet
from workflows.limits import people, switch
from workflows.operations import NotPossible


class KillSwitch(ApiViewSet):
    access: ClassVar[Access] = dict.fromkeys(("show", "turn"), permissions.may_use_switch)

    @documented("switch_show", summary="Read the kill switch", answer=SwitchState)
    def show(self, request: Request) -> Response:
        return _answer()

    @documented(
        "switch_turn",
        summary="Stop all workflows, or start them again",
        request=TurnSwitch,
        answer=SwitchState,
        errors=(400,),
    )
    def turn(self, request: Request) -> Response:
        """While it is thrown no step starts; calls under way end. Held runs go on once it is put back."""
        act = Act.of(request, self.body.get("reason", ""))
        # What is so already is what was asked for; the answer says who did it.
        with suppress(NotPossible):
            (people.stop_all if self.body["stopped"] else people.start_all)(act)
        return _answer()


def _answer() -> Response:
    return Response(SwitchState(switch.current()).data)
