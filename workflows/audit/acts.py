"""Who acts, why, by what and from where: every function that changes something takes an `Act`."""

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
    # When the person saw the run: it is not started again if somebody else has started it since, and a
    # wait that it began since is not ended.
    seen_at: datetime | None = None
    origin: Origin = Origin()

    @classmethod
    def of(cls, request: Any, note: str = "", *, seen_at: datetime | None = None) -> "Act":
        """The act of the person of this request, one of Django or of the API."""
        return cls(request.user, note, seen_at, origin_of(request))

    @classmethod
    def by(cls, command: object, note: str = "", *, user: Any = None) -> "Act":
        """The act of this management command; for `user`, if it acts for somebody."""
        return cls(user, note, origin=origin_of_command(command))

    @classmethod
    def ambient(cls) -> "Act":
        """The act of the current request, or of this process; for signals, which get no act."""
        request = served_request()
        if request is None:
            return cls(origin=origin_of_process())
        return cls(getattr(request, "user", None), origin=origin_of(request))


# The act of the product itself.
NOBODY = Act()


class NotPossible(Exception):
    """The state of the object does not allow it. The message is a sentence for people."""
