from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail as outbox
from django.utils import timezone

from stripeflow.actions import registry
from stripeflow.actions.customer_mail import unsubscribing
from stripeflow.actions.customer_mail.links import BREAK
from stripeflow.actions.errors import InvalidInput, PermanentError, Throttled, TransientError, UnknownOutcome
from stripeflow.actions.models import MailCount, Reason, RecentMail, Suppression
from tests.actions.builtin.test_mail_delivery import FaultyBackend

EMAIL = registry.get("email.customer")
JANE = "jane@example.com"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _shop(settings):
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "CUSTOMER_EMAIL_FROM": "Shop <shop@shop.example>",
        "CUSTOMER_EMAIL_COMPANY": "Shop Ltd",
        "CUSTOMER_EMAIL_FOOTER": "1 Main Street\nDublin",
        "BASE_URL": "https://flows.shop.example",
    }


@pytest.fixture
def change(settings):
    def change(**values):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, **values}

    return change


@pytest.fixture
def live(make_context):
    def make(run="1", **facts):
        given = {"run_id": run, "livemode": True, "step_id": "1:mail", "idempotency_key": f"key-{run}"}
        return make_context(**(given | facts))

    return make


@pytest.fixture
def faulty(settings, monkeypatch):
    def fail(**faults):
        settings.EMAIL_BACKEND = f"{FaultyBackend.__module__}.FaultyBackend"
        monkeypatch.setattr(FaultyBackend, "faults", faults)

    return fail


def inputs(**changes):
    return {"to": JANE, "subject": "Hello", "body": "Dear Jane", "message_type": "marketing", **changes}


def sent():
    return [message_from_bytes(one.message().as_bytes(), policy=policy.default) for one in outbox.outbox]


def test_sends_one_message_as_text_and_html(live):
    answer = EMAIL.execute(inputs(), live())
    (message,) = sent()
    assert (message["To"], message["From"], message["Subject"]) == (JANE, "Shop <shop@shop.example>", "Hello")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for shown in ("Dear Jane", "Shop Ltd", "1 Main Street"):
        assert shown in text
        assert shown in html
    assert answer == {
        "sent": True,
        "reason": "",
        "explanation": "",
        "to": JANE,
        "subject": "Hello",
        "message_id": message["Message-ID"],
    }
    assert set(answer) == {field.name for field in EMAIL.outputs.fields}
    assert message["X-StripeFlow-Run"] == "1"
    assert message["Message-ID"].endswith("@shop.example>")


def test_a_marketing_message_can_be_unsubscribed_from_with_one_click(live):
    EMAIL.execute(inputs(), live())
    (message,) = sent()
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    page = message["List-Unsubscribe"].strip().strip("<>")
    assert page in message.get_body(("plain",)).get_content()
    assert page in message.get_body(("html",)).get_content()
    assert unsubscribing.address_of(page.rstrip("/").rpartition("/")[2]) == JANE


def test_a_transactional_message_has_no_such_link(live):
    EMAIL.execute(inputs(message_type="transactional"), live())
    (message,) = sent()
    assert message["List-Unsubscribe"] is None
    assert "nsubscribe" not in message.as_string()


def test_answers_go_where_the_step_or_the_setting_says(live, change):
    change(CUSTOMER_EMAIL_REPLY_TO="help@shop.example")
    EMAIL.execute(inputs(), live())
    EMAIL.execute(inputs(reply_to="boss@shop.example", once_days=0), live("2"))
    assert [one["Reply-To"] for one in sent()] == ["help@shop.example", "boss@shop.example"]


def test_values_are_neither_markup_nor_headers_nor_links(live):
    written = {"body": "Dear {{ trigger.name }}, see https://shop.example/o/{{ trigger.id }}"}
    given = inputs(
        subject="Hi\r\nBcc: x@example.com",
        body="Dear <b>Eve</b> www.evil.example, see https://shop.example/o/7",
    )
    EMAIL.execute(given, live(written=written))
    (message,) = sent()
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert message["Bcc"] is None
    assert "&lt;b&gt;Eve&lt;/b&gt;" in html
    assert 'href="https://shop.example/o/7"' in html
    assert "www.evil" not in text + html
    assert f"www.{BREAK}evil" in text


