"""What a stranger with a token can send: 4xx, never 5xx."""

import json
from io import BytesIO
from urllib.parse import quote

import pytest
from django.urls import resolve
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from stripeflow.workflows.definition.schema import LIMIT_BYTES
from tests.workflows.documents import action, branch, compare, document, group, usd, way

NESTED = document(
    action("one", "stripe.refunds.create", charge="{{ trigger.id }}", amount=usd(5)),
    branch(
        "large",
        way(
            "vip",
            group(
                compare("trigger.amount", "greater_than", usd(5)),
                {
                    "field": "trigger.lines.data",
                    "quantifier": "any",
                    **group(compare("item.id", "equal", "x")),
                },
            ),
            action(
                "two", "email.team_member", to=["editor"], append=[{"label": "a", "value": "{{ event.id }}"}]
            ),
        ),
        otherwise=(action("three", "stripe.customers.update", metadata=[{"key": "a", "value": "b"}]),),
    ),
)

# Half of a surrogate pair cannot be sent as UTF-8, but it can as an escape.
TEXTS = st.text(st.characters(), max_size=20)
NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=10**30, max_value=10**400),
    st.floats(allow_nan=False, allow_infinity=False),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)


def places(value, path=()):
    yield path
    children = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, child in children:
        yield from places(child, (*path, key))


PLACES = list(places(NESTED))
MEANINGS = [path for path in PLACES if "inputs" in path or "conditions" in path]


def with_replaced(path, value):
    """`NESTED` with the value at `path` replaced; with an unknown key where the path is of an object."""
    if not path:
        return value
    changed = json.loads(json.dumps(NESTED))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


# One database serves all examples of a test: what earlier ones left must not matter.
FEARLESS = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(FEARLESS, max_examples=150)
@given(path=st.sampled_from(PLACES), value=JSON)
def test_a_document_that_is_wrong_anywhere_never_breaks(api, path, value):
    changed = with_replaced(path, value)
    assert api.post("workflows/validate/", changed).status_code in (200, 400)
    response = api.post("workflows/", changed)
    assert response.status_code in (201, 400)


@settings(FEARLESS, max_examples=100)
@given(
    path=st.sampled_from([path for path in PLACES if "inputs" in path or "conditions" in path]), value=JSON
)
def test_a_draft_that_means_nothing_never_breaks(api, path, value):
    response = api.post("workflows/", with_replaced(path, value))
    assume(response.status_code == 201)
    pk, etag = response.json()["id"], response["ETag"]
    activated = api.post(f"workflows/{pk}/activate/", headers={"If-Match": etag})
    assert activated.status_code in (200, 422)
    assert api.put(f"workflows/{pk}/", response.json()["definition"], etag=etag).status_code == 200


@settings(FEARLESS, max_examples=100)
@given(body=st.binary(min_size=1, max_size=200))
def test_bytes_never_break(api, body):
    assert api.post("workflows/", raw=body).status_code == 400


@settings(FEARLESS, max_examples=100)
@given(value=JSON)
def test_parameters_of_a_template_never_break(api, value):
    for body in (value, {"parameters": value}, {"parameters": {"recipients": value, "minimum": value}}):
        response = api.post("templates/personalize_orders/workflows/", body)
        assert response.status_code in (201, 400)


ADDRESSES = (
    "workflows/?search={0}&event_type={0}",
    "runs/?object_id={0}&event_id={0}&cursor={0}",
    "runs/?created_after={0}&workflow={0}",
    "events/?type={0}&cursor={0}",
    "events/{0}/",
    "catalogue/objects/{0}/fields/",
    "catalogue/objects/charge/fields/?path={0}",
    "catalogue/objects/charge/fields/?search={0}",
    "catalogue/event-types/?search={0}&category={0}",
    "templates/{0}/workflows/",
)


