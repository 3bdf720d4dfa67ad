"""The outputs that a person types for a step whose outcome was unknown."""

from typing import Any

from django.utils.translation import gettext as _

from stripeflow.triggers import strict_json

# More than any action returns.
LIMIT_BYTES = 1024 * 1024


def read_outputs(text: str) -> dict[str, Any]:
    """The JSON object in `text`; an empty text is an empty one. Raises ValueError with a sentence."""
    try:
        value = strict_json.read((text.strip() or "{}").encode(errors="surrogatepass"), limit=LIMIT_BYTES)
    except strict_json.Refused as error:
        message = _("The outputs are no JSON that can be kept. Type an object such as %s.")
        raise ValueError(message % '{"id": "re_…"}') from error
    if not isinstance(value, dict):
        raise ValueError(_("The outputs have to be a JSON object, such as %s.") % '{"id": "re_…"}')
    return value
