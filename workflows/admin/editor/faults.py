"""The faults on the page of a piece, by the fields that have to be changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.editor.mending import box_of
from stripeflow.workflows.definition.problems import Problem


@dataclass(frozen=True)
class Fault:
    """A box to look at: its label, and its id."""

    label: str
    box: str


def faults_of_form(form: forms.BaseForm, formsets: Iterable[Any]) -> list[Fault]:
    """The boxes of a refused form: its own, those of its action's inputs, and those of its rows."""
    rows = [row for one in formsets for row in one.formset.forms]
    return [fault for one in (*_action_forms(form), form, *rows) for fault in _wrong(one)]


def faults_of_problems(problems: Iterable[Problem], form: forms.BaseForm) -> list[Fault]:
    """The boxes that the problems of a saved piece are about."""
    found = (Fault(_label(problem, form), box_of(problem)) for problem in problems)
    return [fault for fault in dict.fromkeys(found) if fault.box]


def _wrong(form: forms.BaseForm) -> Iterator[Fault]:
    for name in form.errors:
        if name in form.fields:
            bound = form[name]
            yield Fault(str(bound.label), bound.id_for_label or bound.auto_id)


def _label(problem: Problem, form: forms.BaseForm) -> str:
    for one in (*_action_forms(form), form):
        for name in (problem.field, f"retry_{problem.field}"):
            if name in one.fields:
                return str(one[name].label)
    return _("Conditions")


def _action_forms(form: forms.BaseForm) -> list[forms.BaseForm]:
    found = getattr(form, "action_form", None)
    return [found] if found is not None else []
