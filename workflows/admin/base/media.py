"""Stylesheets and scripts of the editor. Scripts only add comfort; every page works without them."""

from typing import Any

from django import forms
from django.forms.widgets import Script

from stripeflow.workflows.admin.base.texts import TEXTS

_SELECT2 = "admin/js/vendor/select2/select2.full.js"
# The stubs know paths alone.
_SCRIPTS: list[Any] = [
    "admin/js/vendor/jquery/jquery.js",
    _SELECT2,
    "admin/js/jquery.init.js",
    TEXTS,
    Script("stripeflow/workflows/editor.js", type="module"),
]

EDITOR_MEDIA = forms.Media(
    css={
        "screen": [
            "admin/css/vendor/select2/select2.css",
            "admin/css/autocomplete.css",
            "stripeflow/actions/forms.css",
            "stripeflow/workflows/runs.css",
            "stripeflow/workflows/editor.css",
            "stripeflow/workflows/forms.css",
            "stripeflow/workflows/pickers.css",
            "stripeflow/workflows/canvas.css",
            "stripeflow/workflows/marks.css",
            "stripeflow/workflows/failing.css",
            "stripeflow/workflows/pictures.css",
        ]
    },
    js=_SCRIPTS,
)
