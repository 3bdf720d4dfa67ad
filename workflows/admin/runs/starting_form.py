"""The form by which somebody starts a workflow on demand, made from the inputs that its trigger declares."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.definition.choices import Accounts
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.scope import TriggerScope, scope_of
from stripeflow.workflows.display.object_words import words_of
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.operations.asking import KEY, Asked, inputs_of
from stripeflow.workflows.operations.on_objects import recent_objects

NOTE_LENGTH = 500
_LONGEST_ID = 255
# Before the names of the inputs, so that they do not meet those of the form itself.
_INPUT = "input-"
_MODES = [
    ("", gettext_lazy("Choose")),
    ("test", gettext_lazy("Test mode")),
    ("live", gettext_lazy("Live mode")),
]


class StartForm(forms.Form):
    """What every one has. `form_of` adds the inputs of a version, and mode and account where several fit."""

    declared: ClassVar[tuple[Declared, ...]] = ()

    # Of the version that the page describes: no other one is started.
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    # Sent twice, as by a double click, it starts one run.
    key = forms.RegexField(rf"^{KEY.pattern}$", widget=forms.HiddenInput, initial=lambda: str(uuid4()))
    note = forms.CharField(
        label=gettext_lazy("Note for the history (optional)"), required=False, max_length=NOTE_LENGTH
    )

    def asked(self) -> Asked:
        """What a valid form asks for."""
        given = self.cleaned_data
        values: Json = {one.name: given[f"{_INPUT}{one.name}"] for one in self.declared}
        mode = given.get("mode")
        return Asked(
            {name: value for name, value in values.items() if value is not None},
            given["key"],
            livemode=mode == "live" if mode else None,
            account=given.get("account") or None,
            version=given["version"] or 0,
        )

    def side(self, scope: TriggerScope) -> AccountMode | None:
        """The mode and account that the scope leaves, or that are chosen so far; None if one is missing."""
        mode = self["mode"].value() if "mode" in self.fields else ""
        livemode = {"live": True, "test": False}.get(mode, scope.livemode)
        account = (self["account"].value() or "").strip() if "account" in self.fields else scope.account or ""
        if livemode is None or ("account" in self.fields and not account and self.fields["account"].required):
            return None
        # A typed account may be one that the trigger does not take.
        refused = scope.refusal(livemode=livemode, account=account)
        return None if refused else AccountMode(livemode, account)

    def offer(self, user: Any, scope: TriggerScope) -> list[dict[str, Any]]:
        """Let the boxes of Stripe IDs suggest recent objects of the form's mode and account.

        Returns the lists that the page has to hold, by the `id` that their boxes name.
        """
        side, lists = self.side(scope), []
        for one in self.declared:
            if not one.of:
                continue
            list_id = f"recent-{one.name}"
            self.fields[f"{_INPUT}{one.name}"].widget.attrs["list"] = list_id
            found = recent_objects(user, one.of, side) if side else []
            options = [(seen.id, words_of(seen.data, seen.created)) for seen in found]
            lists.append({"id": list_id, "options": options})
        return lists

    def is_for(self, version: WorkflowVersion) -> bool:
        """Whether the page that was sent described this version."""
        return bool(self.data.get("version") == str(version.number))

    def describe(self, version: WorkflowVersion) -> None:
        """Let a form that is shown again be for this version."""
        self.initial["version"] = version.number
        if self.is_bound:
            given = {name: self.data[name] for name in self.data}
            self.data = {**given, "version": str(version.number)}


def form_of(
    version: WorkflowVersion, data: Any = None, *, address: Mapping[str, str] | None = None
) -> StartForm:
    """The form of a version; bound to `data` if it is given. Raises `NotPossible`.

    Not bound, it takes IDs, mode and account from the page's `address`, and nothing else of it: an amount
    that a link has chosen might be sent without a look.
    """
    declared = inputs_of(version)
    fields: dict[str, Any] = {
        f"{_INPUT}{one.name}": KINDS[one.kind].field(one).form_field() for one in declared
    }
    fields |= side_fields(scope_of(version.document["trigger"]))
    made: type[StartForm] = type("Form", (StartForm,), {"declared": declared, **fields})
    form = made(data, initial=_from_address(declared, fields, address or {}))
    form.order_fields([*fields, "note", "version", "key"])
    return form


def prefilled(version: WorkflowVersion, name: str, object_id: str, side: AccountMode) -> dict[str, str]:
    """What an address says so that the form of `version` opens for this object. Raises `NotPossible`."""
    given = {f"{_INPUT}{name}": object_id, "mode": side.mode, "account": side.account}
    fields = form_of(version).fields
    return {field: value for field, value in given.items() if field in fields and value}


def _from_address(
    declared: tuple[Declared, ...], fields: Mapping[str, forms.Field], address: Mapping[str, str]
) -> dict[str, str]:
    ids = {f"{_INPUT}{one.name}" for one in declared if one.of}
    taken = (ids | {"mode", "account"}) & fields.keys() & address.keys()
    return {name: address[name][:_LONGEST_ID] for name in taken}


def side_fields(scope: TriggerScope) -> dict[str, forms.Field]:
    """The mode and the account, each where the trigger's scope leaves a choice."""
    fields: dict[str, forms.Field] = {}
    if scope.livemode is None:
        fields["mode"] = forms.ChoiceField(label=_("Mode"), choices=_MODES)
    if scope.accounts is Accounts.LISTED and len(scope.listed) > 1:
        accounts = [("", _("Choose")), *((one, one) for one in scope.listed)]
        fields["account"] = forms.ChoiceField(label=_("Account"), choices=accounts)
    elif scope.account is None:
        own = scope.accounts is Accounts.ALL
        fields["account"] = forms.RegexField(
            r"^acct_[A-Za-z0-9_]{1,250}$",
            label=_("Connected account"),
            required=not own,
            help_text=_("Its ID (acct_…). Empty: your own account.") if own else _("Its ID (acct_…)."),
        )
    return fields
