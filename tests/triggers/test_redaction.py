import pytest

from stripeflow.triggers import known_secrets
from stripeflow.triggers.redaction import (
    HIDDEN,
    TaskFailed,
    failure,
    hiding,
    redacted,
    redacted_values,
    redacting,
)


@pytest.fixture(autouse=True)
def _read_again():
    known_secrets.forget()
    yield
    known_secrets.forget()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Invalid API key: 'sk_org_test_LEAKEDsecret123'", "Invalid API key: 'sk_…'"),
        ("rk_live_Abc123 was refused", "rk_… was refused"),
        ("the secret whsec_a+b/c= is wrong", "the secret whsec_… is wrong"),
        ("sflow_Ab-c_9", "sflow_…"),
        ("Authorization: Bearer abc.DEF-123", "Authorization: Bearer …"),
        ("postgres://me:p4ss@db:5432/x is away", "postgres://me:…@db:5432/x is away"),
        ("postgres://me:p@ss/wo:rd@db/x is away", "postgres://me:…@db/x is away"),
        ("redis://:hidden@cache:6379/0", "redis://:…@cache:6379/0"),
        ('user=me password="a b" host=db', "user=me password=… host=db"),
    ],
)
def test_secrets_are_known_by_their_form(text, found):
    assert redacted(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "triggers.event.accepted",
        "The task_1 of desk_1 is fine.",
        "http://127.0.0.1:8000/runs/?mail=jane@example.com",
        "evt_1QabcDEF at acct_123 in 2 s",
    ],
)
def test_other_text_stays(text):
    assert redacted(text) == text


@pytest.mark.parametrize("key", ["'quoted-Key-1'", " blank key 1 ", 'in"side\\key', "ünï cödé key"])
@pytest.mark.parametrize("shown", [str, repr, str.strip, lambda key: key.strip(" '\"")])
def test_a_configured_secret_is_hidden_word_for_word_however_it_is_quoted(settings, key, shown):
    settings.STRIPE_TEST_SECRET_KEY = key
    assert key.strip(" '\"") not in redacted(f"Invalid: {shown(key)}!")
    assert redacted(f"Invalid: {shown(key)}!").startswith("Invalid: ")
    assert HIDDEN in redacted(f"Invalid: {shown(key)}!")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "correct-horse"),
        ("SECRET_KEY_FALLBACKS", ["correct-horse"]),
        ("EMAIL_HOST_PASSWORD", "correct-horse"),
        ("STRIPEFLOW", {"HEALTH_TOKEN": "correct-horse"}),
        ("CACHES", {"default": {"BACKEND": "x", "LOCATION": "redis://me:correct-horse@cache/1"}}),
        ("OF_THE_HOST", {"deep": [{"API_KEY": "correct-horse"}]}),
    ],
)
def test_each_secret_of_the_settings_is_hidden(settings, name, value):
    setattr(settings, name, value)
    assert redacted("It said correct-horse twice.") == "It said … twice."


@pytest.mark.parametrize(
    ("name", "value"),
    [("STRIPE_WEBHOOK_SECRET", "correct horse"), ("DATABASE_URL", "postgres://me:correct%20horse@db/x")],
)
def test_each_secret_of_the_environment_is_hidden(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    assert redacted("It said correct horse twice.") == "It said … twice."


def test_values_are_redacted_at_every_depth():
    value = {"sk_test_1a": [{"a": "Bearer abcdef123"}, 1, None, True]}
    assert redacted_values(value) == {"sk_…": [{"a": "Bearer …"}, 1, None, True]}


def test_a_failure_is_redacted_before_it_is_cut():
    error = ValueError("x" * 10 + " sk_test_abcdefghijkl")
    assert failure(error, most=30) == "ValueError: xxxxxxxxxx sk_…"


def test_what_is_in_use_is_hidden_while_it_is():
    with hiding(["a pass phrase"]):
        assert redacted("a pass phrase!") == "…!"
    assert redacted("a pass phrase!") == "a pass phrase!"


def test_a_failed_task_keeps_no_secret_for_the_queue():
    @redacting
    def task():
        try:
            raise ValueError("sk_test_inner1")
        except ValueError as error:
            raise KeyError("Bearer of-the-outer") from error

    with pytest.raises(TaskFailed) as found:
        task()
    assert "ValueError\n" in str(found.value)
    assert str(found.value).endswith("KeyError")
    assert found.value.__cause__ is None
    assert found.value.__context__ is None


def test_a_failed_task_tells_its_kind_and_no_words_that_may_quote_a_value():
    with pytest.raises(TaskFailed) as found:
        redacting({}.__getitem__)("jane@example.com")
    assert str(found.value).endswith("KeyError")
    assert "jane" not in str(found.value)
