"""`make messages`: brings the catalogues up to the sources, compiles them, and says what lacks words."""

import sys

from tests.translations.catalogues import compiled, every, path_of, read, source, updated


def main() -> int:
    """Exit status 1 as long as a text has no translation."""
    missing = 0
    for app, language, domain in every():
        path = path_of(app, language, domain)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(source(updated(app, language, domain)))
        found = read(app, language, domain)
        path.with_suffix(".mo").write_bytes(compiled(found))
        without = [message for message in found if message.id and not all(_texts(message.string))]
        missing += len(without)
        for message in without:
            print(f"{path}: {message.id!r} is not translated.")  # noqa: T201
    return 1 if missing else 0


def _texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else string


if __name__ == "__main__":
    sys.exit(main())
