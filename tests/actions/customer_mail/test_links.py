import pytest

from stripeflow.actions.customer_mail.links import BREAK, is_web_address, parts_of, safe_address

HOSTS = ["stripe.com"]


def urls(line, written):
    return [part.url for part in parts_of(line, [written]) if part.url]


@pytest.mark.parametrize(
    ("line", "written", "expected"),
    [
        ("See https://shop.example/help.", "See https://shop.example/help.", ["https://shop.example/help"]),
        (
            "See https://shop.example/o/7 now",
            "See https://shop.example/o/{{ trigger.id }} now",
            ["https://shop.example/o/7"],
        ),
        # The value would choose the host.
        ("https://shop.example.evil.example/", "https://shop.example{{ x }}/", []),
        ("https://evil.example/", "https://{{ x }}/", []),
        ("Hello https://evil.example", "Hello {{ trigger.name }}", []),
        ("https://shop.example/help2", "https://shop.example/help", []),
        ("Mail a@shop.example", "Mail {{ trigger.email }}", []),
        # Written, but no address that we link to.
        ("http://shop.example/", "http://shop.example/", []),
        ("javascript://shop.example/", "javascript://shop.example/", []),
        ("https://a@shop.example/", "https://a@shop.example/", []),
    ],
)
def test_only_what_the_author_wrote_becomes_a_link(line, written, expected):
    assert urls(line, written) == expected


@pytest.mark.parametrize(
    "value",
    [
        "https://evil.example",
        "HTTP://evil.example/x",
        "www.evil.example",
        "evil.example",
        "evil.example/win",
        "ftp://x.example",
    ],
)
def test_mail_programs_see_no_link_in_a_value(value):
    (_hello, shown) = parts_of(f"Hello {value}", ["Hello {{ trigger.name }}"])
    assert shown.url == ""
    assert shown.text.replace(BREAK, "") == value
    assert f".{BREAK}" in shown.text


@pytest.mark.parametrize(
    "line", ["Total: 12.50 EUR", "jane@example.com", "Thanks… Bye.", "v1.2.3", "No. 7", "a.b", "10:30", ""]
)
def test_what_is_no_link_stays_as_it_is(line):
    assert "".join(part.text for part in parts_of(line, [])) == line


def test_the_text_is_whole_whatever_it_holds():
    line = "Go to https://a.example/x, or www.b.example; or c.example."
    text = "".join(part.text for part in parts_of(line, ["Go to https://a.example/x, or"]))
    assert text.replace(BREAK, "") == line


@pytest.mark.parametrize(
    ("url", "raw", "is_safe"),
    [
        ("https://invoice.stripe.com/i/1", "{{ trigger.hosted_invoice_url }}", True),
        ("https://stripe.com/", "{{ trigger.url }}", True),
        ("https://stripe.com.evil.example/", "{{ trigger.url }}", False),
        ("https://evilstripe.com/", "{{ trigger.url }}", False),
        ("http://invoice.stripe.com/i/1", "{{ trigger.url }}", False),
        ("https://invoice.stripe.com@evil.example/", "{{ trigger.url }}", False),
        ("https://evil.example/", "{{ trigger.url }}", False),
        ("https://shop.example/o/7", "https://shop.example/o/{{ trigger.id }}", True),
        ("https://shop.example.evil.example/", "https://shop.example{{ x }}/", False),
        ("https://shop.example/", "https://shop.example/", True),
        # Outside of a workflow nobody knows what was written.
        ("https://shop.example/", None, False),
        ("https://pay.stripe.com/", None, True),
    ],
)
def test_a_button_leads_where_the_author_says_or_to_the_hosts_of_the_settings(url, raw, is_safe):
    assert safe_address(url, raw, HOSTS) == (url if is_safe else "")


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https:///x",
        "https://a b/",
        'https://a.example/"x',
        "https://a.example:0/",
        "https://ä.example/",
        "//a.example",
        "https://[",
        "https://a.example/\n",
    ],
)
def test_odd_addresses_are_none(url):
    assert not is_web_address(url)
