"""Scope, several events and the account of a step by the API: saved, read back, checked and found."""

import pytest

from stripeflow.workflows.models import Run
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

SEVERAL = ["charge.refunded", "refund.created"]


@pytest.mark.parametrize(
    "scope",
    [None, {"mode": "live", "accounts": "own"}, {"mode": "test", "accounts": ["acct_1", "acct_2"]}],
    ids=str,
)
@pytest.mark.parametrize("event_type", ["charge.refunded", SEVERAL], ids=str)
def test_a_definition_comes_back_as_it_was_sent(api, scope, event_type):
    step = {**action("one", "stripe.charges.retrieve", charge="ch_1"), "acts_as": "platform"}
    sent = document(step, scope=scope, event_type=event_type)
    body = api.post("workflows/", sent).json()
    assert body["definition"] == sent
    assert body["event_types"] == ([event_type] if isinstance(event_type, str) else event_type)


@pytest.mark.parametrize(
    "trigger",
    [
        {"event_type": []},
        {"event_type": [""]},
        {"event_type": ["charge.refunded", "charge.refunded"]},
        {"event_type": [f"charge.made_up_{number}" for number in range(21)]},
        {"scope": {}},
        {"scope": {"mode": "live"}},
        {"scope": {"mode": "sandbox", "accounts": "own"}},
        {"scope": {"mode": "live", "accounts": "mine"}},
        {"scope": {"mode": "live", "accounts": ["acct_1", "acct_1"]}},
        {"scope": {"mode": "live", "accounts": "own", "listed": []}},
    ],
    ids=str,
)
def test_what_has_another_structure_is_refused(api, trigger):
    wrong = document(action("one", text="a"))
    wrong["trigger"] |= trigger
    response = api.post("workflows/", wrong)
    assert response.status_code == 400
    assert response.json()["error"]["problems"]


def test_one_event_in_a_list_is_saved_as_a_text(api):
    body = api.post("workflows/", document(action("one", text="a"), event_type=["charge.refunded"])).json()
    assert body["definition"]["trigger"]["event_type"] == "charge.refunded"


@pytest.mark.parametrize(("accounts", "code"), [([], "no_accounts"), (["cus_1"], "account_id")], ids=str)
def test_a_list_of_accounts_has_to_name_accounts(api, recorder, accounts, code):
    wrong = document(action("one", text="a"), scope={"mode": "live", "accounts": accounts})
    body = api.post("workflows/validate/", wrong).json()
    assert body["valid"] is False
    assert [problem["code"] for problem in body["problems"]] == [code]


def test_a_workflow_is_found_by_each_of_its_events(api):
    api.post("workflows/", document(action("one", text="a"), event_type=SEVERAL))
    api.post("workflows/", document(action("one", text="a"), event_type="refund.created.more"))
    for event_type in SEVERAL:
        found = api.get(f"workflows/?event_type={event_type}").json()["results"]
        assert [one["event_types"] for one in found] == [SEVERAL]


def test_several_events_activate_and_start_runs(api, recorder, queue):
    pk = api.post("workflows/", document(action("one", text="a"), event_type=SEVERAL, scope=None)).json()[
        "id"
    ]
    assert api.post(f"workflows/{pk}/activate/", {}).status_code == 200
    accept({"id": "re_1", "object": "refund"}, type="refund.created", livemode=False)
    assert Run.objects.count() == 1


def test_why_tells_that_the_scope_does_not_have_the_event(api, recorder, queue):
    sent = document(action("one", text="a"), scope={"mode": "live", "accounts": "own"})
    pk = api.post("workflows/", sent).json()["id"]
    api.post(f"workflows/{pk}/activate/", {})
    event = accept(payment(), livemode=True, account="acct_1")
    (verdict,) = api.get(f"events/{event.external_id}/why/").json()["verdicts"]
    assert verdict["reason"] == "connected_event"
    assert "acct_1" in verdict["message"]
    tested = api.post(f"workflows/{pk}/test/", {"event": event.external_id}).json()
    assert (tested["starts"], tested["out_of_scope"]) == (False, "connected_event")


def test_the_catalogue_says_which_actions_have_an_account(api):
    found = {one["key"]: one["uses_account"] for one in api.get("catalogue/actions/").json()["results"]}
    assert found["stripe.refunds.create"] is True
    assert found["email.team_member"] is False
