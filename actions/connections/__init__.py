"""Connections: other services that steps call, each with an address and an authentication.

A step names a connection, and says path and body; the connection alone says the host, so that no reference
to data of an event can choose it. This package does not know where connections are stored.

What grows is a registry: a kind of connection (`kinds`), and an authentication (`auths`).
"""

from stripeflow.actions.connections.connected import Connected
from stripeflow.actions.connections.connection_input import ConnectionInput
from stripeflow.actions.connections.kinds import ConnectionKind

__all__ = ["Connected", "ConnectionInput", "ConnectionKind"]
