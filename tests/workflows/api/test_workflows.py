import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Step, Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.usefixtures("recorder")

MONEY = document(action("refund", "stripe.refunds.create", charge="ch_1"))
TAG = document(
    action("tag", "stripe.customers.update", customer="cus_1", metadata=[{"key": "Tier", "value": "VIP"}])
)


def valid(name="Test workflow"):
    return document(action("one", text="a"), name=name)


def make(name="Test workflow", *, active=False):
    workflow = lifecycle.create(valid(name))
    if active:
        lifecycle.activate(workflow)
    return workflow


def test_creates_a_draft_from_a_document(api):
    response = api.post("workflows/", valid())
    assert response.status_code == 201
    body = response.json()
    assert (body["status"], body["owner"], body["revision"]) == ("draft", "editor", 1)
    assert body["definition"] == to_document(Workflow.objects.get(pk=body["id"]))
    assert response["ETag"].startswith('"1-')
    assert response["Location"] == f"/api/v1/workflows/{body['id']}/"


def test_a_draft_may_have_problems(api):
    assert api.post("workflows/", document(event_type="no.such")).status_code == 201


def test_a_wrong_structure_saves_nothing_and_lists_every_problem(api):
    wrong = {**valid(), "name": 5, "steps": [{"type": "action", "key": "A"}]}
    response = api.post("workflows/", wrong)
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (400, "definition", "structure")
    assert {problem["path"] for problem in error["problems"]} >= {"/name", "/steps/0", "/steps/0/key"}
    assert not Workflow.objects.exists()


def test_reads_a_workflow_with_its_definition(api):
    workflow = make(active=True)
    response = api.get(f"workflows/{workflow.pk}/")
    body = response.json()
    assert body["definition"] == to_document(workflow)
    assert (body["status"], body["active_version"], body["unpublished_changes"]) == ("active", 1, False)
    assert body["event_types"] == ["payment_intent.succeeded"]
    assert response["ETag"].startswith(f'"{workflow.revision}-')


def test_what_was_read_can_be_put_back(api):
    nested = branch(
        "large", way("vip", group(compare("trigger.amount", "greater_than", usd(5))), action("two", text="b"))
    )
    workflow = lifecycle.create(document(action("one", text="a"), nested))
    read = api.get(f"workflows/{workflow.pk}/")
    before = read.json()["definition"]
    assert api.put(f"workflows/{workflow.pk}/", before, etag=read["ETag"]).json()["definition"] == before


def test_replaces_the_definition_and_counts_the_revision(api):
    workflow = make()
    response = api.put(f"workflows/{workflow.pk}/", valid("Another name"), etag='"1"')
    assert (response.status_code, response["ETag"][:3]) == (200, '"2-')
    assert response.json()["name"] == "Another name"


def test_an_update_of_an_active_workflow_is_not_published(api):
    workflow = make(active=True)
    response = api.put(
        f"workflows/{workflow.pk}/", document(action("one", text="b")), etag=f'"{workflow.revision}"'
    )
    assert (response.json()["unpublished_changes"], response.json()["active_version"]) == (True, 1)


def test_an_update_needs_if_match(api):
    workflow = make()
    response = api.put(f"workflows/{workflow.pk}/", valid("Another"))
    assert (response.status_code, response.json()["error"]["code"]) == (428, "if_match_required")
    workflow.refresh_from_db()
    assert workflow.name == "Test workflow"


@pytest.mark.parametrize("etag", ['"2"', 'W/"2"', '"0"'])
def test_an_update_of_another_revision_is_refused_with_the_current_etag(api, etag):
    workflow = make()
    response = api.put(f"workflows/{workflow.pk}/", valid("Another"), etag=etag)
    assert (response.status_code, response["ETag"]) == (412, api.get(f"workflows/{workflow.pk}/")["ETag"])
    workflow.refresh_from_db()
    assert (workflow.name, workflow.revision) == ("Test workflow", 1)


@pytest.mark.parametrize("etag", ["1", "**", '"a"', '"1-x"', '"1", "2"', '"' + "9" * 50 + '"'])
def test_an_if_match_that_is_no_etag_is_refused(api, etag):
    workflow = make()
    response = api.put(f"workflows/{workflow.pk}/", valid(), etag=etag)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "if_match_invalid")


def test_a_weakened_etag_is_taken(api):
    assert api.put(f"workflows/{make().pk}/", valid(), etag='W/"1"').status_code == 200


def test_any_revision_will_do_if_one_says_so(api):
    workflow = make()
    assert api.put(f"workflows/{workflow.pk}/", valid("Another"), etag="*").json()["revision"] == 2
    assert api.post(f"workflows/{workflow.pk}/activate/", headers={"If-Match": "*"}).status_code == 200