@settings(FEARLESS, max_examples=60)
@given(text=TEXTS)
def test_texts_in_addresses_never_break(api, text):
    part = quote(text.encode("utf-8", "surrogatepass"), safe="")
    for address in ADDRESSES:
        assert api.get(address.format(part)).status_code < 500


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"[" * 100_000, 400, "too_deep"),
        (b"[" * 150 + b"]" * 150, 400, "too_deep"),
        (b'{"a":' * 100_000, 400, "too_deep"),
        (b"1" * 5_000, 400, "not_json"),
        (b"1e999", 400, "not_json"),
        (b"NaN", 400, "not_json"),
        (b"-Infinity", 400, "not_json"),
        (b'"\xff"', 400, "not_json"),
        (b"\xff\xfe\x00", 400, "not_json"),
        (b'{"name": "a\\u0000"}', 400, "character"),
        (b'{"a\\u0000": 1}', 400, "character"),
        (b'{"name": "\\ud800"}', 400, "character"),
        (b'"' + b"x" * LIMIT_BYTES + b'"', 413, "body_too_large"),
        (b"{", 400, "not_json"),
        (b"null", 400, "structure"),
        (b"5", 400, "structure"),
        (b"[]", 400, "structure"),
        (b"", 400, "structure"),
    ],
)
def test_a_body_that_can_not_be_used_is_refused(api, raw, status, code):
    response = api.post("workflows/", raw=raw)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def test_a_byte_order_mark_before_the_body_is_passed_over(api):
    raw = b"\xef\xbb\xbf" + json.dumps(document()).encode()
    assert api.post("workflows/validate/", raw=raw).status_code == 200


def in_chunks(api, path, raw, *, terminated=True):
    environ = {"wsgi.input": BytesIO(raw), "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""}
    marked = {"wsgi.input_terminated": True} if terminated else {}
    address = f"/api/v1/{path}"
    return api.client.post(address, content_type="application/json", headers=api.headers, **environ, **marked)


def test_a_body_in_chunks_is_read_like_any_other(api):
    assert in_chunks(api, "workflows/validate/", json.dumps(document()).encode()).status_code == 200
    refused = in_chunks(api, "workflows/", b"{")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "not_json")
    assert in_chunks(api, "workflows/", b'"' + b"x" * LIMIT_BYTES + b'"').status_code == 413


def test_a_server_that_leaves_the_chunks_alone_is_reported(api):
    response = in_chunks(api, "workflows/", b"{}", terminated=False)
    assert (response.status_code, response.json()["error"]["code"]) == (411, "length_required")


def test_names_the_place_of_a_character_that_can_not_be_kept(api):
    error = api.post("workflows/", raw=b'{"steps": [{"name": "\\u0000"}]}').json()["error"]
    assert [problem["path"] for problem in error["problems"]] == ["/steps/0/name"]


def test_a_huge_list_of_wrong_steps_is_refused_with_a_bounded_answer(api):
    response = api.post("workflows/", {**document(), "steps": [0] * 100_000})
    assert response.status_code == 400
    assert len(response.json()["error"]["problems"]) <= 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_another_content_type_is_refused(api, content_type):
    response = api.client.post("/api/v1/workflows/", b"x=1", content_type=content_type, headers=api.headers)
    assert response.status_code == 415
    assert response.json()["error"]["code"] == "unsupported_media_type"


def test_only_json_can_be_asked_for(api):
    response = api.get("workflows/", headers={"Accept": "application/xml"})
    assert (response.status_code, response.json()["error"]["code"]) == (406, "not_acceptable")


def test_an_address_that_there_is_not_is_404_in_the_same_shape(api):
    for path in (
        "no/such/",
        "a%0Ab/",
        "a/%0A",
        "%0A",
        "%00",
        "runs/a%0Ab/",
        "x.json",
        "%F0%9F%98%80",
        "?a=b",
    ):
        response = api.get(path)
        assert (response.status_code, response["Content-Type"]) == (404, "application/json"), path
        assert response.json()["error"]["message"] == "There is nothing at this address."


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
def test_an_address_without_its_last_slash_is_named_with_it(api, method):
    response = api(method, "workflows")
    assert response.status_code == 404
    assert "/api/v1/workflows/" in response.json()["error"]["message"]
    assert resolve("/api/v1/workflows", "tests.workflows.api.urls").url_name == "nothing"
