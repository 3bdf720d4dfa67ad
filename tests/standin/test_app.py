import pytest

JSON = {"Content_Type": "application/json"}


@pytest.mark.parametrize("path", ["/", "/v1/account", "/_control/health"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "10.0.0.1", ""])
def test_foreign_host_is_refused(http_call, path, host):
    status, _, _ = http_call("GET", path, Host=host)

    assert status == 403


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:80", "[::1]", "[::1]:9"])
def test_names_of_this_machine_are_served(http_call, host):
    status, _, _ = http_call("GET", "/_control/health", Host=host)

    assert status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/_control/reset", "/send/payment-usd-1000.00", "/payments"])
def test_posts_of_other_sites_are_refused(http_call, path, headers):
    status, _, _ = http_call("POST", path, body="{}", **JSON, **headers)

    assert status == 403


def test_posts_of_its_own_page_are_done(http_call, standin):
    status, _, _ = http_call(
        "POST", "/_control/reset", body="{}", **JSON, Origin=standin.url, Sec_Fetch_Site="same-origin"
    )

    assert status == 200


def test_controls_take_json_only(http_call):
    status, _, _ = http_call("POST", "/_control/reset", body="a=b", Content_Type="text/plain")

    assert status == 415


def test_api_takes_forms_only(http_call, standin):
    status, _, text = http_call(
        "POST", "/v1/customers", body="{}", **JSON, Authorization=f"Bearer {standin.api_key}"
    )

    assert status == 400
    assert "content type" in text


def test_too_large_a_body_is_refused(http_call, standin):
    status, _, _ = http_call("POST", "/_control/events", body="x" * (5 * 1024 * 1024), **JSON)

    assert status == 413
