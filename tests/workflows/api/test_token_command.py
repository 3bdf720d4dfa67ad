from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.token_scope import Scope


@pytest.fixture
def user(make_user):
    return make_user("view_workflow")


def run(*arguments):
    """What the command prints to its output, without what it says to people beside it."""
    out = StringIO()
    call_command("stripeflow_token", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def test_creates_a_token_that_works(user, api_for):
    secret = run("create", "editor", "--name", "CI")
    response = api_for().get("workflows/", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 200
    assert ApiToken.objects.get().name == "CI"


def test_a_token_reads_for_90_days_unless_somebody_says_otherwise(user):
    run("create", "editor", "--name", "CI")
    token = ApiToken.objects.get()
    assert token.granted == {Scope.READ}
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)


def test_creates_a_token_with_scopes_that_never_expires(user):
    run("create", "editor", "--name", "CI", "--scopes", "edit", "read", "--never-expires")
    token = ApiToken.objects.get()
    assert (token.scopes, token.expires_at) == ("read edit", None)
    assert "read,edit" in run("list")
    assert "NEVER EXPIRES" in run("list")


@pytest.mark.parametrize(
    "options", [["--scopes"], ["--scopes", "all"], ["--days", "30", "--never-expires"]], ids=str
)
def test_refuses_options_that_make_no_sense(user, options):
    with pytest.raises(CommandError):
        run("create", "editor", "--name", "CI", *options)


def test_creates_a_token_that_expires(user):
    run("create", "editor", "--name", "CI", "--days", "30")
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


@pytest.mark.parametrize("days", ["0", "-1", "367"])
def test_refuses_days_that_make_no_sense(user, days):
    with pytest.raises(CommandError, match="--days"):
        run("create", "editor", "--name", "CI", f"--days={days}")


@pytest.mark.parametrize(
    "arguments", [("create", "nobody", "--name", "CI"), ("list", "--username", "nobody")]
)
def test_refuses_an_unknown_user(db, arguments):
    with pytest.raises(CommandError, match="nobody"):
        run(*arguments)


def test_lists_tokens_without_their_secrets(user):
    secret = run("create", "editor", "--name", "CI")
    listed = run("list", "--username", "editor")
    assert "CI" in listed
    assert "editor" in listed
    assert "last used: never" in listed
    assert secret not in listed


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"revoked_at": timezone.now()}, "revoked"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expired"),
        ({"last_used_at": timezone.now(), "last_used_from": "192.0.2.7"}, "UTC from 192.0.2.7"),
        ({"password_digest": "another"}, "password was changed"),
    ],
)
def test_lists_the_state_of_each_token(user, columns, text):
    run("create", "editor", "--name", "CI")
    ApiToken.objects.update(**columns)
    assert text in run("list")


def test_revokes_a_token(user, api_for):
    secret = run("create", "editor", "--name", "CI")
    run("revoke", str(ApiToken.objects.get().pk))
    assert api_for().get("workflows/", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_revokes_only_once(user):
    run("create", "editor", "--name", "CI")
    pk = str(ApiToken.objects.get().pk)
    run("revoke", pk)
    with pytest.raises(CommandError, match="already"):
        run("revoke", pk)


def test_refuses_an_unknown_token(db):
    with pytest.raises(CommandError, match="no token"):
        run("revoke", "7")
