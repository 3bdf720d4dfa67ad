import pytest

from stripeflow.actions.builtin.mail_message import compose, message_id_of, one_line

ROWS = [{"label": "Customer ID", "value": "cus_1"}, {"label": "Amount", "value": ""}]


@pytest.fixture
def mail(make_context):
    context = make_context(run_url="/admin/runs/1/", workflow_name="Orders")
    return compose({"subject": "Pack it", "body": "Add a note.\nBy hand.", "append": ROWS}, context)


FORGED = ("\n", "\r", "\r\n", "\x0b", "\x85", "\u2028", "\u2029")


@pytest.mark.parametrize("line_break", FORGED)
def test_a_value_cannot_look_like_a_further_row(line_break, make_context):
    rows = [{"label": f"Name{line_break}Paid: yes", "value": f"Jane{line_break}{line_break}Amount: 1.00"}]
    mail = compose({"subject": "A", "body": "B", "append": rows}, make_context())
    assert "Name ⏎ Paid: yes: Jane ⏎ Amount: 1.00" in mail.text.splitlines()
    assert not any(line.startswith(("Amount:", "Paid:")) for line in mail.text.splitlines())
    assert "<br" not in mail.html


@pytest.mark.parametrize("name", ["body", "value", "label"])
def test_what_cannot_be_seen_is_named(name, make_context):
    texts = {"body": "B", "value": "V", "label": "L"} | {name: "1\u202e2\u200b3"}
    rows = [{"label": texts["label"], "value": texts["value"]}]
    mail = compose({"subject": "A", "body": texts["body"], "append": rows}, make_context())
    for text in (mail.text, mail.html):
        assert "1[U+202E]2[U+200B]3" in text
        assert "\u202e" not in text


def test_the_text_part_has_body_rows_and_the_run(mail):
    assert mail.text == (
        "Add a note.\nBy hand.\n\n"
        "Customer ID: cus_1\nAmount: —\n\n"
        "Sent by the workflow “Orders”.\nhttp://127.0.0.1:8000/admin/runs/1/\n"
    )


def test_the_html_part_has_body_rows_and_the_run(mail):
    assert "Add a note.<br>By hand." in mail.html
    assert ">Customer ID</th>" in mail.html
    assert ">cus_1</td>" in mail.html
    assert ">—</td>" in mail.html
    assert 'href="http://127.0.0.1:8000/admin/runs/1/"' in mail.html


def test_without_a_run_page_there_is_no_link(context):
    mail = compose({"subject": "S", "body": "B", "append": []}, context)
    assert "href" not in mail.html
    assert "http" not in mail.text


def test_event_data_is_escaped_in_html_and_plain_in_text(context):
    hostile = "<script>alert(1)</script>&"
    mail = compose(
        {"subject": hostile, "body": hostile, "append": [{"label": hostile, "value": hostile}]}, context
    )
    assert "<script>" not in mail.html
    assert mail.html.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;") == 5
    assert f"{hostile}: {hostile}" in mail.text


def test_a_subject_is_one_line_of_limited_length(context):
    mail = compose({"subject": "A\r\nBcc: x@example.com\u2028" + "b" * 400}, context)
    assert mail.subject.startswith("A Bcc: x@example.com b")
    assert len(mail.subject) == 250


def test_the_subject_may_have_a_prefix(context, settings):
    settings.STRIPEFLOW = {"EMAIL_SUBJECT_PREFIX": "[Shop] "}
    assert compose({"subject": "Pack it"}, context).subject == "[Shop] Pack it"


def test_headers_name_run_and_step_in_one_line(make_context):
    headers = compose({}, make_context(step_key="a\r\nBcc: x@example.com")).headers
    assert headers["X-StripeFlow-Step"] == "a Bcc: x@example.com"
    assert headers["X-StripeFlow-Run"] == make_context().run_id
    assert set(headers) == {"Message-ID", "X-StripeFlow-Run", "X-StripeFlow-Step", "Auto-Submitted"}


def test_the_message_id_follows_the_idempotency_key(settings):
    settings.DEFAULT_FROM_EMAIL = "Shop <shop@example.com>"
    assert message_id_of("a") == message_id_of("a")
    assert message_id_of("a") != message_id_of("b")
    assert message_id_of("a").endswith("@example.com>")


@pytest.mark.parametrize(
    ("text", "line"), [("a\tb\n\nc", "a b c"), ("a\x00b\ud800", "a b"), ("  x  ", "x"), ("né €", "né €")]
)
def test_one_line(text, line):
    assert one_line(text) == line
