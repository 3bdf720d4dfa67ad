import copy
import json
import pickle

import pytest

from stripeflow.actions.errors import ActionError
from stripeflow.actions.wording import Worded, changed, public_of, worded


@pytest.mark.parametrize("template", ["%(name)s has %(amount)s.", "{name} has {amount}."])
def test_the_public_sentence_has_no_values(template):
    told = worded(template, names={"name": "The charge"}, amount="$5.00")
    assert told == "The charge has $5.00."
    assert public_of(told) == "The charge has …."


def test_a_value_that_is_such_a_sentence_brings_its_own_public_one():
    inner = worded("“{zone}” is no time zone.", zone="jane@example.com")
    outer = worded("{label}: {fault}", names={"label": "Body"}, fault=inner)
    assert outer == "Body: “jane@example.com” is no time zone."
    assert public_of(outer) == "Body: “…” is no time zone."


def test_braces_and_percent_signs_of_a_value_stay_text():
    assert worded("{a}", a="{b} %(c)s") == "{b} %(c)s"
    assert worded("%(a)s", a="{b} %(c)s") == "{b} %(c)s"
    assert worded("100 % {sure}") == "100 % {sure}"


def test_an_exception_still_knows_it():
    told = worded("{x}!", x="secret")
    assert public_of(str(ActionError(told))) == public_of(str(ValueError(told))) == "…!"


@pytest.mark.parametrize(
    "made",
    [lambda told: told + "x", lambda told: f"a {told}", lambda told: told[:3], lambda told: told.upper()],
)
def test_what_is_made_of_it_is_public_no_more(made):
    assert public_of(made(worded("{x} is wrong.", x="secret"))) == ""


def test_a_plain_text_is_not_public():
    assert public_of("No such charge: 'secret'") == ""


@pytest.mark.parametrize("again", [copy.deepcopy, lambda told: pickle.loads(pickle.dumps(told))])
def test_a_copy_is_the_same(again):
    told = again(worded("{x}!", x="secret"))
    assert (told, public_of(told), type(told)) == ("secret!", "…!", Worded)


def test_as_json_it_is_the_whole_sentence():
    assert json.dumps(worded("{x}!", x="secret")) == '"secret!"'


def test_a_change_is_made_to_both_sentences():
    told = changed(worded("sk_1: {x}", x="sk_1"), lambda text: text.replace("sk_1", "…"))
    assert (told, public_of(told)) == ("…: …", "…: …")
    assert public_of(changed("plain", str.upper)) == ""