def test_a_button_leads_where_the_author_says(live):
    given = inputs(button_label="Pay", button_url="https://invoice.stripe.com/i/1")
    EMAIL.execute(given, live(written={"button_url": "{{ trigger.hosted_invoice_url }}"}))
    (message,) = sent()
    assert 'href="https://invoice.stripe.com/i/1"' in message.get_body(("html",)).get_content()
    assert "Pay: https://invoice.stripe.com/i/1" in message.get_body(("plain",)).get_content()


def test_a_button_that_a_value_leads_elsewhere_fails_the_step(live):
    given = inputs(button_label="Pay", button_url="https://evil.example/")
    with pytest.raises(InvalidInput, match="may not lead"):
        EMAIL.execute(given, live(written={"button_url": "{{ trigger.url }}"}))
    assert outbox.outbox == []
    assert not RecentMail.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"button_label": "Pay"}, "button_url"),
        ({"button_url": "https://shop.example/"}, "button_label"),
        ({"button_label": "Pay", "button_url": "http://shop.example/"}, "button_url"),
        ({"button_label": "Pay", "button_url": "{{ trigger.host }}/x"}, "button_url"),
        ({"button_label": "Pay", "button_url": "https://shop.example{{ trigger.x }}"}, "button_url"),
        ({"to": ""}, "to"),
        ({"message_type": ""}, "message_type"),
        ({"once_days": 401}, "once_days"),
        ({"reply_to": "a@b.example, c@d.example"}, "reply_to"),
    ],
)
def test_what_can_never_work_is_said_before_activation(changes, field):
    assert [problem.path for problem in EMAIL.check(inputs(**changes))] == [field]


@pytest.mark.parametrize(
    "url",
    ["https://shop.example/o/{{ trigger.id }}", "{{ trigger.hosted_invoice_url }}", "https://shop.example"],
)
def test_a_button_that_may_work_passes(url):
    assert EMAIL.check(inputs(button_label="Pay", button_url=url)) == []


# Who gets nothing


def test_no_address_fails_the_step(live):
    with pytest.raises(InvalidInput, match="“To” has no e-mail address in this run"):
        EMAIL.execute(inputs(to=None), live())


def test_no_address_is_passed_over_by_choice(live):
    answer = EMAIL.execute(inputs(to=None, if_no_address="skip"), live())
    assert (answer["sent"], answer["reason"], answer["to"]) == (False, "no_address", "")


def test_two_addresses_are_never_written_to(live):
    with pytest.raises(InvalidInput):
        EMAIL.execute(inputs(to=f"{JANE}, bob@example.com", if_no_address="skip"), live())
    assert outbox.outbox == []


def test_a_suppressed_address_gets_nothing_and_uses_nothing_up(live):
    Suppression.objects.create(address=JANE, reason=Reason.BOUNCE)
    answer = EMAIL.execute(inputs(message_type="transactional"), live())
    assert (answer["sent"], answer["reason"]) == (False, "suppressed")
    assert "Bounced" in answer["explanation"]
    assert (outbox.outbox, MailCount.objects.count(), RecentMail.objects.count()) == ([], 0, 0)


def test_who_unsubscribes_at_the_last_moment_gets_nothing(live, faulty, monkeypatch):
    faulty()
    monkeypatch.setattr(
        FaultyBackend,
        "open",
        lambda self: Suppression.objects.create(address=JANE, reason=Reason.UNSUBSCRIBE),
    )
    monkeypatch.setattr(FaultyBackend, "send_messages", lambda self, messages: pytest.fail("was sent"))
    answer = EMAIL.execute(inputs(), live())
    assert (answer["sent"], answer["reason"]) == (False, "suppressed")
    assert MailCount.objects.get().used == 0
    assert not RecentMail.objects.exists()


def test_test_mode_writes_to_nobody(make_context):
    answer = EMAIL.execute(inputs(), make_context(livemode=False))
    assert (answer["sent"], answer["reason"]) == (False, "test_mode")
    assert "Test mode" in answer["explanation"]
    assert outbox.outbox == []


def test_test_mode_writes_to_listed_addresses_alone_if_the_setting_says_so(make_context, change):
    change(CUSTOMER_EMAIL_IN_TEST_MODE=True)
    context = make_context(livemode=False)
    assert EMAIL.execute(inputs(), context)["reason"] == "not_a_test_address"
    change(CUSTOMER_EMAIL_TEST_ADDRESSES=["@example.com"])
    assert EMAIL.execute(inputs(), context)["sent"] is True


# At most once


