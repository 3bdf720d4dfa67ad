import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from stripeflow_site.local.mails import mails_in


@pytest.fixture
def send(tmp_path):
    """Writes messages as an installation does."""

    def send(*bodies, to=("packer@example.com",)):
        connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=tmp_path)
        connection.send_messages(
            [
                EmailMultiAlternatives(
                    "Grüße", body, to=to, headers={"X-StripeFlow-Run": "run", "X-StripeFlow-Step": "step"}
                )
                for body in bodies
            ]
        )

    return send


def test_message_is_read_back(send, tmp_path):
    send("Hello\n\nAmount: €5,00\n")
    [mail] = mails_in(tmp_path)
    assert (mail.subject, mail.to) == ("Grüße", ("packer@example.com",))
    assert (mail.run, mail.step) == ("run", "step")
    assert mail.row("Amount") == "€5,00"


def test_missing_row_is_none(send, tmp_path):
    send("Hello")
    assert mails_in(tmp_path)[0].row("Amount") is None


def test_each_recipient_is_told(send, tmp_path):
    send("Hello", to=("one@example.com", "two@example.com"))
    assert mails_in(tmp_path)[0].to == ("one@example.com", "two@example.com")


def test_several_messages_of_one_file_are_kept_apart(send, tmp_path):
    send("one", "two")
    assert [mail.text.strip() for mail in mails_in(tmp_path)] == ["one", "two"]


def test_message_that_is_still_being_written_is_left_out(send, tmp_path):
    send("one")
    [file] = tmp_path.glob("*.log")
    file.write_bytes(file.read_bytes() + b"Subject: half\n\nwritten")
    assert len(mails_in(tmp_path)) == 1


def test_no_folder_means_no_mail(tmp_path):
    assert mails_in(tmp_path / "mail") == []
