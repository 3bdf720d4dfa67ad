"""Which hosts are this very machine. Imports nothing of Django, since settings ask it."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches `host`, a name or an address, with or without brackets."""
    name = host.strip().removeprefix("[").removesuffix("]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
