import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.actions import registry
from stripeflow.actions.base import Action, Repeat
from stripeflow.actions.inputs import StringInput


class Echo(Action):
    key = "tests.echo"
    label = "Echo"
    category = "Tests"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    inputs = (StringInput("text", label="Text", required=True),)

    def run(self, inputs, context):
        return dict(inputs)


def test_the_built_in_actions_are_discovered():
    assert {
        "email.team_member",
        "stripe.charges.retrieve",
        "stripe.customers.update",
        "stripe.refunds.create",
    } <= {action.key for action in registry.all()}


def test_get_returns_the_action():
    assert registry.get("stripe.refunds.create").moves_money is True


def test_get_raises_for_an_unknown_key():
    with pytest.raises(registry.UnknownAction, match="The action “no.such” is not installed"):
        registry.get("no.such")


def test_find_returns_none_for_an_unknown_key():
    assert registry.find("no.such") is None


def test_a_temporary_action_goes_again():
    with registry.temporarily(Echo) as action:
        assert registry.get("tests.echo") is action
    assert registry.find("tests.echo") is None


def test_a_temporary_action_stands_in_for_a_registered_one():
    original = registry.get("email.team_member")
    substitute = type("Substitute", (Echo,), {"key": "email.team_member"})
    with registry.temporarily(substitute):
        assert isinstance(registry.get("email.team_member"), Echo)
    assert registry.get("email.team_member") is original


def test_an_incomplete_temporary_action_leaves_the_registered_one():
    original = registry.get("email.team_member")
    broken = type("Broken", (Echo,), {"key": "email.team_member", "label": ""})
    with pytest.raises(ImproperlyConfigured), registry.temporarily(broken):
        pass
    assert registry.get("email.team_member") is original


def test_two_classes_may_not_share_a_key():
    with (
        registry.temporarily(Echo),
        pytest.raises(registry.DuplicateAction, match="share the key 'tests.echo'"),
    ):
        registry.register(type("Other", (Echo,), {}))


@pytest.mark.parametrize("said", [None, 1, "no"])
@pytest.mark.parametrize("name", ["moves_money", "destructive", "changes_customers"])
def test_an_action_has_to_say_what_it_may_do(name, said):
    silent = type("Silent", (Echo,), {name: said})
    with pytest.raises(ImproperlyConfigured, match=f"Silent has to say {name} = True, or {name} = False"):
        registry.register(silent)


def test_there_is_no_default_for_what_an_action_may_do():
    assert not {"moves_money", "destructive"} & set(vars(Action))


def test_an_action_that_does_not_say_it_counts_as_changing_customers():
    with registry.temporarily(Echo):
        assert registry.changes_customers("tests.echo", {})


def test_three_of_the_built_in_actions_change_customers_and_one_of_them_writes_to_them():
    built_in = [
        action
        for action in registry.all()
        if type(action).__module__.startswith("stripeflow.actions.builtin.")
    ]
    assert all("changes_customers" in vars(type(action)) for action in built_in)
    changing = {action.key for action in built_in if action.changes_customers}
    assert changing == {"stripe.customers.update", "email.customer", "http.request"}
    assert [action.key for action in built_in if action.writes_to_customers] == ["email.customer"]


@pytest.mark.parametrize("asked", [registry.moves_money, registry.is_destructive, registry.changes_customers])
def test_an_action_that_is_not_installed_may_do_anything(asked):
    assert asked("shop.gone", {})
    assert not asked("stripe.charges.retrieve", {})


@pytest.mark.parametrize("name", ["key", "label", "category", "repeat"])
def test_a_class_has_to_declare(name):
    with pytest.raises(ImproperlyConfigured, match=f"declares no {name}"):
        registry.register(type("Incomplete", (Echo,), {name: None}))


@pytest.mark.parametrize("key", ["Has space", "UPPER", ".dot", "dot.", "a..b", "a-b"])
def test_a_key_is_plain(key):
    with pytest.raises(ImproperlyConfigured, match="may hold"):
        registry.register(type("Odd", (Echo,), {"key": key}))


def test_an_input_may_be_declared_once():
    inputs = (StringInput("text", label="A"), StringInput("text", label="B"))
    with pytest.raises(ImproperlyConfigured, match="declares an input twice"):
        registry.register(type("Twice", (Echo,), {"inputs": inputs}))


def test_all_is_sorted_by_category_and_label():
    shown = [(str(action.category), str(action.label)) for action in registry.all()]
    assert shown == sorted(shown)
