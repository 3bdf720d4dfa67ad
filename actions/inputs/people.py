"""The people an action is about."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions import people
from stripeflow.actions.form_fields import GroupsField, TeamMembersField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA
from stripeflow.actions.naming import with_close
from stripeflow.actions.problems import Problem


@dataclass(frozen=True)
class _NamesInput(InputField):
    """Names that are looked up when the step runs."""

    references: bool = False

    empty_value: ClassVar[Any] = []

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [{"type": "array", "items": {"type": "string"}}, EMPTY_SCHEMA]}

    def _is_list(self, value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


@dataclass(frozen=True)
class GroupsInput(_NamesInput):
    """Names of Django's groups. Who is in them is looked up when the step runs."""

    kind: ClassVar[str] = "groups"

    def check_raw(self, raw: Any) -> list[Problem]:
        if self._is_list(raw):
            return []
        return [self.problem("type", self.say(_("“%(label)s” must be a list of names of groups.")))]

    def check_current(self, raw: Any) -> list[Problem]:
        if self.is_empty(raw) or not self._is_list(raw):
            return []
        known = people.group_names()
        message = _("“%(label)s”: there is no group “%(name)s”.")
        return [
            self.problem("no_group", with_close(self.say(message, name=name), name, known))
            for name in raw
            if name not in known
        ]

    def clean_value(self, value: Any) -> list[str]:
        if not self._is_list(value):
            raise self.invalid(self.say(_("“%(label)s” must be a list of names of groups.")))
        return list(value)

    def form_field(self) -> forms.Field:
        return GroupsField(self)


@dataclass(frozen=True)
class TeamMembersInput(_NamesInput):
    """Usernames of staff users. Who is still active is looked up when the step runs."""

    kind: ClassVar[str] = "team_members"

    def check_raw(self, raw: Any) -> list[Problem]:
        if self._is_list(raw):
            twice = len(set(raw)) < len(raw)
            return [self.problem("twice", self.say(_("“%(label)s” names somebody twice.")))] if twice else []
        return [self.problem("type", self.say(_("“%(label)s” must be a list of usernames.")))]

    def check_current(self, raw: Any) -> list[Problem]:
        if self.is_empty(raw) or not self._is_list(raw) or people.active_staff_named(raw):
            return []
        message = self.say(_("Nobody in “%(label)s” is an active staff user."))
        return [self.problem("nobody", with_close(message, raw[0], people.usernames()))]

    def clean_value(self, value: Any) -> list[str]:
        if not self._is_list(value):
            raise self.invalid(self.say(_("“%(label)s” must be a list of usernames.")))
        return list(value)

    def form_field(self) -> forms.Field:
        return TeamMembersField(self)
