import smtplib
from dataclasses import replace

import pytest
from django.core import mail as outbox
from django.core.mail.backends.base import BaseEmailBackend

from stripeflow.actions.builtin.mail_delivery import deliver
from stripeflow.actions.builtin.mail_message import compose
from stripeflow.actions.errors import PermanentError, TransientError, UnknownOutcome


class FaultyBackend(BaseEmailBackend):
    """Fails where a test says so."""

    faults = {}
    closed = 0

    def open(self):
        self._meet("open")

    def send_messages(self, messages):
        self._meet("send")
        return self.faults.get("sent", len(messages))

    def close(self):
        type(self).closed += 1
        self._meet("close")

    def _meet(self, moment):
        if moment in self.faults:
            raise self.faults[moment]


@pytest.fixture
def backend(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.FaultyBackend"

    def fail(**faults):
        monkeypatch.setattr(FaultyBackend, "faults", faults)
        monkeypatch.setattr(FaultyBackend, "closed", 0)

    fail()
    return fail


@pytest.fixture
def mail(context):
    return compose({"subject": "S", "body": "B"}, context)


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (ConnectionRefusedError(), TransientError, "mail_unreachable"),
        (TimeoutError(), TransientError, "mail_unreachable"),
        (smtplib.SMTPServerDisconnected(), TransientError, "mail_unreachable"),
        (smtplib.SMTPAuthenticationError(535, b"no"), PermanentError, "mail_login"),
        (smtplib.SMTPAuthenticationError(454, b"later"), TransientError, "mail_login"),
    ],
)
def test_until_the_connection_stands_nothing_was_sent(backend, mail, fault, kind, code):
    backend(open=fault)
    with pytest.raises(kind) as caught:
        deliver(mail, ["editor@example.com"])
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        (smtplib.SMTPServerDisconnected(), UnknownOutcome, "mail_connection_lost"),
        (TimeoutError(), UnknownOutcome, "mail_connection_lost"),
        (OSError(), UnknownOutcome, "mail_connection_lost"),
        (smtplib.SMTPDataError(554, b"no"), PermanentError, "mail_refused"),
        (smtplib.SMTPDataError(451, b"later"), TransientError, "mail_refused"),
        (smtplib.SMTPSenderRefused(550, b"no", "x"), PermanentError, "mail_refused"),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no")}), PermanentError, "mail_recipients"),
        (
            smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (450, b"later")}),
            TransientError,
            "mail_recipients",
        ),
    ],
)
def test_after_that_only_a_spoken_refusal_is_known(backend, mail, fault, kind, code):
    backend(send=fault)
    with pytest.raises(kind) as caught:
        deliver(mail, ["editor@example.com"])
    assert caught.value.code == code
    assert FaultyBackend.closed == 1


@pytest.mark.parametrize("sent", [0, None])
def test_a_server_that_confirms_nothing_leaves_the_outcome_unknown(backend, mail, sent):
    backend(sent=sent)
    with pytest.raises(UnknownOutcome) as caught:
        deliver(mail, ["editor@example.com"])
    assert caught.value.code == "mail_unconfirmed"


def test_trouble_while_closing_does_not_undo_a_sent_message(backend, mail, caplog):
    backend(close=smtplib.SMTPServerDisconnected())
    assert deliver(mail, ["editor@example.com"])
    assert [record.msg for record in caplog.records] == ["actions.mail.close_failed"]


def test_what_cannot_be_encoded_is_not_sent(backend, mail):
    backend()
    with pytest.raises(PermanentError) as caught:
        deliver(replace(mail, text="\ud800"), ["editor@example.com"])
    assert caught.value.code == "mail_invalid"


def test_a_body_that_cannot_be_encoded_is_named_and_sent(context):
    deliver(compose({"subject": "S", "body": "a\ud800"}, context), ["editor@example.com"])
    assert "a[U+D800]" in outbox.outbox[0].body


def test_a_message_has_both_parts_and_all_recipients(mail):
    deliver(mail, ["editor@example.com", "staff@example.com"])
    sent = outbox.outbox[0]
    assert sent.to == ["editor@example.com", "staff@example.com"]
    assert sent.body == mail.text
    assert [(part.content, part.mimetype) for part in sent.alternatives] == [(mail.html, "text/html")]
    assert sent.message()["Message-ID"] == mail.message_id
