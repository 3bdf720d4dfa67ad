"""Filling in a condition by keyboard and mouse: what is offered, where the focus goes, what is saved."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def row(trigger):
    return trigger.panel.get_by_role("group", name="New condition")


def choose_field(trigger, row, words):
    row.get_by_role("button", name=re.compile("^Field ")).click()
    trigger.page.keyboard.type(words)
    trigger.page.keyboard.press("Enter")


def compare(trigger, row, words):
    """As with the keyboard alone: the list opens, what is found is taken."""
    row.locator(".select2-selection").first.click()
    trigger.page.keyboard.type(words)
    trigger.page.keyboard.press("Enter")
    expect(row.get_by_label("Value", exact=True)).to_be_focused()


def test_an_amount_is_typed_without_the_mouse(trigger, row):
    choose_field(trigger, row, "trigger.amount_received")
    shown = row.locator(".select2-selection__rendered").first
    expect(shown).to_have_text("is greater than")
    row.locator(".select2-selection").first.click()
    expect(trigger.page.locator(".select2-results__group").first).to_have_text("Amounts and numbers")
    trigger.page.keyboard.type("is less than")
    trigger.page.keyboard.press("Enter")
    value = row.get_by_label("Value", exact=True)
    expect(value).to_be_focused()
    expect(value).to_have_attribute("type", "text")
    expect(row.get_by_label("Currency", exact=True)).to_be_visible()
    trigger.page.keyboard.type("１０００")
    trigger.page.keyboard.press("Enter")
    card = trigger.editor.card("Payment intent succeeded")
    expect(card).to_contain_text("amount received is less than $1,000.00 USD")


def test_a_text_is_read_as_what_the_comparison_needs(trigger, row):
    choose_field(trigger, row, "trigger.metadata.total")
    compare(trigger, row, "is greater than")
    expect(row.get_by_label("Compared as")).to_have_value("number")
    trigger.page.keyboard.type("12.5")
    row.get_by_label("Compared as").select_option(label="a date")
    expect(row.locator(".select2-selection__rendered").first).to_have_text("Choose how to compare")
    compare(trigger, row, "is within the last")
    trigger.page.keyboard.type("6")
    row.get_by_label("Unit").select_option(label="hours")
    trigger.editor.save()
    card = trigger.editor.card("Payment intent succeeded")
    expect(card).to_contain_text("total as a date is within the last 6 hours")


def test_a_value_may_be_another_field(trigger, row):
    choose_field(trigger, row, "trigger.amount_received")
    row.get_by_role("button", name="Compare with another field").click()
    tree = trigger.page.get_by_role("tree")
    expect(tree.get_by_role("treeitem", name="Amount capturable")).to_be_visible()
    expect(tree.get_by_role("treeitem", name="Created at")).to_have_count(0)
    trigger.page.keyboard.type("trigger.amount")
    trigger.page.keyboard.press("Enter")
    expect(row.locator(".sf-many-chip")).to_contain_text("Payment intent › Amount")
    expect(row.get_by_label("Currency", exact=True)).to_be_hidden()
    trigger.editor.save()
    card = trigger.editor.card("Payment intent succeeded")
    expect(card).to_contain_text("amount received is greater than amount")


def test_a_field_that_was_taken_away_leaves_an_empty_box(trigger, row):
    choose_field(trigger, row, "trigger.amount_received")
    row.get_by_role("button", name="Compare with another field").click()
    trigger.page.keyboard.type("trigger.amount")
    trigger.page.keyboard.press("Enter")
    row.get_by_role("button", name=re.compile("^Remove ")).click()
    expect(row.get_by_label("Value", exact=True)).to_have_value("")
    expect(row.get_by_role("button", name="Compare with another field")).to_be_visible()
