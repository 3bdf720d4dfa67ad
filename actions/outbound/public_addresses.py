"""Which IP addresses belong to the public Internet. Everything else is refused: deny by default.

The ranges are listed here, since `ipaddress.is_global` differs between versions of Python, and counts some
ranges as global that lead elsewhere: those that carry an IPv4 address, and the old site-local ones.
"""

from ipaddress import IPv4Address, IPv6Address, ip_network

Address = IPv4Address | IPv6Address

# https://www.iana.org/assignments/iana-ipv4-special-registry
_SPECIAL_V4 = tuple(
    ip_network(one)
    for one in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # of carriers; clouds use it for services of their own
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only this range is given out for hosts; loopback, link-local, fec0::/10, ::127.0.0.1, and NAT64 lie outside.
_UNICAST_V6 = ip_network("2000::/3")
# https://www.iana.org/assignments/iana-ipv6-special-registry, as far as it lies inside.
_SPECIAL_V6 = tuple(
    ip_network(one)
    for one in (
        "2001::/23",  # Teredo, ORCHID, benchmarking, and other protocols
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",
        "3ffe::/16",  # the former 6bone
    )
)


def is_public(address: Address) -> bool:
    """Return whether it is an address of a host on the public Internet."""
    if isinstance(address, IPv4Address):
        return not any(address in one for one in _SPECIAL_V4)
    if (inner := address.ipv4_mapped) is not None:
        return is_public(inner)
    if getattr(address, "scope_id", None):
        return False
    return address in _UNICAST_V6 and not any(address in one for one in _SPECIAL_V6)