def test_who_has_the_answer_already_is_told_that_nothing_is_new(api):
    workflow = make()
    etag = api.get(f"workflows/{workflow.pk}/")["ETag"]
    for known in (etag, f"W/{etag}", f'"9", {etag}', "*"):
        response = api.get(f"workflows/{workflow.pk}/", headers={"If-None-Match": known})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)


@pytest.mark.parametrize("known", ['"1"', '"9"', "", "x"])
def test_who_has_another_answer_gets_this_one(api, known):
    assert api.get(f"workflows/{make().pk}/", headers={"If-None-Match": known}).status_code == 200


def test_a_change_of_the_state_alone_is_new_and_no_conflict(api):
    workflow = make()
    etag = api.get(f"workflows/{workflow.pk}/")["ETag"]
    lifecycle.activate(workflow)
    response = api.get(f"workflows/{workflow.pk}/", headers={"If-None-Match": etag})
    assert (response.status_code, response.json()["status"]) == (200, "active")
    assert api.put(f"workflows/{workflow.pk}/", valid("Another"), etag=etag).status_code == 200


def test_an_archived_workflow_can_not_be_changed(api):
    workflow = make()
    lifecycle.archive(workflow)
    response = api.put(f"workflows/{workflow.pk}/", valid(), etag='"1"')
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_allowed")


def test_lists_without_definitions_by_name(api):
    make("B")
    make("A", active=True)
    body = api.get("workflows/").json()
    assert [(row["name"], row["status"]) for row in body["results"]] == [("A", "active"), ("B", "draft")]
    assert "definition" not in body["results"][0]


def test_lists_archived_ones_only_if_asked_for(api):
    lifecycle.archive(make())
    assert api.get("workflows/").json()["results"] == []
    assert len(api.get("workflows/?status=archived").json()["results"]) == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=draft", ["B"]),
        ("status=draft&status=active", ["A", "B"]),
        ("search=a", ["A"]),
        ("event_type=payment_intent.succeeded", ["A", "B"]),
        ("event_type=charge.refunded", []),
        ("limit=1&page=2", ["B"]),
    ],
)
def test_filters_the_list(api, query, names):
    make("B")
    make("A", active=True)
    body = api.get(f"workflows/?{query}").json()
    assert [row["name"] for row in body["results"]] == names


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=no", "status"),
        ("stauts=draft", "stauts"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("page=x", "page"),
        ("search=%00", "search"),
    ],
)
def test_a_parameter_that_can_not_be_used_is_refused(api, query, field):
    response = api.get(f"workflows/?{query}")
    assert response.status_code == 400
    assert response.json()["error"]["problems"][0]["field"] == field


def test_the_list_takes_as_many_queries_for_many_as_for_one(api):
    make("0", active=True)
    with CaptureQueriesContext(connection) as one:
        api.get("workflows/")
    for number in range(1, 10):
        make(str(number), active=True)
    with CaptureQueriesContext(connection) as many:
        api.get("workflows/")
    assert len(many) <= len(one) <= 15


def test_validates_a_document_without_saving_it(api):
    body = api.post("workflows/validate/", document(event_type="no.such")).json()
    assert body["valid"] is False
    assert {problem["code"] for problem in body["problems"]} == {"no_steps"}
    assert {warning["code"] for warning in body["warnings"]} == {"unknown_event_type"}
    assert not Workflow.objects.exists()


def test_a_valid_document_has_no_problems(api):
    document = valid()
    document["trigger"]["scope"] = {"mode": "live", "accounts": "own"}
    assert api.post("workflows/validate/", document).json() == {
        "valid": True,
        "moves_money": False,
        "changes_customers": False,
        "sends_values": False,
        "problems": [],
        "warnings": [],
        "undecided": [],
    }


def test_a_document_without_a_scope_is_valid_with_a_warning(api):
    unscoped = valid()
    del unscoped["trigger"]["scope"]
    body = api.post("workflows/validate/", unscoped).json()
    assert body["valid"]
    assert body["problems"] == []
    assert [warning["code"] for warning in body["warnings"]] == ["scope_not_chosen"]


def test_validating_tells_what_moves_money(api):
    assert api.post("workflows/validate/", MONEY).json()["moves_money"] is True


def test_validates_a_saved_workflow(api):
    workflow = lifecycle.create(document())
    body = api.get(f"workflows/{workflow.pk}/validate/").json()
    assert [problem["path"] for problem in body["problems"]] == ["/steps"]


def test_activates_with_a_note(api):
    workflow = make()
    body = api.post(f"workflows/{workflow.pk}/activate/", {"note": "First."}).json()
    assert (body["status"], body["active_version"]) == ("active", 1)
    version = workflow.versions.get()
    assert (version.note, version.author.username) == ("First.", "editor")


