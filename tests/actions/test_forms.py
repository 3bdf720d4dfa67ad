import re

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from stripeflow.actions import money, registry
from stripeflow.actions.base import Action, Repeat
from stripeflow.actions.forms import build_form
from stripeflow.actions.inputs import (
    BooleanInput,
    ChoiceInput,
    IdInput,
    IntegerInput,
    LabelledValuesInput,
    MetadataInput,
    MoneyInput,
    StringInput,
    TeamMembersInput,
    TextInput,
)
from stripeflow.actions.named_secrets import TypedSecret
from tests.actions.browser_form import submission


class Everything(Action):
    key = "tests.everything"
    label = "Everything"
    category = "Tests"
    repeat = Repeat.SAFE
    moves_money = False
    destructive = False
    inputs = (
        StringInput("line", label="Line", advanced=True),
        TextInput("body", label="Body"),
        IdInput("charge", label="Charge ID", of="charge", required=True),
        IntegerInput("count", label="Count", default=3),
        BooleanInput("flag", label="Flag"),
        ChoiceInput("reason", label="Reason", choices=(("duplicate", "Duplicate"),)),
        MoneyInput("amount", label="Amount"),
        MetadataInput("metadata", label="Metadata"),
        LabelledValuesInput("append", label="Append"),
        TeamMembersInput("to", label="To"),
        StringInput("token", label="Token", secret=True, references=False),
    )

    def run(self, inputs, context):
        return {}


Form = build_form(Everything())
EmailForm = build_form(registry.get("email.team_member"))
RefundForm = build_form(registry.get("stripe.refunds.create"))
CustomerForm = build_form(registry.get("stripe.customers.update"))

pytestmark = pytest.mark.django_db


def resubmitted(form_class, raw, **kwargs):
    data = submission(form_class.from_raw(raw, **kwargs))
    form = form_class.from_raw(raw, data=data, **kwargs)
    assert form.is_valid(), form.errors
    return form.cleaned_inputs()


def errors(form_class, raw=None, **data):
    form = form_class.from_raw(raw or {}, data=data)
    return {name: list(found) for name, found in form.errors.items()}


RAW = {
    "line": "  {{ trigger.id }} and more ",
    "body": "\nDear {{ trigger.name }},\n\n\tthank you & <b>bye</b>.\n",
    "charge": "{{ trigger.charge }}",
    "count": 12_345,
    "flag": False,
    "reason": "duplicate",
    "amount": {"amount": 123_456_789, "currency": "usd"},
    "metadata": [{"key": "Tier", "value": "VIP"}, {"key": "Gone", "value": ""}],
    "append": [{"label": "Amount", "value": "{{ trigger.amount | money }}\nsecond line"}],
    "token": {"secret": "hush"},
}


def test_a_saved_step_survives_an_untouched_save():
    assert resubmitted(Form, RAW) == RAW


def test_so_it_does_with_a_prefix():
    assert resubmitted(Form, RAW, prefix="step-7") == RAW


def test_so_it_does_in_a_language_with_other_separators():
    with translation.override("de"):
        assert resubmitted(Form, RAW) == RAW


@pytest.mark.parametrize(
    "raw",
    [
        {"count": "{{ trigger.quantity }}"},
        {"flag": "{{ trigger.paid }}"},
        {"amount": "{{ steps.retrieve.amount }}"},
        {"amount": {"amount": 5_000, "currency": "jpy"}},
        {"flag": True},
    ],
)
def test_single_references_and_plain_values_survive(raw):
    assert resubmitted(Form, {"charge": "ch_1", **raw}) == {"charge": "ch_1", **raw}


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=30)
FILLED = TEXT.filter(str.strip)
LINES = st.lists(FILLED, min_size=1, max_size=3).map("\n".join)
CURRENCY = st.sampled_from(sorted(money.CURRENCIES))
# Multiples of 100 are payable in every currency.
AMOUNT = st.builds(lambda n, c: {"amount": n * 100, "currency": c}, st.integers(1, 10**9), CURRENCY)
METADATA_KEY = FILLED.filter(lambda key: "[" not in key and "]" not in key)
METADATA = st.lists(
    st.builds(lambda k, v: {"key": k, "value": v}, METADATA_KEY, TEXT),
    max_size=6,
    unique_by=lambda row: row["key"],
)
RAW_INPUTS = st.fixed_dictionaries(
    {"charge": st.sampled_from(["ch_1", "{{ trigger.charge }}", "{{ a }}{{ b }}"])},
    optional={
        "line": FILLED,
        "body": LINES,
        "count": st.integers(-(10**12), 10**12),
        "flag": st.booleans(),
        "amount": AMOUNT | st.just("{{ trigger.amount }}"),
        "metadata": METADATA.filter(bool),
        "append": st.lists(
            st.builds(lambda k, v: {"label": k, "value": v}, FILLED, TEXT), min_size=1, max_size=6
        ),
    },
)


