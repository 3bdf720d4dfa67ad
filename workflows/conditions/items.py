"""What `item` stands for inside the conditions on a list: paths that everybody else can look up."""


def first_item(field: str, within: str) -> str:
    """The path of a list's first item; `within` is that of the item around it, or ""."""
    return f"{absolute(field, within)}.0"


def absolute(field: str, within: str) -> str:
    """A field as a path from the scope's root: `item.amount` in a list is `trigger.lines.data.0.amount`.

    `within` is what `first_item` gave for the list, or "" outside lists.
    """
    is_item = field == "item" or field.startswith(("item.", "item["))
    return within + field[len("item") :] if within and is_item else field
