import pytest

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import tokens
from stripeflow.workflows.models import ApiToken, AuditEntry
from stripeflow.workflows.models.token_scope import Scope
from tests.workflows.people import user_with_role

pytestmark = pytest.mark.django_db


def test_a_token_that_two_people_delete_at_once_is_reported_once():
    act = Act(user_with_role("viewer"))
    token = ApiToken(user=act.user, name="CI")
    token.granted = (Scope.READ,)
    tokens.make(token, act)
    both = [ApiToken.objects.get(), ApiToken.objects.get()]
    for seen in both:
        tokens.delete(seen, act)
    told = AuditEntry.objects.filter(object_kind="apitoken").order_by("id")
    assert list(told.values_list("kind", flat=True)) == ["token.made", "token.deleted"]