@given(RAW_INPUTS)
@hypothesis_settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
def test_every_valid_step_survives_an_untouched_save(raw):
    assert Everything().check(raw) == []
    assert resubmitted(Form, raw) == raw


def test_what_is_empty_is_left_out():
    assert resubmitted(Form, {"charge": "ch_1", "line": "  ", "metadata": [], "reason": ""}) == {
        "charge": "ch_1"
    }


def test_a_new_step_shows_defaults_and_a_saved_one_does_not():
    assert Form()["count"].value() == 3
    assert Form.from_raw({})["count"].value() is None


def test_an_amount_is_typed_in_major_units():
    form = RefundForm({"charge": "ch_1", "amount_amount": "1,000", "amount_currency": "usd"})
    assert form.is_valid()
    assert form.cleaned_inputs()["amount"] == {"amount": 100_000, "currency": "usd"}


def test_the_currency_is_preset(settings):
    settings.STRIPEFLOW = {"DEFAULT_CURRENCY": "eur"}
    assert submission(RefundForm())["amount_currency"] == "eur"


def test_an_amount_may_be_a_reference():
    form = RefundForm({"charge": "ch_1", "amount_amount": "{{ trigger.amount }}", "amount_currency": "usd"})
    assert form.is_valid()
    assert form.cleaned_inputs()["amount"] == "{{ trigger.amount }}"


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        ({"charge": ""}, "charge", "“Charge ID” is required."),
        ({"charge": "two words"}, "charge", "“Charge ID” must be one Stripe ID, without spaces."),
        ({"count": "many"}, "count", "“Count” must be a whole number."),
        (
            {"amount_amount": "1.5.5", "amount_currency": "usd"},
            "amount",
            "“1.5.5” is not an amount such as $1,000.00 USD.",
        ),
        ({"amount_amount": "5", "amount_currency": ""}, "amount", "Choose a currency."),
        ({"amount_amount": "0", "amount_currency": "usd"}, "amount", "“Amount” must be more than zero."),
        ({"metadata-0-value": "VIP"}, "metadata", "A metadata row needs a key."),
        ({"reason": "other"}, "reason", "“Reason” must be one of its choices."),
        ({"flag": "perhaps"}, "flag", "“Flag” must be yes or no."),
    ],
)
def test_errors_are_sentences_at_their_field(data, name, message):
    assert errors(Form, **{"charge": "ch_1", **data}) == {name: [message]}


def test_inputs_that_do_not_fit_together_are_refused():
    assert errors(CustomerForm, customer="cus_1") == {
        "metadata": ["There is nothing to change: fill in the metadata or another field."]
    }


def test_a_draft_may_be_unfinished():
    form = CustomerForm.from_raw({}, data={}, draft=True)
    assert form.is_valid()
    assert form.cleaned_inputs() == {}


def test_a_draft_still_refuses_what_is_wrong():
    assert not Form.from_raw({}, data={"charge": "two words"}, draft=True).is_valid()


def test_rows_are_taken_in_the_order_of_their_numbers():
    rows = {
        "metadata-10-name": "b",
        "metadata-10-value": "2",
        "metadata-9-name": "a",
        "metadata-9-value": "1",
    }
    form = Form({"charge": "ch_1", **rows, "metadata-x-name": "no", "other-1-name": "no"})
    assert form.is_valid()
    assert form.cleaned_inputs()["metadata"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]


def test_rows_of_blanks_are_left_out():
    form = Form({"charge": "ch_1", "metadata-0-name": " ", "metadata-0-value": "\r\n"})
    assert form.is_valid()
    assert form.cleaned_inputs() == {"charge": "ch_1"}


def test_three_blank_rows_stand_below_the_filled_ones():
    data = submission(Form.from_raw(RAW))
    assert sum(key.startswith("metadata-") and key.endswith("-name") for key in data) == 2 + 3


def test_rows_with_an_error_are_shown_as_they_were_typed():
    form = Form({"charge": "ch_1", "metadata-0-name": "", "metadata-0-value": "VIP"})
    assert not form.is_valid()
    assert submission(form)["metadata-0-value"] == "VIP"


