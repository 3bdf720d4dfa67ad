import pytest

from stripeflow.actions.errors import PermanentError, TransientError, UnknownOutcome
from stripeflow.actions.outbound import Answer


def answered(status=200, *, body=b"{}", writes=True, cut="", **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, names, body, "api.example.com", writes, cut)


@pytest.mark.parametrize(
    ("status", "writing", "reading"),
    [
        (301, PermanentError, PermanentError),
        (302, UnknownOutcome, PermanentError),
        (303, UnknownOutcome, PermanentError),
        (304, PermanentError, PermanentError),
        (307, PermanentError, PermanentError),
        (400, PermanentError, PermanentError),
        (401, PermanentError, PermanentError),
        (404, PermanentError, PermanentError),
        (408, TransientError, TransientError),
        (409, PermanentError, PermanentError),
        (410, PermanentError, PermanentError),
        (425, TransientError, TransientError),
        (429, TransientError, TransientError),
        (500, UnknownOutcome, TransientError),
        (502, UnknownOutcome, TransientError),
        (503, TransientError, TransientError),
        (504, UnknownOutcome, TransientError),
        (199, UnknownOutcome, TransientError),
        (600, UnknownOutcome, TransientError),
    ],
)
def test_a_status_says_what_may_follow(status, writing, reading):
    for writes, kind in ((True, writing), (False, reading)):
        with pytest.raises(kind) as failed:
            answered(status, writes=writes).checked()
        assert failed.value.code == f"http_{status}"
        assert failed.value.details["status"] == status
        assert failed.value.message.public == failed.value.message


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_is_itself(status):
    assert answered(status).checked().status == status


def test_a_further_status_may_count_as_a_success():
    assert answered(404).checked(ok={404}).status == 404


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("7", 7.0), ("0", 0.0), ("9" * 40, 86_400.0), ("", None), ("soon", None), ("-1", None), ("1.5", None)],
)
def test_retry_after_is_read_in_seconds(said, seconds):
    assert answered(429, retry_after=said).retry_after == seconds


def test_retry_after_may_be_a_date():
    assert answered(503, retry_after="Wed, 21 Oct 2015 07:28:00 GMT").retry_after == 0.0
    assert answered(503, retry_after="Wed, 21 Oct 2099 07:28:00 GMT").retry_after == 86_400.0


def test_a_transient_status_says_when_to_come_again():
    with pytest.raises(TransientError) as failed:
        answered(429, retry_after="30").checked()
    assert failed.value.retry_after == 30.0


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"[" * 100_000, b"\xff"])
def test_what_is_not_json_is_not_read_as_json(body):
    with pytest.raises(ValueError):  # noqa: PT011  each is worded by the library
        answered(body=body).json()


def test_a_body_that_is_cut_is_not_read_as_json():
    with pytest.raises(ValueError, match="cut off"):
        answered(body=b"{}", cut="cut off").json()


@pytest.mark.parametrize(
    ("kind", "text"),
    [("text/plain; charset=latin-1", "ü"), ("text/plain", "�"), ("text/plain; charset=no-such", "�")],
)
def test_a_text_is_read_by_its_charset(kind, text):
    assert answered(body=b"\xfc", content_type=kind).text == text


def test_a_body_is_not_in_its_representation():
    assert "LEAKED" not in repr(answered(body=b"LEAKED"))
