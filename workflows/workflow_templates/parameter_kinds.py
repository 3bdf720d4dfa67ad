"""The kinds of parameters that a template asks for: one class and one entry each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now

from stripeflow.actions import conf, money, people
from stripeflow.actions.inputs import MoneyInput

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

    from stripeflow.workflows.workflow_templates.base import Parameter

MOST_DAYS = 400


class ParameterKind(ABC):
    """How one kind of value is asked for in a form, and checked where a program gives it."""

    key: ClassVar[str]

    @abstractmethod
    def form_field(self, parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
        """The field of the form, preset for `user` so that saving at once makes sense."""

    @abstractmethod
    def fault(self, value: Any) -> str:
        """What is wrong with a value that a program gives, as a sentence, or ""."""


class Money(ParameterKind):
    """`{"amount": <minor units>, "currency": "usd"}`."""

    key = "money"

    def form_field(self, parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
        declared = MoneyInput(
            parameter.name,
            label=parameter.label,
            help_text=parameter.help_text,
            required=True,
            default={**parameter.default, "currency": conf.get("DEFAULT_CURRENCY")},
            references=False,
        )
        return declared.form_field()

    def fault(self, value: Any) -> str:
        if not isinstance(value, dict) or set(value) != {"amount", "currency"}:
            return _now("This has to be an object with an amount in minor units and a currency.")
        amount, currency = value["amount"], value["currency"]
        if not isinstance(currency, str) or not money.is_currency(currency):
            return _now("Stripe knows no such currency.")
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            return _now("The amount has to be a whole number of minor units, more than zero.")
        return money.amount_fault(amount, currency)


class Days(ParameterKind):
    """A whole number of days, from 1 to 400."""

    key = "days"

    def form_field(self, parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
        return forms.IntegerField(
            label=parameter.label,
            help_text=parameter.help_text,
            initial=parameter.default,
            min_value=1,
            max_value=MOST_DAYS,
        )

    def fault(self, value: Any) -> str:
        if not isinstance(value, bool) and isinstance(value, int) and 1 <= value <= MOST_DAYS:
            return ""
        return _now("This has to be a whole number of days, from 1 to %d.") % MOST_DAYS


class _People(ParameterKind):
    required: ClassVar[bool]

    def form_field(self, parameter: Parameter, user: AbstractBaseUser | None) -> forms.Field:
        choices = [(one.get_username(), people.described(one)) for one in people.active_staff()]
        return forms.MultipleChoiceField(
            label=parameter.label,
            help_text=parameter.help_text,
            choices=choices,
            initial=self.preset(dict(choices), user),
            required=self.required,
            widget=forms.SelectMultiple(
                {"data-stripeflow-search": "", "size": str(min(len(choices), 6) or 1)}
            ),
        )

    @abstractmethod
    def preset(self, choices: dict[str, str], user: AbstractBaseUser | None) -> list[str]:
        """Who is chosen at first."""

    def fault(self, value: Any) -> str:
        if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
            return ""
        return _now("This has to be a list of user names.")


class TeamMembers(_People):
    """A list of user names: people who get an e-mail."""

    key, required = "team_members", True

    def preset(self, choices: dict[str, str], user: AbstractBaseUser | None) -> list[str]:
        own = user.get_username() if user is not None else ""
        return [own] if own in choices else []


class Approvers(_People):
    """A list of user names; an empty one means everybody who may decide on approvals."""

    key, required = "approvers", False

    def preset(self, choices: dict[str, str], user: AbstractBaseUser | None) -> list[str]:
        return []


KINDS: dict[str, ParameterKind] = {one.key: one for one in (TeamMembers(), Money(), Days(), Approvers())}
