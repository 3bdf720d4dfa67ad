"""Between draft and version: test, activate, export, roll back."""
