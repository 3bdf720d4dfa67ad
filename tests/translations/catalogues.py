"""The catalogues that the apps ship: reading them, bringing them up to the sources, compiling them."""

from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tests.translations.sources import APPS, DOMAINS, ROOT, catalogue

LANGUAGES = ("ja",)


def every() -> list[tuple[str, str, str]]:
    """App, language and domain of each catalogue; apps without scripts that speak have none of them."""
    return [
        (app, language, domain)
        for app in APPS
        for language in LANGUAGES
        for domain in DOMAINS
        if len(catalogue(app, domain))
    ]


def path_of(app: str, language: str, domain: str) -> Path:
    return ROOT / app / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


def read(app: str, language: str, domain: str) -> Catalog:
    """The catalogue as it is shipped; an empty one if there is none yet."""
    path = path_of(app, language, domain)
    if not path.exists():
        return Catalog(locale=language, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(app: str, language: str, domain: str) -> Catalog:
    """The catalogue with every text of the sources, new ones untranslated, without those that are gone."""
    known = read(app, language, domain)
    known.update(catalogue(app, domain), no_fuzzy_matching=True, update_creation_date=False)
    known.obsolete.clear()
    return known


class Plain(Catalog):
    """A catalogue whose header says what gettext reads: without dates and names, which would only change."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Content-Type", "text/plain; charset=UTF-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
        ]


def source(found: Catalog) -> bytes:
    """A catalogue as the text of its `.po` file: by text, without places, so that code may move freely."""
    file = BytesIO()
    write_po(file, _plain(found), width=100, no_location=True, sort_output=True)
    return file.getvalue().lstrip()


def compiled(found: Catalog) -> bytes:
    """A catalogue as Django reads it: its `.mo` file."""
    file = BytesIO()
    write_mo(file, _plain(found))
    return file.getvalue()


def _plain(found: Catalog) -> Plain:
    plain = Plain(locale=found.locale, header_comment="", charset="utf-8", fuzzy=False)
    for message in found:
        if message.id:
            plain[message.id] = message
    return plain