def test_activates_with_an_empty_body(api):
    assert api.post(f"workflows/{make().pk}/activate/").status_code == 200


def test_a_workflow_with_problems_is_not_activated(api):
    workflow = lifecycle.create(document())
    response = api.post(f"workflows/{workflow.pk}/activate/")
    error = response.json()["error"]
    assert (response.status_code, error["type"], error["code"]) == (422, "definition", "not_valid")
    assert [problem["code"] for problem in error["problems"]] == ["no_steps"]


def test_activating_another_revision_is_refused(api):
    workflow = make()
    response = api.post(f"workflows/{workflow.pk}/activate/", headers={"If-Match": '"7"'})
    assert (response.status_code, response["ETag"]) == (412, api.get(f"workflows/{workflow.pk}/")["ETag"])
    workflow.refresh_from_db()
    assert workflow.status == "draft"


def test_a_change_between_the_check_and_the_activation_is_a_conflict(api, monkeypatch):
    workflow = make()

    def change_meanwhile(*_asked):
        Workflow.objects.update(revision=9)

    monkeypatch.setattr("stripeflow.workflows.api.workflows.check", change_meanwhile)
    response = api.post(f"workflows/{workflow.pk}/activate/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "revision_conflict")


def test_activating_what_moves_money_needs_its_own_permission(api_for, make_user):
    workflow = lifecycle.create(MONEY)
    api = api_for(make_user("activate_workflow"))
    response = api.post(f"workflows/{workflow.pk}/activate/")
    assert response.status_code == 403
    assert "money" in response.json()["error"]["message"]
    workflow.refresh_from_db()
    assert workflow.status == "draft"


def test_with_that_permission_it_is_activated(api_for, make_user):
    workflow = lifecycle.create(MONEY)
    api = api_for(make_user("view_workflow", "activate_workflow", "run_money_moving_workflow"))
    response = api.post(f"workflows/{workflow.pk}/activate/", headers={"If-Match": '"1"'})
    assert response.json()["status"] == "active"


def test_activating_what_changes_customers_needs_its_own_permission(api, api_for, make_user):
    assert api.post("workflows/validate/", TAG).json()["changes_customers"] is True
    workflow = lifecycle.create(TAG)
    names = ("view_workflow", "activate_workflow", "run_money_moving_workflow")
    response = api_for(make_user(*names, username="without")).post(f"workflows/{workflow.pk}/activate/")
    assert response.status_code == 403
    assert "changes customers" in response.json()["error"]["message"]
    others = make_user(
        "view_workflow", "activate_workflow", "run_customer_changing_workflow", username="with"
    )
    response = api_for(others).post(f"workflows/{workflow.pk}/activate/")
    assert response.json()["status"] == "active"


def mailing(text):
    mail = action("mail", "email.team_member", to=["editor"], subject="A payment", body=text)
    return document(mail, name="Mailing")


def test_validating_tells_what_sends_values_out(api):
    for text, sends in (("Come and see.", False), ("{{ trigger.receipt_email }}", True)):
        assert api.post("workflows/validate/", mailing(text)).json()["sends_values"] is sends


@pytest.mark.parametrize(("text", "status"), [("Come and see.", 200), ("{{ trigger.receipt_email }}", 403)])
def test_publishing_what_sends_values_out_needs_the_permission_to_see_them(api_for, make_user, text, status):
    user = make_user("view_workflow", "activate_workflow")
    workflow = lifecycle.create(mailing(text))
    response = api_for(user).post(f"workflows/{workflow.pk}/activate/")
    assert response.status_code == status, response.content
    workflow.refresh_from_db()
    assert workflow.status == ("active" if status == 200 else "draft")


def test_who_may_see_payloads_publishes_what_sends_them_out(api_for, make_user):
    user = make_user("view_workflow", "activate_workflow", "view_payload")
    workflow = lifecycle.create(mailing("{{ trigger.receipt_email }}"))
    response = api_for(user).post(f"workflows/{workflow.pk}/activate/")
    assert response.json()["status"] == "active"


def test_who_may_not_view_is_told_nothing_of_the_definition(api_for, make_user):
    """What changes a workflow's state, of somebody who may do that and may not read it."""
    workflow = lifecycle.create(valid())
    api = api_for(make_user("activate_workflow", "add_workflow"))
    for verb in ("activate", "pause", "deactivate", "archive", "restore"):
        body = {"reason": "Maintenance."} if verb == "pause" else None
        response = api.post(f"workflows/{workflow.pk}/{verb}/", body)
        assert (response.status_code, response.content) == (204, b""), verb
        assert response["ETag"] == '"1"'
    assert api.post(f"workflows/{workflow.pk}/duplicate/").status_code == 403
    assert Workflow.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}, {"If-Match": "*"}])
