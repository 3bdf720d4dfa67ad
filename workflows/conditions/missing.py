"""The mark of a value that is not there, which is neither null nor an empty text."""


class Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = Missing()
