import pytest
from django.contrib.auth.models import User

from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.api_token import TokenState

HASHERS = "django.contrib.auth.hashers."


@pytest.fixture
def owner(db, settings):
    settings.PASSWORD_HASHERS = [f"{HASHERS}MD5PasswordHasher", f"{HASHERS}PBKDF2SHA1PasswordHasher"]
    return User.objects.create_user("owner", password="first", is_staff=True)


@pytest.fixture
def token(owner):
    token = ApiToken(user=owner, name="CI")
    token.issue()
    token.save()
    return token


def state(token):
    return ApiToken.objects.get(pk=token.pk).state()


def change_by_form(owner):
    owner.set_password("second")
    owner.save()


def change_in_one_column(owner):
    owner.set_password("second")
    owner.save(update_fields=["password"])


def change_beside_the_model(owner):
    owner.set_password("second")
    User.objects.filter(pk=owner.pk).update(password=owner.password)


def take_away(owner):
    owner.set_unusable_password()
    owner.save(update_fields=["password"])


@pytest.mark.parametrize(
    "change",
    [change_by_form, change_in_one_column, change_beside_the_model, take_away],
    ids=lambda one: one.__name__,
)
def test_a_changed_password_ends_the_tokens(owner, token, change):
    assert state(token) is TokenState.VALID
    change(owner)
    assert state(token) is TokenState.PASSWORD_CHANGED


def test_a_hash_that_a_log_in_brings_up_to_date_ends_no_token(owner, token, settings):
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[::-1]
    before = owner.password
    assert owner.check_password("first")
    assert User.objects.get().password != before
    assert state(token) is TokenState.VALID


def test_a_token_that_had_ended_stays_so_when_the_hash_is_brought_up_to_date(owner, token, settings):
    change_by_form(owner)
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[::-1]
    assert owner.check_password("second")
    assert state(token) is TokenState.PASSWORD_CHANGED


def test_who_logs_in_elsewhere_keeps_the_tokens_of_every_log_in(db):
    owner = User.objects.create_user("elsewhere", is_staff=True)
    token = ApiToken(user=owner, name="CI")
    token.issue()
    token.save()
    take_away(owner)
    assert state(token) is TokenState.VALID
