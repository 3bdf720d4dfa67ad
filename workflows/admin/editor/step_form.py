"""The form of a step: its name, what happens if it fails, and the inputs of its action."""

from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action
from stripeflow.actions.connections.connection_field import ConnectionField
from stripeflow.actions.forms import ActionForm, build_form
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.actions.named_secrets import TypedSecret, name_in, reference_to
from stripeflow.actions.secret_field import SecretField
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.admin.base.secret_choice import offered_secrets
from stripeflow.workflows.admin.editor.failing_form import FailingForm
from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.admin.editor.ordering import OrderedFormSet
from stripeflow.workflows.admin.editor.places import NewPlace
from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connections, secret_changes
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.ended_steps import ended_before
from stripeflow.workflows.definition.step_choice import StepChoiceField, path_to
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.models import Branch, Step

INPUTS_PREFIX = "inputs"
PREVIEW = "_preview"


class InputsForm(GuardedForm):
    """`action` declares the inputs, and `action_form` holds them; both are None if the inputs are unknown.

    Required inputs may stay empty: a step is saved as a draft, and activation asks for the rest.
    """

    action: ClassVar[Action | None] = None
    # The user who fills it in.
    user: ClassVar[Any] = None

    class Meta:
        model = Step
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = _("What this step is for. Later steps show its results by this name.")
        self.typed: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self.action_form = self._action_form()
        self._offer_secrets()
        self._offer_connections()
        self._offer_steps()

    @property
    def is_preview(self) -> bool:
        """Whether the form was posted for a preview, not to be saved."""
        return self.is_bound and PREVIEW in self.data

    def is_valid(self) -> bool:
        return super().is_valid() and not self.is_preview

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.action_form is not None:
            if self.action_form.is_valid():
                self.instance.inputs = self._inputs(self.action_form)
            elif not self.is_preview:
                self.add_error(None, _("Some inputs cannot be saved as they are; see below."))
        return cleaned

    def _inputs(self, form: ActionForm) -> dict[str, Any]:
        """The raw inputs. They name a secret that was typed; `store_secrets` stores it."""
        inputs = form.cleaned_inputs()
        for name, value in inputs.items():
            if not isinstance(value, TypedSecret):
                continue
            if not permissions.may_add_secrets(self.user):
                form.add_error(name, _("Storing a new secret needs a separate permission."))
                self.add_error(None, _("Some inputs cannot be saved as they are; see below."))
                continue
            if refusal := secret_changes.refusal_of(value.value):
                form.add_error(name, refusal)
                self.add_error(None, _("Some inputs cannot be saved as they are; see below."))
                continue
            label = str(form.action.input(name).label)
            self.typed[name] = secret_changes.free_name(self.workflow.name if self.workflow else "", label)
            self._values[name] = value.value
            inputs[name] = reference_to(self.typed[name])
        return inputs

    def store_secrets(self, act: Act) -> None:
        """Store the typed secrets, in the transaction that saves the step."""
        title = self.cleaned_data.get("name") or str(self.action.label if self.action else "")
        for field, name in self.typed.items():
            workflow = self.workflow.name if self.workflow else ""
            secret_changes.store(name, self._values[field], description=f"{workflow}: {title}"[:200], act=act)

    @cached_property
    def changed_data(self) -> list[str]:
        changed = super().changed_data
        if self.action_form is not None:
            changed = [
                *changed,
                *(str(self.action_form[name].label) for name in self.action_form.changed_data),
            ]
        return changed

    @property
    def media(self) -> forms.Media:
        own = super().media
        return own + self.action_form.media if self.action_form is not None else own

    def _action_form(self) -> ActionForm | None:
        if self.action is None:
            return None
        form_class = build_form(self.action)
        data = self.data if self.is_bound else None
        options: dict[str, Any] = {"data": data, "prefix": INPUTS_PREFIX, "draft": True, "label_suffix": ""}
        if self.instance.pk is None:
            return form_class(initial=self._first_inputs(self.action), **options)
        return form_class.from_raw(self.instance.inputs, **options)

    def _offer_secrets(self) -> None:
        """Offer the names of secrets that the person may see, and the one that the step names already."""
        form = self.action_form
        if form is None:
            return
        for name, field in form.fields.items():
            if isinstance(field, SecretField):
                kept = name_in(form.get_initial_for_field(field, name))
                field.offer(offered_secrets(self.user, kept), new=permissions.may_add_secrets(self.user))

    def _offer_connections(self) -> None:
        """Offer the connections that the person may see, and the one that the step names already."""
        form = self.action_form
        if form is None or not permissions.may_see_connections(self.user):
            return
        for name, field in form.fields.items():
            if isinstance(field, ConnectionField):
                field.offer(connections.offered(field.declared.connection_kind))
                field.show(form.get_initial_for_field(field, name))

    def _offer_steps(self) -> None:
        """Offer the steps that have surely ended where the step stands, and the one that it names already."""
        boxes = self.action_form.fields.values() if self.action_form is not None else ()
        offering = [field for field in boxes if isinstance(field, StepChoiceField)]
        if not offering or self.instance.pk is None:
            return
        scope = Scope(self.instance.workflow)
        known = scope.known_at(self.instance)
        ended = [(step["key"], step_title(step)) for step in ended_before(scope.place(self.instance.key))]
        for field in offering:
            field.offer(ended, lambda key: known.named(path_to(key)))

    def _first_inputs(self, action: Action) -> dict[str, str]:
        """The initial values of a new step's inputs, besides their own defaults."""
        name = self.workflow.name if self.workflow else ""
        named = [declared.name for declared in action.inputs if declared.named_after_workflow]
        return dict.fromkeys(named, name) if not holds_reference(name) else {}


