"""Form fields of action inputs. Each takes what was submitted and yields a raw value, or None if empty."""

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import money, people
from stripeflow.actions.inputs.references import holds_reference, is_single_reference
from stripeflow.actions.widgets import (
    MoneyWidget,
    ReferenceInput,
    ReferenceTextarea,
    RowsWidget,
    with_line_feeds,
)

if TYPE_CHECKING:
    from stripeflow.actions.inputs.base import InputField
    from stripeflow.actions.inputs.rows import RowsInput
    from stripeflow.actions.wording import Text


class RawField(forms.Field):
    """A form field that ends in the declared input's own check, so that form and document agree."""

    def __init__(self, declared: "InputField", *, widget: forms.Widget) -> None:
        super().__init__(
            required=declared.required,
            label=declared.label,
            help_text=declared.help_text,
            initial=declared.default,
            widget=widget,
            template_name="stripeflow/actions/field.html",
        )
        self.declared = declared

    def widget_attrs(self, widget: forms.Widget) -> dict[str, str]:
        """Only screen readers learn that it is required: a draft may leave it empty."""
        return {"aria-required": "true"} if self.required else {}

    def clean(self, value: Any) -> Any:
        raw = self.to_python(value)
        if self.declared.is_empty(raw):
            if self.required:
                raise ValidationError(self.declared.required_message(), code="required")
            return None
        problems = self.declared.check_raw(raw)
        if problems:
            raise ValidationError([ValidationError(problem.message, problem.code) for problem in problems])
        return raw

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            raw = self.to_python(data)
        except ValidationError:
            return True
        empty = self.declared.is_empty
        return not (empty(initial) and empty(raw)) and initial != raw

    def show(self, initial: Any) -> None:
        """Prepare to show a raw value that the choices may not hold. For subclasses with choices."""


class TextField(RawField):
    """One line or many."""

    def __init__(self, declared: "InputField", *, lines: bool = False, strip: bool = False) -> None:
        super().__init__(declared, widget=_box(declared, lines=lines))
        self.strip = strip

    def to_python(self, value: Any) -> str | None:
        text = with_line_feeds(value or "")
        if self.strip and not holds_reference(text):
            text = text.strip()
        return text or None


class LinesField(RawField):
    """A list of texts, one a line, or a reference to a list."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=_box(declared, lines=True))
        self.widget.attrs["rows"] = "3"

    def to_python(self, value: Any) -> list[str] | str | None:
        text = with_line_feeds(value or "").strip()
        if self.declared.references and is_single_reference(text):
            return text
        return [line.strip() for line in text.split("\n") if line.strip()] or None

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value


class JsonField(RawField):
    """A JSON object or list, typed as such, or a reference."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=_box(declared, lines=True))

    def to_python(self, value: Any) -> Any:
        text = (value or "").strip()
        if not text or is_single_reference(text):
            return text or None
        try:
            return json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not JSON: %s.") % str(error)[:200], code="json") from error

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict | list) else value


class IntegerField(RawField):
    """A whole number with or without group separators, or a reference."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=_box(declared, lines=False))

    def to_python(self, value: Any) -> int | str | None:
        text = value or ""
        if holds_reference(text):
            return text
        text = str(formats.sanitize_separators(money.plain(text)))
        return int(text) if re.fullmatch(r"-?\d{1,18}", text, re.ASCII) else text or None


class MoneyField(RawField):
    """An amount in major units and its currency, or a reference."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=MoneyWidget(references=declared.references))

    def to_python(self, value: Any) -> dict[str, Any] | str | None:
        text, currency = value or ("", "")
        if not text or not text.strip() or holds_reference(text):
            return text or None
        if not currency or not money.is_currency(currency):
            raise ValidationError(_("Choose a currency."), code="currency")
        try:
            return {"amount": money.parse_major(text, currency), "currency": currency}
        except ValueError as error:
            raise ValidationError(str(error), code="amount") from error


