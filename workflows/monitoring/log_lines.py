"""Log lines that carry their facts: `… triggers.event.accepted event_id=7 event_type=charge.refunded`."""

import json
import logging

from stripeflow.workflows.audit.requests import RequestFacts, current_facts, known_facts

# The attributes of every record; all others came by `extra=`.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NEED_QUOTES = frozenset(' "=')


class KeyValueFormatter(logging.Formatter):
    """Writes the usual line, and after it each fact of the record's `extra` as `name=value`.

    A value with spaces, quotes or characters that cannot be printed is written as a JSON string, so that
    no value can look like a second line or another fact.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        facts = (f"{name}={_value(fact)}" for name, fact in vars(record).items() if name not in _USUAL)
        return " ".join((super().formatMessage(record), *facts))


class RequestFactsFilter(logging.Filter):
    """Adds to each line of a request its id, the address that it came from, and the start of its token.

    The line that Django writes at the end, above all of a refused request, carries the request itself.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        facts = known_facts(getattr(record, "request", None)) or current_facts()
        for name, fact in vars(facts).items() if isinstance(facts, RequestFacts) else ():
            if fact and not hasattr(record, name):
                setattr(record, name, fact)
        return True


def _value(fact: object) -> str:
    text = str(fact)
    is_plain = bool(text) and text.isprintable() and _NEED_QUOTES.isdisjoint(text)
    return text if is_plain else json.dumps(text)
