"""The registry of kinds: what a project brings is offered, checked and called like ours."""

import pytest

from stripeflow.actions.connections import ConnectionInput, ConnectionKind, kinds
from stripeflow.workflows.credentials.connection_changes import Wanted, faults_of


@pytest.fixture
def paging():
    kind = kinds.register(
        ConnectionKind(
            "paging",
            "Paging",
            address="https://api.paging.example",
            auths=("none", "header"),
            secret_fault=lambda secret: "" if secret.startswith("pg_") else "It begins with “pg_”.",
        )
    )
    yield kind
    kinds._kinds.pop("paging")


def test_a_key_belongs_to_one_kind(paging):
    with pytest.raises(ValueError, match="paging"):
        kinds.register(paging)


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({}, []),
        ({"address": "https://api.paging.example"}, []),
        ({"address": "https://evil.example.com"}, ["address"]),
        ({"auth": "bearer"}, ["auth"]),
    ],
)
def test_its_address_and_its_ways_are_its_own(paging, changes, columns):
    assert list(faults_of(Wanted(**{"title": "Pager", "kind": "paging", **changes}))) == columns


def test_an_input_names_connections_of_its_kind():
    declared = ConnectionInput("connection", label="Connection", of="paging")
    assert (declared.connection_kind, declared.connection_in("pager")) == ("paging", "pager")
    for raw in ("Pager", "a b", 7, None, {"name": "pager"}, "x" * 61):
        assert declared.connection_in(raw) == ""
        assert raw is None or declared.check(raw)
