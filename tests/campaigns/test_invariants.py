"""The judge of the chaos campaign finds each thing that must not be."""

from dataclasses import replace

import pytest

from tests.campaigns.cases import Case, Wanted
from tests.campaigns.evidence import effects_in
from tests.campaigns.invariants import Evidence, RunRow, StepRow, faults_in

DECIDED = frozenset({"Decide"})
WANTED = Wanted(
    DECIDED,
    frozenset({"tag", "keep"}),
    DECIDED,
    {"Decide": "succeeded"},
    frozenset({"row_1 succeeded"}),
    frozenset({"approved 2"}),
)
CASES = Case("evt_1", b"{}", WANTED), Case("evt_2", b"{}")
RUN = RunRow("run_1", "Decide", "evt_1", "succeeded")
TOLD = StepRow("run_1", "tell", "ask", "succeeded")
GOOD = Evidence(
    acknowledged=frozenset({"evt_1", "evt_2"}),
    events=(("evt_1", True), ("evt_2", True)),
    runs=(RUN,),
    steps=(StepRow("run_1", "tag", "keyed", "succeeded"), TOLD),
    effects=(("evt_1", "tag"), ("evt_1", "keep")),
    mails=("run_1",),
    deaths=1,
    items=(("evt_1", "row_1 succeeded"),),
    decisions=(("evt_1", "approved 2"),),
)
ASKED = {"steps": (replace(TOLD, status="outcome_unknown"),)}


def broken(**doctored):
    return {fault.invariant for fault in faults_in(CASES, replace(GOOD, **doctored))}


def test_finds_nothing_where_all_is_well():
    assert broken() == set()


@pytest.mark.parametrize(
    ("doctored", "invariant"),
    [
        ({"events": GOOD.events[1:]}, "acknowledged event lost"),
        ({"events": (*GOOD.events, ("evt_2", True))}, "event stored twice"),
        ({"events": (GOOD.events[0], ("evt_2", False))}, "event not matched"),
        ({"acknowledged": frozenset({"evt_1"})}, "event never acknowledged"),
        ({"runs": (), "mails": ()}, "run missing"),
        ({"runs": (replace(RUN, status="failed"),)}, "run ended otherwise"),
        ({"runs": (RUN, replace(RUN, id="run_2")), "mails": ("run_1", "run_2")}, "run too many"),
        ({"runs": (RUN, replace(RUN, id="run_2", event_id="evt_2"))}, "run too many"),
        ({"effects": GOOD.effects[:1]}, "effect missing"),
        ({"effects": (*GOOD.effects, ("evt_1", "tag"))}, "effect too often"),
        ({"effects": (*GOOD.effects, ("evt_2", "tag"))}, "effect too often"),
        ({"mails": ("run_1", "run_1")}, "e-mail too often"),
        ({"mails": ("run_1", "run_of_nobody")}, "e-mail too often"),
        ({"mails": ()}, "e-mail missing, and nobody asked"),
        (
            {"steps": (TOLD, StepRow("run_1", "tag", "keyed", "outcome_unknown"))},
            "outcome unknown of a step with a key",
        ),
        ({"items": ()}, "item not as it has to be"),
        ({"items": GOOD.items * 2}, "item too often"),
        ({"decisions": ()}, "decision missing"),
        ({"decisions": (*GOOD.decisions, ("evt_2", "approved 2"))}, "decision too many"),
        ({"runs": (replace(RUN, status="running"),)}, "run without an end"),
        ({"runs": (replace(RUN, status="queued"),)}, "run without an end"),
        ({"runs": (replace(RUN, status="waiting"),)}, "run without an end"),
    ],
)
def test_finds_what_must_not_be(doctored, invariant):
    assert broken(**doctored) == {invariant}


@pytest.mark.parametrize("mails", [(), ("run_1",)])
def test_an_e_mail_that_somebody_is_asked_about_may_have_been_sent_or_not(mails):
    assert broken(mails=mails, **ASKED) == set()


def test_an_e_mail_that_somebody_is_asked_about_was_still_sent_at_most_once():
    assert broken(mails=("run_1", "run_1"), **ASKED) == {"e-mail too often"}


@pytest.mark.parametrize(("deaths", "found"), [(0, {"asked about, and nothing had died"}), (1, set())])
def test_somebody_is_asked_only_about_what_a_death_has_interrupted(deaths, found):
    assert broken(deaths=deaths, **ASKED) == found


def test_effects_are_read_from_the_ledger():
    ledger = [
        {"kind": "request", "request_id": "req_1", "params": {"metadata": {"tag": "evt_1"}}},
        {"kind": "effect", "via": "api", "effect": "customer.updated", "request_id": "req_1"},
        {"kind": "request", "request_id": "req_2", "params": {"metadata": {"tag": "evt_1"}}},
        {"kind": "request", "request_id": "req_3", "params": {"metadata": {"event": "evt_2", "a": "b"}}},
        {"kind": "effect", "via": "api", "effect": "refund.created", "request_id": "req_3"},
        {"kind": "effect", "via": "control", "effect": "customer.created", "request_id": None},
    ]
    assert list(effects_in(ledger)) == [("evt_1", "tag"), ("evt_2", "refund")]
