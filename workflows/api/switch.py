"""The kill switch: to look at, and to turn."""

from contextlib import suppress
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from stripeflow.workflows import permissions
from stripeflow.workflows.api.access import Access
from stripeflow.workflows.api.openapi import documented
from stripeflow.workflows.api.shapes.operations import Resumed, SwitchState, SwitchTurned, TurnSwitch
from stripeflow.workflows.api.views import ApiViewSet
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import people, switch
from stripeflow.workflows.limits.going_on import WentOn


class KillSwitch(ApiViewSet):
    access: ClassVar[Access] = dict.fromkeys(("show", "turn"), permissions.may_use_switch)

    @documented("switch_show", summary="Read the kill switch", answer=SwitchState)
    def show(self, request: Request) -> Response:
        return _answer()

    @documented(
        "switch_turn",
        summary="Stop all workflows, or start them again",
        request=TurnSwitch,
        answer=SwitchTurned,
        errors=(400,),
    )
    def turn(self, request: Request) -> Response:
        """While it is thrown no step starts; calls under way end. Held runs go on once it is put back.

        To put it back needs a permission of its own while an active workflow that is not paused moves money,
        and another one while one changes customers.
        """
        act = Act.of(request, self.body.get("reason", ""))
        went_on = WentOn(0)
        # It is so already, as was asked for; the answer says who did it.
        with suppress(NotPossible):
            if self.body["stopped"]:
                people.stop_all(act)
            else:
                went_on = people.start_all(act)
        state = SwitchState(switch.current()).data
        return Response({**state, **Resumed(went_on).data})


def _answer() -> Response:
    return Response(SwitchState(switch.current()).data)
