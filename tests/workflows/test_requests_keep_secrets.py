"""Secrets are planted everywhere, and a service that repeats what it got is called: nothing keeps one."""

import base64
import json
import logging
from urllib.parse import quote

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection as database
from django.test import Client

from stripeflow.triggers import known_secrets
from stripeflow.triggers.log_redaction import RedactingFilter
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.models import ApiToken, Run
from stripeflow.workflows.monitoring.log_lines import KeyValueFormatter
from tests.actions.outbound.conftest import serve  # noqa: F401  a fixture
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

# Each with characters that encodings change.
TOKEN, PASSWORD, KEY, SIGNS = "LEAKED/+token", "LEAKED pass:/word", "LEAKED+key/8", "LEAKED-signs-9"
PLANTED = {
    "token": TOKEN,
    "password": PASSWORD,
    "key": KEY,
    "signs": SIGNS,
    "stripe": "sk_test_LEAKEDstripe0123456789abcd",
    "health": "LEAKED-health-token-0123456789",
    "metrics": "LEAKED-metrics-token-012345678",
    "django": "LEAKED-secret-key-of-django-0123456789",
}
WAYS = {
    "bearer": Wanted("Bearer", auth="bearer", secret="token"),
    "basic": Wanted("Basic", auth="basic", settings={"username": "me"}, secret="password"),
    "header": Wanted("Header", auth="header", settings={"header": "X-Key"}, secret="key"),
    "hmac": Wanted("Signed", auth="hmac", settings={"header": "X-S", "encoding": "hex"}, secret="signs"),
}
SAMPLE = {"head": "a", "body": "b", "raw": ["a"]}


def spellings(secret):
    """As a service may repeat it: plain, encoded for an address, in Base64 behind something, in hex."""
    data = secret.encode()
    inner = [base64.b64encode(before + data).decode() for before in (b"", b"a", b"me:")]
    return [secret, quote(secret, safe=""), quote(secret), *inner, data.hex(), json.dumps(secret)[1:-1]]


@pytest.fixture
def planted(settings, django_user_model):
    settings.STRIPE_TEST_SECRET_KEY = PLANTED["stripe"]
    settings.SECRET_KEY = PLANTED["django"]
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "HEALTH_TOKEN": PLANTED["health"],
        "METRICS_TOKEN": PLANTED["metrics"],
        "ALERT_RECIPIENTS": ["team@example.org"],
    }
    for name in ("token", "password", "key", "signs"):
        secret_changes.store(name, PLANTED[name])
    token = ApiToken(name="t", user=django_user_model.objects.create_superuser("boss", "b@example.org"))
    known = {**PLANTED, "api token": token.issue()}
    token.save()
    known_secrets.forget()
    yield known
    known_secrets.forget()


@pytest.fixture
def lines():
    """What a handler with the site's filter and formatter writes, of every logger down to DEBUG."""
    kept = []

    class Kept(logging.Handler):
        def emit(self, record):
            kept.append(self.format(record))

    handler = Kept()
    handler.setFormatter(KeyValueFormatter("%(message)s"))
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(handler)
    root.setLevel(before)


def repeating(status):
    """A script that answers with all that it got, and with every spelling of the secret that it knows."""

    def script(server, socket):
        head, _blank, body = server.requests[-1].partition(b"\r\n\r\n")
        way = head.split(b" ")[1].decode().strip("/")
        said = spellings(PLANTED[WAYS[way].secret])
        text = json.dumps({"head": head.decode(), "body": body.decode(), "raw": said}).encode()
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(text)}", f"Location: /{said[0]}", ""]
        socket.sendall("\r\n".join([*lines, ""]).encode("latin-1", "replace") + text)

    return script


ANSWERS = {
    "succeeds": ("200 OK", "succeeded"),
    "refuses": ("422 No", "failed"),
    "has an error": ("500 Oops", "outcome_unknown"),
    "comes later": ("429 Slow", "waiting"),
}


def everything_kept():
    """Every row of every table, as text, but for those that hold secrets encrypted."""
    for model in apps.get_models():
        with database.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {database.ops.quote_name(model._meta.db_table)}")
            yield from map(str, cursor.fetchall())


def everything_shown(run):
    """Pages, answers of the API, exports and metrics, for somebody who may see everything."""
    browser = Client()
    browser.force_login(apps.get_model("auth.User").objects.get(username="boss"))
    admin = "/admin/stripeflow_workflows"
    addresses = [
        f"{admin}/run/{run.pk}/change/",
        f"{admin}/workflow/{run.workflow_id}/change/",
        f"{admin}/workflow/{run.workflow_id}/export/",
        f"{admin}/connection/",
        *(f"{admin}/connection/{pk}/change/" for pk in (1, 2, 3, 4)),
        f"{admin}/secret/",
        f"{admin}/auditentry/",
        f"/api/v1/runs/{run.pk}/",
        f"/api/v1/workflows/{run.workflow_id}/",
        "/api/v1/connections/",
        "/api/v1/secrets/",
        "/api/v1/audit/",
        "/metrics",
    ]
    for address in addresses:
        response = browser.get(address)
        yield "".join(part.decode() for part in response) if response.streaming else response.content.decode()


@pytest.mark.parametrize("name", ANSWERS)
def test_nothing_keeps_or_shows_a_secret(name, planted, serve, finish, lines, mailoutbox, capsys):  # noqa: F811
    status, ends = ANSWERS[name]
    server = serve(repeating(status))
    for way, wanted in WAYS.items():
        connection_changes.create(way, Wanted(**{**vars(wanted), "address": server.origin}))
    # Each goes on, but for the last, by whose end the run is known.
    steps = [
        {
            **action(
                way,
                "http.request",
                connection=way,
                method="POST",
                path=f"/{way}",
                json={"id": "{{ trigger.id }}"},
                sample=SAMPLE,
            ),
            "on_error": "continue",
        }
        for way in WAYS
    ]
    steps[-1]["on_error"] = "stop"
    run = finish(*steps)
    assert (run.status == ends) or name in ("has an error", "comes later")
    assert server.requests
    call_command("stripeflow_audit")
    call_command("stripeflow_connections", "list")
    sent = [f"{mail.subject}\n{mail.body}" for mail in mailoutbox]
    said = capsys.readouterr()
    texts = [*everything_kept(), *lines, *sent, said.out, said.err, *everything_shown(Run.objects.get())]
    found = {
        (secret, spelled)
        for secret, value in planted.items()
        for spelled in spellings(value)
        for text in texts
        if len(spelled) > 5 and spelled in text
    }
    assert found == set()
    assert any("LEAKED" not in text for text in texts)
