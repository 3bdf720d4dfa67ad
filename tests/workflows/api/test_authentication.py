from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stripeflow.workflows.models import ApiToken

URL = "/api/v1/workflows/"


@pytest.fixture
def viewer(make_user):
    return make_user("view_workflow", "add_workflow", password="x")


@pytest.fixture
def viewer_api(api_for, viewer):
    return api_for(viewer)


def test_a_token_acts_with_its_users_permissions(viewer_api):
    assert viewer_api.get("workflows/").status_code == 200
    assert viewer_api.get("runs/").status_code == 403


@pytest.mark.parametrize(
    "columns",
    [
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_a_revoked_or_expired_token_gets_401(viewer_api, columns):
    ApiToken.objects.update(**columns)
    response = viewer_api.get("workflows/")
    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication"


def test_the_token_of_an_inactive_user_gets_401(viewer_api, viewer):
    type(viewer).objects.update(is_active=False)
    assert viewer_api.get("workflows/").status_code == 401


def test_the_token_of_who_is_no_longer_staff_gets_401(viewer_api, viewer):
    type(viewer).objects.update(is_staff=False)
    assert viewer_api.get("workflows/").status_code == 401


def test_a_session_of_who_is_no_longer_staff_gets_403(viewer):
    client = Client()
    client.force_login(viewer)
    type(viewer).objects.update(is_staff=False)
    assert client.get(URL).status_code == client.get("/api/v1/schema/").status_code == 403


def test_a_changed_password_ends_the_tokens_of_its_user(viewer_api, viewer):
    viewer.set_password("Another one")
    viewer.save()
    assert viewer_api.get("workflows/").status_code == 401


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer sflow_no", "Bearer \xff\xfe", "Basic abc", "sflow_x", "Bearer a b"],
)
def test_another_header_gets_401(api_for, db, header):
    assert api_for().get("workflows/", headers={"Authorization": header}).status_code == 401


def test_only_the_digest_is_kept(viewer_api):
    secret = viewer_api.headers["Authorization"].removeprefix("Bearer ")
    row = ApiToken.objects.values().get()
    assert secret not in map(str, row.values())


def test_notes_the_first_use(viewer_api):
    viewer_api.get("workflows/")
    token = ApiToken.objects.get()
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)
    assert token.last_used_from == "127.0.0.1"


@pytest.mark.parametrize(("seconds", "noted"), [(50, False), (61, True)])
def test_notes_a_use_at_most_once_a_minute(viewer_api, seconds, noted):
    before = timezone.now() - timedelta(seconds=seconds)
    ApiToken.objects.update(last_used_at=before)
    viewer_api.get("workflows/")
    assert (ApiToken.objects.get().last_used_at != before) is noted


def test_a_session_may_read(viewer):
    client = Client()
    client.force_login(viewer)
    assert client.get(URL).status_code == 200


def test_a_session_needs_the_csrf_token_to_write(viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    response = client.post(URL, {}, content_type="application/json")
    assert response.status_code == 403
    assert response.json()["error"]["type"] == "permission"


def test_a_session_with_the_csrf_token_may_write(viewer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(viewer)
    client.cookies["csrftoken"] = "a" * 32
    response = client.post(URL, {}, content_type="application/json", headers={"X-CSRFToken": "a" * 32})
    assert response.json()["error"]["code"] == "structure"


def test_no_answer_may_be_cached(viewer_api):
    assert viewer_api.get("workflows/")["Cache-Control"] == "no-store, private"


@pytest.fixture
def few_wrong_tokens(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "WRONG_TOKENS_PER_MINUTE": 3}


def send(text, address="192.0.2.1"):
    headers = {"Authorization": f"Bearer {text}"}
    return Client(REMOTE_ADDR=address).get("/api/v1/workflows/", headers=headers)


def test_too_many_wrong_tokens_of_an_address_get_429(few_wrong_tokens, db):
    assert {send(f"sflow_{number}").status_code for number in range(3)} == {401}
    response = send("sflow_3")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert (response.json()["error"]["type"], response.json()["error"]["code"]) == ("rate_limit", "throttled")
    assert send("sflow_3", address="192.0.2.2").status_code == 401


def test_a_token_that_works_is_not_refused_for_wrong_ones_beside_it(few_wrong_tokens, viewer_api):
    right = viewer_api.headers["Authorization"].removeprefix("Bearer ")
    answers = [send(text).status_code for text in ("a", "b", "c", "d", right)]
    assert answers == [401, 401, 401, 429, 200]


@pytest.mark.parametrize(
    ("columns", "reason"), [({}, "unknown"), ({"revoked_at": timezone.now()}, "revoked")]
)
def test_a_refused_token_is_logged_with_its_address_and_not_with_itself(
    few_wrong_tokens, viewer_api, caplog, columns, reason
):
    text = viewer_api.headers["Authorization"].removeprefix("Bearer ")
    ApiToken.objects.update(**(columns or {"digest": "another"}))
    for _time in range(5):
        send(text)
    records = [one for one in caplog.records if one.getMessage() == "workflows.api.token_refused"]
    assert len(records) == 3  # what is throttled adds no line
    assert (records[0].reason, records[0].address) == (reason, "192.0.2.1")
    assert text not in str([vars(one) for one in records])
