"""Deny by default: a view names, for each thing it does, the question that lets a user do it."""

from collections.abc import Callable, Mapping
from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from stripeflow.workflows.permissions import InsufficientScope, lacking

Question = Callable[[Any], bool]
Access = Mapping[str, Question]


def anyone_known(user: Any) -> bool:
    """Whether it is a member of staff. For what all of them may, such as reading the schema."""
    return getattr(user, "is_authenticated", False) and getattr(user, "is_staff", False)


class DeclaredAccess(BasePermission):
    """Asks `view.access` about the action (of a view set) or the method (of another view).

    What is not declared is refused. A method that the view does not have passes here, and ends as 405
    for those who are authenticated.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        # In a host project the user may be None, or a customer who has logged in.
        if not anyone_known(request.user):
            return False
        name = _name(request, view)
        if name is None:
            return True
        question = view.access.get(name)
        if question is None:
            return False
        if question(request.user):
            return True
        # Only for a refused caller, after the question has read the permissions, since it copies the user.
        if missing := lacking(request.user, question):
            raise InsufficientScope(missing)
        return False


def _name(request: Request, view: Any) -> str | None:
    """What is about to be done; None if the view cannot do it."""
    method = str(request.method).lower()
    if method == "options":
        return None
    if hasattr(view, "action_map"):
        return view.action_map.get(method)
    if method not in view.http_method_names:
        return None
    return "get" if method == "head" else method
