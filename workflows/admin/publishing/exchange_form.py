"""A definition that comes in as a file, or as text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers import strict_json
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import LIMIT_BYTES, check_structure
from stripeflow.workflows.definition.validation import in_clear


class ImportForm(forms.Form):
    """Its `document` has the structure of format 1, and no secret in clear, once it is valid."""

    file = forms.FileField(label=_("File"), required=False, help_text=_("A definition that was exported."))
    text = forms.CharField(
        label=_("Or paste the definition"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false"}),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=200,
        help_text=_("Leave it empty to keep the name that the definition has."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        body = cleaned["file"].read() if cleaned.get("file") else cleaned.get("text", "").encode()
        if not body.strip():
            raise forms.ValidationError(_("Choose a file, or paste a definition."))
        try:
            document = strict_json.read(body, limit=LIMIT_BYTES)
            check_structure(document)
            if problems := in_clear(document):
                raise DefinitionError(problems)
        except strict_json.Refused as error:
            raise forms.ValidationError(str(error.message)) from error
        except DefinitionError as error:
            raise forms.ValidationError(
                [f"{one.path or '/'}: {one.message}" for one in error.problems[:20]]
            ) from error
        self.document = {**document, "name": cleaned.get("name") or document["name"]}
        return cleaned