class StepForm(InputsForm, FailingForm):
    """The form of an action step."""

    # Where a new step is to stand; the page says it.
    place: NewPlace

    class Meta:
        model = Step
        fields = ("name", "on_error", "acts_as")
        widgets: ClassVar = {"acts_as": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.action is None or not self.action.uses_account:
            self.fields.pop("acts_as", None)
            return
        self.fields["acts_as"].required = False
        self.fields["acts_as"].label = _("Acts as")
        self.fields["acts_as"].help_text = _(
            "An event of a connected account is about that account's objects, so its steps act there. "
            "Choose your own account for what belongs to the platform, such as transfers and application "
            "fees."
        )

    def clean_acts_as(self) -> str:
        return self.cleaned_data["acts_as"] or self.instance.acts_as


class BranchStepForm(GuardedForm):
    """The form of a branch step; its branches are rows below it.

    `default_words`: what the step does without a choice of its own, such as "stop for a person", and the same
    with the reason.
    """

    default_words: tuple[str, str]

    class Meta:
        model = Step
        fields = ("name", "if_undecided")
        labels: ClassVar = {"if_undecided": gettext_lazy("If a condition is unknown")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "if_undecided" not in self.fields:
            return
        short, whole = self.default_words
        box = field_of(self, "if_undecided", forms.ChoiceField)
        box.choices = [("", _("Default: %s") % short), *IfUndecided.choices]
        box.help_text = (
            _(
                "A condition is unknown if its field is missing, or an amount is in another currency. A run "
                "that stops is held, and goes on once a person has chosen the branch. Default here: %s."
            )
            % whole
        )


class BranchRowForm(forms.ModelForm):
    """One branch in the list of its step."""

    order = forms.IntegerField(label=gettext_lazy("Order"), required=False, min_value=1, max_value=999)

    class Meta:
        model = Branch
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.initial["order"] = self.instance.position + 1


class BranchFormSet(OrderedFormSet):
    """The branches with conditions. “All other cases” is not among them: it always stays, and is last."""

    def get_queryset(self) -> Any:
        # Every form asks for it: returning the same queryset reads it once.
        if not hasattr(self, "_conditional"):
            self._conditional = super().get_queryset().filter(otherwise=False)
        return self._conditional

    def clean(self) -> None:
        super().clean()
        if self.initial_forms and len(self.deleted_forms) == len(self.initial_forms):
            raise forms.ValidationError(
                _("Keep at least one branch with conditions. To remove them all, delete the whole step.")
            )