class ChoiceField(RawField):
    """One of a few values; `to_raw` turns the submitted text into the raw value."""

    def __init__(
        self,
        declared: "InputField",
        *,
        choices: "Sequence[tuple[str, Text]]",
        to_raw: Callable[[str], Any] = str,
        to_text: Callable[[Any], str] = str,
    ) -> None:
        super().__init__(declared, widget=forms.Select(choices=choices))
        self.to_raw = to_raw
        self.to_text = to_text

    def to_python(self, value: Any) -> Any:
        return self.to_raw(value) if value not in (None, "") else None

    def prepare_value(self, value: Any) -> str:
        return "" if value is None else self.to_text(value)

    def show(self, initial: Any) -> None:
        if holds_reference(initial):
            self.widget.choices = [*self.widget.choices, (initial, initial)]


class SeveralField(RawField):
    """Some of a few values, as check boxes."""

    def __init__(self, declared: "InputField", *, choices: "Sequence[tuple[str, Text]]") -> None:
        super().__init__(declared, widget=forms.CheckboxSelectMultiple(choices=choices))

    def to_python(self, value: Any) -> list[str] | None:
        return list(value or []) or None


class NamesField(RawField):
    """Any number of what exists here, by name. A saved name that is gone is still shown, and refused."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=forms.SelectMultiple())

    def offered(self) -> dict[str, str]:
        """What can be chosen: each name, and how it is shown. For subclasses."""
        raise NotImplementedError

    def gone(self, name: str) -> str:
        """How a saved name is shown that is offered no longer. For subclasses."""
        raise NotImplementedError

    def refusal(self, names: str) -> ValidationError:
        """What to say of names that are not offered. For subclasses."""
        raise NotImplementedError

    def show(self, initial: Any) -> None:
        """Offer what there is, and the names in the raw value that are gone."""
        self.kept = [name for name in initial or [] if isinstance(name, str)]
        offered = self.offered()
        for name in self.kept:
            offered.setdefault(name, self.gone(name))
        self.widget.choices = list(offered.items())

    def to_python(self, value: Any) -> list[str] | None:
        chosen = list(value or [])
        # A select sends its options in its own order; keep the saved order if nothing changed.
        return (self.kept if set(chosen) == set(self.kept) else chosen) or None

    def clean(self, value: Any) -> Any:
        offered = {name for name, _shown in self.widget.choices}
        if unknown := [name for name in value or [] if name not in offered]:
            raise self.refusal(", ".join(unknown))
        return super().clean(value)


class TeamMembersField(NamesField):
    """Any number of active staff users, by username."""

    def offered(self) -> dict[str, str]:
        return {user.get_username(): people.described(user) for user in people.active_staff()}

    def gone(self, name: str) -> str:
        return _("%(name)s (not an active staff user)") % {"name": name}

    def refusal(self, names: str) -> ValidationError:
        message = _("%(name)s is not an active staff user.") % {"name": names}
        return ValidationError(message, code="unknown_user")


class GroupsField(NamesField):
    """Any number of groups, by name."""

    def offered(self) -> dict[str, str]:
        return {name: name for name in people.group_names()}

    def gone(self, name: str) -> str:
        return _("%(name)s (no group)") % {"name": name}

    def refusal(self, names: str) -> ValidationError:
        return ValidationError(_("There is no group “%s”.") % names, code="unknown_group")


class RowsField(RawField):
    """Rows of a name and a value."""

    def __init__(
        self,
        declared: "RowsInput",
        *,
        name_label: "Text",
        types: "Sequence[tuple[str, Text]]" = (),
    ) -> None:
        widget = RowsWidget(
            name_key=declared.name_key,
            name_label=name_label,
            max_rows=declared.max_rows,
            references=declared.references,
            types=types,
        )
        super().__init__(declared, widget=widget)

    def to_python(self, value: Any) -> list[dict[str, str]] | None:
        return value or None


YES_NO = [("", gettext_lazy("Unspecified")), ("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))]


def boolean_raw(text: str) -> bool | str:
    """Return the raw value of a submitted yes-or-no choice, which may be a kept reference."""
    return {"true": True, "false": False}.get(text, text)


def boolean_text(raw: bool | str) -> str:
    """Return the option that stands for a raw value."""
    return str(raw).lower() if isinstance(raw, bool) else raw


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _box(declared: "InputField", *, lines: bool) -> forms.Widget:
    if declared.references:
        return ReferenceTextarea() if lines else ReferenceInput()
    return forms.Textarea() if lines else forms.TextInput()
