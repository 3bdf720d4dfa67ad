"""What came back, and what its status says of the attempt."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

from django.utils.translation import gettext as _

from stripeflow.actions.errors import ActionError, RefusedUnread, TransientError, UnknownOutcome
from stripeflow.actions.wording import worded

# Longer than any retry goes on.
LONGEST_WAIT = 24 * 3600.0
# The receiver has not acted on it, and may later.
_LATER = frozenset({408, 425, 429, 503})
# "Look over there": how many receivers answer a form that they have taken.
_ELSEWHERE = frozenset({302, 303})
_CHARSET = re.compile(r"charset=\"?([A-Za-z0-9_.:-]+)", re.ASCII)


@dataclass(frozen=True)
class Answer:
    """Status, headers (names in lower case) and body of an answer.

    `body` is decompressed. `cut` says why it is not whole, as a sentence, or "": the status counts all the
    same. `host` is where it came from, for messages, and `writes` whether the request could change something.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    host: str
    writes: bool
    cut: str = ""

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def text(self) -> str:
        """The body as text; what its charset does not have reads “�”."""
        found = _CHARSET.search(self.headers.get("content-type", ""))
        try:
            return self.body.decode(found[1] if found else "utf-8", "replace")
        except LookupError:
            return self.body.decode("utf-8", "replace")

    def json(self) -> Any:  # noqa: ANN401  any JSON value
        """The body read as JSON. Raises ValueError for one that is cut, or is not JSON."""
        if self.cut:
            raise ValueError(self.cut)
        try:
            return json.loads(self.body, parse_constant=_no_number)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    @property
    def retry_after(self) -> float | None:
        """The seconds of `Retry-After`, a number or a date, at most a day; None without."""
        return _seconds(self.headers.get("retry-after", ""), now=datetime.now(UTC))

    def checked(self, *, ok: Collection[int] = ()) -> Self:
        """Return the answer if its status is 2xx, or among `ok`. Raises the `ActionError` of its status.

        - 408, 425, 429, 503: transient, after `Retry-After`
        - other 4xx, and redirects: permanent
        - 302 and 303 to a request that writes, other 5xx, and what is no status: unknown where it writes,
          transient where it reads
        """
        if self.is_ok or self.status in ok:
            return self
        raise self._error()

    def _error(self) -> ActionError:
        code, details = f"http_{self.status}", {"status": self.status, "host": self.host}
        names = {"host": self.host, "status": self.status}
        if self.status in _LATER:
            message = worded(_("%(host)s answered %(status)d: it takes no requests now."), names=names)
            return TransientError(message, code=code, details=details, retry_after=self.retry_after)
        if self.status in _ELSEWHERE and self.writes:
            message = worded(
                _("%(host)s answered %(status)d: a redirect, which may follow on what it has done."),
                names=names,
            )
            return UnknownOutcome(message, code=code, details=details)
        if 300 <= self.status < 400:
            message = worded(
                _("%(host)s answered %(status)d: a redirect, and redirects are not followed."), names=names
            )
            return RefusedUnread(message, code=code, details=details)
        if 400 <= self.status < 500:
            message = worded(_("%(host)s refused the request: it answered %(status)d."), names=names)
            return RefusedUnread(message, code=code, details=details)
        message = worded(_("%(host)s answered %(status)d: it had an error of its own."), names=names)
        kind = UnknownOutcome if self.writes else TransientError
        return kind(message, code=code, details=details)


def _no_number(name: str) -> Any:  # noqa: ANN401
    """JSON has no NaN, and neither have our rows."""
    raise ValueError(f"{name} is not JSON")


def _seconds(text: str, *, now: datetime) -> float | None:
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_WAIT) if len(text) < 10 else LONGEST_WAIT
    try:
        due = parsedate_to_datetime(text)
    except ValueError:
        return None
    if due.tzinfo is None:
        due = due.replace(tzinfo=UTC)
    return min(max((due - now).total_seconds(), 0.0), LONGEST_WAIT)
