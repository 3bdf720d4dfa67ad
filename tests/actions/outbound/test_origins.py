import pytest

from stripeflow.actions.outbound import AddressRefused, is_allowed, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com/orders?a=b&c=%20", "https://api.example.com"),
        ("https://API.Example.com", "https://api.example.com"),
        ("https://api.example.com:443/", "https://api.example.com"),
        ("https://api.example.com:8443/a", "https://api.example.com:8443"),
        ("https://93.184.216.34/a", "https://93.184.216.34"),
        ("https://[2606:4700::1111]/a", "https://[2606:4700::1111]"),
        ("https://xn--bcher-kva.example/a", "https://xn--bcher-kva.example"),
        ("https://api.example.com/a@b:c;d=e//f", "https://api.example.com"),
    ],
)
def test_an_address_that_is_plainly_written_has_an_origin(url, origin):
    assert str(origin_of(url)) == origin
    assert origin_of(str(origin_of(url))) == origin_of(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "//api.example.com/a",
        "ftp://api.example.com/a",
        "file:///etc/passwd",
        "https:/api.example.com",
        "https:api.example.com",
        "https:///a",
        "https://api.example.com@10.0.0.1/",
        "https://10.0.0.1:443@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://api.example.com\\@10.0.0.1/",
        "https://api.example.com#@10.0.0.1/",
        "https://api.example.com/#a",
        "https://api.example.com /",
        "https://api.example.com/a b",
        "https://api.example.com/a\r\nHost: b",
        "https://api.example.com/a\tb",
        "https://api.example.com/a\x00",
        " https://api.example.com/",
        "https://api.example.com/ü",
        "https://bücher.example/",
        "https://api.example.com。/",
        "https://①②⑦.⓪.⓪.①/",
        "https://api%2eexample.com/",
        "https://api.example.com:/",
        "https://api.example.com:0/",
        "https://api.example.com:65536/",
        "https://api.example.com:443:80/",
        "https://api..example.com/",
        "https://.example.com/",
        "https://api.example.com./",
        "https://-api.example.com/",
        f"https://{'a' * 64}.example.com/",
        f"https://{'a.' * 130}com/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1.0/",
        "https://api.0x/",
        "https://[::1",
        "https://[::1]a/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[1.2.3.4]/",
        "https://api.example.com/../a",
        "https://api.example.com/a/..",
        "https://api.example.com/a/%2e%2E/b",
        "https://api.example.com/./a",
        "https://api.example.com/a/.%2e",
        "https://api.example.com/%zz",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url):
    with pytest.raises(AddressRefused):
        origin_of(url)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com", True),
        ("https://93.184.216.34", True),
        ("http://api.example.com", False),
        ("https://api.example.com:8443", False),
        ("https://localhost", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
        ("https://[::ffff:10.0.0.1]", False),
        ("https://169.254.169.254", False),
        ("https://metadata", False),
    ],
)
def test_only_https_on_its_port_to_public_hosts_is_allowed(url, expected):
    assert is_allowed(origin_of(url)) is expected


def test_a_port_of_the_settings_is_allowed(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_PORTS": [443, 8443]}
    assert is_allowed(origin_of("https://api.example.com:8443"))
    assert not is_allowed(origin_of("https://10.0.0.1:8443"))


def test_an_origin_of_the_settings_is_exact(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "OUTBOUND_ALLOWED_ORIGINS": ["http://127.0.0.1:8025"]}
    assert is_allowed(origin_of("http://127.0.0.1:8025/a"))
    for other in ("http://127.0.0.1:8026", "https://127.0.0.1:8025", "http://127.0.0.2:8025"):
        assert not is_allowed(origin_of(other))


@pytest.mark.parametrize("wrong", ["https://api.example.com", None, 7])
def test_settings_that_are_no_list_allow_nothing(settings, wrong):
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "OUTBOUND_ALLOWED_ORIGINS": wrong,
        "OUTBOUND_PORTS": wrong,
    }
    assert not is_allowed(origin_of("http://api.example.com"))
    assert not is_allowed(origin_of("https://api.example.com"))