def test_what_moves_money_is_activated_only_as_it_was_read(api, headers):
    workflow = lifecycle.create(MONEY)
    response = api.post(f"workflows/{workflow.pk}/activate/", headers=headers)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (428, "if_match_required")
    assert "send its ETag in the header If-Match" in error["message"]
    workflow.refresh_from_db()
    assert workflow.status == "draft"


@pytest.mark.parametrize("permission", ["add_workflow", "change_workflow"])
def test_who_writes_definitions_has_them_checked(api_for, make_user, permission):
    assert api_for(make_user(permission)).post("workflows/validate/", document()).status_code == 200


def test_who_only_reads_has_nothing_checked_that_is_not_saved(api_for, make_user):
    assert api_for(make_user("view_workflow")).post("workflows/validate/", document()).status_code == 403


@pytest.mark.parametrize("body", [{"note": 5 * "x" * 200}, {"note": ["x"]}, [], "x", 5])
def test_a_wrong_note_is_refused(api, body):
    response = api.post(f"workflows/{make().pk}/activate/", body, raw=None if body else b"[1]")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("active", "path", "status"),
    [
        (True, "deactivate", "inactive"),
        (False, "archive", "archived"),
    ],
)
def test_changes_the_state(api, active, path, status):
    workflow = make(active=active)
    assert api.post(f"workflows/{workflow.pk}/{path}/").json()["status"] == status


def test_restores_an_archived_workflow(api):
    workflow = make()
    lifecycle.archive(workflow)
    assert api.post(f"workflows/{workflow.pk}/restore/").json()["status"] == "draft"


@pytest.mark.parametrize(("active", "path"), [(False, "deactivate"), (True, "archive"), (False, "restore")])
def test_a_change_that_the_state_does_not_allow_is_a_conflict(api, active, path):
    response = api.post(f"workflows/{make(active=active).pk}/{path}/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_allowed")


def test_duplicates(api):
    workflow = make(active=True)
    response = api.post(f"workflows/{workflow.pk}/duplicate/")
    body = response.json()
    assert (response.status_code, body["status"], body["name"]) == (201, "draft", "Copy of Test workflow")
    assert body["id"] != workflow.pk
    assert response["Location"] == f"/api/v1/workflows/{body['id']}/"


@pytest.mark.parametrize("pk", ["0", "9" * 30])
def test_a_workflow_that_there_is_not_is_404(api, pk):
    response = api.get(f"workflows/{pk}/")
    assert (response.status_code, response.json()["error"]["type"]) == (404, "not_found")


def test_error_branches_and_retry_policies_go_in_and_come_out(api):
    step = {**failing(action("one", text="a"), action("two", text="b")), "retry": {"max_attempts": 3}}
    body = api.post("workflows/", document(step)).json()
    assert body["definition"] == document(step)
    assert api.get(f"workflows/{body['id']}/").json()["definition"] == document(step)


def test_an_error_branch_without_steps_is_reported_with_its_place(api):
    body = api.post("workflows/", document(failing(action("one", text="a")))).json()
    response = api.post(f"workflows/{body['id']}/activate/", {})
    [problem] = response.json()["error"]["problems"]
    assert (problem["path"], problem["code"]) == ("/steps/0/error_branch/steps", "empty_error_branch")


def test_secret_inputs_in_an_error_branch_are_hidden_from_who_may_not_edit(api_for, make_user, recorder):
    secret = recording_action(recorder, key="test.secret")
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    inside = failing(action("two", text="b"), action("three", "test.secret", text={"secret": "sword"}))
    with registry.temporarily(secret):
        workflow = lifecycle.create(document(failing(action("one", text="a"), inside)))
        # As an older version kept it.
        Step.objects.filter(key="three").update(inputs={"text": "swordfish"})
        viewer = api_for(make_user("view_workflow", username="viewer"))
        response = viewer.get(f"workflows/{workflow.pk}/")
    assert response.status_code == 200
    assert "swordfish" not in response.content.decode()
    assert "••••" in response.content.decode()


def test_validation_says_which_rule_applies_to_an_undecided_branch(api):
    large = way("large", group(compare("trigger.amount", "greater_than", usd(5))))
    step = branch("choose", large, otherwise=(action("refund", "stripe.refunds.create", charge="ch_1"),))
    (told,) = api.post("workflows/validate/", document(step)).json()["undecided"]
    assert (told["step"], told["branches"]) == ("choose", {"large": "stop"})
    assert told["message"].startswith("stop for a person, since")
    body = document({**step, "if_undecided": "otherwise"})
    answer = api.post("workflows/validate/", body).json()
    assert answer["undecided"][0]["branches"] == {"large": "otherwise"}
    assert "grave_if_undecided" in [one["code"] for one in answer["warnings"]]
    assert answer["valid"]
