import logging

import pytest
from django.contrib.auth import get_user_model

from stripeflow.workflows.audit.requests import facts_of
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.monitoring.log_lines import KeyValueFormatter, RequestFactsFilter


@pytest.fixture
def line():
    formatter = KeyValueFormatter("%(levelname)s %(name)s %(message)s")

    def written(message, *args, exc_info=None, **facts):
        record = logging.getLogger("stripeflow.triggers.views").makeRecord(
            "stripeflow.triggers.views", logging.WARNING, "views.py", 1, message, args, exc_info, extra=facts
        )
        return formatter.format(record)

    return written


def test_line_carries_the_facts_of_its_record(line):
    written = line("triggers.webhook.refused", code="bad_signature", event_id=7)
    assert (
        written == "WARNING stripeflow.triggers.views triggers.webhook.refused code=bad_signature event_id=7"
    )


def test_line_without_facts_is_the_usual_one(line):
    assert line("%s runs", 3) == "WARNING stripeflow.triggers.views 3 runs"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", '""'),
        ("two words", '"two words"'),
        ("a=b", '"a=b"'),
        ('say "no"', r'"say \"no\""'),
        ("one\nERROR forged", r'"one\nERROR forged"'),
        ("\u202eabc", r'"\u202eabc"'),
        (None, "None"),
    ],
)
def test_value_cannot_look_like_another_fact_or_line(line, value, shown):
    assert line("x", note=value) == f"WARNING stripeflow.triggers.views x note={shown}"


def test_exception_follows_the_facts(line):
    try:
        raise ValueError("no")
    except ValueError as error:
        written = line("x", exc_info=(ValueError, error, error.__traceback__), run="r1")
    first, *rest = written.splitlines()
    assert first == "WARNING stripeflow.triggers.views x run=r1"
    assert rest[-1] == "ValueError: no"


class TestFactsOfRequests:
    """Lines of a request say which one it was, and from where it came."""

    def line(self, client, caplog, path, **headers):
        client.get(path, REMOTE_ADDR="203.0.113.7", headers=headers)
        [record] = [one for one in caplog.records if one.name == "django.request"]
        RequestFactsFilter().filter(record)
        return record

    @pytest.mark.django_db
    def test_refused_token_is_reported_by_its_start_and_address(self, client, caplog):
        token = ApiToken(user=get_user_model()(username="anna"))
        secret = token.issue()
        line = self.line(client, caplog, "/api/v1/workflows/", Authorization=f"Bearer {secret}")
        assert line.getMessage() == "Unauthorized: /api/v1/workflows/"
        assert (line.address, "sflow_" + line.token, len(line.request_id)) == ("203.0.113.7", token.hint, 32)
        assert secret not in KeyValueFormatter("%(message)s").format(line)

    @pytest.mark.django_db
    def test_what_is_none_of_our_tokens_is_not_reported_at_all(self, client, caplog):
        line = self.line(client, caplog, "/api/v1/workflows/", Authorization="Bearer whsec_of_another_kind")
        assert not hasattr(line, "token")
        assert "whsec" not in KeyValueFormatter("%(message)s").format(line)

    def test_line_outside_of_a_request_says_nothing_of_one(self):
        record = logging.makeLogRecord({"msg": "workflows.ring"})
        assert RequestFactsFilter().filter(record)
        assert not hasattr(record, "request_id")

    def test_address_that_a_line_brings_along_stays(self, rf):
        record = logging.makeLogRecord({"msg": "refused", "address": "203.0.113.9"})
        record.request = rf.get("/")
        facts_of(record.request)
        RequestFactsFilter().filter(record)
        assert record.address == "203.0.113.9"