def test_a_secret_is_shown_by_its_name_and_stays_when_left_alone():
    assert ">hush</option>" in str(Form.from_raw(RAW))
    assert resubmitted(Form, RAW)["token"] == {"secret": "hush"}


def test_a_secret_can_be_chosen_among_those_that_are_offered():
    form = Form.from_raw(RAW, data={"charge": "ch_1", "token_name": "other"})
    form.fields["token"].offer([("hush", "hush"), ("other", "other (of the shop)")], new=False)
    assert form.is_valid()
    assert form.cleaned_inputs()["token"] == {"secret": "other"}
    assert form.changed_data.count("token") == 1
    assert "disabled" in str(form["token"])


def test_a_secret_that_is_not_offered_is_refused():
    form = Form.from_raw(RAW, data={"charge": "ch_1", "token_name": "other"})
    assert not form.is_valid()
    assert "no secret of this name" in str(form.errors["token"])


def test_a_secret_that_is_typed_is_kept_aside_and_not_shown_again():
    form = Form.from_raw(RAW, data={"charge": "ch_1", "token_name": "hush", "token_value": "brand new"})
    assert form.is_valid()
    assert form.cleaned_inputs()["token"] == TypedSecret("brand new")
    assert "brand new" not in repr(form.cleaned_inputs()["token"]) + str(form)


def test_a_typed_secret_is_checked_as_its_input_is():
    form = Form.from_raw(RAW, data={"charge": "ch_1", "token_value": "a" * 300})
    assert not form.is_valid()
    assert "255" in str(form.errors["token"])


def test_a_secret_can_be_taken_away():
    form = Form.from_raw(RAW, data={"charge": "ch_1", "token_name": ""})
    assert form.is_valid()
    assert "token" not in form.cleaned_inputs()


def test_boxes_that_take_references_are_marked():
    page = str(Form())
    assert page.count("data-stripeflow-references") == 5 + 6
    assert '<input type="password" name="token_value"' in page


def test_required_fields_come_first_and_advanced_ones_last():
    form = Form()
    assert form.main_fields()[0].name == "charge"
    assert [field.name for field in form.advanced_fields()] == ["line"]


@pytest.mark.parametrize(("raw", "is_open"), [({}, False), ({"line": "x"}, True)])
def test_more_fields_are_open_where_there_is_something_to_see(raw, is_open):
    assert ('<details class="stripeflow-more" open>' in str(Form.from_raw(raw))) is is_open


def test_more_fields_are_open_on_an_error():
    assert Form.from_raw({}, data={"line": "x" * 999}).advanced_open()


@pytest.mark.parametrize("form_class", [Form, EmailForm, RefundForm, CustomerForm])
def test_the_page_keeps_to_a_strict_content_security_policy(form_class):
    page = str(form_class()) + str(form_class().media)
    assert "style=" not in page
    assert "<style" not in page
    assert re.search(r"\son[a-z]+=", page) is None
    assert all(" src=" in script for script in page.split("<script")[1:])


def test_people_are_offered_by_name_and_address(staff):
    staff("editor", first_name="Site", last_name="Editor")
    staff("former", is_active=False)
    choices = EmailForm().fields["to"].widget.choices
    assert choices == [("editor", "Site Editor <editor@example.com>")]


def test_people_are_taken_by_username(staff):
    staff("editor")
    form = EmailForm({"to": ["editor"], "subject": "S", "body": "B"})
    assert form.is_valid()
    assert form.cleaned_inputs()["to"] == ["editor"]


def test_a_person_who_left_stays_visible_and_saved(staff):
    staff("editor")
    raw = {"to": ["former", "editor"], "subject": "S", "body": "B"}
    assert "former (not an active staff user)" in str(EmailForm.from_raw(raw))
    assert resubmitted(EmailForm, raw) == raw


def test_a_stranger_cannot_be_chosen(staff):
    staff("customer", is_staff=False)
    form = EmailForm({"to": ["customer"], "subject": "S", "body": "B"})
    assert form.errors["to"] == ["customer is not an active staff user."]


def test_an_untouched_form_has_not_changed():
    form = Form.from_raw(RAW, data=submission(Form.from_raw(RAW)))
    assert form.changed_data == []


def test_a_changed_form_names_the_field():
    data = submission(Form.from_raw(RAW))
    data["amount_amount"] = "5"
    assert Form.from_raw(RAW, data=data).changed_data == ["amount"]
