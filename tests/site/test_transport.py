import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow_site.transport import refuse_plain_http


def test_a_site_of_this_machine_alone_needs_no_https():
    refuse_plain_http(["localhost", "127.0.0.1", "[::1]"])


@pytest.mark.parametrize("host", ["flows.example.com", "*", ".example.com", "192.0.2.7", ""])
def test_another_host_is_refused_and_named(host):
    with pytest.raises(ImproperlyConfigured, match="SECURE=1") as refused:
        refuse_plain_http(["localhost", host])
    assert f"as {host}, and" in str(refused.value)
