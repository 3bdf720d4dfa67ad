"""Who acts, why, by what and from where: every function that changes something is given it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stripeflow.workflows.audit.origins import Origin, origin_of, origin_of_command, origin_of_process
from stripeflow.workflows.audit.requests import served_request


@dataclass(frozen=True)
class Act:
    """Who does it, why, and by which session, token or command. `user` is None for the command line."""

    user: Any = None
    note: str = ""
    # When the person saw the run: it is not started again if somebody else has done so since.
    seen_at: datetime | None = None
    origin: Origin = Origin()

    @classmethod
    def of(cls, request: Any, note: str = "", *, seen_at: datetime | None = None) -> "Act":
        """What the person of this request does, be it one of Django or of the API."""
        return cls(request.user, note, seen_at, origin_of(request))

    @classmethod
    def by(cls, command: object, note: str = "", *, user: Any = None) -> "Act":
        """What this management command does; for `user`, where it acts in somebody's place."""
        return cls(user, note, origin=origin_of_command(command))

    @classmethod
    def ambient(cls) -> "Act":
        """What the served request does, or this process; for signals, which are given no act."""
        request = served_request()
        if request is None:
            return cls(origin=origin_of_process())
        return cls(getattr(request, "user", None), origin=origin_of(request))


# What the product does by itself.
NOBODY = Act()


class NotPossible(Exception):
    """The state of what is acted on does not allow it. The message is a sentence for people."""