def test_a_second_run_within_the_period_sends_nothing_and_succeeds(live):
    EMAIL.execute(inputs(), live())
    answer = EMAIL.execute(inputs(), live("2"))
    assert (answer["sent"], answer["reason"]) == (False, "already_sent")
    assert "7 days" in answer["explanation"]
    assert len(outbox.outbox) == 1
    assert MailCount.objects.get().used == 1


def test_the_guard_is_on_unless_it_is_turned_off(live):
    for run in ("1", "2"):
        EMAIL.execute(inputs(once_days=0), live(run))
    assert len(outbox.outbox) == 2
    assert not RecentMail.objects.exists()


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ({"open": ConnectionRefusedError()}, TransientError),
        ({"open": OSError(), "close": OSError()}, TransientError),
    ],
)
def test_what_surely_was_not_sent_uses_nothing_up(live, faulty, faults, error):
    faulty(**faults)
    with pytest.raises(error):
        EMAIL.execute(inputs(), live())
    assert not RecentMail.objects.exists()
    assert MailCount.objects.get().used == 0


def test_what_may_have_been_sent_counts_as_sent(live, faulty, settings):
    own = settings.EMAIL_BACKEND
    faulty(send=OSError())
    with pytest.raises(UnknownOutcome):
        EMAIL.execute(inputs(), live())
    settings.EMAIL_BACKEND = own
    with pytest.raises(Throttled) as caught:
        EMAIL.execute(inputs(), live("2"))
    assert caught.value.retry_after
    RecentMail.objects.update(taken_at=timezone.now() - timedelta(hours=1))
    assert EMAIL.execute(inputs(), live("2"))["reason"] == "already_sent"
    assert MailCount.objects.get().used == 1
    # A person says that it did not happen: the same step of the same run sends.
    assert EMAIL.execute(inputs(), live(idempotency_key="key-1b"))["sent"] is True


def test_the_limit_of_the_day_fails_the_step(live, change):
    change(CUSTOMER_EMAILS_PER_DAY=1)
    EMAIL.execute(inputs(), live())
    with pytest.raises(PermanentError) as caught:
        EMAIL.execute(inputs(to="bob@example.com"), live("2"))
    assert caught.value.code == "mail_cap_reached"
    assert len(outbox.outbox) == RecentMail.objects.count() == 1


# The installation


@pytest.mark.parametrize(
    "sender", ["", "Shop", "a@b.example, c@d.example", "Shop <a@b.example>, c@d.example", "A\n <a@b.example>"]
)
def test_without_a_sender_nothing_is_sent_and_activation_says_so(live, change, sender):
    change(CUSTOMER_EMAIL_FROM=sender)
    assert [problem.code for problem in EMAIL.check_current(inputs())] == ["no_sender"]
    with pytest.raises(PermanentError) as caught:
        EMAIL.execute(inputs(), live())
    assert caught.value.code == "no_sender"


def test_without_the_page_a_marketing_message_is_not_activated(settings):
    settings.ROOT_URLCONF = "tests.triggers.urls"
    assert [problem.code for problem in EMAIL.check_current(inputs())] == ["no_unsubscribe_page"]
    assert EMAIL.check_current(inputs(message_type="transactional")) == []


def test_preview_shows_the_message_and_sends_nothing(context):
    preview = EMAIL.preview(inputs(), context)
    assert (preview.subject, preview.recipients) == ("Hello", (JANE,))
    assert "Dear Jane" in preview.text
    assert "Shop Ltd" in preview.html
    assert "/preview/" in preview.html
    assert outbox.outbox == []


@pytest.mark.parametrize("sample", ["Hosted invoice URL", None])
def test_preview_shows_the_button_of_sample_data_and_leads_nowhere(make_context, sample):
    context = make_context(written={"button_url": "{{ trigger.hosted_invoice_url }}"})
    preview = EMAIL.preview(inputs(button_label="Pay", button_url=sample), context)
    assert ">Pay</a>" in preview.html
    assert "Hosted invoice URL" not in preview.html + preview.text


def test_preview_works_on_an_unfinished_step(context):
    preview = EMAIL.preview({}, context)
    assert (preview.subject, preview.recipients) == ("", ())


def test_is_never_repeated_by_itself_and_is_guarded():
    assert not EMAIL.repeat.is_automatic
    assert EMAIL.changes_customers
    assert EMAIL.writes_to_customers
    assert not EMAIL.moves_money
